import FoundationEssentials
import Glibc
import Logging
import NIOCore

/// How a controller is measured with agents.
package struct AgentLoadOptions: Sendable {
  package var agents: AgentOptions
  /// Links that are made in a second.
  package var connectRate = 500.0
  /// Notifications in a second; 0: none, only links and what the controller asks.
  package var rate = 500.0
  /// Seconds that notifications are sent for.
  package var duration = 30.0
  /// Seconds in which the controller asks nothing before the measurement begins.
  package var quiet = 3.0
  /// Seconds after which it begins in any case.
  package var settleTimeout = 300.0
  package var spacing = ArrivalSchedule.Spacing.poisson
  package var acsdPID: Int32?
  package var postgresPID: Int32?

  package init(agents: AgentOptions) { self.agents = agents }

  package func validate() throws(SimulatorError) {
    guard connectRate > 0, rate >= 0, duration > 0, quiet > 0, settleTimeout > 0 else {
      throw SimulatorError(
        .invalidOption, "--connect-rate, --duration, --quiet and --settle are above 0")
    }
    try agents.validate()
  }
}

/// What a load run with agents found.
package struct AgentLoadReport: Sendable, Equatable, Codable {
  package var links: Int
  package var linksFailed: Int
  /// Seconds from the first link to the last request before the measurement.
  package var settleSeconds: Double
  /// Requests of the controller that were answered until then.
  package var requestsWhileSettling: Int
  package var measuredSeconds: Double
  package var planned: Int
  package var sent: Int
  package var acknowledged: Int
  /// No link, or no subscription to Periodic!.
  package var unsent: Int
  package var requestsMeanwhile: Int
  /// Milliseconds from when a notification was due to its NotifyResp.
  package var latency: Latencies.Summary?
  /// Milliseconds of CPU.
  package var acsdMillisecondsPerRequest: Double?
  package var acsdMillisecondsPerNotification: Double?
  package var postgresMillisecondsPerNotification: Double?
  package var simulatorMillisecondsPerNotification: Double?
  /// Bytes of the controller's resident memory when all links were there, and at the end.
  package var acsdResidentBytes: Int?
  package var simulatorResidentBytes: Int?
  package var linkLosses: [String: Int]

  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Lines for people.
  package func text() -> String {
    var lines = [
      "links             \(links), \(linksFailed) attempts failed",
      "settled           \(fixed(settleSeconds, 1)) s, \(requestsWhileSettling) requests answered, \(fixed(Double(requestsWhileSettling) / max(settleSeconds, 0.001), 1))/s",
      "notifications     \(acknowledged) of \(sent) acknowledged in \(fixed(measuredSeconds, 1)) s, \(fixed(Double(acknowledged) / max(measuredSeconds, 0.001), 1))/s",
    ]
    if unsent > 0 { lines.append("unsent            \(unsent) (no link, or not subscribed to)") }
    lines.append("requests meanwhile \(requestsMeanwhile)")
    if let latency {
      lines.append(
        "latency ms        p50 \(fixed(latency.p50, 2))  p90 \(fixed(latency.p90, 2))  p99 \(fixed(latency.p99, 2))  p99.9 \(fixed(latency.p999, 2))  max \(fixed(latency.maximum, 2))"
      )
    }
    func cpu(_ name: String, _ value: Double?, _ what: String) {
      guard let value else { return }
      lines.append("CPU ms/\(what) \(name) \(fixed(value, 3))")
    }
    cpu("acsd", acsdMillisecondsPerRequest, "request     ")
    cpu("acsd", acsdMillisecondsPerNotification, "notification")
    cpu("PostgreSQL", postgresMillisecondsPerNotification, "notification")
    cpu("cpesim", simulatorMillisecondsPerNotification, "notification")
    if let acsdResidentBytes {
      lines.append("acsd memory       \(fixed(Double(acsdResidentBytes) / 1e6, 1)) MB")
    }
    if let simulatorResidentBytes {
      lines.append(
        "cpesim memory     \(fixed(Double(simulatorResidentBytes) / 1e6, 1)) MB, \(simulatorResidentBytes / max(1, links)) bytes a link"
      )
    }
    for (reason, count) in linkLosses.sorted(by: { $0.key < $1.key }) {
      lines.append("link lost         \(count) × \(reason)")
    }
    return lines.joined(separator: "\n")
  }
}

