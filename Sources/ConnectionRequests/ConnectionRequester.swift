import Fleet
import HTTPClient
import Logging

/// Asks devices to call: at most so many at a time, each device seldom, and never twice at once.
package actor ConnectionRequester {
  package struct Configuration: Sendable {
    package var rules = AddressRules()
    package var options = ConnectionRequestExchange.Options()
    package var policy = ConnectionRequestBackoff.Policy()
    /// Exchanges at the same time.
    package var maximumConcurrent = 64
    /// Devices with a request waiting or a refusal remembered.
    package var maximumDevices = 100_000

    package init() {}
  }

  /// Looks up where to ask; `nil` if the device cannot be asked.
  package typealias TargetLookup =
    @Sendable (Device.ID) async throws -> ConnectionRequestTarget?

  private struct Entry {
    var backoff: ConnectionRequestBackoff
    var timer: Task<Void, Never>?
    var waiters: [CheckedContinuation<ConnectionRequestResult, Never>] = []
    /// Whether somebody who does not wait wants the device to call.
    var isWanted = false
    /// A hash of URL and credential of the last attempt, to notice that a refusal is outdated.
    var fingerprint = 0

    var isBusy: Bool { timer != nil || !waiters.isEmpty }
  }

  private let configuration: Configuration
  private let lookUp: TargetLookup
  private let exchange: ConnectionRequestExchange
  private let client: HTTPClient
  private let logger: Logger
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  private var entries: [Device.ID: Entry] = [:]
  private var queue: [Device.ID] = []
  private var queueHead = 0
  private var running: [Device.ID: Task<Void, Never>] = [:]
  private var isShutDown = false
  private var allowance = FailureLogAllowance()

  /// What has been done so far.
  package private(set) var counters = ConnectionRequestCounters()

  package init(
    configuration: Configuration = Configuration(), logger: Logger, lookUp: @escaping TargetLookup
  ) {
    self.configuration = configuration
    self.lookUp = lookUp
    self.logger = logger
    var clientConfiguration = HTTPClient.Configuration()
    // A device is asked once in a while: no connection is worth keeping.
    clientConfiguration.maximumIdleConnections = configuration.maximumConcurrent
    clientConfiguration.userAgent = ""
    client = HTTPClient(configuration: clientConfiguration)
    exchange = ConnectionRequestExchange(
      client: client, rules: configuration.rules, options: configuration.options)
  }

  /// Wants a device to call, now or after its interval; returns at once and retries by itself.
  package func request(_ id: Device.ID) {
    guard !isShutDown else { return }
    guard var entry = entry(of: id) else {
      counters.count(.failed(.overloaded, detail: ""))
      return
    }
    if entry.isWanted || running[id] != nil { counters.coalesced += 1 }
    entry.isWanted = true
    let action = entry.backoff.request(now: now)
    entries[id] = entry
    if action == .reject { recheckRefusal(of: id) } else { obey(action, for: id) }
  }

  /// Asks a device to call and gives the first attempt's result; joins an attempt under way.
  package func requestNow(_ id: Device.ID) async -> ConnectionRequestResult {
    guard !isShutDown else { return .failed(.shutDown, detail: "the server is stopping") }
    guard entry(of: id) != nil else {
      let result = ConnectionRequestResult.failed(
        .overloaded, detail: "more than \(configuration.maximumDevices) devices are waiting")
      counters.count(result)
      return result
    }
    return await withCheckedContinuation { continuation in
      guard var entry = entry(of: id) else {
        continuation.resume(returning: .failed(.overloaded, detail: ""))
        return
      }
      entry.waiters.append(continuation)
      let action = entry.backoff.requestNow()
      entries[id] = entry
      obey(action, for: id)
    }
  }

  /// The device has called: a request that still waits for its time is dropped.
  package func deviceCalled(_ id: Device.ID) {
    guard var entry = entries[id] else { return }
    if entry.backoff.deviceCalled() {
      entry.timer?.cancel()
      entry.timer = nil
      entry.isWanted = false
    }
    entries[id] = entry
    forgetIfPossible(id)
  }

  /// Aborts everything; waiting callers get `shutDown`.
  package func shutDown() {
    isShutDown = true
    client.shutDown()
    for task in running.values { task.cancel() }
    for entry in entries.values {
      entry.timer?.cancel()
      for waiter in entry.waiters {
        waiter.resume(returning: .failed(.shutDown, detail: "the server is stopping"))
      }
    }
    entries = [:]
    queue = []
    queueHead = 0
  }

  // MARK: One device

  private var now: Double { (clock.now - start) / .seconds(1) }

  private func entry(of id: Device.ID) -> Entry? {
    if let entry = entries[id] { return entry }
    if entries.count >= configuration.maximumDevices {
      let now = now
      entries = entries.filter { !$0.value.backoff.isForgettable(now: now) || $0.value.isBusy }
      guard entries.count < configuration.maximumDevices else { return nil }
    }
    return Entry(backoff: ConnectionRequestBackoff(policy: configuration.policy))
  }

  private func obey(_ action: ConnectionRequestBackoff.Action, for id: Device.ID) {
    switch action {
    case .none, .end, .reject: break
    case .send:
      entries[id]?.timer?.cancel()
      entries[id]?.timer = nil
      queue.append(id)
      sendNext()
    case .wait(let until):
      entries[id]?.timer?.cancel()
      entries[id]?.timer = Task { [weak self, clock, delay = max(0, until - now)] in
        try? await clock.sleep(for: .seconds(delay))
        guard !Task.isCancelled else { return }
        await self?.timerFired(id)
      }
    }
  }

  private func timerFired(_ id: Device.ID) {
    guard var entry = entries[id] else { return }
    entry.timer = nil
    let action = entry.backoff.timerFired(now: now)
    entries[id] = entry
    obey(action, for: id)
  }

  /// A refused credential may have been changed since: only then is the device asked again.
  private func recheckRefusal(of id: Device.ID) {
    Task {
      guard let target = try? await lookUp(id), var entry = entries[id],
        entry.fingerprint != Self.fingerprint(target)
      else {
        entries[id]?.isWanted = false
        return
      }
      entry.backoff.credentialChanged()
      let action = entry.backoff.request(now: now)
      entries[id] = entry
      obey(action, for: id)
    }
  }

  // MARK: The queue

  private func sendNext() {
    while running.count < configuration.maximumConcurrent, queueHead < queue.count {
      let id = queue[queueHead]
      queueHead += 1
      guard entries[id] != nil, running[id] == nil else { continue }
      counters.attempts += 1
      running[id] = Task { [lookUp, exchange] in
        let target: ConnectionRequestTarget?
        let result: ConnectionRequestResult
        do {
          target = try await lookUp(id)
          if let target, !target.url.isEmpty {
            result = await exchange.run(target)
          } else {
            result = .failed(.noTarget, detail: "the device has told no connection request URL")
          }
        } catch {
          target = nil
          result = .failed(.noTarget, detail: "the device's record cannot be read")
        }
        finished(id, target, result)
      }
    }
    if queueHead > 1024, queueHead * 2 > queue.count {
      queue.removeFirst(queueHead)
      queueHead = 0
    }
  }

  private func finished(
    _ id: Device.ID, _ target: ConnectionRequestTarget?, _ result: ConnectionRequestResult
  ) {
    running[id] = nil
    defer { sendNext() }
    guard !isShutDown, var entry = entries[id] else { return }
    let waiters = entry.waiters
    entry.waiters = []
    entry.fingerprint = target.map(Self.fingerprint) ?? 0
    let action = entry.backoff.finished(
      result, now: now, random: Double.random(in: 0...1))
    if entry.isWanted, case .wait = action {
      // Retries go on for those who do not wait.
      entries[id] = entry
      obey(action, for: id)
    } else {
      // A person who asked gets one answer and decides; only standing wishes are retried.
      if case .wait = action { _ = entry.backoff.deviceCalled() }
      entry.isWanted = false
      entries[id] = entry
      counters.count(result)
      logFailure(result, target, id)
      forgetIfPossible(id)
    }
    for waiter in waiters { waiter.resume(returning: result) }
  }

  private func forgetIfPossible(_ id: Device.ID) {
    guard let entry = entries[id], !entry.isBusy, entry.backoff.isForgettable(now: now) else {
      return
    }
    entries[id] = nil
  }

  private func logFailure(
    _ result: ConnectionRequestResult, _ target: ConnectionRequestTarget?, _ id: Device.ID
  ) {
    guard case .failed(let failure, let detail) = result,
      let suppressed = allowance.take(now: now)
    else { return }
    var metadata: Logger.Metadata = [
      "device": "\(target?.deviceName ?? String(id))", "reason": "\(failure.rawValue)",
      "detail": "\(detail)",
    ]
    if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
    logger.warning("connection request failed", metadata: metadata)
  }

  private static func fingerprint(_ target: ConnectionRequestTarget) -> Int {
    var hasher = Hasher()
    hasher.combine(target.url)
    hasher.combine(target.username)
    hasher.combine(target.password)
    return hasher.finalize()
  }
}
