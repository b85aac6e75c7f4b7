import NIOCore

/// Tells a connection that bytes have come, before the HTTP decoder has made anything of them: who sends half a header is slow, not idle.
final class RequestBeginnings: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ConnectionHandler

  init(connection: ConnectionHandler) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Some devices end a body with a line break that is not counted.
    if unwrapInboundIn(data).readableBytesView.contains(where: { $0 != 0x0D && $0 != 0x0A }) {
      connection.noteBytes()
    }
    context.fireChannelRead(data)
  }
}
