import Fleet
import Postgres

extension FleetStore {
  // MARK: - Ordering

  private static let holdNamed: SQL = """
    SELECT s.device_id
    FROM device_identity i JOIN device_state s ON s.device_id = i.device_id
    WHERE i.name = $1
    FOR NO KEY UPDATE OF s
    """

  /// Keeps others from ordering or ending work of the devices until the transaction ends.
  static let holdDevices: SQL = """
    SELECT device_id FROM device_state WHERE device_id = ANY ($1)
    ORDER BY device_id
    FOR NO KEY UPDATE
    """

  private static let insertTasks: SQL = """
    INSERT INTO task
      (device_id, kind, arguments, max_attempts, due_at, deadline, rollout_id, ordered_by)
    SELECT u.device_id, $2, $3, $4, $5, $6, $7, $8
    FROM unnest($1::bigint[]) AS u (device_id)
    ORDER BY u.device_id
    RETURNING device_id, task_id
    """

  private static let openWork: SQL = """
    UPDATE device_state SET open_work = true WHERE device_id = ANY ($1) AND NOT open_work
    """

  /// Orders an operation for one device.
  ///
  /// - Parameter name: of the device.
  /// - Throws: ``StoreError`` with `notFound` where there is no such device, or no file with the digest that a download names.
  package func createTask(for name: String, _ request: TaskRequest, by actor: String) async throws
    -> TaskRecord
  {
    let id = try await transaction { connection in
      let row = try connection.query(Statement(Self.holdNamed, .text(name))).first
      guard let device = try row?.int64(0) else {
        throw StoreError(.notFound, "there is no device “\(name)”")
      }
      if case .cancelTransfer(let key) = request.operation {
        try Self.checkTransfer(key, of: device, named: name, on: connection)
      }
      guard
        let created = try Self.insert(request, for: [device], orderedBy: actor, on: connection)
          .first
      else { throw StoreError(.database, "a task was not stored") }
      try connection.query(
        AuditEntry(
          actor: actor, action: "task.create", target: "device/\(name)",
          detail: ["task": "\(created.task)", "kind": request.operation.kind.rawValue]
        ).statement)
      return created.task
    }
    guard let record = try await task(id, of: name) else {
      throw StoreError(.notFound, "the device was removed at the same time")
    }
    return record
  }

  /// A task that was made.
  package struct CreatedTask: Sendable, Equatable {
    package var device: Device.ID
    package var task: DeviceTask.ID
  }

  /// Orders the same operation for several devices, for all or none; devices that have been removed are left out.
  package func createTasks(
    for devices: [Device.ID], _ request: TaskRequest, selector: String, by actor: String
  ) async throws -> [CreatedTask] {
    if case .cancelTransfer(let key) = request.operation {
      throw StoreError(
        .invalid,
        "“\(key)” is the transfer of one device, which must have listed it: name the device")
    }
    return try await transaction { connection in
      let rows = try connection.query(Statement(Self.holdDevices, .int8Array(devices)))
      let present = try rows.map { try $0.int64(0) }
      let created = try Self.insert(request, for: present, orderedBy: actor, on: connection)
      try connection.query(
        AuditEntry(
          actor: actor, action: "task.create", target: "selector/\(selector)",
          detail: ["devices": "\(created.count)", "kind": request.operation.kind.rawValue]
        ).statement)
      return created
    }
  }

  /// Makes tasks; the transaction must hold the devices' rows of `device_state`.
  static func insert(
    _ request: TaskRequest, for devices: [Device.ID], rollout: Int64? = nil,
    orderedBy: String, on connection: Connection
  ) throws -> [CreatedTask] {
    guard !devices.isEmpty else { return [] }
    for file in request.operation.storedFiles.sorted() { try hold(file: file, on: connection) }
    let results = try connection.pipeline([
      Statement(
        insertTasks, .int8Array(devices), .text(request.operation.kind.rawValue),
        .jsonb(request.operation.argumentsJSON()), .int2(Int16(clamping: request.maxAttempts)),
        .timestamptz(request.dueAt), .timestamptz(request.deadline), .int8(rollout),
        .text(orderedBy)),
      Statement(openWork, .int8Array(devices)),
    ])
    return try results[0].map {
      CreatedTask(device: try $0.int64("device_id"), task: try $0.int64("task_id"))
    }
  }

  // MARK: - Reading

