import Fleet
import Foundation
import Postgres

/// The rows of `task`: how a ``DeviceTask`` is read and written.
package enum TaskRows {
  /// The columns that ``task(from:)`` reads, in this order, follow `SELECT` in every statement that uses it:
  /// device_id, task_id, kind, arguments, state, waiting_for, attempts, max_attempts, due_at, deadline, session, result,
  /// fault, rollout_id.
  package static func task(from row: Row) throws -> DeviceTask {
    guard let kind = OperationKind(rawValue: try row.string(2)),
      let state = DeviceTask.State(rawValue: try row.string(4))
    else {
      throw StoreError(.damaged, "task \(try row.int64(1)) has a kind or state that is unknown")
    }
    let decoder = JSONDecoder()
    return DeviceTask(
      id: try row.int64(1), deviceID: try row.int64(0),
      operation: try Operation(kind: kind, argumentsJSON: try row.json(3)), state: state,
      waitingFor: try row.optionalString(5).flatMap(WaitingFor.init(rawValue:)),
      attempts: Int(try row.int16(6)), maxAttempts: Int(try row.int16(7)),
      dueAt: try row.timestamp(8), deadline: try row.timestamp(9),
      session: try row.optionalInt64(10),
      result: try row.optionalJSON(11).map {
        try decoder.decode(OperationResult.self, from: Data($0))
      },
      fault: try row.optionalJSON(12).map {
        try decoder.decode(OperationFault.self, from: Data($0))
      },
      rolloutID: try row.optionalInt64(13))
  }

  // Changes of software are queued anew for the next one by a report, which may come before the answer to the order.
  private static let update: SQL = """
    UPDATE task t
    SET state = u.state, waiting_for = u.waiting_for, attempts = u.attempts, due_at = u.due_at,
      deadline = u.deadline, session = u.session, result = u.result, fault = u.fault,
      started_at = CASE WHEN u.attempts > 0 THEN COALESCE(t.started_at, now()) END,
      ended_at = CASE WHEN u.state IN ('done', 'failed', 'expired', 'cancelled') THEN now() END
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::smallint[],
      $6::timestamptz[], $7::timestamptz[], $8::bigint[], $9::jsonb[], $10::jsonb[])
      AS u (device_id, task_id, state, waiting_for, attempts, due_at, deadline, session, result,
        fault)
    WHERE t.device_id = u.device_id AND t.task_id = u.task_id
      AND t.state IN ('queued', 'running', 'waiting')
      AND NOT (t.kind = 'changeSoftware' AND t.state = 'queued' AND t.attempts < u.attempts
        AND u.state IN ('queued', 'waiting'))
    """

  // The row of the device is held, so that a file either has arrived before this or finds the task as it is after it.
  private static let settleUploads: SQL = """
    UPDATE task t
    SET state = 'done', waiting_for = NULL, session = NULL, fault = NULL, ended_at = now(),
      result = jsonb_build_object('file', f.sha256)
    FROM unnest($1::bigint[], $2::bigint[]) AS u (device_id, task_id)
    JOIN upload f ON f.device_id = u.device_id AND f.task_id = u.task_id
    WHERE t.device_id = u.device_id AND t.task_id = u.task_id AND t.kind = 'upload'
      AND (t.state = 'waiting' OR t.state = 'queued' AND t.attempts > 0)
    """

  private static let cancelTransfers: SQL = """
    WITH cancelled AS (
      UPDATE task t
      SET state = 'cancelled', waiting_for = NULL, session = NULL, ended_at = now()
      FROM unnest($1::bigint[], $2::bigint[]) AS u (device_id, task_id)
      WHERE t.device_id = u.device_id AND t.task_id = u.task_id
        AND t.kind IN ('download', 'upload') AND t.state IN ('queued', 'waiting')
      RETURNING t.device_id, t.task_id, t.kind, t.state, t.attempts
    )
    INSERT INTO event (device_id, at, kind, detail)
    SELECT c.device_id, clock_timestamp(), 'task',
      jsonb_build_object(
        'task', c.task_id, 'kind', c.kind, 'state', c.state, 'attempts', c.attempts)
    FROM cancelled c
    """

  private static let insertEvents: SQL = """
    INSERT INTO event (device_id, at, kind, detail)
    SELECT t.device_id, clock_timestamp(), 'task',
      jsonb_strip_nulls(jsonb_build_object('task', t.task_id, 'kind', t.kind, 'state', t.state,
        'attempts', t.attempts, 'waitingFor', t.waiting_for, 'fault', t.fault ->> 'text'))
    FROM unnest($1::bigint[], $2::bigint[]) AS u (device_id, task_id)
    JOIN task t ON t.device_id = u.device_id AND t.task_id = u.task_id
    """

  private static let recount: SQL = """
    UPDATE device_state s
    SET open_work = EXISTS (
      SELECT FROM task t
      WHERE t.device_id = s.device_id AND t.state IN ('queued', 'running', 'waiting'))
    WHERE s.device_id = ANY ($1::bigint[])
      AND s.open_work <> EXISTS (
        SELECT FROM task t
        WHERE t.device_id = s.device_id AND t.state IN ('queued', 'running', 'waiting'))
    """

  /// Statements that bring tasks into their new states, note each in the device's history, and tell the device's row whether work is left.
  ///
  /// The transaction must hold the devices' rows of `device_state`, so that nobody orders work between the count and the commit.
  ///
  /// - Parameter untold: those whose new state is no news for the history.
  package static func update(_ tasks: [DeviceTask], untold: Set<DeviceTask.ID> = []) -> [Statement]
  {
    let sorted = tasks.sorted { ($0.deviceID, $0.id) < ($1.deviceID, $1.id) }
    let devices = sorted.map(\.deviceID)
    let numbers = sorted.map(\.id)
    let encoder = JSONEncoder()
    func json(_ value: (some Encodable)?) -> [UInt8]? {
      value.flatMap { try? encoder.encode($0) }.map { [UInt8]($0) }
    }
    let uploads = sorted.filter {
      $0.operation.kind == .upload && ($0.state == .waiting || $0.state == .queued)
    }
    let updates = [
      Statement(
        update, .int8Array(devices), .int8Array(numbers),
        .textArray(sorted.map(\.state.rawValue)),
        .textArray(sorted.map { $0.waitingFor?.rawValue }),
        .int2Array(sorted.map { Int16(clamping: $0.attempts) }),
        .timestamptzArray(sorted.map(\.dueAt)), .timestamptzArray(sorted.map(\.deadline)),
        .int8Array(sorted.map(\.session)), .jsonbArray(sorted.map { json($0.result) }),
        .jsonbArray(sorted.map { json($0.fault) }))
    ]
    let settling =
      uploads.isEmpty
      ? []
      : [
        Statement(
          settleUploads, .int8Array(uploads.map(\.deviceID)), .int8Array(uploads.map(\.id)))
      ]
    let told = sorted.filter { !untold.contains($0.id) }
    let events =
      told.isEmpty
      ? []
      : [Statement(insertEvents, .int8Array(told.map(\.deviceID)), .int8Array(told.map(\.id)))]
    return updates + settling + events + [Statement(recount, .int8Array(devices))]
  }

  /// Statements that end open transfers which their devices have taken back; those of other kinds and those that have ended
  /// stay as they are.
  ///
  /// The transaction must hold the devices' rows of `device_state`.
  static func cancel(transfers: [(device: Device.ID, task: DeviceTask.ID)]) -> [Statement] {
    let sorted = transfers.sorted { ($0.device, $0.task) < ($1.device, $1.task) }
    return [
      Statement(
        cancelTransfers, .int8Array(sorted.map(\.device)), .int8Array(sorted.map(\.task))),
      Statement(recount, .int8Array(sorted.map(\.device))),
    ]
  }
}
