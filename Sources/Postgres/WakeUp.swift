import Glibc

/// Wakes a thread that waits for a socket.
///
/// `@unchecked Sendable`: the descriptors never change, and reading and writing a pipe is safe on any
/// thread.
final class WakeUp: @unchecked Sendable {
  private let readEnd: Int32
  private let writeEnd: Int32

  init() throws(PostgresError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw PostgresError(
        .insufficientResources, "no pipe could be opened: \(String(cString: strerror(errno)))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    Glibc.close(readEnd)
    Glibc.close(writeEnd)
  }

  /// Stays awake for ever.
  func wake() {
    var byte: UInt8 = 1
    // A full pipe wakes as well as one more byte.
    _ = write(writeEnd, &byte, 1)
  }

  var isAwake: Bool { Socket.wait(readEnd, for: POLLIN, until: .now) }

  func wait(until deadline: MonotonicTime) {
    _ = Socket.wait(readEnd, for: POLLIN, until: deadline)
  }

  /// Waits until it is woken or the descriptor has something to read.
  func wait(orReadable descriptor: Int32) {
    var entries = [
      pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    // The caller looks at both again, so it does no harm to come back early.
    _ = poll(&entries, 2, -1)
  }
}
