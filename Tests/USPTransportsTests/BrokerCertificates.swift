import Foundation

/// An authority of a test's own, and what it has signed: a broker's certificate for localhost, and a client's.
final class BrokerCertificates: Sendable {
  private static let program = "/usr/bin/openssl"
  static var canBeMade: Bool { FileManager.default.isExecutableFile(atPath: program) }

  private let directory: String
  var authority: String { directory + "/authority.pem" }
  var server: String { directory + "/server.pem" }
  var serverKey: String { directory + "/server.key" }
  var client: String { directory + "/client.pem" }
  var clientKey: String { directory + "/client.key" }
  /// An authority that has signed nothing.
  var otherAuthority: String { directory + "/other.pem" }

  init() async throws {
    directory = NSTemporaryDirectory() + "fairlead-certificates-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try await makeAuthority("authority")
    try await makeAuthority("other")
    try await sign("server", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    try await sign("client", "subjectAltName=URI:urn:bbf:usp:id:self::controller")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func makeAuthority(_ name: String) async throws {
    try await openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", "\(directory)/\(name).key", "-out", "\(directory)/\(name).pem", "-days", "2",
      "-subj", "/CN=\(name) of a test",
    ])
  }

  private func sign(_ name: String, _ extensions: String) async throws {
    try await openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", "\(directory)/\(name).key", "-out", "\(directory)/\(name).pem", "-days", "2",
      "-subj", "/CN=\(name)", "-addext", extensions, "-addext", "basicConstraints=CA:FALSE",
      "-CA", authority, "-CAkey", "\(directory)/authority.key",
    ])
  }

  private func openssl(_ arguments: [String]) async throws {
    try await BrokerProcess.run(Self.program, arguments)
  }
}
