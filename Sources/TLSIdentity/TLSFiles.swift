/// The files with which a server speaks TLS, and what it wants of those who call.
package struct TLSFiles: Sendable {
  /// Paths of PEM files.
  package var certificate: String
  package var key: String
  /// The authorities whose certificates are believed of callers; empty: none.
  package var clientAuthorities = ""
  package var clientCertificates = ClientCertificates.off

  /// Whether callers show certificates of their own.
  package enum ClientCertificates: Sendable {
    case off, optional, required
  }

  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}
