import NIOSSL

/// Whom devices trust, and who they are, when they use TLS.
package struct TLSOptions: Sendable, Equatable {
  /// A PEM file with the authorities that are trusted; nil for those of the system.
  package var authorities: String?
  /// A PEM file with the devices' certificate and what stands between it and its authority.
  package var certificate: String?
  /// A PEM file with its private key.
  package var key: String?

  package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }

  package func validate() throws(SimulatorError) {
    guard (certificate == nil) == (key == nil) else {
      throw SimulatorError(.invalidOption, "--certificate and --key belong together")
    }
  }

  /// What connections are made with; throws what is wrong with the files, never their contents.
  func context() throws(SimulatorError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    var file = ""
    do {
      if let authorities {
        file = authorities
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
      }
      if let certificate, let key {
        file = certificate
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate)
          .map { .certificate($0) }
        file = key
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
      }
      file = "the TLS configuration"
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw SimulatorError(.file, "\(file) cannot be used: \(error)")
    }
  }

  /// Why TLS failed, in the library's word and without its file names.
  static func reason(_ error: any Error) -> String {
    let text = String(describing: error)
    guard let mark = text.range(of: "OPENSSL_internal:") else { return "TLS failed" }
    let word = text[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return "TLS failed: \(word)"
  }
}
