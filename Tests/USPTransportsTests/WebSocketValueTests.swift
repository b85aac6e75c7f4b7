import Cryptography
import NIOCore
import NIOSSL
import Refusals
import Testing
import USP

@testable import USPTransports

@Suite struct WebSocketURLTests {
  @Test(arguments: [
    ("ws://controller.example/usp", "controller.example", 80, "/usp", "controller.example"),
    ("WSS://controller.example", "controller.example", 443, "/", "controller.example"),
    ("wss://127.0.0.1:8443/a/b?c=d", "127.0.0.1", 8443, "/a/b?c=d", "127.0.0.1:8443"),
    ("ws://[::1]:7/?", "::1", 7, "/?", "[::1]:7"), ("ws://a?x", "a", 80, "/?x", "a"),
  ]) func urlsAreRead(text: String, host: String, port: Int, target: String, field: String) throws {
    let url = try WebSocketURL(text)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.target == target)
    #expect(url.hostField == field)
  }

  @Test(arguments: [
    "", "http://a/", "ws:/a", "ws://", "ws:///usp", "ws://a:0/", "ws://a:x/", "ws://a:65536/",
    "ws://u:p@a/", "ws://a/#f", "ws://::1/", "ws://[::1/", "ws://[::1]x/", "ws://a b/",
    "ws://a/\r\nX: y", "ws://ä/",
  ]) func othersAreRefused(text: String) {
    #expect(throws: TransportError.self) { try WebSocketURL(text) }
  }

  /// R-WS.10b, R-WS.10c.
  @Test func theEndpointStandsInTheQuery() throws {
    let own = try #require(EndpointID("os::012345-A%2FB"))
    for (target, asked) in [
      ("/usp", "/usp?eid="), ("/usp?a=b", "/usp?a=b&eid="), ("/usp?", "/usp?eid="),
    ] {
      #expect(
        try WebSocketURL("ws://a\(target)").target(as: own)
          == asked + "os%3A%3A012345-A%252FB")
    }
  }
}

@Suite struct KeepAliveTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private let settings = KeepAliveSettings()

  @Test func silenceIsAskedAboutTwice() {
    var keepAlive = KeepAlive(now: start)
    #expect(keepAlive.check(now: start + .seconds(59), settings) == .nothing)
    #expect(keepAlive.check(now: start + .seconds(60), settings) == .ask)
    #expect(keepAlive.check(now: start + .seconds(61), settings) == .nothing)
    #expect(keepAlive.check(now: start + .seconds(120), settings) == .ask)
    #expect(keepAlive.check(now: start + .seconds(179), settings) == .nothing)
    #expect(keepAlive.check(now: start + .seconds(180), settings) == .dead)
  }

  @Test func anythingThatIsHeardIsAnAnswer() {
    var keepAlive = KeepAlive(now: start)
    #expect(keepAlive.check(now: start + .seconds(60), settings) == .ask)
    keepAlive.noteHeard(now: start + .seconds(61))
    #expect(keepAlive.check(now: start + .seconds(120), settings) == .nothing)
    #expect(keepAlive.check(now: start + .seconds(121), settings) == .ask)
    #expect(keepAlive.check(now: start + .seconds(181), settings) == .ask)
    #expect(keepAlive.check(now: start + .seconds(241), settings) == .dead)
  }

  @Test func itCanBeTurnedOff() {
    var settings = settings
    settings.interval = .zero
    var keepAlive = KeepAlive(now: start)
    #expect(keepAlive.check(now: start + .hours(10), settings) == .nothing)
  }
}

@Suite struct LoopTableTests {
  private final class Connection: SweptConnection {
    var place = 0
    var ended: EventLoopFuture<Void> { preconditionFailure("nobody waits") }
    var sweeps = 0
    var onSweep: (() -> Void)?
    func sweep(now: NIODeadline) {
      sweeps += 1
      onSweep?()
    }
    func end() {}
    func cut() {}
  }

  @Test func whoLeavesDuringASweepDisturbsNobody() {
    for leaving in 0..<5 {
      let table = LoopTable()
      let connections = (0..<5).map { _ in Connection() }
      for connection in connections { table.add(connection) }
      let connection = connections[leaving]
      connection.onSweep = { table.remove(connection) }
      table.sweep(now: .now())
      #expect(connections.allSatisfy { $0.sweeps == 1 })
      #expect(table.connections.count == 4)
      table.remove(connection)
      #expect(table.connections.count == 4)
      for other in connections where other !== connection {
        #expect(table.connections[other.place] === other)
        table.remove(other)
      }
      #expect(table.connections.isEmpty)
    }
  }

  @Test func anAllotmentIsNeverExceeded() {
    let allotment = Allotment(limit: 10)
    #expect(allotment.take(10))
    #expect(allotment.isExhausted)
    #expect(!allotment.take(1))
    allotment.giveBack(4)
    #expect(!allotment.take(5))
    #expect(allotment.take(4))
    #expect(!Allotment(limit: .max).isExhausted)
  }
}

@Suite struct CertificateEndpointTests {
  private func names(_ pem: String) throws -> CertificateAlternativeNames? {
    let certificate = try #require(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).first)
    return CertificateAlternativeNames(ofDER: try certificate.toDERBytes())
  }

  @Test func alternativeNamesAreRead() throws {
    let agent = try names(EndpointCertificates.agent)
    #expect(agent?.uris == ["urn:bbf:usp:id:os::012345-Agent", "https://example.com/other"])
    #expect(agent?.dnsNames == ["agent.example"])
    #expect(
      try names(EndpointCertificates.bare) == CertificateAlternativeNames(uris: [], dnsNames: []))
    #expect(CertificateAlternativeNames(ofDER: []) == nil)
    #expect(CertificateAlternativeNames(ofDER: [0x30, 0x82, 0xFF, 0xFF, 0]) == nil)
  }

  /// R-SEC.0a.
  @Test func endpointsAreThoseOfURNsAndHostNames() throws {
    let names = try #require(try names(EndpointCertificates.agent))
    #expect(EndpointID.all(in: names).map(\.text) == ["os::012345-Agent", "fqdn::agent.example"])
    #expect(
      EndpointID.all(in: CertificateAlternativeNames(uris: ["urn:bbf:usp:id:x"], dnsNames: ["*.a"]))
        == [])
  }
}
