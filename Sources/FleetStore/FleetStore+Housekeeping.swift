import Fleet
import Postgres

/// How long the store keeps what has come to its end.
package struct Retention: Sendable, Equatable {
  /// Whole days of event history besides today.
  package var eventDays = 30
  /// Seconds that a task is kept after its end.
  package var endedTasks = 90.0 * 86_400

  package init() {}
}

/// What a run of housekeeping did.
package struct HousekeepingReport: Sendable, Equatable {
  package var expiredTasks = 0
  package var removedTasks = 0
  package var madePartitions = 0
  package var droppedPartitions = 0
  /// True where another node keeps house at the moment, and this one left partitions and old tasks to it.
  package var isLeftToAnother = false
}

extension FleetStore {
  /// Days for which partitions of the event history are made ahead.
  private static let daysAhead = 2

  private static let tryToKeepHouse: SQL = """
    SELECT pg_try_advisory_xact_lock(4719870452) AS is_held
    """

  private static let makePartition: SQL = """
    SELECT make_event_partition(
      (to_timestamp($1::float8) AT TIME ZONE 'UTC')::date + $2::integer) AS is_new
    """

  private static let dropPartitions: SQL = """
    SELECT drop_event_partitions(
      (to_timestamp($1::float8) AT TIME ZONE 'UTC')::date - $2::integer) AS dropped
    """

  private static let removeTasks: SQL = """
    WITH removed AS (
      DELETE FROM task
      WHERE (device_id, task_id) IN (
        SELECT t.device_id, t.task_id
        FROM task t
        WHERE t.ended_at < $1
          AND NOT EXISTS (
            SELECT FROM rollout_target rt
            WHERE rt.device_id = t.device_id AND rt.task_id = t.task_id AND rt.state = 'active')
        ORDER BY t.task_id
        LIMIT $2)
      RETURNING device_id, task_id
    ), forgotten AS (
      DELETE FROM upload f
      USING removed r
      WHERE f.device_id = r.device_id AND f.task_id = r.task_id
    )
    SELECT count(*) AS removed FROM removed
    """

  private static let forgetAnswers: SQL = """
    WITH removed AS (
      DELETE FROM taken_answer
      WHERE answer IN (
        SELECT answer FROM taken_answer WHERE until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING answer
    )
    SELECT count(*) AS removed FROM removed
    """
  /// How many times as many rows as of others go in one transaction: they are small, and looked for one after the other.
  private static let answersInSlice = 20

  /// Ends overdue tasks, makes the partitions of the next days, and removes what is older than the retention.
  ///
  /// Any number of nodes may call it as often as they like.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - slice: rows in one transaction at the most.
  package func keepHouse(now: Double, retention: Retention = Retention(), slice: Int = 1000)
    async throws -> HousekeepingReport
  {
    var report = HousekeepingReport()
    report.expiredTasks = try await expireTasks(now: now, slice: slice)
    try await forgetAnswers(now: now, slice: slice * Self.answersInSlice)
    for day in 0...Self.daysAhead {
      let isNew = try await keepPartitions { connection in
        try connection.query(
          Statement(Self.makePartition, .float8(now), .int4(Int32(day)))
        ).first?.bool("is_new") == true
      }
      guard let isNew else {
        report.isLeftToAnother = true
        return report
      }
      if isNew { report.madePartitions += 1 }
    }
    report.droppedPartitions =
      try await keepPartitions { connection in
        try connection.query(
          Statement(
            Self.dropPartitions, .float8(now), .int4(Int32(clamping: retention.eventDays)))
        ).first?.int("dropped") ?? 0
      } ?? 0
    while true {
      let removed =
        try await query(
          Statement(
            Self.removeTasks, .timestamptz(now - retention.endedTasks), .int8(Int64(slice)))
        ).first?.int("removed") ?? 0
      report.removedTasks += removed
      if removed < slice { return report }
    }
  }

  private func forgetAnswers(now: Double, slice: Int) async throws {
    while true {
      let removed =
        try await query(Statement(Self.forgetAnswers, .timestamptz(now), .int8(Int64(slice))))
        .first?
        .int("removed") ?? 0
      if removed < slice { return }
    }
  }

  /// Runs a change of the partitions in a transaction of its own, which waits for locks only shortly, since all who write events wait
  /// behind it.
  /// - Returns: nil where another node is at it.
  private func keepPartitions<Result: Sendable>(
    _ change: @escaping @Sendable (Connection) throws -> Result
  ) async throws -> Result? {
    try await transaction { connection in
      try connection.query("SET LOCAL lock_timeout = '2s'")
      guard try connection.query(Statement(Self.tryToKeepHouse)).first?.bool("is_held") == true
      else { return nil }
      return try change(connection)
    }
  }
}
