import FileServer
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@Suite struct FileServerTests {
  private static let now: Int64 = 1_767_225_600
  private static let link = FileLink(key: Array(repeating: 9, count: 32))
  /// More than one piece as the server reads it.
  private static let content = Data(
    (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })

  private struct Fixture {
    let server: FileServer
    let files: FileStore
    let digest: ContentDigest
    var path: String {
      FileServerTests.link.path(to: digest, name: "fw.bin", expiresAt: FileServerTests.now + 60)
    }

    func send(
      _ path: String, _ method: HTTPRequest.Method = .get, _ headers: HTTPFields = [:]
    ) async throws -> CollectedResponse {
      let context = BasicRequestContext(
        source: .init(channel: EmbeddedChannel(), logger: Logger(label: "test")))
      let request = Request(
        head: HTTPRequest(
          method: method, scheme: "http", authority: "x", path: path, headerFields: headers),
        body: .init(buffer: ByteBuffer()))
      return try await CollectedResponse(
        await server.responder().respond(to: request, context: context))
    }
  }

  private static func run(_ body: (Fixture) async throws -> Void) async throws {
    try await TemporaryDirectory.run { directory in
      let files = try FileStore(directory: directory.path)
      let stream = AsyncStream<ByteBuffer> { continuation in
        continuation.yield(ByteBuffer(bytes: content))
        continuation.finish()
      }
      let stored = try await files.receive(stream, limit: 1 << 20)
      try stored.place()
      var configuration = FileServer.Configuration()
      configuration.host = "127.0.0.1"
      configuration.port = 0
      var logger = Logger(label: "test")
      logger.logLevel = .critical
      try await body(
        Fixture(
          server: FileServer(
            configuration: configuration, files: files, link: link, logger: logger, now: { now }),
          files: files, digest: stored.digest))
    }
  }

  @Test func aFileIsServedWhole() async throws {
    try await Self.run { fixture in
      let response = try await fixture.send(fixture.path)
      #expect(response.status == 200)
      #expect(response.body == Self.content)
      #expect(response.headers[.contentLength] == "300000")
      #expect(response.headers[.acceptRanges] == "bytes")
      #expect(response.headers[.eTag] == "\"\(fixture.digest)\"")
      let head = try await fixture.send(fixture.path, .head)
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(head.headers[.contentLength] == "300000")
    }
  }

  @Test func partsAreServed() async throws {
    try await Self.run { fixture in
      let part = try await fixture.send(fixture.path, .get, [.range: "bytes=131070-262145"])
      #expect(part.status == 206)
      #expect(part.headers[.contentRange] == "bytes 131070-262145/300000")
      #expect(part.headers[.contentLength] == "131076")
      #expect(part.body == Self.content[131_070...262_145])
      let none = try await fixture.send(fixture.path, .get, [.range: "bytes=300000-"])
      #expect(none.status == 416 && none.body.isEmpty)
      #expect(none.headers[.contentRange] == "bytes */300000")
      let tag = "\"\(fixture.digest)\""
      let same = try await fixture.send(
        fixture.path, .get, [.range: "bytes=0-9", .ifRange: tag])
      #expect(same.status == 206)
      for other in ["\"other\"", "W/\(tag)", "Thu, 01 Jan 2026 00:00:00 GMT"] {
        let changed = try await fixture.send(
          fixture.path, .get, [.range: "bytes=0-9", .ifRange: other])
        #expect(changed.status == 200 && changed.body.count == 300_000)
      }
      let known = try await fixture.send(
        fixture.path, .get, [.ifNoneMatch: "\"x\", W/\(tag)"])
      #expect(known.status == 304 && known.body.isEmpty)
    }
  }

  @Test func whatIsNotSignedIsNotServed() async throws {
    try await Self.run { fixture in
      let base = "/files/\(fixture.digest)/fw.bin"
      #expect(try await fixture.send(base).status == 403)
      #expect(try await fixture.send(base + "?expires=9999999999&signature=AAAA").status == 403)
      #expect(
        try await fixture.send(fixture.path.replacingOccurrences(of: "fw.bin", with: "fx.bin"))
          .status == 403)
      let old = Self.link.path(to: fixture.digest, name: "fw.bin", expiresAt: Self.now - 1)
      #expect(try await fixture.send(old).status == 410)
      let query = fixture.path.drop { $0 != "?" }
      for path in [
        "/", "/files", "/files/", "/files/..%2f..%2fetc%2fpasswd/x", "/files/../x/\(query)",
        "/files/\(fixture.digest)/a/b\(query)", "//files/\(fixture.digest)/fw.bin\(query)", "*",
      ] {
        #expect(try await fixture.send(path).status == 404, "\(path)")
      }
      let refused = try await fixture.send(fixture.path, .post)
      #expect(refused.status == 405)
      #expect(refused.headers[.allow] == "GET, HEAD")
      try await fixture.files.remove(fixture.digest)
      #expect(try await fixture.send(fixture.path).status == 404)
    }
  }

  @Test func aSocketServesIt() async throws {
    try await Self.run { fixture in
      try await LiveServer.run({ fixture.server.application(onListening: $0) }) { port in
        let whole = try await RawClient.exchange(
          port: port, "GET \(fixture.path) HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n")
        #expect(whole.head.hasPrefix("HTTP/1.1 200"))
        #expect(whole.body == Self.content)
        // A connection that goes on serves a second request.
        let twice = try await RawClient.exchange(
          port: port,
          "GET \(fixture.path) HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n"
            + "HEAD \(fixture.path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(twice.head.hasPrefix("HTTP/1.1 206"))
        #expect(String(decoding: twice.body.dropFirst(2), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
        let bad = try await RawClient.exchange(
          port: port, "POST \(fixture.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        #expect(bad.head.hasPrefix("HTTP/1.1 405"))
      }
    }
  }
}