  private static let selectTasks: SQL = """
    SELECT t.device_id, t.task_id, t.kind, t.arguments, t.state, t.waiting_for, t.attempts,
      t.max_attempts, t.due_at, t.deadline, t.session, t.result, t.fault, t.rollout_id,
      d.name AS device_name, t.ordered_by, t.created_at, t.started_at, t.ended_at,
      r.name AS rollout_name, s.last_contact
    FROM unnest($1::bigint[], $2::bigint[]) AS u (device_id, task_id)
    JOIN task t ON t.device_id = u.device_id AND t.task_id = u.task_id
    JOIN device d ON d.device_id = t.device_id
    LEFT JOIN device_state s ON s.device_id = t.device_id
    LEFT JOIN rollout r ON r.rollout_id = t.rollout_id
    ORDER BY t.task_id DESC
    """

  private static let chooseTask: SQL = """
    SELECT t.device_id, t.task_id
    FROM device_identity i JOIN task t ON t.device_id = i.device_id
    WHERE i.name = $1 AND t.task_id = $2
    """

  private static let chooseTasksOfDevice: SQL = """
    SELECT device_id, task_id FROM task
    WHERE device_id = $1 AND task_id < $2 AND state = ANY ($3)
    ORDER BY task_id DESC
    LIMIT $4
    """

  private static let chooseTasks: SQL = """
    SELECT device_id, task_id FROM task
    WHERE task_id < $1 AND state = ANY ($2)
    ORDER BY task_id DESC
    LIMIT $3
    """

  /// The tasks that a statement chooses, the newest first; of one snapshot, so that their states are those that were asked for.
  private func records(chosenBy choice: Statement) async throws -> [TaskRecord] {
    try await transaction(.readOnlySnapshot) { connection in
      let chosen = try connection.query(choice)
      if chosen.isEmpty { return [] }
      return try connection.query(
        Statement(
          Self.selectTasks, .int8Array(try chosen.map { try $0.int64(0) }),
          .int8Array(try chosen.map { try $0.int64(1) }))
      ).map { try Self.taskRecord(from: $0) }
    }
  }

  /// A task of the device with this name; nil where it has no such task.
  package func task(_ id: DeviceTask.ID, of name: String) async throws -> TaskRecord? {
    try await records(chosenBy: Statement(Self.chooseTask, .text(name), .int8(id))).first
  }

  /// The newest tasks first.
  ///
  /// - Parameters:
  ///   - device: nil: of all devices.
  ///   - before: the key of the last task of the page before; nil: from the newest on.
  package func tasks(
    of device: Device.ID? = nil, _ filter: TaskFilter = .all, before: DeviceTask.ID? = nil,
    limit: Int
  ) async throws -> [TaskRecord] {
    try await records(
      chosenBy: device.map {
        Statement(
          Self.chooseTasksOfDevice, .int8($0), .int8(before ?? Int64.max),
          .textArray(filter.states), .int8(Int64(limit)))
      }
        ?? Statement(
          Self.chooseTasks, .int8(before ?? Int64.max), .textArray(filter.states),
          .int8(Int64(limit))))
  }

  static let selectOpenTasks: SQL = """
    SELECT device_id, task_id, kind, arguments, state, waiting_for, attempts, max_attempts, due_at,
      deadline, session, result, fault, rollout_id
    FROM task
    WHERE device_id = $1 AND state IN ('queued', 'running', 'waiting')
    ORDER BY task_id
    """

  /// The tasks of a device that have not ended, the oldest first.
  package func openTasks(of device: Device.ID) async throws -> [DeviceTask] {
    try await query(Statement(Self.selectOpenTasks, .int8(device))).map {
      try TaskRows.task(from: $0)
    }
  }

  // MARK: - Ending

  static let holdTask: SQL = """
    SELECT device_id, task_id, kind, arguments, state, waiting_for, attempts, max_attempts, due_at,
      deadline, session, result, fault, rollout_id
    FROM task
    WHERE device_id = $1 AND task_id = $2
    FOR NO KEY UPDATE
    """

  /// Takes a task back that is not running at the moment.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it runs or has ended.
  package func cancelTask(_ id: DeviceTask.ID, of name: String, by actor: String) async throws
    -> TaskRecord
  {
    try await transaction { connection in
      guard
        let device = try connection.query(Statement(Self.holdNamed, .text(name))).first?.int64(0),
        let row = try connection.query(Statement(Self.holdTask, .int8(device), .int8(id))).first
      else { throw StoreError(.notFound, "the device “\(name)” has no task \(id)") }
      let task = try TaskRows.task(from: row)
      guard task.state != .running else {
        throw StoreError(.conflict, "task \(id) is being carried out at the moment")
      }
      guard let cancelled = task.cancelled() else {
        throw StoreError(.conflict, "task \(id) has ended: \(task.state.rawValue)")
      }
      _ = try connection.pipeline(
        TaskRows.update([cancelled]) + [
          AuditEntry(
            actor: actor, action: "task.cancel", target: "device/\(name)", detail: ["task": "\(id)"]
          ).statement
        ])
    }
    guard let record = try await task(id, of: name) else {
      throw StoreError(.notFound, "the device “\(name)” has no task \(id)")
    }
    return record
  }

