import Glibc

/// Waiting for a file descriptor.
enum Socket {
  /// Waits until one of the events, an error or the end shows on the descriptor.
  ///
  /// - Returns: False if `deadline` passed first.
  static func wait(_ descriptor: Int32, for events: Int32, until deadline: MonotonicTime?) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
      var milliseconds: Int32 = -1
      if let deadline {
        let rest = deadline - .now
        milliseconds = rest > .zero ? rest.milliseconds : 0
      }
      let count = poll(&entry, 1, milliseconds)
      if count > 0 { return true }
      if count == 0 && milliseconds != -1 {
        // A wait longer than poll can express comes back early.
        if let deadline, deadline > .now { continue }
        return false
      }
      // Any other error shows again, and clearer, in the call that uses the descriptor.
      if count < 0 && errno != EINTR { return true }
    }
  }
}
