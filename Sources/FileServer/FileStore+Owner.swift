import Cryptography
import Glibc

/// Whose directory it is: a mark in it names the one database that may have files removed which it does not know of.
extension FileStore {
  private static let ownerName = ".database"
  private static let longestOwner = 256

  /// Where the mark is.
  package var ownerPath: String { directory + "/" + Self.ownerName }

  /// The identity that the mark names; nil where there is none.
  ///
  /// - Throws: ``FileStoreError`` where the mark can't be read, or is no text of a line.
  package func owner() async throws -> String? {
    try await run {
      let descriptor = Glibc.open(ownerPath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else {
        if errno == ENOENT { return nil }
        throw Self.failure("can't be opened")
      }
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: Self.longestOwner + 1)
      let count = read(descriptor, &bytes, bytes.count)
      guard count >= 0 else { throw Self.failure("can't be read") }
      let text = String(decoding: bytes.prefix(count), as: UTF8.self)
      guard count <= Self.longestOwner,
        let line = text.split(whereSeparator: \.isWhitespace).first, text.hasPrefix(line)
      else {
        throw FileStoreError(.inputOutput, "the mark \(ownerPath) is none")
      }
      return String(line)
    }
  }

  /// Marks the directory as that of a database, in one step and to outlast a crash of the machine.
  ///
  /// - Parameter identity: at most 256 characters of ASCII, none of them white space.
  /// - Returns: false where it has been marked before, and nothing was changed.
  package func mark(owner identity: String) async throws -> Bool {
    try await run {
      // One that a crash leaves here goes with the others of its kind.
      let file = try IncomingFile(
        path: directory + "/" + Self.incomingPrefix + Hex.encode(SecureRandom.bytes(16)))
      defer { file.discard() }
      try file.write(Array("\(identity)\n".utf8))
      try file.sync()
      guard try file.link(to: ownerPath) else { return false }
      try IncomingFile.syncDirectory(directory)
      return true
    }
  }

  private static func failure(_ what: String) -> FileStoreError {
    FileStoreError(.inputOutput, "the mark of a directory of files \(what): \(reason(errno))")
  }
}
