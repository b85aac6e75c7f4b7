import Cryptography

/// Makes and checks the expiring URLs to which devices send the files that tasks ask them for.
///
/// A URL carries an HMAC-SHA-256 over device, task and time of expiry, so that it can't be altered to file something under
/// another task. All of it stands in one segment of the path and nothing in a query: some devices add a name of their own to
/// the URL, and some hand it to a shell.
package struct UploadLink: Sendable {
  private let key: [UInt8]

  /// - Parameter key: a secret that all nodes share, 32 random bytes.
  package init(key: [UInt8]) {
    precondition(key.count >= 32, "the key that signs upload links is too short")
    self.key = key
  }

  /// What a file belongs to.
  package struct Target: Sendable, Hashable {
    package var device: Int64
    package var task: Int64

    package init(device: Int64, task: Int64) {
      self.device = device
      self.task = task
    }
  }

  package enum Verdict: Sendable, Equatable {
    case valid(Target)
    /// Signed by this server, but too old.
    case expired
    case forged
  }

  /// The whole URL for a base such as `http://acs.example.net:7567`.
  ///
  /// - Parameter expiresAt: seconds since 1970.
  package func url(base: String, to target: Target, expiresAt: Int64) -> String {
    var base = base[...]
    while base.last == "/" { base = base.dropLast() }
    return "\(base)/uploads/\(segment(target, expiresAt: expiresAt))/file"
  }

  private func segment(_ target: Target, expiresAt: Int64) -> String {
    let signature = Base64URL.encode(signature(target, expiresAt: expiresAt))
    return "\(target.device).\(target.task).\(expiresAt).\(signature)"
  }

  /// What the segment after `/uploads/` says, checked in a time that does not depend on where it is wrong.
  ///
  /// - Parameter now: seconds since 1970.
  package func check(_ segment: some StringProtocol, now: Int64) -> Verdict {
    let parts = segment.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, let device = Int64(parts[0]), let task = Int64(parts[1]),
      let expiresAt = Int64(parts[2])
    else { return .forged }
    let target = Target(device: device, task: task)
    let expected = self.segment(target, expiresAt: expiresAt)
    guard constantTimeEquals(Array(expected.utf8), Array(segment.utf8)) else { return .forged }
    return now <= expiresAt ? .valid(target) : .expired
  }

  private func signature(_ target: Target, expiresAt: Int64) -> [UInt8] {
    HMAC.sha256(
      key: key,
      message: Array(
        "fairlead upload link\n\(target.device)\n\(target.task)\n\(expiresAt)".utf8))
  }
}
