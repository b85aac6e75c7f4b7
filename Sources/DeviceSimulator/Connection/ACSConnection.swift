import NIOCore
import NIOSSL

/// What a connection to the ACS tells its owner, always on the connection's event loop.
protocol ACSConnectionOwner: AnyObject {
  func connectionReceived(_ response: HTTPResponse)
  /// The ACS wants the body that was held back.
  func connectionMayContinue()
  /// The connection is gone; the error is nil where the other side just closed it.
  func connectionClosed(_ error: (any Error)?)
}

extension ACSConnectionOwner {
  func connectionMayContinue() {}
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

  /// Sends bytes that are one whole request, or the rest of one.
  func send(_ request: ByteBuffer) {
    guard let context else { return }
    context.writeAndFlush(NIOAny(request), promise: nil)
  }

  /// Closes without telling the owner.
  func close() {
    owner = nil
    context?.close(promise: nil)
  }

  /// Leaves the connection open and tells the owner nothing more.
  func abandon() { owner = nil }

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
    if parser.takeContinue() { owner?.connectionMayContinue() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let response = parser.finish() { owner?.connectionReceived(response) }
    let owner = owner
    self.owner = nil
    owner?.connectionClosed(error)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Servers that do not say goodbye in TLS have nevertheless sent whole responses.
    if let error = error as? NIOSSLError, case .uncleanShutdown = error { return }
    self.error = error
    context.close(promise: nil)
  }
}
