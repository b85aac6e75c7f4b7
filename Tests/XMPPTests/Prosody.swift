import Foundation

/// An XMPP server of a test's own on 127.0.0.1, in a temporary directory that goes with it.
final class Prosody: Sendable {
  /// Where the programs are; nil where they are not installed.
  private static let program = ["/usr/bin/prosody", "/usr/local/bin/prosody"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static var isInstalled: Bool {
    program != nil && FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
  }

  static let domain = "localhost"
  static let passwords = [
    "acs": "acs secret", "cpe": "device secret", "stranger": "stranger secret",
  ]

  enum Encryption: Sendable { case required, none }

  private let directory: String
  private let encryption: Encryption
  let port: UInt16
  var certificate: String { directory + "/certificate.pem" }

  init(_ encryption: Encryption = .required) throws {
    self.encryption = encryption
    directory = NSTemporaryDirectory() + "fairlead-prosody-" + UUID().uuidString
    // Below the ports that the system gives to others.
    port = UInt16.random(in: 15_000..<30_000)
    let accounts = directory + "/data/localhost/accounts"
    try FileManager.default.createDirectory(
      atPath: accounts, withIntermediateDirectories: true)
    for (name, password) in Self.passwords {
      try write("return { [\"password\"] = \"\(password)\"; };\n", to: "\(accounts)/\(name).dat")
    }
    try write(configuration, to: directory + "/configuration.lua")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Runs the server until the body ends.
  func run<Result>(_ body: () async throws -> Result) async throws -> Result {
    if encryption == .required { try await makeCertificate() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program ?? "")
    process.arguments = ["--config", directory + "/configuration.lua", "-F"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    let ended = AsyncStream<Void> { continuation in
      process.terminationHandler = { _ in continuation.finish() }
    }
    try process.run()
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    // Not SIGTERM: the server has inherited the signal mask of a thread that blocks it.
    kill(process.processIdentifier, SIGKILL)
    for await _ in ended {}
    return try result.get()
  }

  private func makeCertificate() async throws {
    guard !FileManager.default.fileExists(atPath: certificate) else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", directory + "/key.pem", "-out", certificate, "-days", "2", "-subj",
      "/CN=\(Self.domain)", "-addext", "subjectAltName=DNS:\(Self.domain)",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let ended = AsyncStream<Void> { continuation in
      process.terminationHandler = { _ in continuation.finish() }
    }
    try process.run()
    for await _ in ended {}
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  private var configuration: String {
    let tls =
      encryption == .required
      ? "ssl = { certificate = \"\(certificate)\", key = \"\(directory)/key.pem\" }" : ""
    return """
      -- A test's own server, on this machine only.
      run_as_root = true
      pidfile = "\(directory)/prosody.pid"
      data_path = "\(directory)/data"
      modules_enabled = { "saslauth", \(encryption == .required ? "\"tls\"," : "") "disco" }
      modules_disabled = { "s2s", "offline" }
      c2s_ports = { \(port) }
      c2s_interfaces = { "127.0.0.1" }
      s2s_ports = {}
      http_ports = {}
      https_ports = {}
      authentication = "internal_plain"
      c2s_require_encryption = \(encryption == .required)
      log = { { levels = { min = "info" }, to = "file", filename = "\(directory)/log" } }
      VirtualHost "\(Self.domain)"
        \(tls)
      """
  }
}
