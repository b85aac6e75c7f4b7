import Fleet
import Postgres

extension FleetStore {
  private static let selectDue: SQL = """
    SELECT DISTINCT device_id FROM (
      (SELECT device_id FROM task
      WHERE state = 'queued' AND due_at > $1 AND due_at <= $2
      ORDER BY due_at
      LIMIT $3)
      UNION ALL
      (SELECT device_id FROM task
      WHERE state = 'waiting' AND waiting_for = 'diagnosis'
        AND due_at > $1 - $4 * interval '1 second' AND due_at <= $2 - $4 * interval '1 second'
      ORDER BY due_at
      LIMIT $3)
      UNION ALL
      (SELECT device_id FROM task
      WHERE state = 'waiting' AND waiting_for = 'diagnosisReport' AND result ? 'olderResults'
        AND due_at > $1 - $4 * interval '1 second' AND due_at <= $2 - $4 * interval '1 second'
      ORDER BY due_at
      LIMIT $3)
      LIMIT $3) AS due
    """

  private static let selectLeft: SQL = """
    SELECT DISTINCT device_id FROM (
      SELECT device_id FROM task
      WHERE state = 'running' OR state = 'queued' AND due_at <= $1
      ORDER BY task_id
      LIMIT $2) AS left_over
    """

  /// Seconds after which a device that measures is asked to call: some never tell that they have ended.
  package static let diagnosisPause = 60.0

  /// Devices with tasks whose time has come within a span: retries after their pause, orders for later, and measurements that
  /// may have ended.
  /// - Parameter span: seconds since 1970; after its start, up to its end.
  package func devicesWithDueWork(in span: ClosedRange<Double>, limit: Int) async throws
    -> [Device.ID]
  {
    try await pool.query(
      Self.selectDue, .timestamptz(span.lowerBound), .timestamptz(span.upperBound),
      .int8(Int64(limit)), .float8(Self.diagnosisPause)
    ).map { try $0.int64(0) }
  }

  /// Devices with tasks that a server which has ended left behind, in the midst or not begun.
  /// - Parameter now: seconds since 1970.
  package func devicesWithWorkLeft(now: Double, limit: Int) async throws -> [Device.ID] {
    try await pool.query(Self.selectLeft, .timestamptz(now), .int8(Int64(limit)))
      .map { try $0.int64(0) }
  }
}