  private static let selectOverdue: SQL = """
    SELECT device_id, task_id
    FROM task
    WHERE state IN ('queued', 'running', 'waiting') AND deadline <= $1
    ORDER BY deadline, device_id, task_id
    LIMIT $2
    OFFSET $3
    """

  /// As ``holdDevices``, of those that nobody else holds.
  static let holdDevicesAtLeisure: SQL = """
    SELECT device_id FROM device_state WHERE device_id = ANY ($1)
    ORDER BY device_id
    FOR NO KEY UPDATE SKIP LOCKED
    """

  private static let holdOverdue: SQL = """
    SELECT t.device_id, t.task_id, t.kind, t.arguments, t.state, t.waiting_for, t.attempts,
      t.max_attempts, t.due_at, t.deadline, t.session, t.result, t.fault, t.rollout_id
    FROM task t
    WHERE t.device_id = ANY ($1) AND t.task_id = ANY ($2)
      AND t.state IN ('queued', 'running', 'waiting') AND t.deadline <= $3
    ORDER BY t.device_id, t.task_id
    FOR NO KEY UPDATE
    """

  /// What became of overdue tasks.
  struct OverdueTasks: Sendable {
    var ended = 0
    fileprivate var tasks: [DeviceTask] = []
    /// Of a kind or state, or with arguments, that this release does not know.
    var unreadable = 0
    /// Found in the slice, whatever became of them.
    fileprivate var found = 0
  }

  /// - Returns: how many tasks it ended; see ``endOverdueTasks(now:slice:)``.
  @discardableResult
  package func expireTasks(now: Double, slice: Int = 500) async throws -> Int {
    try await endOverdueTasks(now: now, slice: slice).ended
  }

  /// Ends tasks whose time is over, in transactions of at most `slice` tasks; devices that somebody else works on are left
  /// to the next run, tasks that can't be read to a release that can.
  ///
  /// - Parameter now: seconds since 1970.
  func endOverdueTasks(now: Double, slice: Int) async throws -> OverdueTasks {
    var total = OverdueTasks()
    // What stays is passed over, so that it keeps nothing behind it from its end.
    var staying = 0
    while true {
      let offset = Int64(staying)
      let part = try await transaction { connection -> OverdueTasks in
        var part = OverdueTasks()
        let overdue = try connection.query(
          Statement(
            Self.selectOverdue, .timestamptz(now), .int8(Int64(slice)), .int8(offset)))
        part.found = overdue.count
        guard !overdue.isEmpty else { return part }
        let devices = Set(try overdue.map { try $0.int64(0) }).sorted()
        let held = try connection.query(Statement(Self.holdDevicesAtLeisure, .int8Array(devices)))
        guard !held.isEmpty else { return part }
        let rows = try connection.query(
          Statement(
            Self.holdOverdue, .int8Array(try held.map { try $0.int64(0) }),
            .int8Array(try overdue.map { try $0.int64(1) }), .timestamptz(now)))
        let tasks = rows.compactMap { try? TaskRows.task(from: $0) }
        let expired = tasks.compactMap { $0.expired(now: now) }
        if !expired.isEmpty { _ = try connection.pipeline(TaskRows.update(expired)) }
        part.ended = expired.count
        part.tasks = expired
        part.unreadable = rows.count - tasks.count
        return part
      }
      StoreMetrics.count(part.tasks)
      total.ended += part.ended
      total.unreadable += part.unreadable
      staying += part.found - part.ended
      if part.found < slice { return total }
    }
  }

  private static func taskRecord(from row: Row) throws -> TaskRecord {
    TaskRecord(
      task: try TaskRows.task(from: row), deviceName: try row.string("device_name"),
      orderedBy: try row.string("ordered_by"), createdAt: try row.timestamp("created_at"),
      startedAt: try row.optionalTimestamp("started_at"),
      endedAt: try row.optionalTimestamp("ended_at"),
      rolloutName: try row.optionalString("rollout_name"),
      lastContact: try row.optionalTimestamp("last_contact"))
  }
}
