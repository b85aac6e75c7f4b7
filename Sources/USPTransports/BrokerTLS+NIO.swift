import NIOCore
import NIOSSL

extension BrokerTLS {
  /// Reads the files; it blocks for a moment.
  func context() throws(BrokerProblem) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if !authorities.isEmpty {
      let found = (try? NIOSSLCertificate.fromPEMFile(authorities)) ?? []
      guard !found.isEmpty else {
        throw BrokerProblem("\(authorities): there are no certificates in PEM in it")
      }
      configuration.trustRoots = .certificates(found)
    }
    if !certificate.isEmpty || !key.isEmpty {
      let chain = (try? NIOSSLCertificate.fromPEMFile(certificate)) ?? []
      guard !chain.isEmpty else {
        throw BrokerProblem("\(certificate): there are no certificates in PEM in it")
      }
      // Without a person there is nobody to ask for a passphrase.
      guard
        let key = try? NIOSSLPrivateKey(
          file: key, format: .pem, passphraseCallback: { setter in setter([UInt8]()) })
      else {
        throw BrokerProblem("\(key): there is no private key in PEM without a passphrase in it")
      }
      configuration.certificateChain = chain.map { .certificate($0) }
      configuration.privateKey = .privateKey(key)
    }
    configuration.certificateVerification =
      verifiesHostName ? .fullVerification : .noHostnameVerification
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw BrokerProblem("the files for TLS can't be used together: \(error)")
    }
  }

  /// What encrypts one connection.
  static func handler(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
    // An address has no place in SNI; it is compared with those in the certificate.
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
  }
}
