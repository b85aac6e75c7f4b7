import Glibc
import Logging

/// The server process of a private cluster: started, started again when it dies, stopped.
final class Postmaster: Sendable {
  struct State {
    var process: pid_t?
    var isStopping = false
    /// Why the last process ended, until the next is started.
    var lastEnding: ChildProcess.Ending?
    /// The keeper's thread is there.
    var isKept = false
    var wasReady = false
    var spawnFailure: PostgresError?
  }

  struct Plan: Sendable {
    let arguments: [String]
    let account: ServerAccount?
    let dataDirectory: String
    /// Takes what the server says before it has its own log.
    let startLog: String
    /// The signal for the server when this process ends without stopping it.
    let signalAtParentsEnd: String
  }

  private let plan: Plan
  private let logger: Logger
  private let monitor = Monitor(State())
  private static let backoff = Backoff(shortest: .milliseconds(200), longest: .seconds(10))

  /// How long a server may take to recover after a crash.
  static let startTimeout: Duration = .seconds(300)
  /// How long a fast shutdown may take before the server is ended without ceremony.
  static let stopTimeout: Duration = .seconds(60)
  private static let attemptsToStart = 20

  init(_ plan: Plan, logger: Logger) {
    self.plan = plan
    self.logger = logger
  }

  var process: pid_t? { monitor.withLock { $0.process } }

  /// Starts the server and waits until it takes connections.
  func start() throws(PostgresError) {
    monitor.withLock { $0.isKept = true }
    do throws(PostgresError) {
      // The thread that starts the server must live as long: its end ends the server.
      try OwnThread.start(name: "postgres keeper") { self.keep() }
    } catch {
      monitor.withLock { $0.isKept = false }
      throw error
    }
    let deadline = MonotonicTime.now + Self.startTimeout
    while true {
      let (isKept, failure) = monitor.withLock { ($0.isKept, $0.spawnFailure) }
      if isServing {
        monitor.withLock { $0.wasReady = true }
        return
      }
      if !isKept {
        throw failure ?? PostgresError(.cluster, "PostgreSQL doesn't start: \(reason)")
      }
      if deadline < .now {
        try stop()
        throw PostgresError(.cluster, "PostgreSQL was not ready within \(Self.startTimeout)")
      }
      let _: Void? = monitor.wait(until: .now + .milliseconds(10)) { $0.isKept ? nil : () }
    }
  }

  /// Ends all sessions, writes a checkpoint, stops the server and waits for its end.
  func stop() throws(PostgresError) {
    monitor.withLock { state in
      state.isStopping = true
      if let process = state.process { kill(process, SIGINT) }
      monitor.broadcast()
    }
    if waitForEnd(Self.stopTimeout) { return }
    logger.error("PostgreSQL doesn't stop, it is ended at once and will recover when next started")
    monitor.withLock { state in
      if let process = state.process { kill(process, SIGQUIT) }
    }
    if waitForEnd(.seconds(10)) { return }
    throw PostgresError(.cluster, "PostgreSQL can't be stopped")
  }

  /// Ends the server without a checkpoint.
  func stopAtOnce() throws(PostgresError) {
    monitor.withLock { state in
      state.isStopping = true
      if let process = state.process { kill(process, SIGQUIT) }
      monitor.broadcast()
    }
    if !waitForEnd(.seconds(10)) { throw PostgresError(.cluster, "PostgreSQL can't be stopped") }
  }

  /// Leaves the server alone from now on: when it ends, it's not started again.
  func abandon() {
    monitor.withLock { $0.isStopping = true }
  }

  private func waitForEnd(_ patience: Duration) -> Bool {
    monitor.wait(until: .now + patience) { $0.isKept ? nil : true } ?? false
  }

  private var isServing: Bool {
    guard let process, let file = PostmasterFile.read(in: plan.dataDirectory) else { return false }
    return file.process == process && file.isReady
  }

  /// What the server said last.
  private var reason: String {
    let text = LocalFile.tail(plan.startLog) ?? ""
    return PostgresError.trimmed(String(text.suffix(1500)))
  }

  // MARK: The keeper's thread

  private func keep() {
    var failures = 0
    while true {
      guard let process = spawn() else { break }
      let started = MonotonicTime.now
      let ending = ChildProcess.wait(process)
      let (isStopping, wasReady) = monitor.withLock { state in
        state.process = nil
        state.lastEnding = ending
        return (state.isStopping, state.wasReady)
      }
      if isStopping { break }
      failures = MonotonicTime.now - started > .seconds(60) ? 1 : failures + 1
      if wasReady {
        logger.error("the private PostgreSQL \(ending), starting it again")
      } else if !isLeftOverInTheWay || failures >= Self.attemptsToStart {
        break
      }
      let pause = Self.backoff.pause(failures: failures)
      let isOver = monitor.wait(until: .now + pause) { $0.isStopping ? true : nil } ?? false
      if isOver { break }
    }
    monitor.withLock { state in
      state.isKept = false
      monitor.broadcast()
    }
  }

  private func spawn() -> pid_t? {
    do throws(PostgresError) {
      let output = try ChildProcess.openLog(plan.startLog)
      defer { close(output) }
      // The lock keeps `stop` from missing a server that is being started.
      var failure: PostgresError?
      let process: pid_t? = monitor.withLock { state in
        if state.isStopping { return nil }
        do throws(PostgresError) {
          state.process = try ChildProcess.spawn(
            plan.arguments, account: plan.account, signalAtParentsEnd: plan.signalAtParentsEnd,
            output: output)
        } catch {
          failure = error
        }
        return state.process
      }
      if let failure { throw failure }
      return process
    } catch {
      logger.error("the private PostgreSQL can't be started", metadata: ["reason": "\(error)"])
      monitor.withLock { $0.spawnFailure = error }
      return nil
    }
  }

  /// After a server was killed, its sessions live on for a moment, and PostgreSQL waits for no one.
  private var isLeftOverInTheWay: Bool {
    reason.contains("pre-existing shared memory block")
  }
}
