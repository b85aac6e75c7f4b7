/// Keyed message authentication codes (RFC 2104).
package enum HMAC {
  /// The 32 bytes of HMAC-SHA-256.
  package static func sha256(key: some Collection<UInt8>, message: some Collection<UInt8>)
    -> [UInt8]
  {
    DigestAlgorithm.sha256.authenticationCode(key: key, message: message)
  }

  /// The 20 bytes of HMAC-SHA-1, which TR-069 Annexes G and M demand.
  package static func sha1(key: some Collection<UInt8>, message: some Collection<UInt8>)
    -> [UInt8]
  {
    DigestAlgorithm.sha1.authenticationCode(key: key, message: message)
  }
}

/// A key for many short HMAC-SHA-256 codes, prepared once: each code costs two digests and no more.
package struct HMACKey: Sendable {
  private static let blockLength = 64

  private let inner: [UInt8]
  private let outer: [UInt8]

  package init(_ key: some Collection<UInt8>) {
    // A key longer than a block is hashed first (RFC 2104, section 2).
    var block = key.count > Self.blockLength ? SHA256.digest(of: key) : Array(key)
    block += Array(repeating: 0, count: Self.blockLength - block.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5C }
  }

  /// The 32 bytes of the code.
  package func sha256(_ message: some Collection<UInt8>) -> [UInt8] {
    SHA256.digest(of: outer + SHA256.digest(of: inner + message))
  }
}
