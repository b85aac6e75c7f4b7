import Glibc

/// The file in which the first administrator finds the first token.
package struct AdminTokenFile: Sendable {
  /// Why it could not be written.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    package let path: String
    /// `errno`.
    package let code: Int32

    package var description: String {
      "the token file \(path) can't be written: \(String(cString: strerror(code)))"
    }
  }

  package let path: String

  package init(path: String) {
    self.path = path
  }

  /// Writes the token with a line break behind it into a new file that its owner alone may read.
  ///
  /// - Throws: ``Failure``, also where there is a file of that name, be it a link; nothing is left behind then.
  package func write(_ token: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
    defer { close(descriptor) }
    // The mode that the file was made with is cut by the umask, which must not take the owner's own right away.
    guard fchmod(descriptor, 0o600) == 0, Self.write(Array((token + "\n").utf8), to: descriptor),
      fsync(descriptor) == 0
    else {
      let code = errno
      unlink(path)
      throw Failure(path: path, code: code)
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
