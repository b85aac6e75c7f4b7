import CLibCrypto

/// A private key of ECDSA on the curve P-256 (FIPS 186-4).
///
/// `@unchecked Sendable`: the key is never changed after it was read, and each signature has a context of its own, which OpenSSL allows on
/// several threads.
package final class SigningKey: @unchecked Sendable {
  private let key: OpaquePointer

  /// - Parameter pem: PKCS #8 or SEC 1, not encrypted; nil where it is no key of P-256.
  package init?(pem: [UInt8]) {
    let key = PEMReader.reading(pem) {
      PEM_read_bio_PrivateKey($0, nil, noPassword, nil)
    }
    guard let key else { return nil }
    guard isOfP256(key) else {
      EVP_PKEY_free(key)
      return nil
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// With SHA-256, in DER; nil where OpenSSL fails.
  package func signature(of bytes: [UInt8]) -> [UInt8]? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    var count = 0
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      EVP_DigestSign(context, nil, &count, bytes, bytes.count) == 1
    else { return nil }
    var signature = [UInt8](repeating: 0, count: count)
    guard EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1 else { return nil }
    return Array(signature.prefix(count))
  }
}

func isOfP256(_ key: OpaquePointer) -> Bool {
  guard EVP_PKEY_get_base_id(key) == EVP_PKEY_EC else { return false }
  var name = [CChar](repeating: 0, count: 32)
  var count = 0
  guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1 else { return false }
  return count == 10
    && String(decoding: name.prefix(10).map(UInt8.init(bitPattern:)), as: UTF8.self)
      == "prime256v1"
}
