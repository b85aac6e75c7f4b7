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
  /// Overdue tasks that were left as they are, because this release can't read them.
  package var unreadableTasks = 0
  package var removedTasks = 0
  /// Lives of nodes that are over.
  package var forgottenNodes = 0
  package var madePartitions = 0
  package var droppedPartitions = 0
  /// True where another node keeps house at the moment, and this one left partitions and old tasks to it.
  package var isLeftToAnother = false
}

extension FleetStore {
  /// Days for which partitions of the event history are made ahead.
  private static let daysAhead = 2

  private static let tryToKeepHouse: SQL = """
    SELECT pg_try_advisory_xact_lock($1) AS is_held
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
  /// How many answers are forgotten in place of one row of another kind: they are small, and looked for one after the other.
  private static let answersForEachRow = 20
  /// Milliseconds that a change of the partitions waits for locks.
  private static let partitionLockTimeout = 2_000

  /// Ends overdue tasks, lets the agents of lost nodes go, makes the partitions of the next days, and removes what is older than the
  /// retention.
  ///
  /// Any number of nodes may call it as often as they like. Where one of these fails, the others are done all the same, and the first
  /// error is thrown at the end.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - slice: rows in one transaction at the most.
  package func keepHouse(now: Double, retention: Retention = Retention(), slice: Int = 1000)
    async throws -> HousekeepingReport
  {
    var report = HousekeepingReport()
    var failure: (any Error)?
    func attempt(_ step: () async throws -> Void) async throws {
      do {
        try await step()
      } catch let error as CancellationError {
        throw error
      } catch {
        failure = failure ?? error
      }
    }
    // The first, because they are the most: one for each session.
    try await attempt {
      try await forgetAnswers(now: now, slice: slice * Self.answersForEachRow)
    }
    try await attempt {
      let overdue = try await endOverdueTasks(now: now, slice: slice)
      report.expiredTasks = overdue.ended
      report.unreadableTasks = overdue.unreadable
    }
    try await attempt { report.forgottenNodes = try await forgetEndedNodes(slice: slice) }
    try await attempt { try await keepHistory(&report, now: now, retention: retention) }
    if !report.isLeftToAnother {
      try await attempt {
        report.removedTasks = try await removeTasks(
          endedBefore: now - retention.endedTasks, slice: slice)
      }
    }
    if let failure { throw failure }
    return report
  }

  /// Makes and drops partitions of the event history.
  private func keepHistory(
    _ report: inout HousekeepingReport, now: Double, retention: Retention
  ) async throws {
    for day in 0...Self.daysAhead {
      let made = try await keepPartitions(
        Statement(Self.makePartition, .float8(now), .int4(Int32(day))))
      guard let made else {
        report.isLeftToAnother = true
        return
      }
      if try made.first?.bool("is_new") == true { report.madePartitions += 1 }
    }
    report.droppedPartitions =
      try await keepPartitions(
        Statement(Self.dropPartitions, .float8(now), .int4(Int32(clamping: retention.eventDays)))
      )?.first?.int("dropped") ?? 0
  }

  private func removeTasks(endedBefore time: Double, slice: Int) async throws -> Int {
    var total = 0
    while true {
      let removed =
        try await query(
          Statement(Self.removeTasks, .timestamptz(time), .int8(Int64(slice)))
        ).first?.int("removed") ?? 0
      total += removed
      if removed < slice { return total }
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
  private func keepPartitions(_ change: Statement) async throws -> Rows? {
    try await transaction { connection in
      guard
        try connection.query(
          Statement(Self.tryToKeepHouse, AdvisoryLock.housekeeping.parameter)
        ).first?.bool("is_held") == true
      else { return nil }
      return try Self.querySoon(change, within: Self.partitionLockTimeout, on: connection)
    }
  }
}
