import Glibc

/// The file of a UNIX domain socket that a server listens on.
struct UnixSocketFile: Sendable {
  let path: String
  private let identity: Identity

  /// What tells the file from another of the same name; the number of an inode is soon given to another file.
  private struct Identity: Equatable {
    var device: UInt64
    var inode: UInt64
    var seconds: Int
    var nanoseconds: Int

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  /// The longest path that `sockaddr_un` holds with the NUL behind it.
  static let longestPath = 107

  /// Makes the file and a socket that is bound to it, without listening yet: nobody can connect before the mode is set.
  /// - Returns: the file and the descriptor, which the caller owns.
  /// - Throws: ``TransportError``.
  static func bind(_ path: String, mode: UInt32) throws(TransportError) -> (UnixSocketFile, Int32) {
    try removeStale(path)
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw failure(path) }
    do throws(TransportError) {
      guard try withAddress(path, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
        throw failure(path)
      }
      guard chmod(path, mode) == 0, let status = status(path) else {
        let error = failure(path)
        unlink(path)
        throw error
      }
      return (UnixSocketFile(path: path, identity: Identity(status)), descriptor)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  /// Removes the file, unless another has taken its place.
  func remove() {
    guard let status = Self.status(path), Identity(status) == identity else { return }
    unlink(path)
  }

  /// Removes a socket file that nobody listens on any more.
  private static func removeStale(_ path: String) throws(TransportError) {
    guard let status = status(path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw .unusable("\(path) is there already and is no socket")
    }
    let probe = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw failure(path) }
    defer { Glibc.close(probe) }
    let result = try withAddress(path) { connect(probe, $0, $1) }
    let reason = errno
    switch (result, reason) {
    // A socket that listens, and one whose queue is full.
    case (0, _), (_, EAGAIN): throw .unusable("\(path): another process listens there")
    case (_, ECONNREFUSED): unlink(path)
    // It was removed meanwhile.
    case (_, ENOENT): break
    default: throw .unusable("\(path): \(String(cString: strerror(reason)))")
    }
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  private static func failure(_ path: String) -> TransportError {
    .unusable("\(path): \(String(cString: strerror(errno)))")
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(TransportError) -> Int32 {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count <= longestPath, !bytes.contains(0) else {
      throw .unusable(
        "the path of a socket has 1 to \(longestPath) bytes: \(path.prefix(200))")
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
