/// MD5 (RFC 1321), for HTTP Digest authentication only, which demands it.
package enum MD5 {
  /// The 16 bytes of the digest of a whole message.
  package static func digest(of message: some Collection<UInt8>) -> [UInt8] {
    DigestAlgorithm.md5.digest(of: message)
  }

  /// The digest of a whole message as 32 lower-case hexadecimal digits.
  package static func hexDigest(of message: some Collection<UInt8>) -> String {
    Hex.encode(digest(of: message))
  }
}
