import Fleet
import Postgres

/// The stage of a rollout in which devices load the image ahead of their turns.
///
/// A target that is pending and has a task has been through it in vain.
extension FleetStore {
  private static let countUntried: SQL = """
    SELECT count(*) FROM rollout_target
    WHERE rollout_id = $1 AND state = 'pending' AND task_id IS NULL
    """

  /// The transaction must hold the rollout's row.
  func preparation(
    of id: Int64, since began: Double, _ counts: RolloutCounts, now: Double,
    on connection: Connection
  ) throws -> RolloutPlan.Preparation {
    let untried =
      counts.pending > 0
      ? try connection.query(Statement(Self.countUntried, .int8(id))).first?.int(0) ?? 0 : 0
    let absent =
      counts.preparing > 0
      ? try places(of: id, in: .preparing, now: now, on: connection).absent : 0
    return RolloutPlan.Preparation(began: began, untried: untried, absent: absent)
  }

  /// Preparations that are taken back in one transaction, at most.
  private static let withdrawnAtOnce: Int64 = 1000

  private static let selectQueuedPreparations: SQL = """
    SELECT t.device_id
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.state = 'preparing' AND t.state = 'queued'
    ORDER BY t.device_id
    LIMIT $2
    """

  private static let holdQueuedPreparations: SQL = """
    SELECT t.device_id, t.task_id, t.kind, t.arguments, t.state, t.waiting_for, t.attempts,
      t.max_attempts, t.due_at, t.deadline, t.session, t.result, t.fault, t.rollout_id
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.device_id = ANY ($2) AND rt.state = 'preparing'
      AND t.state = 'queued'
    ORDER BY t.device_id
    FOR NO KEY UPDATE OF t
    """

  /// The stage is over: who has not begun to load the image does so on its turn. Who is at it goes on, and has its turn afterwards.
  ///
  /// The transaction must hold the rollout's row.
  func withdrawPreparations(of id: Int64, on connection: Connection) throws {
    let devices = try connection.query(
      Statement(Self.selectQueuedPreparations, .int8(id), .int8(Self.withdrawnAtOnce))
    ).map { try $0.int64(0) }
    guard !devices.isEmpty else { return }
    // One that is in a session at this moment is left to a later run.
    let held = try connection.query(
      Statement(Self.holdDevicesAtLeisure, .int8Array(devices))
    ).map { try $0.int64(0) }
    let withdrawn = try connection.query(
      Statement(Self.holdQueuedPreparations, .int8(id), .int8Array(held))
    ).compactMap { try TaskRows.task(from: $0).cancelled() }
    guard !withdrawn.isEmpty else { return }
    _ = try connection.pipeline(TaskRows.update(withdrawn))
    try Self.settleTargets(of: id, on: connection)
  }
}
