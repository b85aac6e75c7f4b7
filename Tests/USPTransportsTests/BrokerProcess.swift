import Foundation

/// A program that a test has started, and that ends with the test's process whatever happens to that.
final class BrokerProcess: Sendable {
  /// Ends a program once nobody holds the other end of the standard input any more, unless a line came.
  private static let guardian = #"read -r line || kill -KILL "$1""#

  private let processIdentifier: pid_t
  private let ended: AsyncStream<Int32>
  private let guardianInput: Pipe

  /// - Parameter environment: nil: that of the test.
  init(_ program: String, _ arguments: [String], environment: [String: String]?, log: String? = nil)
    throws
  {
    (processIdentifier, ended) = try Self.start(program, arguments, environment, log: log)
    guardianInput = Pipe()
    // Another program would hold the other end as well.
    for end in [guardianInput.fileHandleForReading, guardianInput.fileHandleForWriting] {
      _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    _ = try Self.start(
      "/bin/sh", ["-c", Self.guardian, "sh", "\(processIdentifier)"], nil, input: guardianInput)
  }

  /// Ends it at once. Not with SIGTERM: it has inherited the signal mask of a thread that blocks it.
  func kill() async {
    Foundation.kill(processIdentifier, SIGKILL)
    for await _ in ended {}
    try? guardianInput.fileHandleForWriting.write(contentsOf: Array("ended\n".utf8))
    try? guardianInput.fileHandleForWriting.close()
  }

  /// Runs a program to its end.
  /// - Throws: where it fails.
  static func run(_ program: String, _ arguments: [String]) async throws {
    var status: Int32 = -1
    for await value in try start(program, arguments, nil).ended { status = value }
    guard status == 0 else { throw BrokerTestFailure("\(program) has ended with \(status)") }
  }

  private static func start(
    _ program: String, _ arguments: [String], _ environment: [String: String]?,
    input: Pipe? = nil, log: String? = nil
  ) throws -> (processIdentifier: pid_t, ended: AsyncStream<Int32>) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let environment { process.environment = environment }
    process.standardInput = input ?? FileHandle.nullDevice
    var output = FileHandle.nullDevice
    if let log, FileManager.default.createFile(atPath: log, contents: nil) {
      output = FileHandle(forWritingAtPath: log) ?? output
    }
    process.standardOutput = output
    process.standardError = output
    let (ended, continuation) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = {
      continuation.yield($0.terminationStatus)
      continuation.finish()
    }
    try process.run()
    return (process.processIdentifier, ended)
  }
}