/// Measures a controller: makes links, waits until it has asked all it wants, then sends notifications when they are due.
package enum AgentLoad {
  /// How often what is due is sent.
  private static let step = TimeAmount.milliseconds(2)
  /// Seconds for what is not acknowledged at the end.
  private static let patience = 10.0

  package static func run(
    _ options: AgentLoadOptions, model: AgentModel, clock: Int64, logger: Logger
  ) async throws -> AgentLoadReport {
    try options.validate()
    var agents = options.agents
    agents.bootSpread = Double(agents.count) / options.connectRate
    let accounting = ProcessAccounting()
    let usage = Usage(options, accounting)
    let start = NIODeadline.now()
    let before = try usage.read()
    let fleet = try await AgentFleet.start(agents, model: model, clock: clock, logger: logger) {
      _, _ in
    }
    do {
      let settled = try await settle(fleet, options, start)
      let between = try usage.read()
      let resident = options.acsdPID.flatMap(accounting.residentBytes)
      let load = try await notify(fleet, options)
      let after = try usage.read()
      let counts = try await fleet.counts()
      var latencies = Latencies()
      for loop in fleet.loops {
        for nanoseconds in try await loop.eventLoop.submit({ loop.value.latencies }).get() {
          latencies.record(nanoseconds: nanoseconds)
        }
      }
      let acknowledged = latencies.count
      func each(_ nanoseconds: Int64?, _ count: Int) -> Double? {
        guard let nanoseconds, count > 0 else { return nil }
        return Double(nanoseconds) / 1e6 / Double(count)
      }
      let report = AgentLoadReport(
        links: counts.linksOpen, linksFailed: counts.linksFailed,
        settleSeconds: settled.seconds, requestsWhileSettling: settled.requests,
        measuredSeconds: load.seconds, planned: load.planned, sent: load.planned - load.unsent,
        acknowledged: acknowledged, unsent: load.unsent,
        requestsMeanwhile: counts.requests - settled.requests, latency: latencies.summary(),
        acsdMillisecondsPerRequest: each(between.acsd(since: before), settled.requests),
        acsdMillisecondsPerNotification: each(after.acsd(since: between), acknowledged),
        postgresMillisecondsPerNotification: each(after.postgres(since: between), acknowledged),
        simulatorMillisecondsPerNotification: each(after.own - between.own, acknowledged),
        acsdResidentBytes: resident, simulatorResidentBytes: accounting.residentBytes(getpid()),
        linkLosses: counts.reasons)
      try await fleet.stop()
      return report
    } catch {
      try? await fleet.stop()
      throw error
    }
  }

  /// Until all links are there and the controller asks nothing more.
  private static func settle(
    _ fleet: AgentFleet, _ options: AgentLoadOptions, _ start: NIODeadline
  ) async throws -> (seconds: Double, requests: Int) {
    var last = (requests: -1, links: -1, at: NIODeadline.now())
    while true {
      try await Task.sleep(for: .milliseconds(200))
      let counts = try await fleet.counts()
      let now = NIODeadline.now()
      if counts.requests != last.requests || counts.linksOpen != last.links {
        last = (counts.requests, counts.linksOpen, now)
      }
      let isQuiet = Double((now - last.at).nanoseconds) / 1e9 >= options.quiet
      let isLate = Double((now - start).nanoseconds) / 1e9 >= options.settleTimeout
      if (isQuiet && counts.linksOpen == options.agents.count) || isLate {
        return (Double((last.at - start).nanoseconds) / 1e9, counts.requests)
      }
    }
  }

  /// An open loop: what the controller delays is sent in time nevertheless.
  private static func notify(_ fleet: AgentFleet, _ options: AgentLoadOptions) async throws
    -> (seconds: Double, planned: Int, unsent: Int)
  {
    guard options.rate > 0 else { return (0, 0, 0) }
    let schedule = try ArrivalSchedule(
      rate: options.rate, duration: options.duration, limit: ArrivalSchedule.maximumCount,
      spacing: options.spacing, seed: options.agents.seed)
    let start = NIODeadline.now() + .milliseconds(100)
    var ends: [EventLoopFuture<Void>] = []
    // With fewer agents than loops some have none.
    let loops = fleet.loops.prefix(options.agents.count)
    for (number, loop) in loops.enumerated() {
      let moments = stride(from: number, to: schedule.times.count, by: loops.count).map {
        start + .nanoseconds(schedule.times[$0])
      }
      let promise = loop.eventLoop.makePromise(of: Void.self)
      loop.eventLoop.execute {
        loop.value.beginLoad()
        Self.send(moments[...], sent: 0, loop, promise)
      }
      ends.append(promise.futureResult)
    }
    for end in ends { try await end.get() }
    let sentAt = NIODeadline.now()
    while Double((NIODeadline.now() - sentAt).nanoseconds) / 1e9 < patience {
      var awaited = 0
      for loop in fleet.loops {
        awaited += try await loop.eventLoop.submit { loop.value.awaited }.get()
      }
      if awaited == 0 { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
    var unsent = 0
    for loop in fleet.loops {
      unsent += try await loop.eventLoop.submit { loop.value.unsent }.get()
    }
    return (seconds, schedule.times.count, unsent)
  }

  private static func send(
    _ moments: ArraySlice<NIODeadline>, sent: Int, _ loop: NIOLoopBound<AgentLoop>,
    _ promise: EventLoopPromise<Void>
  ) {
    guard !moments.isEmpty else { return promise.succeed() }
    let now = NIODeadline.now()
    let due = moments.prefix { $0 <= now }
    loop.value.sendPeriodics(at: due, from: sent)
    let rest = moments.dropFirst(due.count)
    loop.eventLoop.scheduleTask(in: step) {
      send(rest, sent: sent + due.count, loop, promise)
    }
  }

  /// Reads how much CPU everybody has used.
  private struct Usage {
    struct Reading {
      var acsd: Int64?
      var postgres: Int64?
      var own: Int64

      func acsd(since other: Reading) -> Int64? {
        acsd.flatMap { now in other.acsd.map { now - $0 } }
      }

      func postgres(since other: Reading) -> Int64? {
        postgres.flatMap { now in other.postgres.map { now - $0 } }
      }
    }

    let options: AgentLoadOptions
    let accounting: ProcessAccounting

    init(_ options: AgentLoadOptions, _ accounting: ProcessAccounting) {
      self.options = options
      self.accounting = accounting
    }

    func read() throws(SimulatorError) -> Reading {
      var reading = Reading(own: try accounting.nanoseconds(of: getpid()))
      if let pid = options.acsdPID { reading.acsd = try accounting.nanoseconds(of: pid) }
      if let pid = options.postgresPID {
        reading.postgres = try accounting.nanosecondsOfFamily(pid)
      }
      return reading
    }
  }
}
