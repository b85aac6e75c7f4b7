import Fleet
import Logging
import Postgres

extension FleetStore {
  /// Pending targets that are looked at in one transaction, at least; most of those that run the version already are
  /// passed over together.
  private static let sliceSize = 1000

  private static let selectUnfinished: SQL = """
    SELECT rollout_id
    FROM rollout r
    WHERE state IN ('running', 'paused')
      OR (state = 'cancelled' AND EXISTS (
        SELECT FROM rollout_target t WHERE t.rollout_id = r.rollout_id AND t.state = 'active'))
    ORDER BY rollout_id
    """

  /// Takes every rollout as far as it goes now: takes over how targets ended, pauses after too many failures, starts the
  /// next devices, and ends it after the last.
  ///
  /// Any number of nodes may call it at any time: a rollout that another node takes further is left to it. Each slice is one
  /// transaction, so that a node may die at any moment.
  ///
  /// - Parameter now: seconds since 1970.
  /// - Returns: the devices that have been given a task and may be asked to call.
  package func advanceRollouts(now: Double) async throws -> [Device.ID] {
    var started: [Device.ID] = []
    for row in try await query(Statement(Self.selectUnfinished)) {
      let id = try row.int64(0)
      do {
        while true {
          let progress = try await transaction { try self.advance(id, now: now, on: $0) }
          started += progress.started
          if !progress.goesOn { break }
        }
      } catch is CancellationError {
        return started
      } catch let error as StoreError where error.underlying?.isLockTimeout == true {
        // An operator changes it at this moment; the next turn is soon.
        continue
      } catch {
        // One that can't go on must not hold up the others.
        logger.error(
          "a rollout can't be advanced", metadata: ["rollout": "\(id)", "error": "\(error)"])
      }
    }
    return started
  }

  private struct Progress: Sendable {
    var started: [Device.ID] = []
    /// True where another slice may follow at once.
    var goesOn = false
  }

  // Held for the transaction: one node at a time takes a rollout further.
  private static let takeTurn: SQL = """
    SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2))
    """

  private static let holdRolloutForTurn: SQL = """
    SELECT name, spec, state, accepted_failures, created_at
    FROM rollout
    WHERE rollout_id = $1
    FOR UPDATE
    """

  private static let countTargets: SQL = """
    SELECT state, count(*) FROM rollout_target WHERE rollout_id = $1 GROUP BY state
    """

  private func advance(_ id: Int64, now: Double, on connection: Connection) throws -> Progress {
    guard
      try connection.query(
        Statement(Self.takeTurn, .text("rollout \(id)"), AdvisoryLock.rolloutTurn.parameter)
      ).first?.bool(0) == true,
      let row = try Self.querySoon(
        Statement(Self.holdRolloutForTurn, .int8(id)),
        within: Int(settings.rolloutTurnWait * 1_000), on: connection
      ).first,
      let state = RolloutState(rawValue: try row.string("state")), state != .done
    else { return Progress() }
    try Self.settleTargets(of: id, on: connection)
    guard state != .cancelled else { return Progress() }

    let name = try row.string("name")
    let spec = try Self.spec(from: row.json("spec"), of: name)
    var counts = RolloutCounts()
    for row in try connection.query(Statement(Self.countTargets, .int8(id))) {
      counts[try Self.targetState(try row.string(0))] = try row.int(1)
    }
    let places = counts.active > 0 ? try places(of: id, now: now, on: connection) : Places()
    let free = spec.concurrency - places.taken
    var progress = Progress()
    if state == .running, places.postponed > 0, free > 0 {
      progress.started = try recall(free, of: id, now: now, on: connection)
    }
    var plan = RolloutPlan(
      spec: spec, counts: counts, acceptedFailures: Int(try row.int32("accepted_failures")),
      absent: places.absent, maxAbsent: settings.rolloutMaxAbsent)
    if spec.prepare != nil {
      plan.preparation = try preparation(
        of: id, since: row.timestamp("created_at"), counts, now: now, on: connection)
    }
    if state == .running, counts.preparing > 0, !plan.isPreparing(now: now) {
      try withdrawPreparations(of: id, on: connection)
    }
    switch plan.step(now: now) {
    case .wait:
      return progress
    case .finish:
      _ = try connection.pipeline([
        Statement(
          "UPDATE rollout SET state = 'done', reason = NULL, ended_at = now() WHERE rollout_id = $1",
          .int8(id)),
        AuditEntry(actor: "system", action: "rollout.finish", target: "rollout/\(name)").statement,
      ])
      return progress
    case .pause(let reason):
      guard state == .running else { return progress }
      _ = try connection.pipeline([
        Statement(
          "UPDATE rollout SET state = 'paused', reason = $2 WHERE rollout_id = $1", .int8(id),
          .text(reason)),
        AuditEntry(
          actor: "system", action: "rollout.pause", target: "rollout/\(name)",
          detail: ["reason": reason]
        ).statement,
      ])
      return progress
    case .prepare(let count), .start(let count):
      guard state == .running else { return progress }
      let isAhead = plan.isPreparing(now: now)
      let started = try start(
        count, ahead: isAhead, of: id, name, spec, now: now, on: connection)
      progress.started += started.started
      progress.goesOn = started.goesOn
      return progress
    }
  }

  // MARK: - Ends

  private static let selectEnded: SQL = """
    SELECT t.device_id, t.task_id, t.kind, t.arguments, t.state, t.waiting_for, t.attempts,
      t.max_attempts, t.due_at, t.deadline, t.session, t.result, t.fault, t.rollout_id,
      rt.state AS target
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.state IN ('active', 'preparing')
      AND t.state IN ('done', 'failed', 'expired', 'cancelled')
    """

