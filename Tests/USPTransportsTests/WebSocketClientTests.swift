import Cryptography
import Glibc
import Logging
import NIOCore
import NIOPosix
import TLSIdentity
import Testing
import USP

@testable import USPTransports

@Suite(.timeLimit(.minutes(1))) struct WebSocketClientTests {
  private typealias Fixture = WebSocketFixture

  private static func client(
    resolver: GivenAddresses? = nil, _ change: (inout WebSocketClientSettings) -> Void = { _ in }
  ) -> WebSocketClient {
    var settings = WebSocketClientSettings()
    change(&settings)
    return WebSocketClient(
      settings: settings, group: MultiThreadedEventLoopGroup.singleton,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, resolver: resolver)
  }

  @Test func clientAndServerMeet() async throws {
    try await Fixture.run(
      authorize: { handshake in
        handshake.authorization == ["Basic YTpi"]
          ? .admitted(.credential(username: "a")) : .refused(status: 403)
      }
    ) { fixture in
      let client = Self.client()
      let accepted = LinkRecorder()
      let agent = try Fixture.endpoint("os::012345-A%20B")
      let link = try await client.connect(
        to: "ws://127.0.0.1:\(fixture.server.port)/usp?x=y", own: agent,
        peer: Fixture.endpoint(Fixture.own), headers: [("Authorization", "Basic YTpi")],
        accept: accepted.accept)
      let near = try #require(await accepted.next())
      let far = try #require(await fixture.links.next())
      #expect(near.link === link)
      #expect(link.claimedEndpoint?.text == Fixture.own)
      #expect(link.proof == .nothing)
      #expect(link.peerAddress == "127.0.0.1")
      #expect(far.link.claimedEndpoint == agent)
      #expect(client.openLinks == 1)
      for count in [0, 10, 1_000, 200_000] {
        let record = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        link.send(record)
        #expect(await far.record() == record)
        far.link.send(record)
        #expect(await near.record() == record)
      }
      far.link.close(.refused("enough"))
      #expect(await near.closed() == "the peer has closed the link (1008): enough")
      #expect(await far.closed() == "closed: enough")
      #expect(client.openLinks == 0)
      await client.stop(patience: 0)
    }
  }

  @Test func aClientThatStopsEndsItsLinks() async throws {
    try await Fixture.run { fixture in
      let client = Self.client()
      let accepted = LinkRecorder()
      let url = "ws://127.0.0.1:\(fixture.server.port)/usp"
      let agent = try Fixture.endpoint(Fixture.agent)
      _ = try await client.connect(to: url, own: agent, accept: accepted.accept)
      let far = try #require(await fixture.links.next())
      await client.stop(patience: 60)
      #expect(await far.closed() == "the peer has closed the link (1001)")
      #expect(await accepted.next()?.closed() == "closed: this side stops")
      await #expect(throws: TransportError.unreachable("the client has been stopped")) {
        _ = try await client.connect(to: url, own: agent, accept: accepted.accept)
      }
    }
  }

  @Test func whatAServerRefusesIsTold() async throws {
    try await Fixture.run(authorize: { _ in .unauthorized(challenges: ["Basic realm=\"usp\""]) }) {
      fixture in
      let client = Self.client()
      let agent = try Fixture.endpoint(Fixture.agent)
      await #expect(throws: TransportError.refused(status: 401, "Unauthorized")) {
        _ = try await client.connect(
          to: "ws://127.0.0.1:\(fixture.server.port)/usp", own: agent,
          accept: LinkRecorder().accept)
      }
      await #expect(throws: TransportError.refused(status: 404, "Not Found")) {
        _ = try await client.connect(
          to: "ws://127.0.0.1:\(fixture.server.port)/", own: agent, accept: LinkRecorder().accept)
      }
      #expect(client.openLinks == 0)
    }
  }

  @Test func nobodyIsThere() async throws {
    let server = try await RawServer()
    let port = server.port
    let agent = try Fixture.endpoint(Fixture.agent)
    let client = Self.client()
    let call = Task {
      try await client.connect(
        to: "ws://127.0.0.1:\(port)/", own: agent, accept: LinkRecorder().accept)
    }
    let peer = try await server.next()
    _ = try await peer.head()
    peer.cut()
    await #expect(
      throws: TransportError.unreachable("the connection was cut before the handshake was over")
    ) { _ = try await call.value }
    await #expect(
      throws: TransportError.unusable("nonsense is no URL of a WebSocket: it has no scheme")
    ) {
      _ = try await client.connect(
        to: "nonsense", own: agent, accept: LinkRecorder().accept)
    }
  }

  @Test func aRefusedConnectionIsToldAsSuch() async throws {
    let agent = try Fixture.endpoint(Fixture.agent)
    try await Self.withDeafPort { port in
      await #expect(throws: TransportError.unreachable("connection refused")) {
        _ = try await Self.client().connect(
          to: "ws://127.0.0.1:\(port)/", own: agent, accept: LinkRecorder().accept)
      }
    }
  }

  @Test func aHostMayHaveSeveralAddresses() async throws {
    try await Fixture.run { fixture in
      let port = fixture.server.port
      let agent = try Fixture.endpoint(Fixture.agent)
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      // Nobody listens at the first.
      let client = Self.client(
        resolver: try GivenAddresses(["127.0.0.2", "127.0.0.1"], port: port, loop: loop))
      let accepted = LinkRecorder()
      let link = try await client.connect(
        to: "ws://agent.example:\(port)/usp", own: agent, on: loop, accept: accepted.accept)
      let far = try #require(await fixture.links.next())
      link.send([1, 2, 3])
      #expect(await far.record() == [1, 2, 3])
      #expect(fixture.server.openLinks == 1)
      #expect(client.openLinks == 1)
      await client.stop(patience: 0)

      let nowhere = Self.client(
        resolver: try GivenAddresses(["127.0.0.2", "127.0.0.3"], port: port, loop: loop))
      await #expect(throws: TransportError.unreachable("connection refused")) {
        _ = try await nowhere.connect(
          to: "ws://agent.example:\(port)/usp", own: agent, on: loop, accept: accepted.accept)
      }
    }
  }

  /// Gives the body a port of 127.0.0.1 that is taken, so that nobody else gets it, and at which nobody listens.
  private static func withDeafPort(_ body: (Int) async throws -> Void) async throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { Glibc.close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    try await body(Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A server that is played by hand: what it answers to the request, and what becomes of the call.
  private func call(
    _ client: WebSocketClient, _ recorder: LinkRecorder,
    _ serve: @escaping @Sendable (RawPeer, _ accept: String) async throws -> Void
  ) async throws -> any Link {
    let server = try await RawServer()
    let agent = try Fixture.endpoint(Fixture.agent)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let peer = try await server.next()
        let head = try await peer.head()
        #expect(head.first == "GET /usp?eid=os%3A%3A012345-Agent HTTP/1.1")
        for field in [
          "Host: 127.0.0.1:\(server.port)", "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: v1.usp",
        ] { #expect(head.contains(field)) }
        #expect(!head.contains { $0.hasPrefix("Sec-WebSocket-Extensions") })
        let key = head.first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
        let digest = SHA1Digest.of(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        try await serve(peer, Base64.encode(digest))
      }
      let link = try await client.connect(
        to: "ws://127.0.0.1:\(server.port)/usp", own: agent, accept: recorder.accept)
      try await group.waitForAll()
      return link
    }
  }

  private static func response(_ accept: String, _ fields: [String]) -> String {
    ([
      "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: upgrade",
      "Sec-WebSocket-Accept: \(accept)",
    ] + fields + ["", ""]).joined(separator: "\r\n")
  }

  /// The reference agent answers with an extension that nobody has offered, and sends its first Record with the response.
  @Test func theFirstRecordMayComeWithTheResponse() async throws {
    let recorder = LinkRecorder()
    let link = try await call(Self.client(), recorder) { peer, accept in
      let response = Self.response(
        accept,
        [
          "Sec-WebSocket-Protocol: v1.usp",
          "sec-websocket-extensions: bbf-usp-protocol; eid=\"os::012345-Agent\"",
        ])
      peer.send(
        Array(response.utf8) + RawFrame(0x82, [1, 2, 3], isMasked: false).wire
          + RawFrame(0x02, [4], isMasked: false).wire)
      peer.send(RawFrame(0x80, [5], isMasked: false).wire + RawFrame(0x89, isMasked: false).wire)
      let pong = try await peer.frame()
      #expect(pong == RawFrame(0x8A))
    }
    let entry = try #require(await recorder.next())
    #expect(await entry.record() == [1, 2, 3])
    #expect(await entry.record() == [4, 5])
    #expect(link.claimedEndpoint?.text == "os::012345-Agent")
  }

  @Test func framesOfAServerAreNotMasked() async throws {
    let recorder = LinkRecorder()
    _ = try await call(Self.client(), recorder) { peer, accept in
      peer.send(Self.response(accept, ["Sec-WebSocket-Protocol: v1.usp"]))
      peer.send(RawFrame(0x82, [1], isMasked: true).wire)
      let frame = try await peer.frame()
      #expect(frame.code == 1002)
      #expect(frame.isMasked)
      peer.cut()
    }
    #expect(
      await recorder.next()?.next() == .closed("closed: the peer has sent a frame that is masked"))
  }

  @Test(arguments: [
    // R-WS.12.
    ([], "the subprotocol v1.usp is not accepted"),
    (["Sec-WebSocket-Protocol: v2.usp"], "the subprotocol v1.usp is not accepted"),
    (
      ["Sec-WebSocket-Protocol: v1.usp", "Sec-WebSocket-Accept: x"], "Sec-WebSocket-Accept is wrong"
    ),
  ]) func whatIsNoHandshakeIsRefused(fields: [String], why: String) async throws {
    await #expect(throws: TransportError.violation(why)) {
      _ = try await call(Self.client(), LinkRecorder()) { peer, accept in
        peer.send(Self.response(accept, fields))
        await peer.gone()
      }
    }
  }

  @Test func anotherAnswerToTheKeyIsRefused() async throws {
    await #expect(throws: TransportError.violation("Sec-WebSocket-Accept is wrong")) {
      _ = try await call(Self.client(), LinkRecorder()) { peer, _ in
        peer.send(
          Self.response("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ["Sec-WebSocket-Protocol: v1.usp"]))
        await peer.gone()
      }
    }
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/1.1 101 X\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
  ]) func whatIsNoHTTPIsRefused(answer: String) async throws {
    await #expect(throws: TransportError.self) {
      _ = try await call(Self.client(), LinkRecorder()) { peer, _ in
        peer.send(answer)
        await peer.gone()
      }
    }
  }

  @Test func aServerThatSaysNothingIsNotWaitedFor() async throws {
    let client = Self.client()
    let before = NIODeadline.now()
    await #expect(throws: TransportError.timedOut("the handshake")) {
      _ = try await call(client, LinkRecorder()) { peer, _ in
        try await client.sweep(now: before + .seconds(19))
        try await client.sweep(now: .now() + .seconds(21))
        await peer.gone()
      }
    }
  }

  // MARK: - TLS

  @Test func certificatesTellWhoTheyAre() async throws {
    let files = try TestFiles()
    try await Fixture.run(
      { $0.tls = try files.server() },
      authorize: { handshake in
        #expect(handshake.isEncrypted)
        return handshake.certificate.map { .admitted(.certificate($0)) }
          ?? .unauthorized(challenges: ["Basic realm=\"usp\""])
      }
    ) { fixture in
      let client = Self.client()
      let agent = try Fixture.endpoint(Fixture.agent)
      let url = "wss://localhost:\(fixture.server.port)/usp"
      let recorder = LinkRecorder()
      let link = try await client.connect(
        to: url, own: agent,
        tls: files.client((EndpointCertificates.agent, key: EndpointCertificates.agentKey)),
        accept: recorder.accept)
      let far = try #require(await fixture.links.next())
      #expect(
        far.link.proof
          == .certificate([agent, try Fixture.endpoint("fqdn::agent.example")]))
      #expect(
        link.proof
          == .certificate(
            try ["fqdn::controller.example", "fqdn::controller.example", "fqdn::localhost"].map {
              try Fixture.endpoint($0)
            }))
      link.send([1, 2, 3])
      #expect(await far.record() == [1, 2, 3])
      far.link.send([UInt8](repeating: 7, count: 100_000))
      #expect(await recorder.next()?.record()?.count == 100_000)

      // A certificate without names proves nothing of them; none at all is asked for credentials.
      _ = try await client.connect(
        to: url, own: agent,
        tls: files.client((EndpointCertificates.bare, key: EndpointCertificates.bareKey)),
        accept: recorder.accept)
      #expect(await fixture.links.next()?.link.proof == .certificate([]))
      await #expect(throws: TransportError.refused(status: 401, "Unauthorized")) {
        _ = try await client.connect(
          to: url, own: agent, tls: try files.client(), accept: recorder.accept)
      }
      await client.stop(patience: 0)
    }
  }

  @Test func whoIsNotBelievedIsNotSpokenWith() async throws {
    let files = try TestFiles()
    try await Fixture.run({ $0.tls = try files.server(clients: .required) }) { fixture in
      let client = Self.client()
      let agent = try Fixture.endpoint(Fixture.agent)
      func call(_ url: String, _ tls: TLSClientCredentials?) async throws {
        _ = try await client.connect(
          to: url, own: agent, tls: tls, accept: LinkRecorder().accept)
      }
      // The authorities of the system don't know the server's.
      await #expect(throws: TransportError.self) {
        try await call("wss://127.0.0.1:\(fixture.server.port)/usp", nil)
      }
      // There is no certificate.
      await #expect(throws: TransportError.self) {
        try await call("wss://127.0.0.1:\(fixture.server.port)/usp", try files.client())
      }
      // There is no TLS.
      await #expect(throws: TransportError.self) {
        try await call("ws://127.0.0.1:\(fixture.server.port)/usp", nil)
      }
      #expect(fixture.server.openLinks == 0)
    }
  }

  @Test func newCertificatesComeIntoForce() async throws {
    let files = try TestFiles()
    try await Fixture.run({ $0.tls = try files.server(clients: .off) }) { fixture in
      _ = try files.write("server.pem", EndpointCertificates.agent)
      _ = try files.write("server.key", EndpointCertificates.agentKey)
      fixture.server.reloadCertificates()
      let client = Self.client()
      var authority = TLSClientFiles()
      authority.authorities = try files.write("authority.pem", EndpointCertificates.authority)
      authority.serverVerification = .authority
      let link = try await client.connect(
        to: "wss://127.0.0.1:\(fixture.server.port)/usp",
        own: Fixture.endpoint(Fixture.own), tls: TLSClientCredentials(authority),
        accept: LinkRecorder().accept)
      #expect(
        link.proof
          == .certificate(
            try ["os::012345-Agent", "fqdn::agent.example"].map { try Fixture.endpoint($0) }))
      await client.stop(patience: 0)
    }
  }
}
