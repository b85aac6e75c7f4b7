import CLibCrypto

/// What stands in the subject of an X.509 certificate (RFC 5280, section 4.1.2.6).
package enum CertificateSubject {
  /// The common name as text; nil where there is none, more than one, or one with a NUL in it.
  ///
  /// - Parameter der: the certificate; its signature is not looked at.
  package static func commonName(ofDER der: [UInt8]) -> String? {
    der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      guard let certificate = d2i_X509(nil, &position, bytes.count) else { return nil }
      defer { X509_free(certificate) }
      guard let subject = X509_get_subject_name(certificate) else { return nil }
      let index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
      guard index >= 0, X509_NAME_get_index_by_NID(subject, NID_commonName, index) < 0,
        let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index))
      else { return nil }
      var text: UnsafeMutablePointer<UInt8>?
      let length = ASN1_STRING_to_UTF8(&text, value)
      guard length >= 0, let text else { return nil }
      defer { CRYPTO_free(text, nil, 0) }
      let buffer = UnsafeBufferPointer(start: text, count: Int(length))
      guard !buffer.contains(0) else { return nil }
      return String(validating: buffer, as: UTF8.self)
    }
  }
}
