import Fleet
import Logging
import Synchronization

/// Asks devices to call: at most so many at a time, each device seldom, and never twice at once.
package actor ConnectionRequester {
  package struct Configuration: Sendable {
    package var policy = ConnectionRequestBackoff.Policy()
    package var patience = ConnectionRequestPlan.Patience()
    /// The order in which methods are tried where nothing is known of a device; a method that is not here is not used.
    package var methods = ConnectionMethod.allCases
    /// Exchanges at the same time.
    package var maximumConcurrent = 64
    /// Devices with a request under way or a refusal remembered.
    package var maximumDevices = 100_000
    /// Lines a minute about devices that did not call.
    package var failureLines = 120
    /// Persons who wait for a device at the same time.
    package var maximumWaiters = 1000

    package init() {}
  }

  /// Looks up where to ask; `nil` if the device cannot be asked.
  package typealias TargetLookup =
    @Sendable (Device.ID) async throws -> ConnectionRequestTarget?
  /// When a device's last session began, on whatever node, on the clock of the target's `contactedAt`.
  package typealias ContactLookup = @Sendable (Device.ID) async throws -> Double?

  struct Entry {
    var backoff: ConnectionRequestBackoff
    /// The round under way, with its number, by which what belongs to an older one is told apart.
    var plan: ConnectionRequestPlan?
    var round = 0
    var target: ConnectionRequestTarget?
    /// As it was when the device was last looked up; for log lines.
    var name: String?
    var timer: Task<Void, Never>?
    var waiters: [Int: Waiter] = [:]
    /// Whether somebody who does not wait wants the device to call.
    var isWanted = false
    /// That of the last round's target, to notice that a refusal is outdated.
    var fingerprint = 0

    var isBusy: Bool { plan != nil || timer != nil || !waiters.isEmpty }
  }

  struct Waiter {
    var continuation: CheckedContinuation<ConnectionReport, Never>
    var since: ContinuousClock.Instant
    var deadline: Task<Void, Never>
  }

  let configuration: Configuration
  let lookUp: TargetLookup
  let lastContact: ContactLookup
  let channels: [ConnectionMethod: ConnectionRequestChannel]
  let logger: Logger
  let clock = ContinuousClock()
  private let start = ContinuousClock.now

  var entries: [Device.ID: Entry] = [:]
  var habits: RecentTable<Device.ID, ConnectionRequestHabit>
  var queue = ConnectionRequestQueue()
  var running: [Int: Task<Void, Never>] = [:]
  var lastNumber = 0
  var waiterCount = 0
  var isShutDown = false
  var allowance: FailureLogAllowance
  /// The devices whose call is news to the requester; for callers who are on no actor.
  private let awaited = Mutex<Set<Device.ID>>([])

  /// What has been done so far.
  package internal(set) var counters = ConnectionRequestCounters()

  package init(
    configuration: Configuration = Configuration(),
    channels: [ConnectionMethod: ConnectionRequestChannel], logger: Logger,
    lastContact: @escaping ContactLookup = { _ in nil }, lookUp: @escaping TargetLookup
  ) {
    self.configuration = configuration
    self.channels = channels
    self.lookUp = lookUp
    self.lastContact = lastContact
    self.logger = logger
    habits = RecentTable(limit: configuration.maximumDevices)
    allowance = FailureLogAllowance(lines: configuration.failureLines, interval: 60)
  }

  /// Wants a device to call, now or after its interval; returns at once and retries by itself.
  package func request(_ id: Device.ID) {
    guard !isShutDown else { return }
    guard var entry = entry(of: id) else {
      counters.count(.failed(.overloaded, detail: ""))
      return
    }
    if entry.isWanted || entry.plan != nil { counters.coalesced += 1 }
    entry.isWanted = true
    let action = entry.backoff.request(now: now)
    put(entry, for: id)
    if action == .reject { recheckRefusal(of: id) } else { obey(action, for: id) }
  }

  /// Asks a device to call and waits until it does, until every method has failed, or for `timeout`.
  ///
  /// Joins a request under way. Neither the interval nor a refused credential holds it back, since a person asks.
  /// Cancelling the task ends the wait; the request itself goes on.
  package func connect(_ id: Device.ID, timeout: Duration) async -> ConnectionReport {
    lastNumber += 1
    let number = lastNumber
    return await withTaskCancellationHandler {
      await withCheckedContinuation { wait($0, number, for: id, timeout) }
    } onCancel: {
      Task { await self.giveUp(number, on: id, "the wait was called off") }
    }
  }

  /// The device has called; cheap where nobody asked it to, so it may be told of every session.
  package nonisolated func deviceCalled(_ id: Device.ID) {
    guard awaited.withLock({ $0.contains(id) }) else { return }
    Task { await noteCall(of: id) }
  }

  /// Aborts everything; waiting callers get `shutDown`.
  package func shutDown() {
    isShutDown = true
    for task in running.values { task.cancel() }
    for entry in entries.values {
      entry.timer?.cancel()
      for waiter in entry.waiters.values {
        waiter.deadline.cancel()
        waiter.continuation.resume(returning: Self.stopping(since: waiter.since))
      }
    }
    entries = [:]
    queue = ConnectionRequestQueue()
    awaited.withLock { $0 = [] }
  }

  // MARK: Persons

  private func wait(
    _ continuation: CheckedContinuation<ConnectionReport, Never>, _ number: Int,
    for id: Device.ID, _ timeout: Duration
  ) {
    let since = clock.now
    guard !isShutDown else {
      continuation.resume(returning: Self.stopping(since: since))
      return
    }
    guard waiterCount < configuration.maximumWaiters, var entry = entry(of: id) else {
      let detail = "more requests are waiting than the limits allow"
      counters.count(.failed(.overloaded, detail: detail))
      continuation.resume(
        returning: ConnectionReport(
          ending: .failed(.overloaded, detail: detail), duration: .zero))
      return
    }
    waiterCount += 1
    entry.waiters[number] = Waiter(
      continuation: continuation, since: since,
      deadline: Task { [weak self] in await self?.watch(id, for: number, until: since + timeout) })
    let action = entry.backoff.requestNow()
    put(entry, for: id)
    obey(action, for: id)
  }

  /// Looks whether the device has called on another node, until the time of one who waits is over.
  private func watch(_ id: Device.ID, for number: Int, until deadline: ContinuousClock.Instant)
    async
  {
    while !Task.isCancelled {
      let rest = deadline - clock.now
      guard rest > .zero else {
        giveUp(number, on: id, "the device has not called yet")
        return
      }
      try? await clock.sleep(for: min(rest, .seconds(2)))
      guard !Task.isCancelled else { return }
      await checkOtherNodes(for: id)
    }
  }

  /// Tells the device's call if another node has seen it since the round began.
  func checkOtherNodes(for id: Device.ID) async {
    guard let entry = entries[id], entry.plan != nil, let target = entry.target,
      let contactedAt = try? await lastContact(id), contactedAt > target.contactedAt ?? 0,
      entries[id]?.round == entry.round
    else { return }
    noteCall(of: id)
  }

  private func giveUp(_ number: Int, on id: Device.ID, _ detail: String) {
    guard var entry = entries[id], let waiter = entry.waiters.removeValue(forKey: number) else {
      return
    }
    entries[id] = entry
    let attempts = entry.plan?.attempts ?? []
    answer(
      waiter,
      ConnectionReport(
        ending: .failed(.noSession, detail: detail), attempts: attempts,
        duration: clock.now - waiter.since))
    forgetIfPossible(id)
  }

  func answer(_ waiter: Waiter, _ report: ConnectionReport) {
    waiterCount -= 1
    waiter.deadline.cancel()
    waiter.continuation.resume(returning: report)
  }

  private static func stopping(since: ContinuousClock.Instant) -> ConnectionReport {
    ConnectionReport(
      ending: .failed(.shutDown, detail: "the server is stopping"),
      duration: ContinuousClock.now - since)
  }

  // MARK: Entries

  var now: Double { (clock.now - start) / .seconds(1) }

  func put(_ entry: Entry, for id: Device.ID) {
    entries[id] = entry
    awaited.withLock { _ = $0.insert(id) }
  }

  func forgetIfPossible(_ id: Device.ID) {
    guard let entry = entries[id], !entry.isBusy, entry.backoff.isForgettable(now: now) else {
      return
    }
    entries[id] = nil
    awaited.withLock { _ = $0.remove(id) }
  }

  private func entry(of id: Device.ID) -> Entry? {
    if let entry = entries[id] { return entry }
    if entries.count >= configuration.maximumDevices {
      for id in entries.keys { forgetIfPossible(id) }
      guard entries.count < configuration.maximumDevices else { return nil }
    }
    return Entry(backoff: ConnectionRequestBackoff(policy: configuration.policy))
  }
}
