import Fleet
import Postgres

/// The fleet in a few numbers.
package struct FleetTotals: Sendable, Equatable {
  package var devices: Int
  /// Devices that called within the last 24 hours.
  package var devicesSeenToday: Int
  package var openTasks: Int
  package var runningRollouts: Int
  package var pausedRollouts: Int
  package var files: Int
}

extension FleetStore {
  private static let selectTotals: SQL = """
    SELECT
      (SELECT count(*) FROM device_state) AS devices,
      (SELECT count(*) FROM device_state WHERE last_contact > $1::timestamptz - interval '1 day')
        AS devices_seen_today,
      (SELECT count(*) FROM task WHERE state IN ('queued', 'running', 'waiting')) AS open_tasks,
      (SELECT count(*) FROM rollout WHERE state = 'running') AS running_rollouts,
      (SELECT count(*) FROM rollout WHERE state = 'paused') AS paused_rollouts,
      (SELECT count(*) FROM file) AS files
    """

  /// - Parameter now: seconds since 1970.
  package func totals(now: Double) async throws -> FleetTotals {
    guard let row = try await query(Statement(Self.selectTotals, .timestamptz(now))).first else {
      throw StoreError(.database, "the totals are missing")
    }
    return FleetTotals(
      devices: try row.int("devices"), devicesSeenToday: try row.int("devices_seen_today"),
      openTasks: try row.int("open_tasks"), runningRollouts: try row.int("running_rollouts"),
      pausedRollouts: try row.int("paused_rollouts"), files: try row.int("files"))
  }
}
