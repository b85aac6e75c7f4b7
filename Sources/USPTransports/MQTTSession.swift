import Glibc
import Logging
import MQTT
import NIOCore
import Refusals
import USP

/// One transport's dealings with its broker, connection after connection; used on its event loop alone.
final class MQTTSession {
  /// Seconds between looks for links that have been silent for too long.
  private static let sweepInterval: Int64 = 60
  /// With another address there may be another trouble.
  private static let maximumToldReasons = 8

  private unowned let transport: MQTTTransport
  private let eventLoop: any EventLoop
  private let engine: MQTTLoop
  private let links: BrokerLinks<MQTTAddress>
  private var logger: Logger
  private let refusals: RefusalLog
  private var binding: MQTTBinding
  private var reconnection: BrokerReconnection
  private var client: MQTTClient?
  /// Tells events of the present connection from those of one before.
  private var attempt = 0
  private var isReady = false
  /// What came before the subscriptions stood.
  private var held: [MQTTMessage] = []
  private var heldBytes = 0
  private var deadline: Scheduled<Void>?
  private var retry: Scheduled<Void>?
  private var sweep: Scheduled<Void>?
  private var stopped: EventLoopPromise<Void>?
  /// Why this side has ended the connection.
  private var reason: String?
  /// The same trouble is told once.
  private var toldReasons: Set<String> = []
  /// An agent's link, and where the Record that it is being handed wants its answer.
  private var controllerLink: BrokerLink?
  private var answering: MQTTAddress?

