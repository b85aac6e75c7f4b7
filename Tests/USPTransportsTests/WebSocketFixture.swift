import Logging
import NIOCore
import NIOPosix
import Testing
import USP

@testable import USPTransports

/// A server, and whatever it has let in.
struct WebSocketFixture: Sendable {
  static let own = "proto::controller"
  static let agent = "os::012345-Agent"

  let server: WebSocketServer
  let links: LinkRecorder

  static func endpoint(_ text: String) throws -> EndpointID { try #require(EndpointID(text)) }

  /// Starts a server, and stops it afterwards.
  static func run(
    _ change: (inout WebSocketServerSettings) throws -> Void = { _ in },
    authorize: @escaping WebSocketAuthorizer = { _ in .admitted(.nothing) },
    reaction: @escaping @Sendable (any Link, [UInt8]) -> Void = { _, _ in },
    _ body: (WebSocketFixture) async throws -> Void
  ) async throws {
    var settings = WebSocketServerSettings(own: try endpoint(own), port: 0)
    settings.host = "127.0.0.1"
    try change(&settings)
    let links = LinkRecorder(reaction: reaction)
    let server = try await WebSocketServer.start(
      settings: settings, group: MultiThreadedEventLoopGroup.singleton,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, authorize: authorize,
      accept: links.accept)
    do {
      try await body(WebSocketFixture(server: server, links: links))
    } catch {
      await server.stop(patience: 0)
      throw error
    }
    await server.stop(patience: 0)
  }

  /// The request of a handshake; its key is the one of RFC 6455, 1.3.
  static func request(
    _ line: String = "GET /usp?eid=os%3A%3A012345-Agent HTTP/1.1", without missing: String = "",
    more: [String] = []
  ) -> String {
    let fields = [
      "Host: controller.example", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Protocol: v1.usp",
    ].filter { missing.isEmpty || !$0.hasPrefix(missing) }
    return ([line] + fields + more + ["", ""]).joined(separator: "\r\n")
  }

  /// A peer that has shaken hands, and its link.
  /// - Parameter isReading: false: the peer takes nothing of what it is sent afterwards.
  func linked(isReading: Bool = true) async throws -> (RawPeer, LinkRecorder.Entry) {
    let peer = try await RawPeer(port: server.port)
    peer.send(Self.request())
    #expect(try await peer.head().first == "HTTP/1.1 101 Switching Protocols")
    try await peer.set(isReading: isReading)
    return (peer, try #require(await links.next()))
  }
}
