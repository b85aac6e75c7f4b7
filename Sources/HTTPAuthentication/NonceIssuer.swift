import Cryptography

/// Makes nonces that carry their own proof, so that no node has to remember them.
///
/// A nonce is the time of issue, some random bytes and a truncated HMAC over both. Whoever has the key can
/// check it: another node, or the same node on a new TCP connection. It binds neither connection nor device.
///
/// That no answer to a nonce is taken twice is for whoever takes them to see to (``DigestCredentials/fingerprint``): whoever
/// captures an Authorization header could show it with a body of their own, since Digest does not cover the body.
package struct NonceIssuer: Sendable {
  package enum Verdict: Sendable, Equatable {
    /// - Parameter issued: when it was made, in seconds since 1970.
    case fresh(issued: Int64)
    /// Made with this key, but longer ago than the lifetime (or in the future by more than a minute).
    case stale
    case forged
  }

  /// How far the clocks of two nodes may be apart, in seconds.
  package static let clockTolerance: Int64 = 60

  private static let timeLength = 6
  private static let randomLength = 6
  private static let codeLength = 12

  private let key: HMACKey
  private let lifetime: Int64
  private let random: @Sendable (Int) -> [UInt8]

  /// - Parameters:
  ///   - key: A secret of at least 16 bytes that all nodes share.
  ///   - lifetime: How long a nonce is good, in seconds.
  ///   - random: Gives as many random bytes as asked for.
  package init(
    key: [UInt8], lifetime: Int64 = 300,
    random: @escaping @Sendable (Int) -> [UInt8] = { SecureRandom.bytes($0) }
  ) {
    precondition(key.count >= 16, "a nonce key of fewer than 16 bytes")
    self.key = HMACKey(key)
    self.lifetime = lifetime
    self.random = random
  }

  /// A new nonce of 48 hexadecimal digits; `now` in seconds since 1970.
  package func issue(now: Int64) -> String {
    var bytes: [UInt8] = []
    for shift in stride(from: (Self.timeLength - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: now >> Int64(shift)))
    }
    bytes += random(Self.randomLength)
    bytes += code(bytes)
    return Hex.encode(bytes)
  }

  /// Whether a nonce was made with this key and is still good; `now` in seconds since 1970.
  package func check(_ nonce: String, now: Int64) -> Verdict {
    let length = Self.timeLength + Self.randomLength + Self.codeLength
    guard nonce.utf8.count == length * 2, let bytes = Hex.decode(nonce) else { return .forged }
    let signed = bytes.prefix(Self.timeLength + Self.randomLength)
    guard constantTimeEquals(code(signed), bytes.suffix(Self.codeLength)) else { return .forged }
    let issued = bytes.prefix(Self.timeLength).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    let age = now - issued
    return age >= -Self.clockTolerance && age <= lifetime ? .fresh(issued: issued) : .stale
  }

  private func code(_ bytes: some Collection<UInt8>) -> ArraySlice<UInt8> {
    key.sha256(bytes).prefix(Self.codeLength)
  }
}
