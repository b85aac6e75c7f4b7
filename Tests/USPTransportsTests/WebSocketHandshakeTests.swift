import NIOCore
import Testing
import USP

@testable import USPTransports

@Suite(.timeLimit(.minutes(1))) struct WebSocketHandshakeTests {
  private typealias Fixture = WebSocketFixture

  @Test func anEndpointIsLetIn() async throws {
    try await Fixture.run(
      authorize: { _ in .admitted(.credential(username: "agent")) }
    ) { fixture in
      let peer = try await RawPeer(port: fixture.server.port)
      peer.send(Fixture.request())
      let head = try await peer.head()
      #expect(head.first == "HTTP/1.1 101 Switching Protocols")
      #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
      #expect(head.contains("Sec-WebSocket-Protocol: v1.usp"))
      #expect(!head.contains { $0.hasPrefix("Sec-WebSocket-Extensions") }, "nobody has offered it")
      let link = try #require(await fixture.links.next()).link
      #expect(link.claimedEndpoint?.text == "os::012345-Agent")
      #expect(link.proof == .credential(username: "agent"))
      #expect(link.kind == .webSocket)
      #expect(link.peerAddress == "127.0.0.1")
      #expect(link.localAddress == "127.0.0.1")
      #expect(fixture.server.openLinks == 1)
      #expect(fixture.server.openHandshakes == 0)
    }
  }

  /// R-WS.11a: of USP 1.2 and before.
  @Test func theOldExtensionIsAnswered() async throws {
    try await Fixture.run { fixture in
      let peer = try await RawPeer(port: fixture.server.port)
      peer.send(
        Fixture.request(
          "GET /usp HTTP/1.1",
          more: ["Sec-WebSocket-Extensions: bbf-usp-protocol; eid=\"os::012345-Old\""]))
      #expect(
        try await peer.head().contains(
          "Sec-WebSocket-Extensions: bbf-usp-protocol; eid=\"proto::controller\""))
      let link = try #require(await fixture.links.next()).link
      #expect(link.claimedEndpoint?.text == "os::012345-Old")
    }
  }

  @Test(arguments: [
    // R-WS.10b and R-WS.10c.
    ("/usp?a=b&eid=os::012345-X%2541", "os::012345-X%41"),
    ("/usp?eid=proto%3A%3Aa&eid=proto::a", "proto::a"), ("/usp?eid=", nil), ("/usp", nil),
    ("/usp?", nil), ("/usp?teid=proto::a", nil),
  ]) func theQueryTellsWhoCalls(target: String, endpoint: String?) async throws {
    try await Fixture.run { fixture in
      let peer = try await RawPeer(port: fixture.server.port)
      peer.send(Fixture.request("GET \(target) HTTP/1.1"))
      guard target != "/usp?eid=" else {
        #expect(try await peer.head().first == "HTTP/1.1 400 Bad Request")
        return
      }
      #expect(try await peer.head().first == "HTTP/1.1 101 Switching Protocols")
      #expect(await fixture.links.next()?.link.claimedEndpoint?.text == endpoint)
    }
  }

  private static let refused: [(String, Int)] = [
    (Fixture.request("GET /other HTTP/1.1"), 404), (Fixture.request("GET /uspx HTTP/1.1"), 404),
    (Fixture.request("GET /usp/ HTTP/1.1"), 404), (Fixture.request("POST /usp HTTP/1.1"), 405),
    ("GET /usp HTTP/1.1\r\nHost: a\r\n\r\n", 426), (Fixture.request("GET /usp HTTP/1.0"), 426),
    (Fixture.request(without: "Upgrade"), 426), (Fixture.request(without: "Connection"), 426),
    (Fixture.request(without: "Sec-WebSocket-Version", more: ["Sec-WebSocket-Version: 8"]), 426),
    // R-WS.12a.
    (Fixture.request(without: "Sec-WebSocket-Protocol"), 400),
    (
      Fixture.request(without: "Sec-WebSocket-Protocol", more: ["Sec-WebSocket-Protocol: chat"]),
      400
    ),
    (Fixture.request(without: "Sec-WebSocket-Key"), 400),
    (Fixture.request(without: "Sec-WebSocket-Key", more: ["Sec-WebSocket-Key: short"]), 400),
    (Fixture.request(more: ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]), 400),
    (Fixture.request(more: ["Content-Length: 5"]), 400),
    (Fixture.request(more: ["Transfer-Encoding: chunked"]), 400),
    (Fixture.request("GET /usp?eid=nonsense HTTP/1.1"), 400),
    (Fixture.request("GET /usp?eid=os%3A%3Xx HTTP/1.1"), 400),
    (Fixture.request("GET /usp?eid=proto::a&eid=proto::b HTTP/1.1"), 400),
    (
      Fixture.request(
        "GET /usp HTTP/1.1", more: ["Sec-WebSocket-Extensions: bbf-usp-protocol; eid=x"]), 400
    ),
    (Fixture.request(more: ["X: \(String(repeating: "x", count: 20_000))"]), 431),
    (Fixture.request(more: [String](repeating: "X: x", count: 100)), 431),
    ("\u{16}\u{03}\u{01} this is no HTTP\r\n\r\n", 400),
  ]

  @Test(arguments: refused) func othersAreRefused(request: String, status: Int) async throws {
    try await Fixture.run { fixture in
      let peer = try await RawPeer(port: fixture.server.port)
      peer.send(request)
      let head = try await peer.head()
      #expect(head.first?.hasPrefix("HTTP/1.1 \(status) ") == true, "\(head)")
      if status == 426 {
        #expect(head.contains("Upgrade: websocket"))
        #expect(head.contains("Sec-WebSocket-Version: 13"))
      }
      await peer.gone()
      #expect(fixture.server.openLinks == 0)
    }
  }

  @Test func whoMayComeInIsDecidedElsewhere() async throws {
    try await Fixture.run(
      authorize: { handshake in
        #expect(handshake.peerAddress == "127.0.0.1")
        #expect(handshake.endpoint?.text == "os::012345-Agent")
        #expect(handshake.certificate == nil)
        #expect(!handshake.isEncrypted)
        return switch handshake.authorization {
        case []: .unauthorized(challenges: ["Basic realm=\"usp\""])
        case ["Basic Zm9yOmxhdGVy"]: .refused(status: 503, retryAfter: 17)
        case ["Basic YTpi"]: .admitted(.credential(username: "a"))
        default: .refused(status: 403)
        }
      }
    ) { fixture in
      func answer(_ more: [String]) async throws -> [String] {
        let peer = try await RawPeer(port: fixture.server.port)
        peer.send(Fixture.request(more: more))
        return try await peer.head()
      }
      let challenged = try await answer([])
      #expect(challenged.first == "HTTP/1.1 401 Unauthorized")
      #expect(challenged.contains("WWW-Authenticate: Basic realm=\"usp\""))
      let busy = try await answer(["Authorization: Basic Zm9yOmxhdGVy"])
      #expect(busy.first == "HTTP/1.1 503 Service Unavailable")
      #expect(busy.contains("Retry-After: 17"))
      #expect(try await answer(["Authorization: Digest x"]).first == "HTTP/1.1 403 Forbidden")
      #expect(
        try await answer(["Authorization: Basic YTpi"]).first
          == "HTTP/1.1 101 Switching Protocols")
      #expect(fixture.server.refusals["unauthorized"] == 3)
    }
  }

  @Test func thereAreOnlySoManyLinks() async throws {
    try await Fixture.run({ $0.maxLinks = 1 }) { fixture in
      let (first, entry) = try await fixture.linked()
      let second = try await RawPeer(port: fixture.server.port)
      second.send(Fixture.request())
      let head = try await second.head()
      #expect(head.first == "HTTP/1.1 503 Service Unavailable")
      #expect(head.contains("Retry-After: 30"))
      first.cut()
      #expect(await entry.closed() == "the peer has cut the connection")
      #expect(fixture.server.openLinks == 0)
      _ = try await fixture.linked()
    }
  }

  @Test func thereAreOnlySoManyHandshakes() async throws {
    try await Fixture.run({ $0.maxHandshakes = 1 }) { fixture in
      let before = NIODeadline.now()
      let first = try await RawPeer(port: fixture.server.port)
      first.send("GET /usp HT")
      while fixture.server.openHandshakes == 0 { await Task.yield() }
      let second = try await RawPeer(port: fixture.server.port)
      await second.gone()
      #expect(fixture.server.openHandshakes == 1)
      #expect(fixture.server.refusals["handshakeLimit"] == 1)
      try await fixture.server.sweep(now: before + .seconds(19))
      #expect(fixture.server.openHandshakes == 1)
      try await fixture.server.sweep(now: .now() + .seconds(21))
      await first.gone()
      #expect(fixture.server.refusals["slow"] == 1)
      _ = try await fixture.linked()
    }
  }

  /// Whoever goes away while it is decided on him leaves nothing behind.
  @Test func goingAwayBeforeTheVerdict() async throws {
    let (verdicts, give) = AsyncStream<WebSocketVerdict>.makeStream()
    let (asked, noteAsked) = AsyncStream<Void>.makeStream()
    try await Fixture.run(
      authorize: { _ in
        noteAsked.yield()
        var iterator = verdicts.makeAsyncIterator()
        return await iterator.next() ?? .refused(status: 500)
      }
    ) { fixture in
      let peer = try await RawPeer(port: fixture.server.port)
      peer.send(Fixture.request())
      var iterator = asked.makeAsyncIterator()
      _ = await iterator.next()
      #expect(fixture.server.openHandshakes == 1)
      // As if it had taken too long.
      try await fixture.server.sweep(now: .now() + .seconds(21))
      await peer.gone()
      give.yield(.admitted(.nothing))
      give.finish()
      _ = try await fixture.server.sweep(now: .now())
      #expect(fixture.server.openLinks == 0)
      #expect(fixture.server.openHandshakes == 0)
    }
  }

  /// The first frames of a hasty client come with its request.
  @Test func framesBehindTheRequestAreKept() async throws {
    try await Fixture.run { fixture in
      let peer = try await RawPeer(port: fixture.server.port)
      peer.send(Array(Fixture.request().utf8) + RawFrame.binary([1, 2, 3]).wire)
      #expect(try await peer.head().first == "HTTP/1.1 101 Switching Protocols")
      let entry = try #require(await fixture.links.next())
      peer.send(RawFrame.binary([4]).wire)
      #expect(await entry.record() == [1, 2, 3])
      #expect(await entry.record() == [4])
    }
  }

  @Test func stoppingEndsAllLinks() async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      let (other, _) = try await fixture.linked()
      async let stopped: Void = fixture.server.stop(patience: 60)
      for peer in [peer, other] {
        #expect(try await peer.frame().code == 1001)
        peer.send(RawFrame(0x88, [0x03, 0xE9]).wire)
        await peer.gone()
      }
      await stopped
      #expect(await entry.closed() == "closed: this side stops")
      #expect(fixture.server.openLinks == 0)
      await #expect(throws: (any Error).self) { _ = try await RawPeer(port: fixture.server.port) }
    }
  }
}
