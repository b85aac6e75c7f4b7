import FileServer
import FleetStore

/// Removes content from the directory of files that no file has, for example because a server was killed between the one and the
/// other.
///
/// The directory belongs to one database: what others put there under the name of a digest goes too.
package struct ContentSweep: Sendable {
  private let store: FleetStore
  private let files: FileStore

  /// Seconds; whoever looks for the cause of something finds younger content still there.
  package static let age = 3600.0
  private static let batch = 1000

  package init(store: FleetStore, files: FileStore) {
    self.store = store
    self.files = files
  }

  /// - Returns: how many files it removed.
  @discardableResult
  package func run(olderThan age: Double = age) async throws -> Int {
    var rest = try await files.contents(olderThan: age)[...]
    var removed = 0
    while !rest.isEmpty {
      let unrecorded = Set(try await store.unrecorded(rest.prefix(Self.batch).map(\.hexadecimal)))
      for digest in rest.prefix(Self.batch) where unrecorded.contains(digest.hexadecimal) {
        // It may have been recorded since.
        let isRemoved = try await store.remove(content: digest.hexadecimal) { [files] in
          try files.remove(digest)
        }
        if isRemoved { removed += 1 }
      }
      rest = rest.dropFirst(Self.batch)
    }
    return removed
  }
}

extension FileContent {
  /// How content that has arrived comes to its place and leaves it.
  package init(_ content: IncomingContent, in files: FileStore) {
    self.init(
      place: { try content.place() },
      remove: { [digest = content.digest] in try files.remove(digest) })
  }
}
