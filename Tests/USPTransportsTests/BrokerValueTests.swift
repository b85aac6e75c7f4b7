import Logging
import MQTT
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import STOMP
import Testing
import USP

@testable import USPTransports

@Suite struct BrokerReconnectionTests {
  @Test func theTableOfTheStandard() {
    var reconnection = BrokerReconnection(.mqttAgent)
    for (least, most) in [(5.0, 10.0), (10, 20), (20, 40), (40, 80)] {
      var copy = reconnection
      #expect(copy.lost(now: 0, random: 0) == least)
      #expect(reconnection.lost(now: 0, random: 1) == most)
    }
    for _ in 0..<20 { _ = reconnection.lost(now: 0, random: 0) }
    #expect(reconnection.lost(now: 0, random: 1) == 30_720)
    #expect(reconnection.lost(now: 0, random: 0) == 15_360)
    // R-STOMP.25.
    var stomp = BrokerReconnection(.stompAgent)
    for (least, most) in [(60.0, 120.0), (120, 240)] {
      var copy = stomp
      #expect(copy.lost(now: 0, random: 0) == least)
      #expect(stomp.lost(now: 0, random: 1) == most)
    }
  }

  @Test func onlyWhatHasStoodCounts() {
    var reconnection = BrokerReconnection(
      BrokerRetry(firstWait: 5, multiplier: 3000, maximumWait: 1000))
    #expect(reconnection.lost(now: 0, random: 0) == 5)
    reconnection.becameReady(now: 10)
    // Thrown out at once.
    #expect(reconnection.lost(now: 14, random: 0) == 15)
    reconnection.becameReady(now: 30)
    #expect(reconnection.lost(now: 35, random: 0) == 5)
    // It did not come about at all.
    #expect(reconnection.lost(now: 1000, random: 0) == 15)
  }

  @Test func oddPoliciesHoldToo() {
    var none = BrokerReconnection(BrokerRetry(firstWait: 0, multiplier: 0, maximumWait: 0))
    #expect(none.lost(now: 0, random: 1) == 0)
    var falling = BrokerReconnection(BrokerRetry(firstWait: 4, multiplier: 500, maximumWait: 60))
    #expect(falling.lost(now: 0, random: 1) == 4)
    #expect(falling.lost(now: 0, random: 0) == 2)
  }
}

@Suite struct BrokerAddressTests {
  @Test func textsComeBack() {
    for address in [
      BrokerAddress.mqtt(topic: "usp/a: b", version: .v5),
      .mqtt(topic: "mqtt-5:x", version: .v311), .stomp(destination: "/queue/a"),
    ] {
      #expect(BrokerAddress(address.description) == address)
    }
    for none in ["", "mqtt-5:", "mqtt-5:a/#", "mqtt-4:a", "stomp:", "stomp:a\nb", "/queue/a"] {
      #expect(BrokerAddress(none) == nil)
    }
  }
}

@Suite struct BrokerMessageCostTests {
  /// Whatever a sender can make long counts.
  @Test func allOfAMessageCounts() {
    var message = MQTTMessage(topic: "abc", payload: [1, 2])
    #expect(message.cost == 261)
    message.responseTopic = "abcdefg"
    message.contentType = "abcde"
    #expect(message.cost == 273)
    #expect(
      STOMPSession.Message(
        destination: "abc", replyDestination: nil, contentType: nil, body: [1, 2]
      ).cost == 261)
    #expect(
      STOMPSession.Message(
        destination: "abc", replyDestination: "abcdefg", contentType: "abcde", body: [1, 2]
      ).cost == 273)
  }
}

