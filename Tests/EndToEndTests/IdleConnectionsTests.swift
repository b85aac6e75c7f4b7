import Foundation
import Testing

/// Peers that connect and then say nothing, by the thousand.
@Suite(.serialized, .serverUnderAttack(patience: "600s")) struct IdleConnectionsTests {
  private static let count = 10_000

  /// Whether a process here may have as many open, which most systems allow.
  private static let isPossible: Bool = {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
      && limit.rlim_max >= rlim_t(count + 2_000)
  }()

  /// A process that holds the connections.
  private func crowd(at port: Int, in directory: URL) throws -> RunningProgram {
    try RunningProgram(
      "/bin/bash",
      [
        "-c",
        """
        ulimit -n $(ulimit -H -n)
        for ((i = 0; i < \(Self.count); i++)); do
          exec {connection}<>/dev/tcp/127.0.0.1/\(port) || exit 1
        done
        echo all are open
        exec sleep 600
        """,
      ], output: directory.appendingPathComponent("crowd.log"))
  }

  @Test(.enabled(if: isPossible, "a process may not have 12,000 files open here"))
  func tenThousandIdleConnectionsAreBorne() async throws {
    let server = try #require(AttackedServer.current)
    let device = PlainDevice(serial: "PATIENT")
    try await device.callHome(server.port)
    let before = try server.descriptors()
    // 16 KiB each, and what the server needs for itself.
    try await server.cost(of: "10,000 idle connections", atMost: 160) {
      let crowd = try crowd(at: server.port, in: server.site.directory)
      try #require(try await crowd.waits(for: "all are open"), "\(crowd.text)")
      let isFull = try await server.eventually { try server.descriptors() >= Self.count }
      #expect(isFull)
      try await device.callHome(server.port)
      crowd.signal(SIGKILL)
      _ = try await crowd.wait()
      let isFree = try await server.eventually { try server.descriptors() < before + 100 }
      #expect(isFree)
    }
    try await device.callHome(server.port)
  }
}
