import Logging
import NIOConcurrencyHelpers
import NIOCore
import USP

/// The way to peers through a STOMP server; it comes back by itself when the server has been away.
///
/// What it works with is on its event loop; whoever has started it must stop it.
package final class STOMPTransport: BrokerTransport {
  private let eventLoop: any EventLoop
  private let shared = NIOLockedValueBox(BrokerState.connecting)
  private let client: NIOLoopBoundBox<STOMPClient?>

  /// Connects in the background; returns at once.
  ///
  /// - Parameters:
  ///   - eventLoop: where the connection and all links of this transport are.
  ///   - accept: called for each link, on `eventLoop`; when links come and go is as with MQTT.
  /// - Throws: where the settings can't work; files for TLS are read, which blocks for a moment.
  package static func start(
    settings: STOMPTransportSettings, own: EndpointID, role: BrokerRole,
    eventLoop: any EventLoop, logger: Logger, accept: @escaping LinkAcceptor
  ) throws(TransportError) -> STOMPTransport {
    let binding = try STOMPBinding(settings, own: own, role: role)
    if let files = settings.tls { _ = try TransportError.credentials(files) }
    let transport = STOMPTransport(eventLoop: eventLoop)
    eventLoop.execute {
      let client = STOMPClient(
        binding, transport: transport, eventLoop: eventLoop, logger: logger, accept: accept)
      transport.client.value = client
      client.connect()
    }
    return transport
  }

  private init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    client = NIOLoopBoundBox.makeEmptyBox(eventLoop: eventLoop)
  }

  package var state: BrokerState { shared.withLockedValue { $0 } }

  func tell(_ state: BrokerState) { shared.withLockedValue { $0 = state } }

  /// A controller's link to a peer that is known to listen at an address, whether anything came from it or not; nil where that is none
  /// of STOMP, or the transport is an agent's or has been stopped.
  package func link(to peer: EndpointID, at address: BrokerAddress) async -> (any Link)? {
    guard case .stomp(let destination) = address, STOMPBinding.isDestination(destination) else {
      return nil
    }
    return try? await eventLoop.submit { () -> BrokerLink? in
      self.client.value?.link(to: peer, destination)
    }.get()
  }

  /// Ends the connection; every link has been told that it is closed when this returns.
  ///
  /// - Parameter isGraceful: what was sent before leaves first, and the server is told.
  package func stop(isGraceful: Bool = true) async {
    let stopped = eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
      guard let client = self.client.value else { return self.eventLoop.makeSucceededVoidFuture() }
      return client.stop(isGraceful: isGraceful).always { _ in self.client.value = nil }
    }
    try? await stopped.get()
  }

  func send(_ record: [UInt8], link: UInt64) {
    onLoop { $0.send(record, link: link) }
  }

  func close(link: UInt64, _ reason: LinkClosing) {
    onLoop { $0.close(link: link) }
  }

  private func onLoop(_ body: @escaping @Sendable (STOMPClient) -> Void) {
    if eventLoop.inEventLoop {
      if let client = client.value { body(client) }
    } else {
      eventLoop.execute { if let client = self.client.value { body(client) } }
    }
  }
}
