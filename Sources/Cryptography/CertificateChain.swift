import CLibCrypto

/// A certificate and those that lead from it to its authority (RFC 5280).
///
/// `@unchecked Sendable`: the certificates are never changed after they were read.
package final class CertificateChain: @unchecked Sendable {
  private let certificates: [OpaquePointer]
  /// How many are read.
  private static let limit = 8

  /// - Parameter pem: the certificate first; nil where there is none, or one can't be read.
  package convenience init?(pem: [UInt8]) { self.init(pem: pem, limit: Self.limit) }

  fileprivate init?(pem: [UInt8], limit: Int) {
    let certificates = PEMReader.reading(pem) { source in
      var certificates: [OpaquePointer] = []
      while certificates.count < limit,
        let certificate = PEM_read_bio_X509(source, nil, noPassword, nil)
      {
        certificates.append(certificate)
      }
      return certificates.isEmpty ? nil : certificates
    }
    guard let certificates else { return nil }
    self.certificates = certificates
  }

  deinit { certificates.forEach(X509_free) }

  /// The certificate's names besides its subject; nil where they can't be read.
  package var alternativeNames: CertificateAlternativeNames? {
    der.flatMap(CertificateAlternativeNames.init(ofDER:))
  }

  /// The certificate itself.
  package var der: [UInt8]? {
    let count = i2d_X509(certificates[0], nil)
    guard count > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    let written = bytes.withUnsafeMutableBufferPointer { buffer in
      var position = buffer.baseAddress
      return i2d_X509(certificates[0], &position)
    }
    return written == count ? bytes : nil
  }

  /// Whether the holder of the certificate has signed the bytes: with ECDSA on P-256 and SHA-256, in DER.
  package func isValid(signature: [UInt8], of bytes: [UInt8]) -> Bool {
    // The longest that two numbers of 32 bytes give.
    guard (8...72).contains(signature.count), let key = X509_get0_pubkey(certificates[0]),
      isOfP256(key), let context = EVP_MD_CTX_new()
    else { return false }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
  }

  /// Those whom certificates are believed.
  package final class Anchors: Sendable {
    fileprivate let chain: CertificateChain

    /// - Parameter pem: certificates of authorities, or of endpoints themselves; nil where there is none.
    package init?(pem: [UInt8]) {
      guard let chain = CertificateChain(pem: pem, limit: 10_000) else { return nil }
      self.chain = chain
    }
  }

  /// Whether the certificate leads to one of the anchors and is in force.
  ///
  /// - Parameter time: seconds since 1970.
  package func isTrusted(by anchors: Anchors, at time: Double) -> Bool {
    guard time.isFinite, abs(time) < 1e15, let store = X509_STORE_new() else { return false }
    defer {
      X509_STORE_free(store)
      ERR_clear_error()
    }
    for anchor in anchors.chain.certificates {
      guard X509_STORE_add_cert(store, anchor) == 1 else { return false }
    }
    guard let others = fairlead_certificates_new() else { return false }
    defer { fairlead_certificates_free(others) }
    for certificate in certificates.dropFirst() {
      guard fairlead_certificates_push(others, certificate) > 0 else { return false }
    }
    guard let context = X509_STORE_CTX_new() else { return false }
    defer { X509_STORE_CTX_free(context) }
    guard X509_STORE_CTX_init(context, store, certificates[0], others) == 1 else { return false }
    // An anchor may be an endpoint's own certificate, which no authority has issued.
    X509_STORE_CTX_set_flags(context, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    X509_STORE_CTX_set_time(context, 0, Int(time))
    return X509_verify_cert(context) == 1
  }
}
