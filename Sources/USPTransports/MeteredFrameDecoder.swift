import NIOCore
import NIOWebSocket

/// The frame decoder of the library, which also tells how much it holds of a frame that is not there in full.
struct MeteredFrameDecoder: ByteToMessageDecoder {
  typealias InboundOut = WebSocketFrame

  private let decoder: WebSocketFrameDecoder
  private let link: WebSocketLink

  init(link: WebSocketLink) {
    self.link = link
    decoder = WebSocketFrameDecoder(maxFrameSize: link.terms.limits.maxRecord)
  }

  func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
    guard !link.takesNoMore else {
      buffer.moveReaderIndex(to: buffer.writerIndex)
      return .needMoreData
    }
    let next = try decoder.decode(context: context, buffer: &buffer)
    if next == .needMoreData, !link.noteHeld(buffer.readableBytes) { link.failForWantOfRoom() }
    return next
  }
}