@Suite struct BrokerRecordTests {
  @Test func senderAndRecipient() throws {
    let record = try #require(
      BrokerRecord(BrokerSamples.record(from: "os::012345-A1", to: "self::c", [9])))
    #expect(record.sender == "os::012345-A1")
    #expect(record.recipient == "self::c")
  }

  @Test func fieldsOfAllKindsAreSkipped() throws {
    let bytes: [UInt8] =
      [0x20, 0x81, 0x01] + [0x7D, 1, 2, 3, 4] + [0x79, 1, 2, 3, 4, 5, 6, 7, 8]
      + BrokerSamples.field(2, Array("self::old".utf8))
      + BrokerSamples.record(
        from: "os::012345-A1", to: "self::c", [UInt8](repeating: 7, count: 300))
    #expect(BrokerRecord(bytes)?.recipient == "self::c")
  }

  @Test func whateverIsCutOffIsNone() {
    let whole = BrokerSamples.record(from: "os::012345-A1", to: "self::c", [1])
    let names =
      BrokerSamples.field(1, Array("1.3".utf8)) + BrokerSamples.field(2, Array("self::c".utf8))
      + BrokerSamples.field(3, Array("os::012345-A1".utf8))
    for length in 0..<whole.count {
      // Cut between fields, behind both names, it is still one to these eyes.
      let isOne = length == names.count
      #expect((BrokerRecord(Array(whole.prefix(length))) != nil) == isOne, "\(length) bytes")
    }
    #expect(BrokerRecord([]) == nil)
    #expect(BrokerRecord([0]) == nil)
    #expect(BrokerRecord([UInt8](repeating: 0xFF, count: 50)) == nil)
    #expect(BrokerRecord([0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) == nil)
    // Groups are not of this protocol.
    #expect(BrokerRecord([0x0B] + whole) == nil)
  }

  @Test func namesAreShortText() {
    let long = [UInt8](repeating: 65, count: 257)
    #expect(
      BrokerRecord(
        BrokerSamples.field(2, Array("self::c".utf8)) + BrokerSamples.field(3, long)) == nil)
    #expect(
      BrokerRecord(
        BrokerSamples.field(2, [0xFF]) + BrokerSamples.field(3, Array("os::A".utf8))) == nil)
  }
}

@Suite struct BrokerLinksTests {
  /// Sends nothing.
  private final class Silent: BrokerTransport {
    func send(_ record: [UInt8], link: UInt64) {}
    func close(link: UInt64, _ reason: LinkClosing) {}
  }

  /// Notes the peers whose links were closed.
  private final class Note: LinkReceiver {
    let peer: String
    let closed: NIOLockedValueBox<[String]>

    init(_ peer: String, _ closed: NIOLockedValueBox<[String]>) {
      self.peer = peer
      self.closed = closed
    }

    func received(_ record: [UInt8]) {}
    func closed(_ why: String) { closed.withLockedValue { $0.append(peer) } }
  }

  /// Runs on the event loop, and gives who was closed by it.
  private static func closed(
    _ limits: BrokerLimits, _ body: @escaping @Sendable (BrokerLinks<String>) -> Void
  ) async throws -> [String] {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let closed = NIOLockedValueBox<[String]>([])
    try await eventLoop.submit {
      let transport = Silent()
      let links = BrokerLinks<String>(
        limits: limits, eventLoop: eventLoop,
        accept: { Note($0.claimedEndpoint?.text ?? "", closed) }
      ) { id, peer in
        BrokerLink(
          id: id, kind: .mqtt, eventLoop: eventLoop, peerAddress: "",
          claimedEndpoint: peer.endpoint,
          proof: .broker, address: .stomp(destination: peer.address), transport: transport)
      }
      body(links)
    }.get()
    // After what the body has left to be done.
    try await eventLoop.submit {}.get()
    return closed.withLockedValue { $0 }
  }

  private static func peer(
    _ number: Int, at address: String = "topic"
  ) -> BrokerLinks<String>.Peer {
    .init(endpoint: EndpointID("os::012345-A\(number)"), address: address)
  }

