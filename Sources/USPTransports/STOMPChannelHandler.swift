import NIOCore

/// Carries bytes between a connection to a STOMP server and what works with them, which is on the same event loop.
final class STOMPChannelHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private weak var client: STOMPClient?
  private let attempt: Int
  private var problem: String?

  init(_ client: STOMPClient, attempt: Int) {
    self.client = client
    self.attempt = attempt
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = [UInt8](unwrapInboundIn(data).readableBytesView)
    client?.received(bytes, of: attempt)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    problem = problem ?? String("\(error)".prefix(300))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    client?.closed(problem ?? "the connection to the server was lost", of: attempt)
  }
}
