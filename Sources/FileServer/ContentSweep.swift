/// Removes content from the directory of files that no file has, for example because a server was killed between the one and the
/// other.
///
/// It does so only in a directory that is marked as that of its database: in any other, or where the database is a new one,
/// everything would seem to be nobody's.
package struct ContentSweep: Sendable {
  /// What the database that files are recorded in can tell and do.
  package struct Records: Sendable {
    /// Names the database for ever, also after it was restored from a backup; see ``FileStore/mark(owner:)``.
    package var identity: String
    /// Those of some digests, in hexadecimal, that are no file's.
    package var unrecorded: @Sendable ([String]) async throws -> [String]
    /// Runs the closure while nobody records that digest; false where there is such a file, and it was not run.
    package var remove:
      @Sendable (String, @escaping @Sendable () throws -> Void) async throws -> Bool

    package init(
      identity: String, unrecorded: @escaping @Sendable ([String]) async throws -> [String],
      remove:
        @escaping @Sendable (String, @escaping @Sendable () throws -> Void) async throws ->
        Bool
    ) {
      self.identity = identity
      self.unrecorded = unrecorded
      self.remove = remove
    }
  }

  /// What came of a run.
  package enum Outcome: Sendable, Equatable {
    /// So many files were removed.
    case removed(Int)
    /// Nothing was removed, for a reason that an operator should know.
    case refused(Refusal)
  }

  /// Why nothing was removed.
  package struct Refusal: Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable {
      case otherOwner
      case noOwner
      case nothingRecorded
    }

    package var reason: Reason
    /// How many files the database does not know of; 0 where nobody has looked.
    package var unrecorded: Int

    package init(reason: Reason, unrecorded: Int = 0) {
      self.reason = reason
      self.unrecorded = unrecorded
    }

    package var description: String {
      switch reason {
      case .otherOwner: "the directory of files is marked as that of another database"
      case .noOwner:
        "the directory of files has no mark, and \(unrecorded) files that the database does not know of"
      case .nothingRecorded:
        "the database knows of none of the \(unrecorded) files in its directory"
      }
    }
  }

  private static let batch = 1000

  private let files: FileStore
  private let records: Records
  private let age: Double

  /// - Parameter age: seconds since it came; younger content stays.
  package init(files: FileStore, records: Records, age: Double = 3600) {
    self.files = files
    self.records = records
    self.age = age
  }

  /// Marks the directory as that of the database where it has no mark and nothing in it that the database does not know of.
  ///
  /// - Returns: why the directory is not the database's; nil where it is.
  package func adopt() async throws -> Refusal? {
    if let owner = try await files.owner() {
      return owner == records.identity ? nil : Refusal(reason: .otherOwner)
    }
    let strange = try await unrecorded(among: try await files.contents())
    guard strange.isEmpty else {
      return Refusal(reason: .noOwner, unrecorded: strange.count)
    }
    if try await files.mark(owner: records.identity) { return nil }
    return try await files.owner() == records.identity ? nil : Refusal(reason: .otherOwner)
  }

  @discardableResult
  package func run() async throws -> Outcome {
    if let refusal = try await adopt() { return .refused(refusal) }
    let all = try await files.contents()
    let strange = try await unrecorded(among: all)
    let old = Set(try await files.contents(olderThan: age))
    let lost = strange.filter(old.contains)
    guard lost.isEmpty || strange.count < all.count else {
      return .refused(Refusal(reason: .nothingRecorded, unrecorded: strange.count))
    }
    var removed = 0
    for digest in lost {
      // It may have been recorded since.
      let isRemoved = try await records.remove(digest.hexadecimal) { [files] in
        try files.remove(digest)
      }
      if isRemoved { removed += 1 }
    }
    return .removed(removed)
  }

  private func unrecorded(among digests: [ContentDigest]) async throws -> [ContentDigest] {
    var found: [ContentDigest] = []
    var rest = digests[...]
    while !rest.isEmpty {
      let unrecorded = Set(try await records.unrecorded(rest.prefix(Self.batch).map(\.hexadecimal)))
      found += rest.prefix(Self.batch).filter { unrecorded.contains($0.hexadecimal) }
      rest = rest.dropFirst(Self.batch)
    }
    return found
  }
}
