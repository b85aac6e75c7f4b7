import Glibc
import NIOCore
import NIOPosix

/// A file that is open for reading; it closes itself when nobody holds it any longer.
package final class StoredFile: Sendable {
  /// Bytes.
  package let size: Int64
  private let descriptor: Int32
  private let threads: NIOThreadPool

  /// Takes over the descriptor.
  init(descriptor: Int32, threads: NIOThreadPool) throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileStoreError(.inputOutput, "a stored file is not a regular file")
    }
    self.descriptor = descriptor
    self.threads = threads
    size = Int64(status.st_size)
  }

  deinit { close(descriptor) }

  /// The bytes from `offset` on, at most `count` of them (1 or more); fewer only at the end of the file.
  ///
  /// - Throws: ``FileStoreError`` where the disk fails.
  package func read(at offset: Int64, count: Int) async throws -> ByteBuffer {
    try await threads.runIfActive { [descriptor] in
      var buffer = ByteBuffer()
      try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
        var filled = 0
        while filled < count {
          let target = UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<count])
          let read = pread(
            descriptor, target.baseAddress, target.count, off_t(offset) + off_t(filled))
          if read < 0 {
            if errno == EINTR { continue }
            throw FileStoreError(
              .inputOutput, "a file can't be read: \(FileStore.reason(errno))")
          }
          if read == 0 { break }
          filled += read
        }
        return filled
      }
      return buffer
    }
  }
}
