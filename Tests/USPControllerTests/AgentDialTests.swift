import FleetStore
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Postgres
import Refusals
import TLSIdentity
import Testing
import USP
import USPTransports

@testable import USPController

/// Agents that take WebSockets instead of calling.
@Suite(.timeLimit(.minutes(2))) struct AgentDialTests {
  /// Tells when the controller's first Record has come.
  private final class Agent: LinkReceiver {
    let records: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation

    init() { (records, continuation) = AsyncStream.makeStream() }

    func received(_ record: [UInt8]) { continuation.yield(record) }
    func closed(_ why: String) { continuation.finish() }
  }

  /// - Returns: whether the agent was called.
  private func isCalled(
    server tls: TLSFiles?, as scheme: String, with files: TLSClientFiles = TLSClientFiles(),
    for patience: Duration = .seconds(60)
  ) async throws -> Bool {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let group = MultiThreadedEventLoopGroup.singleton
    let own = try #require(EndpointID("self::controller"))
    var settings = WebSocketServerSettings(
      own: try #require(EndpointID("os::02FA1E-1")), port: 0)
    settings.host = "127.0.0.1"
    settings.tls = tls
    let (links, continuation) = AsyncStream<Void>.makeStream()
    let agent = Agent()
    let server = try await WebSocketServer.start(
      settings: settings, group: group, logger: logger,
      authorize: { _ in .admitted(.nothing) },
      accept: { _ in
        continuation.yield()
        return agent
      })
    var called = false
    try await TemporaryCluster.withDatabase { database in
      let store = try await FleetStore.open(
        database, settings: FleetStore.Settings(), logger: logger)
      let core = ControllerCore(
        settings: ControllerSettings(endpoint: own),
        environment: ControllerEnvironment(
          store: store, source: { _, _ in nil }, now: { Date().timeIntervalSince1970 }),
        refusals: RefusalLog(logger: logger), logger: logger)
      let client = WebSocketClient(group: group, logger: logger)
      let dial = AgentDial(
        url: "\(scheme)://localhost:\(server.port)/usp", core: core, client: client, tls: files,
        logger: logger)
      dial.start()
      let wait = Task {
        try await Task.sleep(for: patience)
        continuation.finish()
      }
      var iterator = links.makeAsyncIterator()
      called = await iterator.next() != nil
      wait.cancel()
      dial.stop()
      await client.stop(patience: 1)
      for conversation in core.table.all { await conversation.close(.goingAway) }
      await store.close()
    }
    await server.stop(patience: 1)
    return called
  }

  @Test func anAgentThatListensIsCalled() async throws {
    #expect(try await isCalled(server: nil, as: "ws"))
  }

  /// The authority of the agents need not be one that the system knows, and is believed only where it is named.
  @Test func anAuthorityOfOnesOwnIsBelieved() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    func file(_ name: String) -> String { directory.appending(path: name).path }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
      file("key"), "-out", file("certificate"),
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let server = TLSFiles(certificate: file("certificate"), key: file("key"))
    var files = TLSClientFiles()
    #expect(try await !isCalled(server: server, as: "wss", with: files, for: .seconds(2)))
    files.authorities = file("certificate")
    #expect(try await isCalled(server: server, as: "wss", with: files))
  }
}
