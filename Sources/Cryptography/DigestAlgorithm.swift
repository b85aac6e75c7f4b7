import CLibCrypto

/// A message digest of libcrypto, fetched once for the life of the process.
///
/// `EVP_md5()` and its kin search the provider at each use in OpenSSL 3; a fetched `EVP_MD` does not, which
/// halves the cost of the short digests that every CWMP session needs.
///
/// `@unchecked Sendable`: the fetched object is reference counted, is never changed after the fetch and is
/// never released; libcrypto documents it as usable from any thread.
struct DigestAlgorithm: @unchecked Sendable {
  static let md5 = DigestAlgorithm(name: "MD5", byteCount: 16)
  static let sha1 = DigestAlgorithm(name: "SHA1", byteCount: 20)
  static let sha256 = DigestAlgorithm(name: "SHA256", byteCount: 32)

  let pointer: OpaquePointer
  let byteCount: Int

  private init(name: String, byteCount: Int) {
    // "-fips": MD5 and SHA-1 stay available for the protocols that demand them.
    guard let pointer = EVP_MD_fetch(nil, name, "-fips") ?? EVP_MD_fetch(nil, name, nil) else {
      preconditionFailure("libcrypto of this machine offers no \(name)")
    }
    self.pointer = pointer
    self.byteCount = byteCount
  }

  func digest(of message: some Collection<UInt8>) -> [UInt8] {
    message.withContiguousBytes { bytes in
      [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
        var length: UInt32 = 0
        let status = EVP_Digest(
          bytes.baseAddress, bytes.count, output.baseAddress, &length, pointer, nil)
        precondition(status == 1, "libcrypto ran out of memory")
        count = Int(length)
      }
    }
  }

  func authenticationCode(key: some Collection<UInt8>, message: some Collection<UInt8>) -> [UInt8] {
    key.withContiguousBytes { key in
      message.withContiguousBytes { message in
        [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
          // A nil key would mean "the key of the call before" to libcrypto.
          let empty: StaticString = ""
          let keyPointer = key.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
          var length: UInt32 = 0
          let result = CLibCrypto.HMAC(
            pointer, keyPointer, Int32(key.count),
            message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count,
            output.baseAddress, &length)
          precondition(result != nil, "libcrypto ran out of memory")
          count = Int(length)
        }
      }
    }
  }
}

extension Collection<UInt8> {
  /// Lends the bytes in one piece, copying only a collection that has no contiguous storage.
  func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if let result = withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
      return result
    }
    return Array(self).withUnsafeBytes(body)
  }
}
