import Glibc
import NIOCore
import Synchronization

/// Content that has arrived in full and is on disk, but not in its place; it goes with the last who holds it.
package final class IncomingContent: Sendable {
  package let digest: ContentDigest
  /// Bytes.
  package let size: Int64
  private let file: IncomingFile
  private let final: String
  private let directory: String
  private let isPlaced = Mutex(false)

  init(digest: ContentDigest, size: Int64, file: IncomingFile, final: String, directory: String) {
    self.digest = digest
    self.size = size
    self.file = file
    self.final = final
    self.directory = directory
  }

  /// Lets the content appear under its name in one step, to outlast a crash of the machine; the same content that is there is
  /// replaced. A second call makes sure that it still is there. It blocks for some system calls.
  ///
  /// - Throws: ``FileStoreError``.
  package func place() throws {
    try isPlaced.withLock { isPlaced in
      guard !isPlaced else {
        guard access(final, F_OK) == 0 else {
          throw FileStoreError(.interrupted, "the content was removed before it was recorded")
        }
        return
      }
      try file.rename(to: final)
      isPlaced = true
      try IncomingFile.syncDirectory(directory)
    }
  }

  /// Takes the content away from its place, where it is there; those who read it at the moment can read on. It blocks for a system
  /// call.
  ///
  /// - Throws: ``FileStoreError``.
  package func remove() throws {
    try FileStore.remove(at: final)
  }

  /// Drops what was not put in place.
  package func discard() {
    file.discard()
  }
}

/// A file on its way in, under a name of its own until it is complete.
final class IncomingFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let isOnDisk = Mutex(true)

  init(path: String) throws {
    self.path = path
    descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure("be made") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    discard()
  }

  func write(_ piece: ByteBuffer) throws {
    try piece.withUnsafeReadableBytes { try write($0) }
  }

  func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
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

  func sync() throws {
    guard fsync(descriptor) == 0 else { throw Self.failure("be written to disk") }
  }

  func rename(to final: String) throws {
    guard Glibc.rename(path, final) == 0 else { throw Self.failure("get its name") }
    isOnDisk.withLock { $0 = false }
  }

  /// Gives the file a second name.
  ///
  /// - Returns: false where that name is taken.
  func link(to other: String) throws -> Bool {
    if Glibc.link(path, other) == 0 { return true }
    guard errno == EEXIST else { throw Self.failure("get its name") }
    return false
  }

  static func syncDirectory(_ path: String) throws {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("be written to disk") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("be written to disk") }
  }

  func discard() {
    isOnDisk.withLock { isOnDisk in
      if isOnDisk { unlink(path) }
      isOnDisk = false
    }
  }

  static func failure(_ what: String) -> FileStoreError {
    let code = errno
    return FileStoreError(
      code == ENOSPC || code == EDQUOT ? .noSpace : .inputOutput,
      "a file can't \(what): \(FileStore.reason(code))")
  }
}
