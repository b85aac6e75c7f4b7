import Cryptography
import Glibc
import NIOCore
import NIOPosix

/// A directory of files that are named after the SHA-256 of what is in them.
///
/// A file appears under its name in one step, complete and on disk, or not at all. Files never change.
package struct FileStore: Sendable {
  package let directory: String
  private let threads: NIOThreadPool

  static let incomingPrefix = ".incoming-"
  /// Leftovers of a process that was killed are removed after this many seconds; younger ones may belong to
  /// another process that shares the directory.
  private static let leftoverAge = 86_400.0

  /// Uses the directory, which is made if needed, readable by its owner only.
  ///
  /// - Throws: ``FileStoreError`` where it can't be made or written to.
  package init(directory: String, threads: NIOThreadPool = .singleton) throws {
    self.directory = directory
    self.threads = threads
    if mkdir(directory, 0o700) != 0, errno != EEXIST {
      throw FileStoreError(
        .inputOutput, "the directory \(directory) can't be made: \(Self.reason(errno))")
    }
    guard access(directory, R_OK | W_OK | X_OK) == 0 else {
      throw FileStoreError(
        .inputOutput, "the directory \(directory) can't be used: \(Self.reason(errno))")
    }
    removeLeftovers(now: time(nil))
  }

  /// Takes a stream of bytes to disk, but not to its place yet: ``IncomingContent/place()`` does that.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that are taken.
  ///   - expected: what the content must hash to; nil: anything.
  /// - Throws: ``FileStoreError``; nothing is left on disk then.
  package func receive<Bytes: AsyncSequence>(
    _ bytes: Bytes, limit: Int64, expected: ContentDigest? = nil
  ) async throws -> IncomingContent where Bytes.Element == ByteBuffer {
    let incoming = try await run {
      try IncomingFile(
        path: directory + "/" + Self.incomingPrefix + Hex.encode(SecureRandom.bytes(16)))
    }
    do {
      let digest = SHA256()
      var size: Int64 = 0
      for try await piece in bytes {
        size += Int64(piece.readableBytes)
        guard size <= limit else {
          throw FileStoreError(.tooLarge, "the file is larger than \(limit) bytes")
        }
        piece.withUnsafeReadableBytes { digest.update($0) }
        try await run { try incoming.write(piece) }
      }
      let found = ContentDigest(bytes: digest.finish())
      if let expected, expected != found {
        throw FileStoreError(
          .checksumMismatch, "the content has the SHA-256 \(found), not \(expected)")
      }
      try await run { try incoming.sync() }
      return IncomingContent(
        digest: found, size: size, file: incoming, final: path(of: found), directory: directory)
    } catch {
      try? await run { incoming.discard() }
      throw error
    }
  }

  /// The file for reading, or nil if it isn't there.
  package func open(_ digest: ContentDigest) async throws -> StoredFile? {
    try await run {
      let descriptor = Glibc.open(path(of: digest), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else {
        if errno == ENOENT { return nil }
        throw FileStoreError(.inputOutput, "a file can't be opened: \(Self.reason(errno))")
      }
      return try StoredFile(descriptor: descriptor, threads: threads)
    }
  }

  /// Removes the file if it is there; those who read it at the moment can read on. It blocks for a system call.
  package func remove(_ digest: ContentDigest) throws {
    try Self.remove(at: path(of: digest))
  }

  static func remove(at path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileStoreError(.inputOutput, "a file can't be removed: \(reason(errno))")
    }
  }

  /// The files that came to their place longer ago; removes what processes left behind that were killed.
  ///
  /// - Parameter seconds: since the file was written; nil: all files.
  package func contents(olderThan seconds: Double? = nil) async throws -> [ContentDigest] {
    try await run {
      let now = time(nil)
      removeLeftovers(now: now)
      var found: [ContentDigest] = []
      forEachFile(now: now) { name, age in
        // A name in upper case is none that this store gave.
        if seconds.map({ age > $0 }) ?? true, let digest = ContentDigest(name),
          digest.hexadecimal == name
        {
          found.append(digest)
        }
      }
      return found
    }
  }

  private func path(of digest: ContentDigest) -> String {
    directory + "/" + digest.hexadecimal
  }

  func run<Result: Sendable>(_ body: @Sendable @escaping () throws -> Result) async throws
    -> Result
  {
    try await threads.runIfActive(body)
  }

  private func removeLeftovers(now: Int) {
    forEachFile(now: now) { name, age in
      if name.hasPrefix(Self.incomingPrefix), age > Self.leftoverAge {
        unlink(directory + "/" + name)
      }
    }
  }

  /// - Parameter body: gets the name of a file and the seconds since it was written.
  private func forEachFile(now: Int, _ body: (String, Double) -> Void) {
    guard let stream = opendir(directory) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      if lstat(directory + "/" + name, &status) == 0 {
        body(name, Double(now - status.st_mtim.tv_sec))
      }
    }
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
