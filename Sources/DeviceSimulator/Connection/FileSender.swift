import NIOCore
import NIOSSL

/// The handler of one TCP connection that puts one file to a URL; redirections are not followed.
final class FileSender: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  enum Result: Sendable {
    case challenged([String])
    case ended(UploadOutcome)
  }

  private let request: ByteBuffer
  private var parser = HTTPResponseParser()
  private var completion: ((Result) -> Void)?

  init(
    target: HTTPTarget, contents: [UInt8], authorization: String?,
    completion: @escaping (Result) -> Void
  ) {
    var request = ByteBufferAllocator().buffer(capacity: contents.count + 512)
    request.writeString(
      "PUT \(target.path) HTTP/1.1\r\nHost: \(target.hostHeader)\r\nUser-Agent: cpesim\r\nConnection: close\r\nContent-Type: application/octet-stream\r\n"
    )
    if let authorization { request.writeString("Authorization: \(authorization)\r\n") }
    request.writeString("Content-Length: \(contents.count)\r\n\r\n")
    request.writeBytes(contents)
    self.request = request
    self.completion = completion
  }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(request), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    parser.append(&bytes)
    do throws(SimulatorError) {
      guard let response = try parser.next() else { return }
      complete(Self.result(response), context)
    } catch {
      complete(.ended(.interrupted), context)
    }
  }

  private static func result(_ response: HTTPResponse) -> Result {
    switch response.status {
    case 200...299: .ended(.stored)
    case 401 where !response.challenges.isEmpty: .challenged(response.challenges)
    case let status: .ended(.refused(status: status))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    complete(parser.finish().map(Self.result) ?? .ended(.interrupted), context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { complete(.ended(.interrupted), context) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? NIOSSLError, case .uncleanShutdown = error { return }
    complete(.ended(.interrupted), context)
  }

  private func complete(_ result: Result, _ context: ChannelHandlerContext) {
    guard let completion else { return }
    self.completion = nil
    context.close(promise: nil)
    completion(result)
  }
}
