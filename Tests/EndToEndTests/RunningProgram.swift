import CLibPQ
import Foundation
import Synchronization

/// One of the programs, as a process of its own.
///
/// Without Foundation's `Process`, which reads beyond a directory's entries where many files are open, and so ends the tests at times.
final class RunningProgram: Sendable {
  private enum State {
    case running
    case ended(Int32)
  }

  let identifier: pid_t
  let output: URL
  private let state = Mutex(State.running)

  /// Where the package manager puts the programs: beside the tests.
  static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// - Parameters:
  ///   - name: one of the programs, or the path of another.
  ///   - output: the file that takes what the program prints.
  init(_ name: String, _ arguments: [String], environment: [String: String] = [:], output: URL)
    throws
  {
    self.output = output
    let path = name.hasPrefix("/") ? name : Self.directory.appendingPathComponent(name).path
    var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("FAIRLEAD_") }
    all.merge(environment) { $1 }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    _ = fairlead_spawn_closes_from(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, words, variables)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    identifier = process
  }

  deinit {
    guard isRunning else { return }
    kill(identifier, SIGKILL)
    waitpid(identifier, nil, 0)
  }

  var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
  var isRunning: Bool { status == nil }

  func signal(_ signal: Int32) { if isRunning { kill(identifier, signal) } }

  /// With what it ended, 128 and more for a signal as shells have it; nil while it runs.
  private var status: Int32? {
    state.withLock { state in
      if case .ended(let status) = state { return status }
      var word: Int32 = 0
      guard waitpid(identifier, &word, WNOHANG) == identifier else { return nil }
      let signal = word & 0x7f
      let status = signal == 0 ? (word >> 8) & 0xff : 128 + signal
      state = .ended(status)
      return status
    }
  }

  /// - Returns: the status with which the program ended; nil where it has not ended in time.
  func wait(atMost seconds: Double = 120) async throws -> Int32? {
    for _ in 0..<Int(seconds * 20) {
      if let status { return status }
      try await Task.sleep(for: .milliseconds(50))
    }
    return nil
  }

  /// Waits until the program has printed something.
  func waits(for part: String, atMost seconds: Double = 120) async throws -> Bool {
    for _ in 0..<Int(seconds * 20) {
      if text.contains(part) { return true }
      if !isRunning { return text.contains(part) }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }
}

/// A folder with a server's data, and the ports that the server keeps over restarts.
struct Installation: Sendable {
  let directory: URL
  let ports: (cwmp: Int, usp: Int, files: Int, api: Int)

  init() throws {
    var template = Array("/tmp/fairlead-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Started as root, the database runs as another user, who passes through here.
    chmod(path, 0o711)
    directory = URL(fileURLWithPath: path)
    ports = (
      try Self.freePort(), try Self.freePort(), try Self.freePort(), try Self.freePort()
    )
  }

  func remove() { try? FileManager.default.removeItem(at: directory) }

  var data: URL { directory.appendingPathComponent("data") }

  func start(_ number: Int, _ options: [String] = []) throws -> RunningProgram {
    try RunningProgram(
      "acsd", serving + ["--log-level", "warning"] + options,
      output: directory.appendingPathComponent("acsd-\(number).log"))
  }

  /// Starts the server as a login shell of most systems would, which lets a program have 1,024 files open and raise that itself.
  func startFromShell(_ options: [String]) throws -> RunningProgram {
    try RunningProgram(
      "/bin/sh",
      [
        "-c", "ulimit -S -n 1024; exec \"$0\" \"$@\"",
        RunningProgram.directory.appendingPathComponent("acsd").path,
      ] + serving + options, output: directory.appendingPathComponent("acsd.log"))
  }

  private var serving: [String] {
    [
      "serve", "--data-directory", data.path, "--cwmp-host", "127.0.0.1", "--cwmp-port",
      "\(ports.cwmp)", "--usp-host", "127.0.0.1", "--usp-port", "\(ports.usp)", "--files-host",
      "127.0.0.1", "--files-port", "\(ports.files)",
      "--api-port", "\(ports.api)",
    ]
  }

  /// Starts simulated agents.
  func simulateAgents(_ arguments: [String], log: String = "agents.log") throws -> RunningProgram {
    try RunningProgram(
      "cpesim", ["usp", "run"] + arguments, environment: ["FAIRLEAD_DATA_DIRECTORY": data.path],
      output: directory.appendingPathComponent(log))
  }

  func simulate(_ arguments: [String], log: String = "cpesim.log") throws -> RunningProgram {
    try RunningProgram(
      "cpesim", ["run", "--acs", "http://127.0.0.1:\(ports.cwmp)/"] + arguments,
      environment: ["FAIRLEAD_DATA_DIRECTORY": data.path],
      output: directory.appendingPathComponent(log))
  }

  /// Runs an operator's command on the same machine, where it finds the first token by itself.
  func operate(_ words: String...) async throws -> (status: Int32?, text: String) {
    try await operate(words: words)
  }

  /// Waits until a device is known and its tree has been read.
  func waitForDevice(_ name: String) async throws {
    for _ in 0..<600 {
      let shown = try await operate("get", "device", name, "-o", "json")
      if shown.text.contains("\"lastRead\"") { return }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  func operate(words arguments: [String]) async throws -> (status: Int32?, text: String) {
    let program = try RunningProgram(
      "acsctl", arguments + ["--server", "http://127.0.0.1:\(ports.api)"],
      environment: ["FAIRLEAD_DATA_DIRECTORY": data.path, "HOME": directory.path],
      output: directory.appendingPathComponent("acsctl-\(UUID().uuidString).log"))
    let status = try await program.wait()
    return (status, program.text)
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard status else { throw POSIXError(.EADDRINUSE) }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
