import Foundation

/// A STOMP server of a test's own on 127.0.0.1, in a temporary directory that goes with it. It takes its time to start.
final class RabbitMQ: Sendable {
  private static let program = "/usr/lib/rabbitmq/bin/rabbitmq-server"
  private static let portMapper = "/usr/bin/epmd"
  static var isInstalled: Bool {
    FileManager.default.isExecutableFile(atPath: program)
      && FileManager.default.isExecutableFile(atPath: portMapper)
  }

  static let user = "usp"
  static let password = "usp: secret"

  let port: UInt16
  let tlsPort: UInt16
  private let directory: String
  private let distributionPort: UInt16
  private let portMapperPort: UInt16
  private let certificates: BrokerCertificates

  init(certificates: BrokerCertificates) throws {
    self.certificates = certificates
    directory = NSTemporaryDirectory() + "fairlead-rabbitmq-" + UUID().uuidString
    // Below the ports that the system gives to others.
    port = UInt16.random(in: 15_000..<29_990)
    tlsPort = port + 1
    distributionPort = port + 2
    portMapperPort = port + 3
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try write("[rabbitmq_stomp].\n", to: "plugins")
    try write(configuration, to: "rabbitmq.conf")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Runs the server until the body ends.
  func run<Result>(_ body: () async throws -> Result) async throws -> Result {
    // Otherwise the server would start one that stays when it ends.
    let portMapper = try BrokerProcess(
      Self.portMapper, ["-port", "\(portMapperPort)", "-address", "127.0.0.1"], environment: nil)
    let process: BrokerProcess
    do {
      process = try BrokerProcess(
        Self.program, ["-noinput"], environment: environment, log: directory + "/output")
    } catch {
      await portMapper.kill()
      throw error
    }
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await process.kill()
    await portMapper.kill()
    return try result.get()
  }

  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
  }

  private var environment: [String: String] {
    [
      "PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8",
      // The process is then the server itself, not a shell in front of it.
      "RABBITMQ_ALLOW_INPUT": "1",
      "RABBITMQ_NODENAME": "fairlead-\(port)@localhost",
      "RABBITMQ_MNESIA_BASE": directory + "/data", "RABBITMQ_LOG_BASE": directory,
      "RABBITMQ_CONFIG_FILE": directory + "/rabbitmq.conf",
      "RABBITMQ_ADVANCED_CONFIG_FILE": directory + "/none.config",
      "RABBITMQ_CONF_ENV_FILE": directory + "/none.conf",
      "RABBITMQ_ENABLED_PLUGINS_FILE": directory + "/plugins",
      "RABBITMQ_PID_FILE": directory + "/pid",
      "RABBITMQ_DIST_PORT": "\(distributionPort)",
      "ERL_EPMD_PORT": "\(portMapperPort)", "ERL_EPMD_ADDRESS": "127.0.0.1",
    ]
  }

  private var configuration: String {
    """
    listeners.tcp = none
    stomp.listeners.tcp.1 = 127.0.0.1:\(port)
    stomp.listeners.ssl.1 = 127.0.0.1:\(tlsPort)
    ssl_options.cacertfile = \(certificates.authority)
    ssl_options.certfile = \(certificates.server)
    ssl_options.keyfile = \(certificates.serverKey)
    ssl_options.verify = verify_peer
    ssl_options.fail_if_no_peer_cert = true
    ssl_options.versions.1 = tlsv1.2
    default_user = \(Self.user)
    default_pass = \(Self.password)
    log.file = false
    log.console = true

    """
  }
}