  init(
    _ binding: MQTTBinding, transport: MQTTTransport, eventLoop: any EventLoop, engine: MQTTLoop,
    logger: Logger, accept: @escaping LinkAcceptor
  ) {
    self.binding = binding
    self.transport = transport
    self.eventLoop = eventLoop
    self.engine = engine
    self.logger = logger
    let settings = binding.settings
    let broker = "\(settings.host):\(binding.port)"
    self.logger[metadataKey: "broker"] = "\(broker)"
    refusals = RefusalLog(logger: logger)
    reconnection = BrokerReconnection(settings.retry)
    links = BrokerLinks(limits: settings.limits, eventLoop: eventLoop, accept: accept) {
      [unowned transport] id, peer in
      BrokerLink(
        id: id, kind: .mqtt, eventLoop: eventLoop, peerAddress: broker,
        claimedEndpoint: peer.endpoint, proof: settings.trustsBroker ? .broker : .nothing,
        address: .mqtt(topic: peer.address.topic, version: peer.address.version),
        transport: transport)
    }
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: The connection

  func connect() {
    if sweep == nil { scheduleSweep() }
    attempt += 1
    let attempt = attempt
    let transport = transport
    reason = nil
    transport.tell(.connecting)
    client = MQTTClient(binding.configuration, loop: engine) { event in
      transport.handle(event, of: attempt)
    }
    let patience = binding.settings.limits.connectSeconds
    deadline = eventLoop.assumeIsolated().scheduleTask(
      in: .milliseconds(Int64(patience * 1000))
    ) { [weak self] in
      self?.disconnect("the broker has not agreed to everything within \(Int(patience)) seconds")
    }
  }

  private func scheduleSweep() {
    guard case .controller = binding.role else { return }
    sweep = eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.sweepInterval)) {
      [weak self] in
      guard let self else { return }
      links.sweep(now: Self.now)
      scheduleSweep()
    }
  }

  func handle(_ event: MQTTEvent, of attempt: Int) {
    guard attempt == self.attempt, let client else { return }
    switch event {
    case .connected(let connack):
      guard stopped == nil else { return }
      take(binding.connected(connack))
    case .subscribed(let granted):
      guard stopped == nil else { return }
      take(binding.subscribed(granted))
    case .received(let message):
      guard isReady || !holds(message) else { return }
      received(message)
      client.taken(message)
    case .dropped(let error):
      refuse("\(error)")
    case .unsent(let link, let error):
      // An agent can't tell whether its controller has gone or is late, and stays where it can be reached.
      if error.code == .noSubscribers, case .agent = binding.role { return }
      if links.address(of: link) != nil { unsent(link, error.detail) }
    case .closed(let error):
      closed(reason ?? error.detail, error.code)
    }
  }

  /// What comes before the subscriptions stand waits for them, since it could not be answered; but not so much that their
  /// acknowledgement can't be read.
  private func holds(_ message: MQTTMessage) -> Bool {
    guard heldBytes + message.cost <= binding.settings.limits.incomingBytes / 2 else {
      return false
    }
    heldBytes += message.cost
    held.append(message)
    return true
  }

  private func take(_ step: MQTTBinding.Step) {
    switch step {
    case .subscribe(let filters):
      client?.subscribe(
        filters, qos: binding.settings.qos, properties: binding.ownProperties)
    case .ready: becameReady()
    case .disconnect(let reason): disconnect(reason)
    }
  }

  private func becameReady() {
    guard !isReady else { return }
    isReady = true
    deadline?.cancel()
    deadline = nil
    reconnection.becameReady(now: Self.now)
    transport.tell(.ready)
    logger.info("connected to the MQTT broker")
    toldReasons = []
    if case .agent(let topic) = binding.role {
      let address = MQTTAddress(topic: topic, version: binding.settings.version)
      controllerLink = links.link(to: .init(endpoint: nil, address: address), now: Self.now)
    }
    let waiting = held
    held = []
    heldBytes = 0
    for message in waiting {
      received(message)
      client?.taken(message)
    }
  }

  private func disconnect(_ why: String, isGraceful: Bool = true) {
    guard reason == nil else { return }
    reason = why
    client?.close(isGraceful: isGraceful)
  }

  private func closed(_ why: String, _ code: MQTTError.Code = .closed) {
    client = nil
    isReady = false
    held = []
    heldBytes = 0
    deadline?.cancel()
    deadline = nil
    binding.closed(code)
    if case .agent = binding.role {
      links.removeAll(why)
      controllerLink = nil
    }
    if let stopped {
      links.removeAll(why)
      transport.tell(.stopped)
      // After what the links are told.
      eventLoop.execute { stopped.succeed() }
      return
    }
    let wait = reconnection.lost(now: Self.now, random: Double.random(in: 0...1))
    if toldReasons.count >= Self.maximumToldReasons { toldReasons = [] }
    if toldReasons.insert(why).inserted {
      logger.warning(
        "no connection to the MQTT broker; it is tried again",
        metadata: ["reason": "\(why)", "seconds": "\(wait)"])
    }
    transport.tell(.waiting(reason: why))
    retry = eventLoop.assumeIsolated().scheduleTask(
      in: .milliseconds(Int64(wait * 1000))
    ) { [weak self] in
      self?.retry = nil
      self?.connect()
    }
  }

  func stop(isGraceful: Bool) -> EventLoopFuture<Void> {
    if let stopped { return stopped.futureResult }
    let promise = eventLoop.makePromise(of: Void.self)
    stopped = promise
    sweep?.cancel()
    retry?.cancel()
    if let client {
      // Should it end already, this changes nothing.
      reason = reason ?? "the transport was stopped"
      client.close(isGraceful: isGraceful)
    } else {
      closed("the transport was stopped")
    }
    return promise.futureResult
  }

  // MARK: Records

  private func received(_ message: MQTTMessage) {
    // A controller's peers may speak while its other subscriptions are on their way.
    guard stopped == nil else { return }
    switch binding.incoming(message) {
    case .refused(let reason):
      refuse(reason)
    case .record(let sender, let address):
      let now = Self.now
      if case .agent = binding.role {
        guard let controllerLink else { return }
        answering = address
        links.received(message.payload, on: controllerLink, now: now)
        answering = nil
      } else {
        let link = links.link(to: .init(endpoint: sender, address: address), now: now)
        links.received(message.payload, on: link, now: now)
      }
    }
  }

  private func refuse(_ reason: String) {
    refusals.note(
      "a message from a broker was dropped", peer: "\(binding.settings.host):\(binding.port)",
      ["reason": "\(reason)"])
  }

  func link(to peer: EndpointID, _ address: MQTTAddress) -> BrokerLink? {
    guard case .controller = binding.role, stopped == nil else { return nil }
    return links.link(to: .init(endpoint: peer, address: address), now: Self.now)
  }

  func send(_ record: [UInt8], link: UInt64) {
    guard let address = links.address(of: link) else { return }
    guard record.count <= binding.settings.limits.recordBytes else {
      unsent(link, "a Record of \(record.count) bytes is more than the limit allows")
      return
    }
    guard let client, reason == nil,
      let publication = binding.publication(of: record, to: answering ?? address)
    else {
      unsent(link, "the broker is not connected")
      return
    }
    guard client.publish(publication, token: link) else {
      unsent(link, "too much waits to be taken by the broker")
      return
    }
    links.used(link, now: Self.now)
  }

  private func unsent(_ link: UInt64, _ why: String) {
    if case .agent = binding.role {
      disconnect(why)
    } else {
      links.remove(link, why)
    }
  }

  func close(link: UInt64) {
    guard links.address(of: link) != nil else { return }
    if case .agent = binding.role {
      disconnect("the link was closed by this side")
    } else {
      links.remove(link, "closed by this side")
    }
  }
}
