import Glibc
import Logging
import NIOCore
import NIOPosix
import Refusals
import STOMP
import TLSIdentity
import USP

/// One transport's dealings with its STOMP server, connection after connection; used on its event loop alone.
final class STOMPClient {
  /// Seconds between looks for links that have been silent for too long.
  private static let sweepInterval: Int64 = 60
  /// Seconds that what was sent before has to leave at the end.
  private static let patienceAtEnd: Int64 = 1

  private unowned let transport: STOMPTransport
  private let eventLoop: any EventLoop
  let binding: STOMPBinding
  let links: BrokerLinks<String>
  private var logger: Logger
  let refusals: RefusalLog
  private var reconnection: BrokerReconnection
  var session: STOMPSession?
  private var channel: (any Channel)?
  /// Tells what happens on the present connection from what happens on one before.
  private var attempt = 0
  private(set) var isReady = false
  private(set) var ownDestination = ""
  /// What came before the subscriptions stood.
  var held: [STOMPSession.Message] = []
  var heldBytes = 0
  /// Bytes that the socket has not taken.
  private(set) var outgoing = 0
  private var deadline: Scheduled<Void>?
  private var retry: Scheduled<Void>?
  private var heart: Scheduled<Void>?
  private var sweep: Scheduled<Void>?
  private(set) var stopped: EventLoopPromise<Void>?
  /// Why this side has ended the connection.
  private(set) var reason: String?
  /// The same trouble is told once.
  private var toldReason: String?
  /// An agent's link, and where the Record that it is being handed wants its answer.
  private(set) var controllerLink: BrokerLink?
  var answering: String?

  init(
    _ binding: STOMPBinding, transport: STOMPTransport, eventLoop: any EventLoop, logger: Logger,
    accept: @escaping LinkAcceptor
  ) {
    self.binding = binding
    self.transport = transport
    self.eventLoop = eventLoop
    self.logger = logger
    let settings = binding.settings
    let server = "\(settings.host):\(binding.port)"
    self.logger[metadataKey: "broker"] = "\(server)"
    refusals = RefusalLog(logger: logger)
    reconnection = BrokerReconnection(settings.retry)
    links = BrokerLinks(limits: settings.limits, eventLoop: eventLoop, accept: accept) {
      [unowned transport] id, peer in
      BrokerLink(
        id: id, kind: .stomp, eventLoop: eventLoop, peerAddress: server,
        claimedEndpoint: peer.endpoint, proof: settings.trustsBroker ? .broker : .nothing,
        address: .stomp(destination: peer.address), transport: transport)
    }
  }

  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: The connection

