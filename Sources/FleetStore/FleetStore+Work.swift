import Fleet
import Postgres

extension FleetStore {
  static let holdState: SQL = """
    SELECT session, read_due FROM device_state WHERE device_id = $1 FOR NO KEY UPDATE
    """

  /// Brings a device's open tasks up to what its contact shows: a boot that a task waits for, the version that an upgrade was to
  /// bring, orders that an older session left unfinished.
  /// - Throws: ``StoreError`` `superseded` once a newer session has begun.
  package func observe(
    _ contact: Contact, of device: Device.ID, softwareVersion: String?
  ) async throws {
    try await withAgenda(of: device, session: contact.session) { agenda, policy, arrived, _ in
      let settled = agenda.receive(arrived, session: contact.session)
      return settled
        + agenda.receive(
          contact, softwareVersion: softwareVersion, now: contact.at, policy: policy)
    }
  }

  /// Commits the report that a transfer has ended.
  /// - Parameter random: 0..<1, for the jitter of retries.
  package func observe(
    _ report: TransferReport, of device: Device.ID, session: Int64, softwareVersion: String?,
    now: Double, random: Double
  ) async throws {
    try await withAgenda(of: device, session: session) { agenda, policy, arrived, _ in
      guard let task = agenda.match(report) else { return [] }
      var report = report
      report.file = arrived[task.id]
      guard
        let changed = task.observing(
          transfer: report, softwareVersion: softwareVersion, now: now, policy: policy,
          random: random)
      else { return [] }
      return [changed]
    }
  }

  /// Commits the report that changes of software have ended.
  /// - Parameter random: 0..<1, for the jitter of retries.
  package func observe(
    _ report: SoftwareReport, of device: Device.ID, session: Int64, now: Double, random: Double
  ) async throws {
    try await withAgenda(of: device, session: session) { agenda, policy, _, _ in
      guard let task = agenda.match(software: report),
        let changed = task.observing(software: report, now: now, policy: policy, random: random)
      else { return [] }
      return [changed]
    }
  }

  /// Commits the report that a command has ended.
  /// - Returns: whether a task of the device waited for it.
  @discardableResult
  package func observe(
    _ report: CommandReport, of device: Device.ID, session: Int64, now: Double, random: Double
  ) async throws -> Bool {
    let changed = try await withAgenda(of: device, session: session) { agenda, policy, _, _ in
      guard let task = agenda.match(command: report),
        let changed = task.observing(command: report, now: now, policy: policy, random: random)
      else { return [] }
      return [changed]
    }
    return !changed.isEmpty
  }

  /// Takes the next task of a device that is due, and notes that it runs, before anything is sent.
  ///
  /// A rollout's task whose place was given to another device meanwhile is put off where no place is free. While others give
  /// places of that rollout away, it waits its turn for ``Settings/rolloutPlaceWait``.
  /// - Returns: the task and the policy that holds for it; nil where nothing is due.
  /// - Throws: ``StoreError`` with `unavailable` where its turn does not come.
  package func claim(_ device: Device.ID, session: Int64, now: Double) async throws -> (
    task: DeviceTask, policy: TaskPolicy
  )? {
    guard let task = try await claimInTurn(device, session: session, now: now) else { return nil }
    return (task, try await policy(for: task))
  }

  private func claimInTurn(_ device: Device.ID, session: Int64, now: Double) async throws
    -> DeviceTask?
  {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(settings.rolloutPlaceWait)
    let turn = RolloutTurns.Holder(rolloutTurns)
    defer { turn.giveBack() }
    while true {
      do {
        return try await claimAtOnce(device, session: session, turn: turn, now: now)
      } catch let busy as BusyRollout {
        repeat {
          guard clock.now < end else {
            throw StoreError(
              .unavailable, "a rollout was being worked on for too long",
              underlying: busy.underlying)
          }
          // Neither a row nor a connection is held meanwhile.
          try await clock.sleep(for: .milliseconds(Int.random(in: 20...100)))
        } while !turn.take(busy.id)
      }
    }
  }

  private func claimAtOnce(
    _ device: Device.ID, session: Int64, turn: RolloutTurns.Holder, now: Double
  ) async throws -> DeviceTask? {
    let changed = try await withAgenda(of: device, session: session) { agenda, _, _, connection in
      var changed = agenda.pointless()
      for task in changed { agenda.update(task) }
      while case .task(let task) = agenda.next(now: now, session: session) {
        guard
          let reason = try self.hindrance(toStarting: task, turn: turn, now: now, on: connection)
        else {
          return changed + [task.started(session: session, now: now)]
        }
        let postponed = task.postponed(
          until: now + self.settings.rolloutPlacePause, because: reason)
        agenda.update(postponed)
        changed.append(postponed)
      }
      return changed
    }
    return changed.first { $0.state == .running }
  }

  /// Runs a decision over a device's open tasks and the files that have arrived for them,
  /// while nobody else can change them, and commits what it returns.
  @discardableResult
  private func withAgenda(
    of device: Device.ID, session: Int64,
    _ decide:
      @escaping @Sendable (
        inout Agenda, TaskPolicy, _ arrived: [DeviceTask.ID: String], Connection
      ) throws -> [DeviceTask]
  ) async throws -> [DeviceTask] {
    do {
      return try await pool.transaction { connection in
        let results = try connection.pipeline([
          Statement(Self.holdState, .int8(device)), Statement(Self.selectOpenTasks, .int8(device)),
        ])
        guard let state = results[0].first, try state.int64(0) == session else {
          throw StoreError(.superseded, "a newer session of the device has begun")
        }
        // A reading of the tree is the session's business; the agenda is asked for tasks alone.
        let tasks = try results[1].map(TaskRows.task(from:))
        var agenda = Agenda(tasks: tasks, readDue: nil)
        // A rollout has its own times, and a device is in the midst of one at most.
        let policy =
          try tasks.first { $0.rolloutID != nil }.map { try self.policy(for: $0, on: connection) }
          ?? self.settings.policy
        let arrived = try Self.arrived(
          for: tasks.filter { $0.operation.kind == .upload && $0.attempts > 0 }.map(\.id),
          of: device, on: connection)
        let changed = try decide(&agenda, policy, arrived, connection)
        if !changed.isEmpty {
          // That a rollout still has no place is no news.
          let known = Set(tasks.filter(\.hasFoundNoPlace).map(\.id))
          let untold = Set(changed.filter(\.hasFoundNoPlace).map(\.id)).intersection(known)
          _ = try connection.pipeline(TaskRows.update(changed, untold: untold))
        }
        return changed
      }
    } catch let error as PostgresError {
      throw StoreError(error)
    }
  }
}
