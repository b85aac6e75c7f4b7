import Cryptography

/// Makes and checks the expiring URLs by which devices fetch stored files.
///
/// A URL carries an HMAC-SHA-256 over the digest, the name and the time of expiry, so that it can't be altered
/// to reach another file or to live longer; whoever has the URL may fetch the file until then.
package struct FileLink: Sendable {
  private let key: [UInt8]

  /// - Parameter key: a secret that all nodes share, 32 random bytes.
  package init(key: [UInt8]) {
    precondition(key.count >= 32, "the key that signs file links is too short")
    self.key = key
  }

  /// What a check found.
  package enum Verdict: Sendable, Equatable {
    case valid
    /// Signed by this server, but too old.
    case expired
    case forged
  }

  /// `/files/DIGEST/NAME?expires=…&signature=…`, to be put behind the scheme and authority by which devices
  /// reach the file server.
  ///
  /// - Parameters:
  ///   - name: what the device shall take for the file's name; any text, percent-encoded in the result.
  ///   - expiresAt: seconds since 1970.
  package func path(to digest: ContentDigest, name: String, expiresAt: Int64) -> String {
    let name = Self.sanitized(name)
    let signature = Base64URL.encode(signature(digest: digest, name: name, expires: expiresAt))
    return
      "/files/\(digest)/\(Self.percentEncoded(name))?expires=\(expiresAt)&signature=\(signature)"
  }

  /// The whole URL for a base such as `http://acs.example.net:7567`.
  package func url(
    base: String, to digest: ContentDigest, name: String, expiresAt: Int64
  ) -> String {
    var base = base[...]
    while base.last == "/" { base = base.dropLast() }
    return base + path(to: digest, name: name, expiresAt: expiresAt)
  }

  /// Whether the parts of a URL belong together, checked in a time that does not depend on where they differ.
  ///
  /// - Parameters:
  ///   - name: percent-decoded.
  ///   - expires: as the URL says it, in decimal digits.
  ///   - now: seconds since 1970.
  package func check(
    digest: ContentDigest, name: String, expires: some StringProtocol,
    signature: some StringProtocol, now: Int64
  ) -> Verdict {
    guard let expiresAt = Int64(expires), String(expiresAt) == expires else { return .forged }
    let expected = Base64URL.encode(
      self.signature(digest: digest, name: name, expires: expiresAt))
    guard constantTimeEquals(Array(expected.utf8), Array(signature.utf8)) else { return .forged }
    return now <= expiresAt ? .valid : .expired
  }

  /// The name without what could end the path segment or confuse a device: at most 120 characters, no control
  /// characters or separators, never empty, `.` or `..`.
  static func sanitized(_ name: String) -> String {
    let kept = String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          scalar.value < 0x20 || scalar.value == 0x7F || scalar == "/" || scalar == "\\"
            ? "_" : scalar
        }.prefix(120)))
    return kept.isEmpty || kept == "." || kept == ".." ? "file" : kept
  }

  private func signature(digest: ContentDigest, name: String, expires: Int64) -> [UInt8] {
    // The digest and the number have no line break in them, so that no two triples give the same message.
    HMAC.sha256(
      key: key, message: Array("fairlead file link\n\(digest)\n\(expires)\n\(name)".utf8))
  }

  private static func percentEncoded(_ text: String) -> String {
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.append(byte)
      default:
        encoded.append(UInt8(ascii: "%"))
        encoded.append(contentsOf: Hex.encode([byte]).uppercased().utf8)
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}
