import Logging

/// What the threads of a pool share with its callers.
final class PoolCore: Sendable {
  struct State {
    var queue = PoolQueue()
    var isClosing = false
    /// Threads that wait for a caller.
    var idle = 0
    var busy = 0
    var connected = 0
    var threads = 0
    var lastFailure: PostgresError?
    /// True while the timekeeper sleeps without end.
    var isTimekeeperAsleep = false
    var isTimekeeperWanted = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  /// Conditions of the monitor.
  enum Wait {
    static let forWork = 0
    static let forClosing = 1
    static let forTime = 2
    static let count = 3
  }

  let configuration: ConnectionConfiguration
  let limits: PoolLimits
  let logger: Logger
  let monitor = Monitor(State(), conditions: Wait.count)

  init(_ configuration: ConnectionConfiguration, limits: PoolLimits, logger: Logger) {
    self.configuration = configuration
    self.limits = limits
    self.logger = logger
  }

  func start() throws(PostgresError) {
    for number in 1...limits.connections {
      try startThread(name: "postgres \(number)") { PoolWorker(self).run() }
    }
    try startThread(name: "postgres time") { self.keepTime() }
  }

  private func startThread(name: String, _ body: @escaping @Sendable () -> Void)
    throws(PostgresError)
  {
    monitor.withLock { $0.threads += 1 }
    do throws(PostgresError) {
      try OwnThread.start(name: name) {
        body()
        self.threadEnded()
      }
    } catch {
      threadEnded()
      throw error
    }
  }

  private func threadEnded() {
    let closers = monitor.withLock { state in
      state.threads -= 1
      guard state.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.closers = [] }
      return state.closers
    }
    for closer in closers { closer.resume() }
  }

  var status: PoolStatus {
    monitor.withLock { state in
      PoolStatus(
        connected: state.connected, busy: state.busy, waiting: state.queue.count,
        lastFailure: state.lastFailure)
    }
  }

  // MARK: Callers

  func enqueue(_ job: PoolJob) {
    let deadline = MonotonicTime.now + limits.waitTimeout
    let refusal: PostgresError? = monitor.withLock { state in
      if case .done = job.ticket.state { return Self.cancelled }
      if state.isClosing { return Self.closed }
      // A caller for whom a thread is idle doesn't really wait.
      if state.queue.count >= limits.waitingCallers + state.idle {
        return PostgresError(
          .queueFull, "\(limits.waitingCallers) callers wait for a connection already")
      }
      job.ticket.state = .waiting(job, deadline: deadline)
      state.queue.append(job.ticket)
      if state.idle > 0 { monitor.signal(Wait.forWork) }
      if state.queue.count > state.idle { wakeTimekeeper(&state) }
      return nil
    }
    if let refusal { job.fail(refusal) }
  }

  func cancel(_ ticket: PoolTicket) {
    let action: (@Sendable () -> Void)? = monitor.withLock { state in
      switch ticket.state {
      case .new:
        ticket.state = .done
        return nil
      case .waiting(let job, _):
        ticket.state = .done
        state.queue.forgetOne()
        return { job.fail(Self.cancelled) }
      case .running(let canceller, let use):
        return {
          // The request blocks, which a task's thread must not. If there's no thread for it, the
          // statement runs to its end or its time limit.
          try? OwnThread.start(name: "postgres cancel") { canceller.cancel(use: use) }
        }
      case .done:
        return nil
      }
    }
    action?()
  }

  func beginClosing() {
    let waiting: [PoolJob] = monitor.withLock { state in
      state.isClosing = true
      var jobs: [PoolJob] = []
      while let (ticket, job, _) = state.queue.first() {
        ticket.state = .done
        state.queue.removeFirst()
        jobs.append(job)
      }
      for condition in 0..<Wait.count { monitor.broadcast(condition) }
      return jobs
    }
    for job in waiting { job.fail(Self.closed) }
  }

  func waitUntilClosed() async {
    await withCheckedContinuation { continuation in
      let isClosed = monitor.withLock { state in
        if state.threads == 0 { return true }
        state.closers.append(continuation)
        return false
      }
      if isClosed { continuation.resume() }
    }
  }

  private static let cancelled = PostgresError(.cancelled, "the task was cancelled")
  private static let closed = PostgresError(.closed, "the pool of connections is closed")

  // MARK: Time

  func wakeTimekeeper(_ state: inout State) {
    guard state.isTimekeeperAsleep else { return }
    state.isTimekeeperWanted = true
    monitor.signal(Wait.forTime)
  }

  /// Refuses the callers whose time is up. All have the same patience, so the first is the next.
  private func keepTime() {
    while true {
      let (expired, next, isClosing) = monitor.withLock { state in
        let now = MonotonicTime.now
        var expired: [(PoolJob, PostgresError)] = []
        while let (ticket, job, deadline) = state.queue.first(), deadline <= now {
          ticket.state = .done
          state.queue.removeFirst()
          expired.append((job, refusal(state)))
        }
        let next = state.queue.first()?.deadline
        state.isTimekeeperAsleep = next == nil
        state.isTimekeeperWanted = false
        return (expired, next, state.isClosing)
      }
      for (job, error) in expired { job.fail(error) }
      if isClosing { return }
      monitor.wait(for: Wait.forTime, until: next) { state in
        state.isClosing || state.isTimekeeperWanted ? () : nil
      }
    }
  }

  private func refusal(_ state: State) -> PostgresError {
    if state.connected == 0, var failure = state.lastFailure {
      failure.message = "PostgreSQL can't be reached: \(failure.message)"
      return failure
    }
    return PostgresError(.timedOut, "no connection became free within \(limits.waitTimeout)")
  }
}
