import Fleet
import Postgres

/// A file that a device has sent for a task, as it was stored.
package struct UploadReceipt: Sendable, Equatable {
  package var file: FileRecord
  /// True where the device had sent a file for this task before.
  package var isReplacement: Bool
}

extension FleetStore {
  /// How often one task's file may arrive: devices repeat what was not acknowledged, but none needs more.
  package static let maxArrivals = 8

  private static let selectAwaited: SQL = """
    SELECT t.arguments, COALESCE(f.arrivals, 0) AS arrivals
    FROM task t LEFT JOIN upload f USING (device_id, task_id)
    WHERE t.device_id = $1 AND t.task_id = $2 AND t.kind = 'upload' AND t.attempts > 0
      AND t.state IN ('queued', 'running', 'waiting') AND t.deadline > $3
    """

  /// Whether a file of the device may still come for the task.
  /// - Parameter now: seconds since 1970.
  package func awaitsUpload(for task: DeviceTask.ID, of device: Device.ID, now: Double) async throws
    -> Bool
  {
    guard
      let row = try await query(
        Statement(Self.selectAwaited, .int8(device), .int8(task), .timestamptz(now))
      ).first
    else { return false }
    return try Self.isAwaited(row)
  }

  private static func isAwaited(_ row: Row) throws -> Bool {
    guard
      case .upload(let order) = try Operation(
        kind: .upload, argumentsJSON: try row.json("arguments"))
    else { return false }
    let arrivals = try row.int("arrivals")
    return order.remote == nil && arrivals < maxArrivals
  }

  private static let holdDevice: SQL = """
    SELECT d.name
    FROM device_state s JOIN device d USING (device_id)
    WHERE s.device_id = $1
    FOR NO KEY UPDATE OF s
    """

  private static let insertUploadedFile: SQL = """
    INSERT INTO file (sha256, name, size, created_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT (sha256) DO NOTHING
    RETURNING sha256
    """

  private static let upsertUpload: SQL = """
    INSERT INTO upload AS f (device_id, task_id, sha256, size, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (device_id, task_id) DO UPDATE
    SET sha256 = EXCLUDED.sha256, size = EXCLUDED.size, at = EXCLUDED.at, arrivals = f.arrivals + 1
    RETURNING xmax = 0 AS is_new
    """

  /// Commits that a file of a device has arrived, with its content in place, and ends the task that waits for it.
  ///
  /// A file that is known already keeps the name that it has.
  ///
  /// - Parameter now: seconds since 1970.
  /// - Throws: ``StoreError`` with `conflict` where the task awaits no file (any more).
  package func recordUpload(
    sha256: String, size: Int64, content: FileContent = .inPlace, for task: DeviceTask.ID,
    of device: Device.ID, now: Double
  ) async throws -> UploadReceipt {
    try await recording(sha256, content) { connection in
      guard
        let name = try connection.query(Statement(Self.holdDevice, .int8(device))).first?.string(0),
        let row = try connection.query(
          Statement(Self.selectAwaited, .int8(device), .int8(task), .timestamptz(now))
        ).first, try Self.isAwaited(row),
        let stored = try connection.query(
          Statement(Self.holdTask, .int8(device), .int8(task))
        ).first
      else { throw StoreError(.conflict, "task \(task) awaits no file") }
      let open = try TaskRows.task(from: stored)
      guard case .upload(let order) = open.operation else {
        throw StoreError(.conflict, "task \(task) awaits no file")
      }
      let actor = "device \(name)"
      let isNew =
        try connection.query(
          Statement(
            Self.insertUploadedFile, .text(sha256),
            .text(Self.uploadName(device: name, fileType: order.fileType, key: open.commandKey)),
            .int8(size), .text(actor))
        ).count == 1
      try Self.hold(file: sha256, on: connection)
      var statements = [
        Statement(
          Self.upsertUpload, .int8(device), .int8(task), .text(sha256), .int8(size),
          .timestamptz(now))
      ]
      if isNew {
        statements.append(
          AuditEntry(
            actor: actor, action: "file.create", target: "file/\(sha256)",
            detail: ["task": "\(task)", "size": "\(size)"]
          ).statement)
      }
      if let done = open.observing(uploaded: sha256) { statements += TaskRows.update([done]) }
      let results = try connection.pipeline(statements)
      guard
        let file = try connection.query(Statement(Self.selectFile, .text(sha256))).first
      else { throw StoreError(.database, "a file was not stored") }
      return UploadReceipt(
        file: try Self.file(from: file),
        isReplacement: try results[0].first?.bool("is_new") == false)
    }
  }

  /// For example `00D09E-Box-1_3-Vendor-Configuration-File-1_fl-12`.
  private static func uploadName(device: String, fileType: String, key: String) -> String {
    let type = fileType.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", ".", "_": Character(scalar)
      default: "-"
      }
    }
    return "\(device)_\(String(type))_\(key)"
  }

  private static let selectArrived: SQL = """
    SELECT task_id, sha256 FROM upload WHERE device_id = $1 AND task_id = ANY ($2)
    """

  /// The digests of the files that have arrived for tasks of a device.
  static func arrived(for tasks: [DeviceTask.ID], of device: Device.ID, on connection: Connection)
    throws -> [DeviceTask.ID: String]
  {
    guard !tasks.isEmpty else { return [:] }
    let rows = try connection.query(
      Statement(selectArrived, .int8(device), .int8Array(tasks)))
    return try Dictionary(
      rows.map { (try $0.int64(0), try $0.string(1)) }, uniquingKeysWith: { first, _ in first })
  }
}
