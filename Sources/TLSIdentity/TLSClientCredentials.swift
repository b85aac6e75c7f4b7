import NIOCore
import NIOSSL

/// What a client speaks TLS with, as files.
package struct TLSClientFiles: Sendable, Equatable {
  /// The path of a PEM file with the authorities whose certificates are believed; empty: those of the system.
  package var authorities = ""
  /// Paths of PEM files; empty: the client shows no certificate.
  package var certificate = ""
  package var key = ""
  package var serverVerification = ServerVerification.full

  /// What is looked at in the server's certificate.
  package enum ServerVerification: Sendable, Equatable {
    case full
    /// The authority, but not the name.
    case authority
    /// Nothing: anybody can be the server. For tests.
    case off
  }

  package init() {}
}

/// What a client speaks TLS with; read from files.
package struct TLSClientCredentials: Sendable {
  package let context: NIOSSLContext
  /// Whether a server's certificate proves anything.
  package let verifiesServer: Bool

  /// What encrypts one connection to a host. An address has no place in SNI; it is compared with those in the certificate.
  package func handler(host: String) throws -> NIOSSLClientHandler {
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
  }

  /// Reads the files; it blocks for a moment.
  /// - Throws: ``TLSCredentials/Problem``.
  package init(_ files: TLSClientFiles = TLSClientFiles()) throws(TLSCredentials.Problem) {
    verifiesServer = files.serverVerification != .off
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    switch files.serverVerification {
    case .full: break
    case .authority: configuration.certificateVerification = .noHostnameVerification
    case .off: configuration.certificateVerification = .none
    }
    if !files.authorities.isEmpty {
      configuration.trustRoots = .certificates(try TLSCredentials.certificates(files.authorities))
    }
    if !files.certificate.isEmpty {
      configuration.certificateChain = try TLSCredentials.certificates(files.certificate)
        .map { .certificate($0) }
      configuration.privateKey = .privateKey(try TLSCredentials.privateKey(files.key))
    }
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw TLSCredentials.Problem(
        path: files.certificate.isEmpty ? files.authorities : files.certificate,
        reason: "it can't be used: \(error)")
    }
  }
}