  @Test func onePeerHasOneLink() async throws {
    let closed = try await Self.closed(BrokerLimits()) { links in
      let first = links.link(to: Self.peer(1), now: 0)
      #expect(links.link(to: Self.peer(1), now: 0) === first)
      // Somebody else with the same address is not let into it.
      #expect(links.link(to: Self.peer(2), now: 0) !== first)
      #expect(
        links.link(to: .init(endpoint: EndpointID("os::012345-A1"), address: "other"), now: 0)
          !== first)
      #expect(links.count == 3)
      links.remove(first.id, "test")
      links.remove(first.id, "test")
      #expect(links.link(to: Self.peer(1), now: 0) !== first)
    }
    #expect(closed == ["os::012345-A1"])
  }

  @Test func whoWasSilentMakesPlace() async throws {
    var limits = BrokerLimits()
    limits.links = 3
    let closed = try await Self.closed(limits) { links in
      for number in 1...3 { _ = links.link(to: Self.peer(number), now: 0) }
      _ = links.link(to: Self.peer(4), now: 0)
      // Each was new; from here on those that are used stay.
      links.used(links.link(to: Self.peer(2), now: 0).id, now: 1)
      _ = links.link(to: Self.peer(5), now: 0)
      #expect(links.count == 3)
    }
    #expect(closed == ["os::012345-A1", "os::012345-A3"])
  }

  @Test func aFloodOfPeersStaysBounded() async throws {
    var limits = BrokerLimits()
    limits.links = 50
    let rounds = 20_000
    let closed = try await Self.closed(limits) { links in
      for number in 0..<rounds {
        _ = links.link(to: Self.peer(number, at: "\(number)"), now: 0)
        #expect(links.count <= 50)
      }
    }
    #expect(closed.count == rounds - 50)
  }

  /// An account at a broker that makes up senders takes no place from those at other addresses.
  @Test func oneAddressHasFewEndpoints() async throws {
    let closed = try await Self.closed(BrokerLimits()) { links in
      let other = links.link(to: Self.peer(0, at: "other"), now: 0)
      for number in 1...8 { _ = links.link(to: Self.peer(number), now: Double(number)) }
      links.used(links.link(to: Self.peer(1), now: 9).id, now: 9)
      for number in 9...10 { _ = links.link(to: Self.peer(number), now: Double(number)) }
      #expect(links.count == 9)
      #expect(links.link(to: Self.peer(0, at: "other"), now: 11) === other)
    }
    #expect(closed == ["os::012345-A2", "os::012345-A3"])
  }

  /// Whoever takes links has only so many places itself: the old one is free before the new one is offered.
  @Test func whoMakesPlaceIsToldBeforeTheNextIsTaken() async throws {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    var limits = BrokerLimits()
    limits.links = 1
    let (order, transport) = (NIOLockedValueBox<[String]>([]), Silent())
    try await eventLoop.submit { [limits] in
      let links = BrokerLinks<String>(
        limits: limits, eventLoop: eventLoop,
        accept: { link in
          let name = link.claimedEndpoint?.text ?? ""
          order.withLockedValue { $0.append("+" + name) }
          return Note(name, order)
        }
      ) { id, peer in
        BrokerLink(
          id: id, kind: .mqtt, eventLoop: eventLoop, peerAddress: "",
          claimedEndpoint: peer.endpoint, proof: .broker,
          address: .stomp(destination: peer.address), transport: transport)
      }
      for number in 1...2 { _ = links.link(to: Self.peer(number), now: 0) }
      #expect(
        order.withLockedValue { $0 } == ["+os::012345-A1", "os::012345-A1", "+os::012345-A2"])
    }.get()
  }

  @Test func whoIsIdleIsForgotten() async throws {
    var limits = BrokerLimits()
    limits.idleSeconds = 100
    let closed = try await Self.closed(limits) { links in
      let first = links.link(to: Self.peer(1), now: 0)
      _ = links.link(to: Self.peer(2), now: 0)
      links.received([1], on: first, now: 50)
      links.sweep(now: 100)
      #expect(links.count == 1)
      links.sweep(now: 149)
      #expect(links.count == 1)
    }
    #expect(closed == ["os::012345-A2"])
    limits.idleSeconds = 0
    let never = try await Self.closed(limits) { links in
      _ = links.link(to: Self.peer(1), now: 0)
      links.sweep(now: 1e9)
    }
    #expect(never == [])
  }
}
