import CLibCrypto

/// SHA-256 (FIPS 180-4), at once or over a stream of pieces.
package final class SHA256 {
  private let context: OpaquePointer
  private var result: [UInt8]?

  package init() {
    guard let context = EVP_MD_CTX_new(),
      EVP_DigestInit_ex2(context, DigestAlgorithm.sha256.pointer, nil) == 1
    else { preconditionFailure("libcrypto ran out of memory") }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds the next piece; must not be called after `finish`.
  package func update(_ bytes: some Collection<UInt8>) {
    precondition(result == nil, "update after finish")
    let status = bytes.withContiguousBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    precondition(status == 1, "libcrypto refused a piece of a digest")
  }

  /// The 32 bytes of the digest; the same at each further call.
  package func finish() -> [UInt8] {
    if let result { return result }
    let digest = [UInt8](unsafeUninitializedCapacity: DigestAlgorithm.sha256.byteCount) {
      output, count in
      var length: UInt32 = 0
      let status = EVP_DigestFinal_ex(context, output.baseAddress, &length)
      precondition(status == 1, "libcrypto refused to finish a digest")
      count = Int(length)
    }
    result = digest
    return digest
  }

  /// The 32 bytes of the digest of a whole message.
  package static func digest(of message: some Collection<UInt8>) -> [UInt8] {
    DigestAlgorithm.sha256.digest(of: message)
  }

  /// The digest of a whole message as 64 lower-case hexadecimal digits.
  package static func hexDigest(of message: some Collection<UInt8>) -> String {
    Hex.encode(digest(of: message))
  }
}
