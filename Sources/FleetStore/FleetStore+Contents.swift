import Fleet
import Postgres

/// How the content of a stored file comes to its place on disk, and how it is taken away.
package struct FileContent: Sendable {
  /// Puts it in place; changes nothing where it is there. It may run more than once, and may block for some system calls.
  package var place: @Sendable () throws -> Void
  /// Takes it away; changes nothing where it is not there. It may block for a system call.
  package var remove: @Sendable () throws -> Void

  package init(
    place: @escaping @Sendable () throws -> Void, remove: @escaping @Sendable () throws -> Void
  ) {
    self.place = place
    self.remove = remove
  }

  /// Content that somebody else has put in place and looks after.
  package static let inPlace = FileContent(place: {}, remove: {})
}

/// The rule by which no file that is recorded lacks its content, and no content stays that is not recorded: content comes to its
/// place and leaves it only while its digest is held, the one before the COMMIT of its row, the other where there is no row.
extension FleetStore {
  private static let holdContent: SQL = """
    SELECT FROM pg_advisory_xact_lock(hashtextextended($1, $2))
    """

  /// Keeps all others, on whatever node, from recording, placing or removing this content until the transaction ends.
  ///
  /// Whoever needs rows of devices or files as well holds the content first.
  static func hold(content sha256: String, on connection: Connection) throws {
    try connection.query(
      Statement(holdContent, .text(sha256), AdvisoryLock.content.parameter))
  }

  /// Runs a transaction that records a file; the content is put in place as its last step, and taken away again where
  /// nothing was recorded.
  func recording<Result: Sendable>(
    _ sha256: String, _ content: FileContent,
    _ body: @escaping @Sendable (Connection) throws -> Result
  ) async throws -> Result {
    do {
      return try await transaction { connection in
        try Self.hold(content: sha256, on: connection)
        let result = try body(connection)
        try content.place()
        return result
      }
    } catch {
      // Whoever has given up waiting leaves nothing behind either. What can't be removed now is swept later.
      await Task { _ = try? await self.remove(content: sha256, content.remove) }.value
      throw error
    }
  }

  private static let hasFile: SQL = "SELECT FROM file WHERE sha256 = $1"

  /// Removes content that belongs to no file.
  ///
  /// - Returns: false where there is such a file, and nothing was removed.
  @discardableResult
  package func remove(content sha256: String, _ remove: @escaping @Sendable () throws -> Void)
    async throws -> Bool
  {
    try await transaction { connection in
      try Self.hold(content: sha256, on: connection)
      guard try connection.query(Statement(Self.hasFile, .text(sha256))).isEmpty else {
        return false
      }
      try remove()
      return true
    }
  }

  private static let selectUnrecorded: SQL = """
    SELECT u.sha256 FROM unnest($1::text[]) AS u (sha256)
    WHERE NOT EXISTS (SELECT FROM file f WHERE f.sha256 = u.sha256)
    """

  /// Those of some digests that are no file's.
  package func unrecorded(_ digests: [String]) async throws -> [String] {
    try await query(Statement(Self.selectUnrecorded, .textArray(digests))).map { try $0.string(0) }
  }
}
