import Fleet
import Postgres

extension FleetStore {
  private static let holdRollout: SQL = """
    SELECT rollout_id, state FROM rollout WHERE name = $1 FOR UPDATE
    """

  private static func hold(_ name: String, on connection: Connection) throws
    -> (id: Int64, state: RolloutState)
  {
    guard let row = try connection.query(Statement(holdRollout, .text(name))).first else {
      throw StoreError(.notFound, "there is no rollout “\(name)”")
    }
    guard let state = RolloutState(rawValue: try row.string(1)) else {
      throw StoreError(
        .damaged, "the rollout “\(name)” is in a state that this release does not know")
    }
    return (try row.int64(0), state)
  }

  private static func audit(_ action: String, _ name: String, by actor: String) -> Statement {
    AuditEntry(actor: actor, action: "rollout.\(action)", target: "rollout/\(name)").statement
  }

  /// Starts no further device; those under way go on. Changes nothing where it is paused already.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has ended.
  package func pauseRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      switch state {
      case .paused: return
      case .done, .cancelled:
        throw StoreError(.conflict, "the rollout “\(name)” has ended: \(state.rawValue)")
      case .running:
        _ = try connection.pipeline([
          Statement(
            "UPDATE rollout SET state = 'paused', reason = $2 WHERE rollout_id = $1", .int8(id),
            .text("Paused by \(actor).")),
          Self.audit("pause", name, by: actor),
        ])
      }
    }
  }

  private static let resume: SQL = """
    UPDATE rollout r
    SET state = 'running', reason = NULL,
      accepted_failures = (
        SELECT count(*) FROM rollout_target t
        WHERE t.rollout_id = r.rollout_id AND t.state = 'failed')
    WHERE r.rollout_id = $1
    """

  /// Goes on; the failures until now do not pause it again. Changes nothing where it is running.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has ended.
  package func resumeRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      switch state {
      case .running: return
      case .done, .cancelled:
        throw StoreError(.conflict, "the rollout “\(name)” has ended: \(state.rawValue)")
      case .paused:
        _ = try connection.pipeline([
          Statement(Self.resume, .int8(id)), Self.audit("resume", name, by: actor),
        ])
      }
    }
  }

  private static let selectQueuedDevices: SQL = """
    SELECT device_id FROM task
    WHERE rollout_id = $1 AND state = 'queued'
    ORDER BY device_id
    """

  private static let holdQueued: SQL = """
    SELECT device_id, task_id, kind, arguments, state, waiting_for, attempts, max_attempts, due_at,
      deadline, session, result, fault, rollout_id
    FROM task
    WHERE device_id = ANY ($1) AND rollout_id = $2 AND state = 'queued'
    ORDER BY device_id, task_id
    FOR NO KEY UPDATE
    """

  private static let cancelPending: SQL = """
    UPDATE rollout_target SET state = 'cancelled', updated_at = now()
    WHERE rollout_id = $1 AND state IN ('pending', 'preparing', 'prepared')
    """

  private static let endCancelled: SQL = """
    UPDATE rollout SET state = 'cancelled', reason = $2, ended_at = now() WHERE rollout_id = $1
    """

  /// Ends it: devices that have not been sent their order are left alone; those that have taken it go on, and their targets
  /// tell how they ended.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has ended.
  package func cancelRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      guard state == .running || state == .paused else {
        throw StoreError(.conflict, "the rollout “\(name)” has ended: \(state.rawValue)")
      }
      let devices = try connection.query(Statement(Self.selectQueuedDevices, .int8(id))).map {
        try $0.int64(0)
      }
      if !devices.isEmpty {
        try connection.query(Statement(Self.holdDevices, .int8Array(devices)))
        let cancelled = try connection.query(
          Statement(Self.holdQueued, .int8Array(devices), .int8(id))
        ).compactMap { try TaskRows.task(from: $0).cancelled() }
        if !cancelled.isEmpty { _ = try connection.pipeline(TaskRows.update(cancelled)) }
      }
      _ = try connection.pipeline([
        Statement(Self.cancelPending, .int8(id)),
        Statement(Self.endCancelled, .int8(id), .text("Cancelled by \(actor).")),
        Self.audit("cancel", name, by: actor),
      ])
      try Self.settleTargets(of: id, on: connection)
    }
  }

  private static let countActive: SQL = """
    SELECT count(*) FROM rollout_target WHERE rollout_id = $1 AND state = 'active'
    """

  /// Forgets a rollout that has ended; its tasks stay in the devices' histories.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has not ended, or devices still carry it out.
  package func deleteRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      guard state == .done || state == .cancelled else {
        throw StoreError(.conflict, "the rollout “\(name)” has not ended: cancel it first")
      }
      let active = try connection.query(Statement(Self.countActive, .int8(id))).first?.int(0) ?? 0
      guard active == 0 else {
        throw StoreError(
          .conflict, "\(active) devices are still carrying out the rollout “\(name)”")
      }
      _ = try connection.pipeline([
        Statement("DELETE FROM rollout_target WHERE rollout_id = $1", .int8(id)),
        Statement("DELETE FROM rollout WHERE rollout_id = $1", .int8(id)),
        Self.audit("delete", name, by: actor),
      ])
    }
  }
}
