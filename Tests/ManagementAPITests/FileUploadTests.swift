import Cryptography
import FileServer
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

/// What devices send to the file server.
@Suite struct FileUploadTests {
  private static let now: Int64 = 1_767_225_600
  private static let link = UploadLink(key: Array(repeating: 9, count: 32))
  private static let target = UploadLink.Target(device: 7, task: 12)

  private struct Broken: Error {}

  private struct Stored {
    var digest: ContentDigest
    var size: Int64
  }

  /// What an intake was asked and told.
  private final class Ledger: Sendable {
    private let content = Mutex<[Stored]>([])
    private let open = Mutex(true)
    let outcome: UploadIntake.Outcome

    init(_ outcome: UploadIntake.Outcome) { self.outcome = outcome }

    var stored: [Stored] { content.withLock { $0 } }
    var isOpen: Bool { open.withLock { $0 } }
    func close() { open.withLock { $0 = false } }
    func add(_ file: IncomingContent) {
      content.withLock { $0.append(Stored(digest: file.digest, size: file.size)) }
    }
  }

  private struct Fixture {
    let server: FileServer
    let files: FileStore
    let directory: TemporaryDirectory
    let ledger: Ledger

    var path: String { FileUploadTests.path() }

    func send(
      _ body: String, to path: String, _ method: HTTPRequest.Method = .put,
      _ headers: HTTPFields = [:]
    ) async throws -> CollectedResponse {
      let context = BasicRequestContext(
        source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
      let request = Request(
        head: HTTPRequest(
          method: method, scheme: "http", authority: "x", path: path, headerFields: headers),
        body: .init(buffer: ByteBuffer(string: body)))
      return try await CollectedResponse(
        await server.responder().respond(to: request, context: context))
    }
  }

  private static func path(expiresAt: Int64 = now + 60, target: UploadLink.Target = target)
    -> String
  {
    link.url(base: "", to: target, expiresAt: expiresAt)
  }

  private static func run(
    outcome: UploadIntake.Outcome = .created, isBroken: Bool = false, isAway: Bool = false,
    knowsTasks: Bool = true, limit: Int64 = 1_000,
    _ body: (Fixture) async throws -> Void
  ) async throws {
    try await TemporaryDirectory.run { directory in
      let files = try FileStore(directory: directory.path)
      var configuration = FileServer.Configuration()
      configuration.host = "127.0.0.1"
      configuration.port = 0
      configuration.maximumUploadSize = limit
      var logger = Logger(label: "test")
      logger.logLevel = .critical
      let ledger = Ledger(outcome)
      try await body(
        Fixture(
          server: FileServer(
            configuration: configuration, files: files,
            link: FileLink(key: Array(repeating: 9, count: 32)),
            uploads: UploadIntake(
              link: link,
              isAwaited: {
                if !knowsTasks { throw UploadIntake.Unavailable() }
                return $0 == target && ledger.isOpen
              },
              record: { _, content in
                ledger.add(content)
                if isBroken { throw Broken() }
                if isAway { throw UploadIntake.Unavailable() }
                if ledger.outcome != .refused { try content.place() }
                return ledger.outcome
              }), logger: logger, now: { now }),
          files: files, directory: directory, ledger: ledger))
    }
  }

  private static func digest(_ text: String) throws -> ContentDigest {
    let hash = SHA256()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    return try #require(ContentDigest(Hex.encode(hash.finish())))
  }

  /// Whether the outage begins before the file is read or while it is.
  @Test(arguments: [true, false])
  func whileTheDatabaseIsAwayADeviceIsPutOff(knowsTasks: Bool) async throws {
    try await Self.run(isAway: true, knowsTasks: knowsTasks) { (fixture: Fixture) async throws in
      let response = try await fixture.send("config", to: fixture.path)
      #expect(response.status == 503)
      #expect(response.headers[.retryAfter] == "30")
      #expect(response.headers[.connection] == "close")
      #expect(try await fixture.files.open(try Self.digest("config")) == nil)
    }
  }

  @Test(arguments: [HTTPRequest.Method.put, .post])
  func aFileIsKeptAndRecordedBeforeTheAnswer(method: HTTPRequest.Method) async throws {
    try await Self.run { (fixture: Fixture) async throws in
      let response = try await fixture.send(
        "config", to: fixture.path, method, [.authorization: "Basic YTpi"])
      #expect(response.status == 201)
      let digest = try Self.digest("config")
      #expect(fixture.ledger.stored.map(\.digest) == [digest])
      #expect(fixture.ledger.stored.map(\.size) == [6])
      let file = try #require(try await fixture.files.open(digest))
      #expect(String(buffer: try await file.read(at: 0, count: 6)) == "config")
    }
    try await Self.run(outcome: .replaced) { (fixture: Fixture) async throws in
      #expect(try await fixture.send("config", to: fixture.path, method).status == 204)
    }
  }

  @Test func aDeviceMayAddItsOwnName() async throws {
    try await Self.run { (fixture: Fixture) async throws in
      #expect(try await fixture.send("x", to: fixture.path + "/backup.cfg").status == 201)
      let short = String(fixture.path.dropLast("/file".count))
      #expect(try await fixture.send("y", to: short).status == 201)
    }
  }

