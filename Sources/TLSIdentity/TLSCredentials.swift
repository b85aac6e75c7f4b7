import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// The certificate and key with which a server speaks TLS, and the authorities that it believes of those who call; read from files, and
/// read again when these change.
package final class TLSCredentials: Sendable {
  /// Why files can't be used; holds nothing of their content.
  package struct Problem: Error, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "\(path): \(reason)" }
  }

  /// What tells one state of a file from another.
  private struct Stamp: Equatable {
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  private struct Content {
    var context: NIOSSLContext
    /// As the files were when they were last looked at, whether they could be used or not.
    var stamps: [Stamp?]
  }

  private let settings: TLSFiles
  private let logger: Logger
  private let content: NIOLockedValueBox<Content>

  /// Reads the files; it blocks for a moment.
  /// - Throws: ``Problem``.
  package init(_ settings: TLSFiles, logger: Logger) throws(Problem) {
    self.settings = settings
    self.logger = logger
    let stamps = Self.stamps(settings)
    content = NIOLockedValueBox(
      Content(context: try Self.load(settings), stamps: stamps))
  }

  /// What new connections speak TLS with.
  package var context: NIOSSLContext { content.withLockedValue { $0.context } }

  /// Reads the files again if one has changed. Where the new ones can't be used, the old ones stay in force. It blocks for a moment.
  /// - Returns: true where new ones are in force.
  @discardableResult
  package func reloadIfChanged() -> Bool {
    let stamps = Self.stamps(settings)
    guard content.withLockedValue({ $0.stamps != stamps }) else { return false }
    do {
      let context = try Self.load(settings)
      content.withLockedValue { $0 = Content(context: context, stamps: stamps) }
      logger.notice(
        "new TLS certificates are in force", metadata: ["file": "\(settings.certificate)"])
      return true
    } catch {
      content.withLockedValue { $0.stamps = stamps }
      logger.error(
        "changed TLS files can't be used; those from before stay in force",
        metadata: ["error": "\(error)"])
      return false
    }
  }

  private static func stamps(_ settings: TLSFiles) -> [Stamp?] {
    [settings.certificate, settings.key, settings.clientAuthorities].map { path in
      var status = stat()
      guard !path.isEmpty, stat(path, &status) == 0 else { return nil }
      return Stamp(
        inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
        nanoseconds: status.st_mtim.tv_nsec)
    }
  }

  private static func load(_ settings: TLSFiles) throws(Problem) -> NIOSSLContext {
    let chain = try certificates(settings.certificate)
    let key = try privateKey(settings.key)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    switch settings.clientCertificates {
    case .off: break
    case .optional: configuration.certificateVerification = .optionalVerification
    // There is no host name in the certificate of a device.
    case .required: configuration.certificateVerification = .noHostnameVerification
    }
    if settings.clientCertificates != .off {
      configuration.trustRoots = .certificates(try certificates(settings.clientAuthorities))
      configuration.sendCANameList = true
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw Problem(
        path: settings.certificate,
        reason: "it can't be used together with \(settings.key): \(error)")
    }
  }

  static func privateKey(_ path: String) throws(Problem) -> NIOSSLPrivateKey {
    do {
      // Without a person there is nobody to ask for a passphrase.
      return try NIOSSLPrivateKey(file: path, format: .pem) { setter in
        setter([UInt8]())
      }
    } catch {
      throw Problem(
        path: path, reason: "it can't be read as a private key in PEM without a passphrase")
    }
  }

  static func certificates(_ path: String) throws(Problem) -> [NIOSSLCertificate] {
    do {
      let found = try NIOSSLCertificate.fromPEMFile(path)
      if !found.isEmpty { return found }
    } catch {
      throw Problem(path: path, reason: "it can't be read as certificates in PEM: \(error)")
    }
    throw Problem(path: path, reason: "there is no certificate in it")
  }
}
