import Cryptography

/// Signs Records with a key on the curve P-256 (TR-369 R-E2E.30).
package struct CertificateSigner: RecordSigner {
  package let certificate: [UInt8]
  private let key: SigningKey

  /// - Parameters:
  ///   - certificate: in PEM; names the endpoint in a subject alternative name.
  ///   - privateKey: in PEM.
  /// - Returns: nil where they can't be read, or don't belong together.
  package init?(certificate: [UInt8], privateKey: [UInt8]) {
    let probe = Array("probe".utf8)
    guard let key = SigningKey(pem: privateKey), let chain = CertificateChain(pem: certificate),
      let signature = key.signature(of: probe), chain.isValid(signature: signature, of: probe)
    else { return nil }
    self.certificate = certificate
    self.key = key
  }

  package func signature(of bytes: [UInt8]) -> [UInt8]? { key.signature(of: bytes) }
}

/// Believes signatures of those whose certificate names them and leads to an authority (TR-369 R-E2E.28, R-SEC.0a).
package struct CertificateVerifier: RecordVerifier {
  private let anchors: CertificateChain.Anchors
  private let now: @Sendable () -> Double

  /// - Parameter now: seconds since 1970.
  package init(anchors: CertificateChain.Anchors, now: @escaping @Sendable () -> Double) {
    self.anchors = anchors
    self.now = now
  }

  package func isValid(
    signature: [UInt8], certificate: [UInt8], of bytes: [UInt8], from endpoint: EndpointID
  ) -> Bool {
    // The signature first, as it costs least.
    guard certificate.count <= 64 << 10, let chain = CertificateChain(pem: certificate),
      chain.isValid(signature: signature, of: bytes), let names = chain.alternativeNames,
      EndpointID.isNamed(endpoint, by: names)
    else { return false }
    return chain.isTrusted(by: anchors, at: now())
  }
}

extension EndpointID {
  /// Whether a certificate of these names is the endpoint's: by its URN, or by the host name that its ID is.
  package static func isNamed(_ endpoint: EndpointID, by names: CertificateAlternativeNames) -> Bool
  {
    if names.uris.contains(where: { EndpointID.fromURN($0) == endpoint }) { return true }
    return endpoint.scheme == .fqdn
      && names.dnsNames.contains { $0.lowercased() == endpoint.instance.lowercased() }
  }
}
