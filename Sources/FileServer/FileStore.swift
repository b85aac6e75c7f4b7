import Cryptography
import Glibc
import NIOCore
import NIOPosix

/// A directory of files that are named after the SHA-256 of what is in them.
///
/// A file appears under its name in one step, complete and on disk, or not at all. Files never change.
package struct FileStore: Sendable {
  /// What was stored.
  package struct Stored: Sendable, Equatable {
    package let digest: ContentDigest
    /// Bytes.
    package let size: Int64
    /// False where the same content was there already.
    package let isNew: Bool
  }

  private let directory: String
  private let threads: NIOThreadPool

  private static let incomingPrefix = ".incoming-"
  /// Leftovers of a process that was killed are removed after this many seconds; younger ones may belong to
  /// another process that shares the directory.
  private static let leftoverAge = 86_400

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
    removeLeftovers()
  }

  /// Stores a stream of bytes.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that are taken.
  ///   - expected: what the content must hash to; nil: anything.
  /// - Throws: ``FileStoreError``; nothing is left on disk then.
  package func store<Bytes: AsyncSequence>(
    _ bytes: Bytes, limit: Int64, expected: ContentDigest? = nil
  ) async throws -> Stored where Bytes.Element == ByteBuffer {
    let incoming = try await run { try IncomingFile(directory: directory) }
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
      let total = size
      return try await run {
        let isNew = try incoming.settle(as: path(of: found), directory: directory)
        return Stored(digest: found, size: total, isNew: isNew)
      }
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

  /// Removes the file if it is there; those who read it at the moment can read on.
  package func remove(_ digest: ContentDigest) async throws {
    try await run {
      guard unlink(path(of: digest)) == 0 || errno == ENOENT else {
        throw FileStoreError(.inputOutput, "a file can't be removed: \(Self.reason(errno))")
      }
    }
  }

  private func path(of digest: ContentDigest) -> String {
    directory + "/" + digest.hexadecimal
  }

  private func run<Result: Sendable>(_ body: @Sendable @escaping () throws -> Result) async throws
    -> Result
  {
    try await threads.runIfActive(body)
  }

  private func removeLeftovers() {
    guard let stream = opendir(directory) else { return }
    defer { closedir(stream) }
    let now = time(nil)
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(Self.incomingPrefix) else { continue }
      var status = stat()
      let path = directory + "/" + name
      if lstat(path, &status) == 0, now - status.st_mtim.tv_sec > Self.leftoverAge { unlink(path) }
    }
  }

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// A file on its way in, under a name of its own until it is complete.
  private final class IncomingFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(directory: String) throws {
      path = directory + "/" + FileStore.incomingPrefix + Hex.encode(SecureRandom.bytes(16))
      descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw Self.failure("be made") }
    }

    deinit {
      if descriptor >= 0 { close(descriptor) }
    }

    func write(_ piece: ByteBuffer) throws {
      try piece.withUnsafeReadableBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = Glibc.write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          if count < 0 {
            if errno == EINTR { continue }
            throw Self.failure("be written")
          }
          rest = rest.dropFirst(count)
        }
      }
    }

    /// True if no file had that name.
    func settle(as final: String, directory: String) throws -> Bool {
      guard fsync(descriptor) == 0 else { throw Self.failure("be written to disk") }
      let isNew = access(final, F_OK) != 0
      guard rename(path, final) == 0 else { throw Self.failure("get its name") }
      // The new name has to outlast a crash of the machine as well.
      let parent = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard parent >= 0 else { throw Self.failure("be written to disk") }
      defer { close(parent) }
      guard fsync(parent) == 0 else { throw Self.failure("be written to disk") }
      return isNew
    }

    func discard() {
      unlink(path)
    }

    private static func failure(_ what: String) -> FileStoreError {
      let code = errno
      return FileStoreError(
        code == ENOSPC || code == EDQUOT ? .noSpace : .inputOutput,
        "a file can't \(what): \(FileStore.reason(code))")
    }
  }
}
