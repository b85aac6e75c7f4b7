import NIOCore

/// The handler of one TCP connection that fetches one file by GET; redirections are not followed.
final class FileFetcher: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  enum Result: Sendable {
    case challenged([String])
    case ended(DownloadOutcome)
  }

  /// How long the file server may be silent.
  static let idleTimeout = TimeAmount.seconds(60)

  private let request: ByteBuffer
  private var receiver = FileReceiver()
  private var completion: ((Result) -> Void)?

  init(target: HTTPTarget, authorization: String?, completion: @escaping (Result) -> Void) {
    var request = ByteBuffer()
    request.writeString(
      "GET \(target.path) HTTP/1.1\r\nHost: \(target.hostHeader)\r\nUser-Agent: cpesim\r\nConnection: close\r\n"
    )
    if let authorization { request.writeString("Authorization: \(authorization)\r\n") }
    request.writeString("\r\n")
    self.request = request
    self.completion = completion
  }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(request), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    switch receiver.receive(&bytes) {
    case .needsMore: break
    case .challenged(let challenges): complete(.challenged(challenges), context)
    case .done(let outcome): complete(.ended(outcome), context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    complete(.ended(receiver.close()), context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { complete(.ended(.interrupted), context) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    complete(.ended(.interrupted), context)
  }

  private func complete(_ result: Result, _ context: ChannelHandlerContext) {
    guard let completion else { return }
    self.completion = nil
    context.close(promise: nil)
    completion(result)
  }
}
