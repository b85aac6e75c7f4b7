import Foundation
import TLSIdentity

/// Files of a test, gone with it.
final class TestFiles: Sendable {
  let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "usp-transports-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func path(_ name: String) -> String { directory + "/" + name }

  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// - Parameter clients: whether callers show certificates of the authority.
  func server(clients: TLSFiles.ClientCertificates = .optional) throws -> TLSFiles {
    var files = TLSFiles(
      certificate: try write("server.pem", EndpointCertificates.server),
      key: try write("server.key", EndpointCertificates.serverKey))
    files.clientAuthorities = try write("authority.pem", EndpointCertificates.authority)
    files.clientCertificates = clients
    return files
  }

  /// - Parameter certificate: shown by the client, with its key; nil: none.
  func client(_ certificate: (String, key: String)? = nil) throws -> TLSClientCredentials {
    var files = TLSClientFiles()
    files.authorities = try write("authority.pem", EndpointCertificates.authority)
    if let certificate {
      files.certificate = try write("client.pem", certificate.0)
      files.key = try write("client.key", certificate.key)
    }
    return try TLSClientCredentials(files)
  }
}
