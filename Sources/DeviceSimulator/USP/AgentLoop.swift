import NIOCore
import NIOSSL

/// The agents that live on one event loop, and what they share.
///
/// It and all that it holds is touched on that loop only.
final class AgentLoop {
  let eventLoop: any EventLoop
  let options: AgentOptions
  let clock: SimulationClock
  let links: AgentLinks
  let connector: Connector
  var counts = AgentCounts()
  /// Nanoseconds from when notifications of a load run were due to their acknowledgement.
  var latencies: [Int64] = []
  /// Notifications of a load run that could not be sent: no link, or no subscription.
  var unsent = 0
  private(set) var hosts: [AgentHost] = []
  private(set) var isStopping = false
  private let watch: (String, USPAgent.Note) -> Void
  /// By their numbers, until they are over.
  private(set) var releases: [Int: Task<Void, Never>] = [:]
  private var releaseCount = 0

  init(
    eventLoop: any EventLoop, options: AgentOptions, clock: SimulationClock, links: AgentLinks,
    connector: Connector, watch: @escaping (String, USPAgent.Note) -> Void
  ) {
    self.eventLoop = eventLoop
    self.options = options
    self.clock = clock
    self.links = links
    self.connector = connector
    self.watch = watch
  }

  func add(_ host: AgentHost) { hosts.append(host) }

  func start() { for host in hosts { host.wake() } }

  /// - Returns: what goes on until everything is given back.
  func stop() -> [Task<Void, Never>] {
    for host in hosts { host.stop() }
    isStopping = true
    return Array(releases.values)
  }

  /// Gives something back that takes its time.
  func release(_ body: @escaping @Sendable () async -> Void) {
    releaseCount += 1
    let number = releaseCount
    let gate = links.gate
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    releases[number] = Task {
      await body()
      gate.execute { bound.value.releases[number] = nil }
    }
  }

  func tell(_ host: AgentHost, _ note: USPAgent.Note) {
    switch note {
    case .downloading: counts.downloads += 1
    case .transferFailed: counts.transfersFailed += 1
    case .uploaded: counts.uploads += 1
    case .upgraded: counts.upgrades += 1
    case .softwareChanged: counts.softwareChanges += 1
    case .diagnosed: counts.diagnostics += 1
    case .factoryReset: counts.factoryResets += 1
    case .booted, .connected, .disconnected, .rebooting, .flashed, .notUpgraded, .refused: break
    }
    watch(host.agent.serialNumber, note)
  }

  // MARK: Load

  /// Sends one Periodic! for each moment, from agents in turn.
  func sendPeriodics(at moments: ArraySlice<NIODeadline>, from first: Int) {
    for (offset, moment) in moments.enumerated() {
      guard !hosts.isEmpty else { return }
      if !hosts[(first + offset) % hosts.count].sendPeriodic(due: moment) { unsent += 1 }
    }
  }

  /// How many notifications of a load run are not acknowledged yet.
  var awaited: Int { hosts.reduce(0) { $0 + ($1.watched?.count ?? 0) } }

  func beginLoad() { for host in hosts { host.watched = [:] } }

  /// What has happened until now, the agents' own tallies included.
  func total() -> AgentCounts {
    var total = counts
    for host in hosts {
      let tally = host.agent.tally
      total.boots += tally.boots
      total.requests += tally.requests
      total.errors += tally.errors
      total.notifications += tally.notifications
      total.acknowledged += tally.acknowledged
      if host.hasLink { total.linksOpen += 1 }
    }
    return total
  }
}
