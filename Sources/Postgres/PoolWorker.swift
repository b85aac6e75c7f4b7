import Logging

/// The life of one thread of a pool and of its connection.
struct PoolWorker {
  private let core: PoolCore

  init(_ core: PoolCore) {
    self.core = core
  }

  func run() {
    var connection: Connection?
    var failures = 0
    defer { if connection?.handle != nil { countConnection(-1) } }
    while true {
      if connection?.handle == nil {
        do throws(PostgresError) {
          connection = try Connection(core.configuration, logger: core.logger)
          failures = 0
          connected()
        } catch {
          failures += 1
          if !pauseAfter(error, failures: failures) { return }
          continue
        }
      }
      guard let current = connection, waitForCaller() else { return }
      if !current.isAlive() {
        core.monitor.withLock { state in
          state.connected -= 1
          // The caller should get a connection that stands, if there's one.
          core.monitor.signal(PoolCore.Wait.forWork)
          core.wakeTimekeeper(&state)
        }
        continue
      }
      serve(current)
      if current.handle == nil { countConnection(-1) }
    }
  }

  /// - Returns: False if the pool closes.
  private func waitForCaller() -> Bool {
    core.monitor.withLock { $0.idle += 1 }
    let isWanted = core.monitor.wait(for: PoolCore.Wait.forWork) { state -> Bool? in
      if !state.isClosing && state.queue.first() == nil { return nil }
      state.idle -= 1
      return !state.isClosing
    }
    return isWanted ?? false
  }

  private func serve(_ connection: Connection) {
    let use = connection.canceller.beginUse()
    let job: (PoolTicket, PoolJob)? = core.monitor.withLock { state in
      guard let (ticket, job, _) = state.queue.first() else { return nil }
      state.queue.removeFirst()
      ticket.state = .running(connection.canceller, use: use)
      state.busy += 1
      return (ticket, job)
    }
    guard let (ticket, job) = job else { return }
    let tell = job.perform(connection)
    core.monitor.withLock { state in
      ticket.state = .done
      state.busy -= 1
    }
    connection.canceller.endUse()
    connection.rollBackOpenTransaction()
    tell()
  }

  private func connected() {
    core.monitor.withLock { state in
      state.connected += 1
      state.lastFailure = nil
    }
  }

  private func countConnection(_ change: Int) {
    core.monitor.withLock { $0.connected += change }
  }

  /// - Returns: False if the pool closes.
  private func pauseAfter(_ error: PostgresError, failures: Int) -> Bool {
    let pause = core.configuration.backoff.pause(failures: failures)
    let isNews = core.monitor.withLock { state in
      defer { state.lastFailure = error }
      if state.queue.count > state.idle { core.wakeTimekeeper(&state) }
      return state.lastFailure?.message != error.message
    }
    // One line per reason, not one per attempt and thread.
    if isNews {
      core.logger.warning("can't connect to PostgreSQL", metadata: ["reason": "\(error)"])
    }
    let isClosing: Void? = core.monitor.wait(
      for: PoolCore.Wait.forClosing, until: .now + pause
    ) { $0.isClosing ? () : nil }
    return isClosing == nil
  }
}
