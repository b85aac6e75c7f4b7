import Foundation

/// An MQTT broker of a test's own on 127.0.0.1, in a temporary directory that goes with it.
final class Mosquitto: Sendable {
  private static let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  private static let passwordProgram = "/usr/bin/mosquitto_passwd"
  static var isInstalled: Bool {
    program != nil && FileManager.default.isExecutableFile(atPath: passwordProgram)
  }

  static let passwords = [
    "controller": "controller secret", "agent": "agent secret", "stranger": "stranger secret",
  ]

  let directory: String
  let port: UInt16
  private let certificates: BrokerCertificates?

  /// - Parameter certificates: for TLS; clients then need one, too.
  init(certificates: BrokerCertificates? = nil) throws {
    self.certificates = certificates
    directory = NSTemporaryDirectory() + "fairlead-mosquitto-" + UUID().uuidString
    // Below the ports that the system gives to others.
    port = UInt16.random(in: 15_000..<30_000)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try write(
      Self.passwords.map { "\($0.key):\($0.value)\n" }.joined(), to: directory + "/passwords")
    try write(access, to: directory + "/access")
    try write(configuration, to: directory + "/configuration")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Runs the broker until the body ends; may be called again.
  func run<Result>(_ body: () async throws -> Result) async throws -> Result {
    let marker = directory + "/passwords-are-hashed"
    if !FileManager.default.fileExists(atPath: marker) {
      try await BrokerProcess.run(Self.passwordProgram, ["-U", directory + "/passwords"])
      try write("", to: marker)
    }
    let process = try BrokerProcess(
      Self.program ?? "", ["-c", directory + "/configuration"], environment: nil)
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await process.kill()
    return try result.get()
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Each may do only what it has to; the stranger has no topics.
  private var access: String {
    """
    user controller
    topic readwrite usp/#
    user agent
    topic readwrite usp/#
    user stranger
    topic readwrite elsewhere/#
    """
  }

  private var configuration: String {
    var lines = """
      listener \(port) 127.0.0.1
      allow_anonymous false
      password_file \(directory)/passwords
      acl_file \(directory)/access
      persistence false
      log_dest file \(directory)/log
      log_type all
      max_queued_messages 100000

      """
    // It would give up what it was started with, and could not read these files.
    if getuid() == 0 { lines += "user root\n" }
    if let certificates {
      lines += """
        cafile \(certificates.authority)
        certfile \(certificates.server)
        keyfile \(certificates.serverKey)
        require_certificate true

        """
    }
    return lines
  }
}
