import Cryptography

/// The `algorithm` of HTTP Digest authentication (RFC 7616, section 3.3).
package enum DigestAlgorithm: String, Sendable, CaseIterable {
  case md5 = "MD5"
  case md5Session = "MD5-sess"
  case sha256 = "SHA-256"
  case sha256Session = "SHA-256-sess"

  /// The algorithm of a directive's value, in any case; `nil` if it is none of these.
  package init?(directive: String) {
    let name = directive.lowercased()
    guard let match = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) else {
      return nil
    }
    self = match
  }

  package var isSession: Bool { self == .md5Session || self == .sha256Session }

  package var usesMD5: Bool { self == .md5 || self == .md5Session }

  /// The algorithm by which a response of a length in characters was really made.
  ///
  /// Where several challenges are offered, simple clients take the nonce of one and repeat the algorithm of another.
  func fitting(responseLength: Int) -> DigestAlgorithm {
    switch (self, responseLength) {
    case (.sha256, 32): .md5
    case (.sha256Session, 32): .md5Session
    case (.md5, 64): .sha256
    case (.md5Session, 64): .sha256Session
    default: self
    }
  }

  /// The hash as lower-case hexadecimal digits in ASCII, the form in which it is hashed again.
  func hash(_ parts: [UInt8]...) -> [UInt8] {
    var message: [UInt8] = []
    message.reserveCapacity(parts.reduce(parts.count) { $0 + $1.count })
    for (index, part) in parts.enumerated() {
      if index > 0 { message.append(UInt8(ascii: ":")) }
      message += part
    }
    return Hex.encodeBytes(
      usesMD5 ? MD5.digest(of: message) : Cryptography.SHA256.digest(of: message))
  }

  /// The `response` of a request, as lower-case hexadecimal digits in ASCII (RFC 7616, section 3.4.1).
  ///
  /// - Parameters:
  ///   - ha1: H(username:realm:password) as hexadecimal digits in ASCII.
  ///   - quality: nc, cnonce and qop; `nil` for the form of RFC 2069 without qop.
  func response(
    ha1: [UInt8], method: String, uri: String, nonce: String, cnonce: String?,
    quality: (nonceCount: String, qop: String)?
  ) -> [UInt8] {
    let nonce = Array(nonce.utf8)
    let cnonce = Array((cnonce ?? "").utf8)
    let secret = isSession ? hash(ha1, nonce, cnonce) : ha1
    let ha2 = hash(Array(method.utf8), Array(uri.utf8))
    guard let quality else { return hash(secret, nonce, ha2) }
    return hash(
      secret, nonce, Array(quality.nonceCount.utf8), cnonce, Array(quality.qop.utf8), ha2)
  }
}
