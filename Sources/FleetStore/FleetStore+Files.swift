import Fleet
import Postgres

/// A stored file; its content lies in a directory under its digest.
package struct FileRecord: Sendable, Equatable {
  /// 64 lower-case hexadecimal digits.
  package var sha256: String
  package var name: String
  /// The version that the image carries, for firmware; else empty.
  package var version: String
  /// Bytes.
  package var size: Int64
  package var createdBy: String
  /// Seconds since 1970.
  package var createdAt: Double
}

extension FleetStore {
  private static let upsertFile: SQL = """
    INSERT INTO file (sha256, name, version, size, created_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (sha256) DO UPDATE
    SET name = EXCLUDED.name, version = COALESCE(NULLIF(EXCLUDED.version, ''), file.version)
    RETURNING sha256, name, version, size, created_by, created_at, xmax = 0 AS is_new
    """

  /// Makes a file known and puts its content in place; one that is known already gets the new name, and the new version if there
  /// is one.
  package func addFile(
    sha256: String, name: String, version: String, size: Int64, content: FileContent = .inPlace,
    by actor: String
  ) async throws -> (record: FileRecord, isNew: Bool) {
    try await recording(sha256, content) { connection in
      guard
        let row = try connection.query(
          Statement(
            Self.upsertFile, .text(sha256), .text(name), .text(version), .int8(size), .text(actor))
        ).first
      else { throw StoreError(.database, "a file was not stored") }
      let isNew = try row.bool("is_new")
      try connection.query(
        AuditEntry(
          actor: actor, action: isNew ? "file.create" : "file.update", target: "file/\(sha256)",
          detail: ["name": name, "version": version, "size": "\(size)"]
        ).statement)
      return (try Self.file(from: row), isNew)
    }
  }

  static let selectFile: SQL = """
    SELECT sha256, name, version, size, created_by, created_at FROM file WHERE sha256 = $1
    """

  package func file(sha256: String) async throws -> FileRecord? {
    try await query(Statement(Self.selectFile, .text(sha256))).first.map {
      try Self.file(from: $0)
    }
  }

  private static let selectFiles: SQL = """
    SELECT sha256, name, version, size, created_by, created_at
    FROM file
    WHERE sha256 > $1
    ORDER BY sha256
    LIMIT $2
    """

  /// - Parameter after: the digest of the last file of the page before; empty: from the first on.
  package func files(after: String = "", limit: Int) async throws -> [FileRecord] {
    try await query(Statement(Self.selectFiles, .text(after), .int8(Int64(limit)))).map {
      try Self.file(from: $0)
    }
  }

  private static let holdFileToDelete: SQL = """
    SELECT sha256 FROM file WHERE sha256 = $1 FOR UPDATE
    """

  private static let selectRolloutThatNeeds: SQL = """
    SELECT name FROM rollout
    WHERE state IN ('running', 'paused') AND spec -> 'image' ->> 'sha256' = $1
    ORDER BY name
    LIMIT 1
    """

  private static let selectTaskThatNeeds: SQL = """
    SELECT task_id FROM task
    WHERE state IN ('queued', 'running', 'waiting')
      AND (kind = 'download' AND arguments ->> 'file' = $1
        OR kind = 'changeSoftware'
          AND arguments -> 'changes' @> jsonb_build_array(jsonb_build_object('file', $1::text)))
    LIMIT 1
    """

  private static let deleteFile: SQL = "DELETE FROM file WHERE sha256 = $1"

  /// Makes a file unknown, then removes its content, unless somebody has stored the same file again by then.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where a rollout that has not ended or an open task needs it.
  package func deleteFile(
    sha256: String, removing remove: @escaping @Sendable () throws -> Void = {}, by actor: String
  ) async throws {
    try await transaction { connection in
      try Self.hold(content: sha256, on: connection)
      guard
        try connection.query(Statement(Self.holdFileToDelete, .text(sha256))).count == 1
      else { throw StoreError(.notFound, "there is no file \(sha256)") }
      if let row = try connection.query(Statement(Self.selectRolloutThatNeeds, .text(sha256))).first
      {
        throw StoreError(.conflict, "the rollout “\(try row.string(0))” needs the file")
      }
      if let row = try connection.query(Statement(Self.selectTaskThatNeeds, .text(sha256))).first {
        throw StoreError(.conflict, "the open task \(try row.int64(0)) needs the file")
      }
      _ = try connection.pipeline([
        Statement(Self.deleteFile, .text(sha256)),
        Statement("DELETE FROM upload WHERE sha256 = $1", .text(sha256)),
        AuditEntry(actor: actor, action: "file.delete", target: "file/\(sha256)").statement,
      ])
    }
    // After the COMMIT: a file that is still known if that fails must not lack its content. The file is gone, whatever becomes of
    // this and of whoever asked for it; what can't be removed now is swept later.
    await Task { _ = try? await self.remove(content: sha256, remove) }.value
  }

  private static let holdFile: SQL = "SELECT sha256 FROM file WHERE sha256 = $1 FOR KEY SHARE"

  /// Keeps the file from being deleted until the end of the transaction.
  ///
  /// - Throws: ``StoreError`` with `notFound`.
  static func hold(file sha256: String, on connection: Connection) throws {
    guard try connection.query(Statement(holdFile, .text(sha256))).count == 1 else {
      throw StoreError(.notFound, "there is no file with the SHA-256 \(sha256)")
    }
  }

  static func file(from row: Row) throws -> FileRecord {
    FileRecord(
      sha256: try row.string("sha256"), name: try row.string("name"),
      version: try row.string("version"), size: try row.int64("size"),
      createdBy: try row.string("created_by"), createdAt: try row.timestamp("created_at"))
  }
}