  private static let updateTargets: SQL = """
    UPDATE rollout_target rt
    SET state = u.state, detail = u.detail, task_id = COALESCE(u.task_id, rt.task_id),
      from_version = COALESCE(u.from_version, rt.from_version), updated_at = now()
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[])
      AS u (device_id, state, detail, task_id, from_version)
    WHERE rt.rollout_id = $1 AND rt.device_id = u.device_id
    """

  /// What a target becomes.
  private struct TargetChange {
    var device: Device.ID
    var state: RolloutTarget.State
    var detail: String?
    var task: DeviceTask.ID?
    var fromVersion: String?
  }

  private static func update(_ changes: [TargetChange], of id: Int64) -> Statement {
    Statement(
      updateTargets, .int8(id), .int8Array(changes.map(\.device)),
      .textArray(changes.map(\.state.rawValue)), .textArray(changes.map(\.detail)),
      .int8Array(changes.map(\.task)), .textArray(changes.map(\.fromVersion)))
  }

  /// Lets targets end as their tasks ended; the transaction must hold the rollout's row.
  static func settleTargets(of id: Int64, on connection: Connection) throws {
    let ended = try connection.query(Statement(selectEnded, .int8(id)))
    let changes = try ended.compactMap { row -> TargetChange? in
      let task = try TaskRows.task(from: row)
      let end =
        try targetState(try row.string("target")) == .preparing
        ? RolloutTarget.endOfPreparation(by: task) : RolloutTarget.end(of: task)
      return end.map {
        TargetChange(device: task.deviceID, state: $0.state, detail: $0.detail)
      }
    }
    if !changes.isEmpty { try connection.query(update(changes, of: id)) }
  }

  // MARK: - Starts

  // Those that have the image come first: they are done soon, and may lose it while they wait.
  private static let selectPending: SQL = """
    SELECT rt.device_id, v.value, rt.state
    FROM (
      (SELECT device_id, state FROM rollout_target
        WHERE rollout_id = $1 AND state = 'prepared' ORDER BY device_id LIMIT $3)
      UNION ALL
      (SELECT device_id, state FROM rollout_target
        WHERE rollout_id = $1 AND state = 'pending' ORDER BY device_id LIMIT $3)
    ) AS rt
    LEFT JOIN device_fact v ON v.device_id = rt.device_id AND v.fact_id = $2
    ORDER BY rt.state DESC, rt.device_id
    LIMIT $3
    """

  private static let selectUntried: SQL = """
    SELECT rt.device_id, v.value, rt.state
    FROM rollout_target rt
    LEFT JOIN device_fact v ON v.device_id = rt.device_id AND v.fact_id = $2
    WHERE rt.rollout_id = $1 AND rt.state = 'pending' AND rt.task_id IS NULL
    ORDER BY rt.device_id
    LIMIT $3
    """

  /// Gives the next targets their tasks, at most `count`.
  /// - Parameter isAhead: only let them load the image.
  private func start(
    _ count: Int, ahead isAhead: Bool, of id: Int64, _ name: String, _ spec: RolloutSpec,
    now: Double, on connection: Connection
  ) throws -> Progress {
    let rows = try connection.query(
      Statement(
        isAhead ? Self.selectUntried : Self.selectPending, .int8(id),
        .int2(facts.id(named: Facts.softwareVersion)),
        .int8(Int64(max(count, Self.sliceSize)))))
    var changes: [TargetChange] = []
    var versions: [Device.ID: String?] = [:]
    var prepared: Set<Device.ID> = []
    for row in rows {
      if versions.count == count { break }
      let device = try row.int64(0)
      let version = try row.optionalString(1)
      switch RolloutTarget.decide(spec, facts: version.map { [Facts.softwareVersion: $0] } ?? [:]) {
      case .skip(let reason):
        changes.append(
          TargetChange(device: device, state: .skipped, detail: reason, fromVersion: version))
      case .start(let fromVersion):
        versions[device] = fromVersion
        if try row.string(2) == RolloutTarget.State.prepared.rawValue { prepared.insert(device) }
      }
    }
    var created: [CreatedTask] = []
    if !versions.isEmpty {
      // A device that somebody works on at this moment gets its turn in a later run.
      let held = try connection.query(
        Statement(Self.holdDevicesAtLeisure, .int8Array(versions.keys.sorted()))
      ).map { try $0.int64(0) }
      let policy = spec.taskPolicy(basedOn: settings.policy)
      for (stage, devices) in [
        (DownloadOrder.Stage.start, held.filter(prepared.contains)),
        (isAhead ? .load : .whole, held.filter { !prepared.contains($0) }),
      ] where !devices.isEmpty {
        created += try Self.insert(
          TaskRequest(
            operation: spec.operation(stage), dueAt: now,
            deadline: now + policy.lifetime(of: .download), maxAttempts: policy.maxAttempts),
          for: devices, rollout: id, orderedBy: "rollout \(name)", on: connection)
      }
      changes += created.map {
        TargetChange(
          device: $0.device, state: isAhead ? .preparing : .active, task: $0.task,
          fromVersion: versions[$0.device] ?? nil)
      }
    }
    guard !changes.isEmpty else { return Progress() }
    try connection.query(Self.update(changes, of: id))
    return Progress(started: created.map(\.device), goesOn: true)
  }
}