  func connect() {
    if sweep == nil { scheduleSweep() }
    attempt += 1
    let attempt = attempt
    reason = nil
    outgoing = 0
    session = STOMPSession(binding.configuration)
    transport.tell(.connecting)
    let patience = binding.settings.limits.connectSeconds
    deadline = eventLoop.assumeIsolated().scheduleTask(
      in: .milliseconds(Int64(patience * 1000))
    ) { [weak self] in
      self?.abort("the server has not agreed to everything within \(Int(patience)) seconds")
    }
    let host = binding.settings.host
    let files = binding.settings.tls
    let client = NIOLoopBound(self, eventLoop: eventLoop)
    ClientBootstrap(group: eventLoop)
      .connectTimeout(.milliseconds(Int64(patience * 1000)))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: host, port: Int(binding.port))
      // Not in the initializer, which runs once for each address of the host.
      .flatMapThrowing { channel in
        do {
          let pipeline = channel.pipeline.syncOperations
          if let files {
            // Read each time, so that renewed certificates count.
            try pipeline.addHandler(TransportError.credentials(files).handler(host: host))
          }
          try pipeline.addHandler(STOMPChannelHandler(client.value, attempt: attempt))
          return channel
        } catch {
          channel.close(promise: nil)
          throw error
        }
      }
      .assumeIsolated()
      .whenComplete { [weak self] result in self?.connected(result, of: attempt) }
  }

  private func connected(_ result: Result<any Channel, any Error>, of attempt: Int) {
    switch result {
    case .failure(let error):
      closed("the server can't be reached: \(TransportError.reason(of: error))", of: attempt)
    case .success(let channel):
      guard attempt == self.attempt, reason == nil else {
        channel.close(promise: nil)
        return
      }
      self.channel = channel
      carryOut(session?.begin(now: Self.now) ?? [])
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

  func received(_ bytes: [UInt8], of attempt: Int) {
    guard attempt == self.attempt else { return }
    carryOut(session?.received(bytes, now: Self.now) ?? [])
  }

  private func carryOut(_ actions: [STOMPSession.Action]) {
    for action in actions {
      switch action {
      case .send(let bytes): write(bytes)
      case .ready(let destination): becameReady(destination)
      case .message(let message): received(message)
      case .close(let error):
        reason = reason ?? error.detail
        channel?.close(promise: nil)
      }
    }
    scheduleHeartBeat()
  }

  func write(_ bytes: [UInt8]) {
    guard let channel else { return }
    outgoing += bytes.count
    let attempt = attempt
    channel.writeAndFlush(channel.allocator.buffer(bytes: bytes)).assumeIsolated().whenComplete {
      [weak self] _ in
      if let self, self.attempt == attempt { outgoing -= bytes.count }
    }
  }

  /// One task for the next heart-beat, in either direction.
  private func scheduleHeartBeat() {
    guard heart == nil, let due = session?.nextTimer else { return }
    let attempt = attempt
    let wait = max(0.001, due - Self.now)
    heart = eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(wait * 1000) + 1)) {
      [weak self] in
      guard let self, self.attempt == attempt else { return }
      heart = nil
      carryOut(session?.timerFired(now: Self.now) ?? [])
    }
  }

  private func becameReady(_ destination: String) {
    guard stopped == nil else { return }
    deadline?.cancel()
    deadline = nil
    isReady = true
    ownDestination = destination
    reconnection.becameReady(now: Self.now)
    transport.tell(.ready)
    logger.info("connected to the STOMP server")
    toldReason = nil
    if case .agent(let controller) = binding.role {
      controllerLink = links.link(
        to: .init(endpoint: nil, address: controller), now: Self.now)
    }
    let waiting = held
    held = []
    heldBytes = 0
    for message in waiting { received(message) }
  }

  /// Ends the connection in good order.
  func disconnect(_ why: String) {
    guard reason == nil else { return }
    reason = why
    carryOut(session?.disconnect(now: Self.now) ?? [])
    let attempt = attempt
    eventLoop.assumeIsolated().scheduleTask(in: .seconds(Self.patienceAtEnd)) { [weak self] in
      if let self, self.attempt == attempt { channel?.close(promise: nil) }
    }
  }

  private func abort(_ why: String) {
    reason = reason ?? why
    channel?.close(promise: nil)
  }

  func closed(_ why: String, of attempt: Int) {
    guard attempt == self.attempt, session != nil else { return }
    let why = reason ?? why
    session = nil
    channel = nil
    isReady = false
    held = []
    heldBytes = 0
    deadline?.cancel()
    deadline = nil
    heart?.cancel()
    heart = nil
    if case .agent = binding.role {
      links.removeAll(why)
      controllerLink = nil
    }
    guard stopped == nil else {
      finish(why)
      return
    }
    let wait = reconnection.lost(now: Self.now, random: Double.random(in: 0...1))
    if toldReason != why {
      toldReason = why
      logger.warning(
        "no connection to the STOMP server; it is tried again",
        metadata: ["reason": "\(why)", "seconds": "\(wait)"])
    }
    transport.tell(.waiting(reason: why))
    retry = eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(wait * 1000))) {
      [weak self] in
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
    let why = "the transport was stopped"
    if session == nil {
      finish(why)
    } else if channel == nil {
      // What is on its way is closed when it comes.
      closed(why, of: attempt)
      attempt += 1
    } else if isGraceful {
      disconnect(why)
    } else {
      abort(why)
    }
    return promise.futureResult
  }

  private func finish(_ why: String) {
    links.removeAll(why)
    transport.tell(.stopped)
    // After what the links are told.
    let promise = stopped
    eventLoop.execute { promise?.succeed() }
  }
}
