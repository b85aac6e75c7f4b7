import CLibCrypto

/// The names that an X.509 certificate has besides its subject (RFC 5280, section 4.2.1.6).
package struct CertificateAlternativeNames: Sendable, Equatable {
  /// `uniformResourceIdentifier`, in the order of the certificate.
  package var uris: [String] = []
  /// `dNSName`, in the order of the certificate.
  package var dnsNames: [String] = []

  package init(uris: [String], dnsNames: [String]) {
    self.uris = uris
    self.dnsNames = dnsNames
  }

  /// Names after these are not looked at.
  private static let limit = 64

  /// - Parameter der: the certificate; its signature is not looked at. Names with a NUL or a character that is not of ASCII in them
  ///   are left out.
  /// - Returns: nil where it is no certificate.
  package init?(ofDER der: [UInt8]) {
    let names: Self? = der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      guard let certificate = d2i_X509(nil, &position, bytes.count) else { return nil }
      defer { X509_free(certificate) }
      return Self(of: certificate)
    }
    guard let names else { return nil }
    self = names
  }

  private init(of certificate: OpaquePointer) {
    guard let extensionValue = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
    else { return }
    let names = OpaquePointer(extensionValue)
    defer { GENERAL_NAMES_free(names) }
    for index in 0..<min(fairlead_general_names_count(names), Int32(Self.limit)) {
      guard let name = fairlead_general_name(names, index)?.pointee else { continue }
      switch name.type {
      case GEN_URI:
        if let text = Self.text(name.d.uniformResourceIdentifier) { uris.append(text) }
      case GEN_DNS:
        if let text = Self.text(name.d.dNSName) { dnsNames.append(text) }
      default: break
      }
    }
  }

  private static func text(_ value: UnsafeMutablePointer<ASN1_IA5STRING>?) -> String? {
    guard let value, let start = ASN1_STRING_get0_data(value) else { return nil }
    let bytes = UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(value)))
    guard bytes.allSatisfy({ $0 > 0 && $0 < 0x80 }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
