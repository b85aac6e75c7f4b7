import Logging
import MQTT
import NIOConcurrencyHelpers
import NIOCore
import USP

/// The way to peers through an MQTT broker; it comes back by itself when the broker has been away.
///
/// What it works with is on its event loop; whoever has started it must stop it.
package final class MQTTTransport: BrokerTransport {
  private let eventLoop: any EventLoop
  private let logger: Logger
  private let shared = NIOLockedValueBox(BrokerState.connecting)
  private let session: NIOLoopBoundBox<MQTTSession?>

  /// Connects in the background; returns at once.
  ///
  /// - Parameters:
  ///   - eventLoop: where all links of this transport are.
  ///   - engine: the thread that talks to brokers, for many transports to share; nil: one of this transport's own.
  ///   - accept: called for each link, on `eventLoop`. A controller's link stays while the broker is away, and is told
  ///     closed when a Record can't be sent, when it is forgotten, or at the end. An agent's only link comes with each
  ///     connection to the broker, and closes with it; what the agent sends while it is handed a Record goes where that
  ///     Record's sender wants its answer, and everything else to the controller's topic.
  /// - Throws: where the settings can't work; files for TLS are read, which blocks for a moment.
  package static func start(
    settings: MQTTTransportSettings, own: EndpointID, role: BrokerRole,
    eventLoop: any EventLoop, engine: MQTTLoop? = nil, logger: Logger,
    accept: @escaping LinkAcceptor
  ) throws(TransportError) -> MQTTTransport {
    let binding = try MQTTBinding(settings, own: own, role: role)
    // libmosquitto reads them when it connects, and says little of them.
    if let files = settings.tls { _ = try TransportError.credentials(files) }
    let transport = MQTTTransport(eventLoop: eventLoop, logger: logger)
    eventLoop.execute {
      let session = MQTTSession(
        binding, transport: transport, eventLoop: eventLoop, engine: engine ?? MQTTLoop(),
        logger: logger, accept: accept)
      transport.session.value = session
      session.connect()
    }
    return transport
  }

  private init(eventLoop: any EventLoop, logger: Logger) {
    self.eventLoop = eventLoop
    self.logger = logger
    session = NIOLoopBoundBox.makeEmptyBox(eventLoop: eventLoop)
  }

  package var state: BrokerState { shared.withLockedValue { $0 } }

  func tell(_ state: BrokerState) { shared.withLockedValue { $0 = state } }

  /// A controller's link to a peer that is known to listen at an address, whether anything came from it or not; nil where that is none
  /// of MQTT, or the transport is an agent's or has been stopped.
  package func link(to peer: EndpointID, at address: BrokerAddress) async -> (any Link)? {
    guard case .mqtt(let topic, let version) = address, MQTTAddress.isReplyTopic(topic) else {
      return nil
    }
    return try? await eventLoop.submit { () -> BrokerLink? in
      self.session.value?.link(to: peer, MQTTAddress(topic: topic, version: version))
    }.get()
  }

  /// Ends the connection; every link has been told that it is closed when this returns.
  ///
  /// - Parameter isGraceful: what was sent before leaves first, and the broker is told.
  package func stop(isGraceful: Bool = true) async {
    let stopped = eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
      guard let session = self.session.value else {
        return self.eventLoop.makeSucceededVoidFuture()
      }
      return session.stop(isGraceful: isGraceful).always { _ in self.session.value = nil }
    }
    try? await stopped.get()
  }

  func send(_ record: [UInt8], link: UInt64) {
    onLoop { $0.send(record, link: link) }
  }

  func close(link: UInt64, _ reason: LinkClosing) {
    onLoop { $0.close(link: link) }
  }

  func handle(_ event: MQTTEvent, of attempt: Int) {
    eventLoop.execute { self.session.value?.handle(event, of: attempt) }
  }

  private func onLoop(_ body: @escaping @Sendable (MQTTSession) -> Void) {
    if eventLoop.inEventLoop {
      if let session = session.value { body(session) }
    } else {
      eventLoop.execute { if let session = self.session.value { body(session) } }
    }
  }
}
