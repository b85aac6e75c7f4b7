import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing
import USP

@testable import USPTransports

@Suite(.timeLimit(.minutes(1))) struct UnixTests {
  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// A server on a socket of its own, and whatever it has let in.
  private struct Fixture: Sendable {
    let files: TestFiles
    let path: String
    let server: UnixServer
    let links: LinkRecorder

    static func run(
      _ change: (inout UnixServerSettings) -> Void = { _ in },
      reaction: @escaping @Sendable (any Link, [UInt8]) -> Void = { _, _ in },
      _ body: (Fixture) async throws -> Void
    ) async throws {
      let files = try TestFiles()
      let path = files.path("usp")
      var settings = UnixServerSettings(
        path: path, own: try WebSocketFixture.endpoint("proto::controller"))
      change(&settings)
      let links = LinkRecorder(reaction: reaction)
      let server = try await UnixServer.start(
        settings: settings, group: MultiThreadedEventLoopGroup.singleton, logger: UnixTests.logger,
        accept: links.accept)
      do {
        try await body(Fixture(files: files, path: path, server: server, links: links))
      } catch {
        await server.stop()
        throw error
      }
      await server.stop()
    }

    /// A peer that has shaken hands, and its link.
    func linked() async throws -> (RawPeer, LinkRecorder.Entry) {
      let peer = try await RawPeer(path: path)
      peer.send(UnixFrame.encode(.handshake(try UnixTests.agent())))
      let controller = try UnixTests.controller()
      #expect(try await UnixTests.element(peer) == .handshake(controller))
      return (peer, try #require(await links.next()))
    }
  }

  private static func agent() throws -> EndpointID {
    try WebSocketFixture.endpoint("os::012345-Agent")
  }
  private static func controller() throws -> EndpointID {
    try WebSocketFixture.endpoint("proto::controller")
  }

  /// The next frame, which holds one element.
  private static func element(_ peer: RawPeer) async throws -> UnixFrame.Element {
    let bytes = try await peer.receive { bytes in
      guard bytes.count >= 8 else { return nil }
      let length = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
      return bytes.count >= 8 + length ? 8 + length : nil
    }
    var decoder = UnixFrame.Decoder()
    return try #require(try decoder.received(bytes).first)
  }

  private static func connect(_ path: String, _ accept: @escaping LinkAcceptor) async throws
    -> any Link
  {
    try await UnixClient.connect(
      path: path, own: agent(), on: MultiThreadedEventLoopGroup.singleton.any(), logger: logger,
      accept: accept)
  }

  // MARK: - Links

  @Test func clientAndServerMeet() async throws {
    try await Fixture.run { fixture in
      let accepted = LinkRecorder()
      let link = try await Self.connect(fixture.path, accepted.accept)
      let near = try #require(await accepted.next())
      let far = try #require(await fixture.links.next())
      #expect(link === near.link)
      #expect(link.kind == .unix)
      #expect(link.claimedEndpoint == (try Self.controller()))
      #expect(far.link.claimedEndpoint == (try Self.agent()))
      #expect(link.proof == .fileSystem)
      #expect(far.link.peerAddress == fixture.path)
      for count in [0, 1, 70_000, 1_000_000] {
        let record = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        link.send(record)
        #expect(await far.record() == record)
        far.link.send(record)
        #expect(await near.record() == record)
      }
      link.send([9])
      link.close(.finished)
      #expect(await far.next() == .record([9]))
      #expect(await far.next() == .closed("the peer has cut the connection"))
      #expect(await near.closed() == "closed")
    }
  }

  @Test func framesComeInPiecesAndTogether() async throws {
    try await Fixture.run { fixture in
      let peer = try await RawPeer(path: fixture.path)
      for byte in UnixFrame.encode(.handshake(try Self.agent())) { peer.send([byte]) }
      let entry = try #require(await fixture.links.next())
      peer.send(UnixFrame.encode([.record([1]), .record([2])]) + UnixFrame.encode(.record([3])))
      for number: UInt8 in 1...3 { #expect(await entry.record() == [number]) }
      // R-UDS.15: an element of an unknown type before a Record.
      peer.send([0x5F, 0x55, 0x53, 0x50, 0, 0, 0, 12, 9, 0, 0, 0, 1, 7, 3, 0, 0, 0, 1, 4])
      #expect(await entry.record() == [4])
    }
  }

  /// R-UDS.20.
  @Test func recordsBeforeTheHandshakeAreIgnored() async throws {
    try await Fixture.run { fixture in
      let peer = try await RawPeer(path: fixture.path)
      peer.send(UnixFrame.encode(.record([1])))
      peer.send(UnixFrame.encode([.handshake(try Self.agent()), .record([2])]))
      let entry = try #require(await fixture.links.next())
      #expect(await entry.record() == [2])
    }
  }

  private static let violations: [[UInt8]] = [
    Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x5F, 0x55, 0x53, 0x50, 0xFF, 0xFF, 0xFF, 0xFF],
    [0x5F, 0x55, 0x53, 0x50, 0, 0, 0, 6, 3, 0, 0, 0, 9, 1],
    UnixFrame.encode(.record([UInt8](repeating: 0, count: 1_001))),
    [0x5F, 0x55, 0x53, 0x50, 0, 0, 0, 6, 1, 0, 0, 0, 1, 0x41],
  ]

  /// R-UDS.21, R-UDS.24.
  @Test(arguments: violations) func whoBreaksTheRulesIsToldAndClosed(bytes: [UInt8]) async throws {
    try await Fixture.run({ $0.limits.maxRecord = 1_000 }) { fixture in
      let (peer, entry) = try await fixture.linked()
      peer.send(bytes)
      guard case .error = try await Self.element(peer) else {
        Issue.record("no Error")
        return
      }
      #expect(try await peer.rest() == [])
      #expect(await entry.next() != nil)
      #expect(await entry.next() == nil)
    }
  }

  @Test func aSecondHandshakeIsOfTheSameEndpoint() async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      peer.send(UnixFrame.encode([.handshake(try Self.agent()), .record([1])]))
      #expect(await entry.record() == [1])
      peer.send(UnixFrame.encode([.handshake(try Self.controller()), .record([2])]))
      #expect(
        try await Self.element(peer)
          == .error("another endpoint ID in a second handshake"))
      #expect(await entry.next() == .closed("closed: another endpoint ID in a second handshake"))
    }
  }

  /// R-UDS.25.
  @Test func anErrorOfThePeerEndsTheLink() async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      peer.send(UnixFrame.encode([.record([1]), .error("no\u{1B}thing"), .record([2])]))
      #expect(try await peer.rest() == [])
      #expect(await entry.next() == .record([1]))
      #expect(await entry.next() == .closed("the peer has closed the link: nothing"))
    }
  }

  @Test(arguments: [
    (LinkClosing.finished, nil), (.goingAway, nil), (.undecodable, "no Record"),
    (.refused("another link of this endpoint is open"), "another link of this endpoint is open"),
    (.timedOut, "timed out"),
  ]) func eachClosingHasItsElement(reason: LinkClosing, text: String?) async throws {
    try await Fixture.run { fixture in
      let (peer, entry) = try await fixture.linked()
      entry.link.send([1])
      entry.link.close(reason)
      entry.link.send([2])
      #expect(try await Self.element(peer) == .record([1]))
      if let text { #expect(try await Self.element(peer) == .error(text)) }
      #expect(try await peer.rest() == [])
      #expect(await entry.closed()?.hasPrefix("closed") == true)
    }
  }

  @Test func receiversMayCloseAtOnce() async throws {
    try await Fixture.run(reaction: { link, _ in link.close(.undecodable) }) { fixture in
      let (peer, entry) = try await fixture.linked()
      peer.send(UnixFrame.encode([.record([1]), .record([2])]))
      #expect(try await Self.element(peer) == .error("no Record"))
      #expect(await entry.next() == .record([1]))
      #expect(await entry.next() == .closed("closed: what the peer sent is no Record"))
    }
  }

  @Test func aPeerThatTakesNothingIsClosed() async throws {
    try await Fixture.run({ $0.limits.maxQueued = 2 << 20 }) { fixture in
      let peer = try await RawPeer(path: fixture.path, isReading: false)
      peer.send(UnixFrame.encode(.handshake(try Self.agent())))
      let entry = try #require(await fixture.links.next())
      for _ in 0..<64 { entry.link.send([UInt8](repeating: 0, count: 1 << 20)) }
      #expect(await entry.closed() == "closed: the peer does not take what it is sent")
      peer.cut()
    }
  }

  /// R-UDS.18.
  @Test func aHandshakeIsNotWaitedForForever() async throws {
    try await Fixture.run({ $0.handshakeTimeout = .milliseconds(1) }) { fixture in
      let peer = try await RawPeer(path: fixture.path)
      #expect(try await Self.element(peer) == .error("the handshake took too long"))
      await peer.gone()
    }
  }

  @Test func thereAreOnlySoManyConnections() async throws {
    try await Fixture.run({ $0.maxConnections = 1 }) { fixture in
      let (first, entry) = try await fixture.linked()
      let second = try await RawPeer(path: fixture.path)
      await second.gone()
      first.cut()
      _ = await entry.closed()
      #expect(fixture.server.openConnections == 0)
    }
  }

  // MARK: - Clients

  @Test func aClientGivesUp() async throws {
    let files = try TestFiles()
    let path = files.path("usp")
    await #expect(throws: TransportError.unreachable("\(path): no such file or directory")) {
      _ = try await Self.connect(path, LinkRecorder().accept)
    }
    let long = "/" + String(repeating: "x", count: 107)
    await #expect(
      throws: TransportError.unusable("the path of a socket has 1 to 107 bytes: \(long)")
    ) {
      _ = try await Self.connect(long, LinkRecorder().accept)
    }
    let server = try await RawServer(path: path)
    await #expect(throws: TransportError.unreachable("closed: the handshake took too long")) {
      _ = try await UnixClient.connect(
        path: path, own: try Self.agent(), handshakeTimeout: .milliseconds(1),
        on: MultiThreadedEventLoopGroup.singleton.any(), logger: Self.logger,
        accept: LinkRecorder().accept)
    }
    _ = try await server.next()
  }

  @Test func aClientSaysFirstWhoItIs() async throws {
    let files = try TestFiles()
    let path = files.path("usp")
    let server = try await RawServer(path: path)
    let call = Task { try await Self.connect(path, LinkRecorder().accept) }
    let peer = try await server.next()
    let agent = try Self.agent()
    #expect(try await Self.element(peer) == .handshake(agent))
    // The reference agent: the endpoint has another link.
    peer.send(UnixFrame.encode(.error("Duplicate")))
    await #expect(throws: TransportError.unreachable("the peer has closed the link: Duplicate")) {
      _ = try await call.value
    }
  }

  // MARK: - The file

  @Test func theFileIsTheOwnersAlone() async throws {
    try await Fixture.run { fixture in
      var status = stat()
      #expect(lstat(fixture.path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      await fixture.server.stop()
      #expect(lstat(fixture.path, &status) != 0)
    }
    try await Fixture.run({ $0.mode = 0o660 }) { fixture in
      var status = stat()
      #expect(lstat(fixture.path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o660)
    }
  }

  @Test func onlyADeadSocketIsReplaced() async throws {
    let files = try TestFiles()
    let path = files.path("usp")
    let settings = UnixServerSettings(path: path, own: try Self.controller())
    func start() async throws -> UnixServer {
      try await UnixServer.start(
        settings: settings, group: MultiThreadedEventLoopGroup.singleton, logger: Self.logger,
        accept: LinkRecorder().accept)
    }
    // Bound, but nobody listens.
    let (stale, descriptor) = try UnixSocketFile.bind(path, mode: 0o600)
    Glibc.close(descriptor)
    let server = try await start()
    // The file of another is left alone.
    stale.remove()
    await #expect(throws: TransportError.unusable("\(path): another process listens there")) {
      _ = try await start()
    }
    #expect(FileManager.default.fileExists(atPath: path))
    await server.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
    _ = try files.write("usp", "not a socket")
    await #expect(
      throws: TransportError.unusable("\(path) is there already and is no socket")
    ) {
      _ = try await start()
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "not a socket")
  }

  @Test(arguments: ["", "/" + String(repeating: "x", count: 107)])
  func pathsHaveALimit(path: String) throws {
    #expect(throws: TransportError.self) { _ = try UnixSocketFile.bind(path, mode: 0o600) }
  }
}
