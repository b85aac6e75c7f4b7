import NIOCore

/// What a connection to the ACS tells its owner, always on the connection's event loop.
protocol ACSConnectionOwner: AnyObject {
  func connectionReceived(_ response: HTTPResponse)
  /// The connection is gone; the error is nil where the other side just closed it.
  func connectionClosed(_ error: (any Error)?)
}

/// The handler of one TCP connection to the ACS: whole requests out, whole responses in.
///
/// It stays on its event loop, as its owner does.
final class ACSConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  weak var owner: (any ACSConnectionOwner)?
  private var parser = HTTPResponseParser()
  private var context: ChannelHandlerContext?
  private var error: (any Error)?

  init(owner: any ACSConnectionOwner) {
    self.owner = owner
  }

  /// Sends bytes that are one whole request.
  func send(_ request: ByteBuffer) {
    guard let context else { return }
    context.writeAndFlush(NIOAny(request), promise: nil)
  }

  /// Closes without telling the owner.
  func close() {
    owner = nil
    context?.close(promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    parser.append(&bytes)
    do throws(SimulatorError) {
      while let response = try parser.next() { owner?.connectionReceived(response) }
    } catch {
      self.error = error
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let response = parser.finish() { owner?.connectionReceived(response) }
    let owner = owner
    self.owner = nil
    owner?.connectionClosed(error)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.error = error
    context.close(promise: nil)
  }
}
