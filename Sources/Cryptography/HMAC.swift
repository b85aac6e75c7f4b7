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
