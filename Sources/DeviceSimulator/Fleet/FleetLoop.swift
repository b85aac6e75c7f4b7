import CWMP
import HTTPAuthentication
import NIOCore
import NIOSSL

/// The devices that live on one event loop, and what they share.
///
/// It and all that it holds is touched on that loop only.
final class FleetLoop {
  /// How long the ACS may take for an answer (TR-069 Amendment 6, 3.7.1.4 asks for at least 30 s).
  static let responseTimeout = TimeAmount.seconds(30)

  let eventLoop: any EventLoop
  let connector: Connector
  let clock: SimulationClock
  let decoder = EnvelopeDecoder()
  let encoder = EnvelopeEncoder.device
  let nonces: NonceIssuer
  /// What every device came with.
  let password: String
  /// Sessions in percent that are dropped on purpose.
  let dropConnection: Double
  /// The address that the devices' own sockets are bound to.
  let bindHost: String
  var random: SeededRandom
  var counts = FleetCounts()
  private(set) var hosts: [CPEHost] = []
  private var open: [ObjectIdentifier: CPEHost] = [:]
  private let watch: (String, SimulatedCPE.Note) -> Void
  private var sweep: RepeatedTask?
  private(set) var isStopping = false

  init(
    eventLoop: any EventLoop, clock: SimulationClock, nonces: NonceIssuer, password: String,
    dropConnection: Double, seed: UInt64, bindHost: String = "127.0.0.1",
    tls: TLSOptions = TLSOptions(), tlsContext: NIOSSLContext? = nil,
    watch: @escaping (String, SimulatedCPE.Note) -> Void
  ) {
    self.eventLoop = eventLoop
    self.clock = clock
    self.nonces = nonces
    self.password = password
    self.dropConnection = dropConnection
    self.watch = watch
    self.bindHost = bindHost
    connector = Connector(eventLoop: eventLoop, tls: tls, context: tlsContext)
    random = SeededRandom(seed: seed)
  }

  func add(_ cpe: SimulatedCPE) -> CPEHost {
    let host = CPEHost(cpe: cpe, loop: self)
    hosts.append(host)
    return host
  }

  func start() {
    for host in hosts { host.wake() }
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    sweep = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      bound.value.closeSilentSessions()
    }
  }

  func stop() {
    isStopping = true
    sweep?.cancel()
    for host in hosts { host.stop() }
  }

  func sessionOpened(_ host: CPEHost) {
    open[ObjectIdentifier(host)] = host
    counts.sessionsOpen = open.count
  }

  func sessionClosed(_ host: CPEHost) {
    open[ObjectIdentifier(host)] = nil
    counts.sessionsOpen = open.count
  }

  func tell(_ host: CPEHost, _ note: SimulatedCPE.Note) {
    switch note {
    case .booted: counts.boots += 1
    case .downloading: counts.downloads += 1
    case .downloadFailed: counts.downloadsFailed += 1
    case .upgraded: counts.upgrades += 1
    case .factoryReset: counts.factoryResets += 1
    case .uploading: counts.uploads += 1
    case .uploadFailed: counts.uploadsFailed += 1
    case .softwareChanged: counts.softwareChanges += 1
    case .diagnosed: counts.diagnostics += 1
    case .rebooting, .flashing, .wanAddressChanged, .uploaded, .triggered: break
    }
    watch(host.cpe.tree.context.serialNumber, note)
  }

  private func closeSilentSessions() {
    let limit = NIODeadline.now() - Self.responseTimeout
    for host in open.values where host.lastActivity < limit { host.timedOut() }
  }
}