  @Test func anAlteredLinkOpensNothing() async throws {
    try await Self.run { (fixture: Fixture) async throws in
      for path in [
        fixture.path.replacingOccurrences(of: "7.12.", with: "7.13."),
        fixture.path.replacingOccurrences(of: "/7.", with: "/8."),
        fixture.path.replacingOccurrences(of: "\(Self.now + 60)", with: "\(Self.now + 61)"),
        fixture.path.replacingOccurrences(of: "/7.", with: "/+7."),
        "/uploads/", "/uploads/x", "/uploads/7.12.9999999999.", "/uploads/1.2.3",
      ] {
        #expect(try await fixture.send("x", to: path).status == 403, "\(path)")
      }
      let expired = Self.path(expiresAt: Self.now - 1)
      #expect(try await fixture.send("x", to: expired).status == 410)
      let other = Self.path(target: UploadLink.Target(device: 7, task: 13))
      #expect(try await fixture.send("x", to: other).status == 410)
      let read = try await fixture.send("", to: fixture.path, .get)
      #expect(read.status == 405 && read.headers[.allow] == "PUT, POST")
      #expect(fixture.ledger.stored.isEmpty && fixture.directory.names.isEmpty)
    }
  }

  @Test func aLinkForDownloadsIsNoneForUploads() async throws {
    try await Self.run { (fixture: Fixture) async throws in
      let read = FileLink(key: Array(repeating: 9, count: 32)).path(
        to: try Self.digest("x"), name: "x", expiresAt: Self.now + 60)
      #expect(try await fixture.send("x", to: read).status == 405)
      let signature = read.split(separator: "=").last ?? ""
      #expect(
        try await fixture.send("x", to: "/uploads/7.12.\(Self.now + 60).\(signature)").status == 403
      )
    }
  }

  @Test func aTaskThatHasEndedTakesNothing() async throws {
    try await Self.run { (fixture: Fixture) async throws in
      fixture.ledger.close()
      #expect(try await fixture.send("x", to: fixture.path).status == 410)
      #expect(fixture.directory.names.isEmpty)
    }
    // It ended while the file was arriving: what nobody knows of is not kept.
    try await Self.run(outcome: .refused) { (fixture: Fixture) async throws in
      #expect(try await fixture.send("x", to: fixture.path).status == 410)
      #expect(fixture.directory.names.isEmpty)
    }
  }

  @Test func whatCanNotBeRecordedIsNotKept() async throws {
    try await Self.run(isBroken: true) { (fixture: Fixture) async throws in
      #expect(try await fixture.send("x", to: fixture.path).status == 500)
      #expect(fixture.ledger.stored.count == 1 && fixture.directory.names.isEmpty)
    }
  }

  @Test func whatIsTooLargeIsNotKept() async throws {
    try await Self.run(limit: 5) { (fixture: Fixture) async throws in
      #expect(try await fixture.send("12345", to: fixture.path).status == 201)
      let before = fixture.directory.names
      // With and without a length that tells.
      #expect(try await fixture.send("123456", to: fixture.path).status == 413)
      let told = try await fixture.send(
        "123456", to: fixture.path, .put, [.contentLength: "6"])
      #expect(told.status == 413)
      #expect(fixture.directory.names == before && fixture.ledger.stored.count == 1)
    }
  }

  @Test func withoutAnIntakeNothingIsTaken() async throws {
    try await TemporaryDirectory.run { directory in
      var logger = Logger(label: "test")
      logger.logLevel = .critical
      let server = FileServer(
        configuration: FileServer.Configuration(),
        files: try FileStore(directory: directory.path),
        link: FileLink(key: Array(repeating: 9, count: 32)), logger: logger, now: { Self.now })
      let context = BasicRequestContext(
        source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
      let response = try await server.responder().respond(
        to: Request(
          head: HTTPRequest(method: .put, scheme: "http", authority: "x", path: Self.path()),
          body: .init(buffer: ByteBuffer(string: "x"))), context: context)
      #expect(response.status == .methodNotAllowed)
    }
  }

  // MARK: Over a socket

  @Test(arguments: [
    "Content-Length: 6\r\n\r\nconfig",
    "Transfer-Encoding: chunked\r\n\r\n4\r\nconf\r\n2\r\nig\r\n0\r\n\r\n",
    "Expect: 100-continue\r\nContent-Length: 6\r\n\r\nconfig",
  ]) func aSocketTakesIt(rest: String) async throws {
    try await Self.run { (fixture: Fixture) async throws in
      try await LiveServer.run({ fixture.server.application(onListening: $0) }) { port in
        let answer = try await RawClient.exchange(
          port: port,
          "PUT \(fixture.path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(rest)")
        let whole = answer.head + String(decoding: answer.body, as: UTF8.self)
        #expect(whole.contains("201 Created"))
        #expect(whole.contains("100 Continue") == rest.contains("Expect"))
      }
      #expect(fixture.ledger.stored.map(\.digest) == [try Self.digest("config")])
    }
  }

  @Test func aFileThatBreaksOffIsNotKept() async throws {
    try await Self.run { (fixture: Fixture) async throws in
      try await LiveServer.run({ fixture.server.application(onListening: $0) }) { port in
        // The device says 60 bytes, sends 6, and hangs up.
        try await RawClient.abandon(
          port: port,
          "PUT \(fixture.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nconfig")
        // The next one shows that the server has gone on; its own file alone is there at the end.
        let answer = try await RawClient.exchange(
          port: port,
          "PUT \(fixture.path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\ny"
        )
        #expect(answer.head.contains("201 Created"))
      }
      #expect(fixture.ledger.stored.map(\.size) == [1])
    }
  }
}

extension RawClient {
  /// Sends bytes and hangs up.
  fileprivate static func abandon(port: Int, _ request: String) async throws {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let descriptor = socket(
              AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Failure(what: "socket", code: errno) }
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let connected = withUnsafePointer(to: &address) { pointer in
              pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
              }
            }
            guard connected == 0 else { throw Failure(what: "connect", code: errno) }
            let bytes = Data(request.utf8)
            let sent = bytes.withUnsafeBytes {
              send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent == bytes.count else { throw Failure(what: "send", code: errno) }
          })
      }
    }
  }
}
