import Foundation
import SwiftProtobuf
import Testing
import USP

/// Records outside session contexts: addresses, connections, and what is answered to bad ones.
@Suite struct RecordExchangeTests {
  private typealias Fixture = ExchangeFixture

  @Test func theFirstRecordTellsWhoItComesFrom() throws {
    var exchange = RecordExchange(try Fixture.configuration())
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.refused(7003)])
    let events = exchange.received(Fixture.record(.websocketConnect(.init())), now: 0)
    #expect(Told.of(events) == [.peer(Fixture.agentName), .connected(.webSocket, "1.3")])
    #expect(exchange.peer?.text == Fixture.agentName)
    let notify = exchange.received(Fixture.record(Fixture.plain(Fixture.notify("n"))), now: 0)
    #expect(Told.of(notify) == [.message("n")])
  }

  @Test func aPlainRecordIsAsTheSchemaHasIt() throws {
    var exchange = RecordExchange(try Fixture.configuration(peer: Fixture.agentName))
    let message = Fixture.get("1")
    let payload = MessageCodec.encode(message)
    let bytes: [UInt8] =
      [0x0A, 3] + Array("1.4".utf8) + [0x12, 13] + Array(Fixture.agentName.utf8) + [0x1A, 16]
      + Array(Fixture.controllerName.utf8)
      + [0x3A, UInt8(payload.count + 2), 0x12, UInt8(payload.count)] + payload
    #expect(exchange.send(message, now: 0) == [.send(bytes)])
  }

  @Test func connectRecordsOfEveryTransportGoThereAndBack() throws {
    let connects: [RecordExchange.Connect] = [
      .webSocket, .mqtt(version: .v5, topic: "usp/a"), .mqtt(version: .v311, topic: ""),
      .stomp(destination: "/queue/a"), .unix,
    ]
    for connect in connects {
      var agent = RecordExchange(
        try Fixture.configuration(own: Fixture.agentName, peer: Fixture.controllerName))
      var controller = RecordExchange(try Fixture.configuration())
      let sent = agent.connect(connect)
      #expect(Told.of(sent) == [.sentConnect])
      guard case .send(let bytes)? = sent.first else { continue }
      #expect(
        Told.of(controller.received(bytes, now: 0)) == [
          .peer(Fixture.agentName), .connected(connect, "1.4"),
        ])
    }
  }

  @Test func afterADisconnectRecordAnAgentConnectsAgain() throws {
    var agent = RecordExchange(
      try Fixture.configuration(own: Fixture.agentName, peer: Fixture.controllerName))
    #expect(Told.of(agent.connect(.unix)) == [.sentConnect])
    #expect(Told.of(agent.send(Fixture.notify("1"), now: 0)) == [.plain("1")])
    #expect(Told.of(agent.disconnect("bye", code: .messageFailed)) == [.sentDisconnect(7000)])
    #expect(Told.of(agent.send(Fixture.notify("2"), now: 0)) == [.sentConnect, .plain("2")])
    #expect(Told.of(agent.send(Fixture.notify("3"), now: 0)) == [.plain("3")])
    let disconnect = Fixture.record(
      .disconnect(.with { $0.reasonCode = 7105 }), to: Fixture.agentName,
      from: Fixture.controllerName)
    #expect(Told.of(agent.received(disconnect, now: 0)) == [.disconnected(7105)])
    #expect(Told.of(agent.send(Fixture.notify("4"), now: 0)) == [.sentConnect, .plain("4")])
  }

  /// R-MQTT.26a: whoever names another version of MQTT than it is heard in is not spoken with until it has put that right.
  @Test(arguments: [
    (RecordExchange.Connect.MQTTVersion.v5, RecordExchange.Connect.MQTTVersion.v311), (.v311, .v5),
  ])
  func anotherVersionOfMQTTIsNotSpokenWith(
    heard: RecordExchange.Connect.MQTTVersion, told: RecordExchange.Connect.MQTTVersion
  ) throws {
    func connect(_ version: RecordExchange.Connect.MQTTVersion) -> [UInt8] {
      Fixture.record(.mqttConnect(.with { $0.version = version == .v5 ? .v5 : .v311 }))
    }
    var configuration = try Fixture.configuration(peer: Fixture.agentName)
    configuration.mqttVersion = heard
    var exchange = RecordExchange(configuration)
    // Agents before 1.2 send no connect Record.
    let request = Fixture.record(Fixture.plain(Fixture.notify("n")))
    #expect(Told.of(exchange.received(request, now: 0)) == [.message("n")])
    #expect(Told.of(exchange.received(connect(told), now: 0)) == [.refused(7104)])
    #expect(Told.of(exchange.received(request, now: 0)) == [.refused(7104)])
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.refused(7003)])
    #expect(
      Told.of(exchange.received(connect(heard), now: 0)) == [
        .connected(.mqtt(version: heard, topic: ""), "1.3")
      ])
    #expect(Told.of(exchange.received(request, now: 0)) == [.message("n")])
    #expect(Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.plain("2")])
  }

  @Test func aReasonOfAnyLengthIsCut() throws {
    var exchange = RecordExchange(try Fixture.configuration())
    let events = exchange.received(
      Fixture.record(.disconnect(.with { $0.reason = String(repeating: "r", count: 100_000) })),
      now: 0)
    guard case .disconnected(let reason, let code)? = events.last else {
      Issue.record("no disconnect")
      return
    }
    #expect(reason.count == 256)
    #expect(code == 0)
  }

  @Test func recordsForOthersOrOfOthersAreDropped() throws {
    var exchange = RecordExchange(try Fixture.configuration())
    let request = Fixture.plain(Fixture.notify("n"))
    for to in ["self::other", "", "SELF::controller", "self::controller "] {
      #expect(
        Told.of(exchange.received(Fixture.record(request, to: to), now: 0)) == [.refused(7104)])
    }
    for from in ["", "nobody", "self::", "*"] {
      #expect(
        Told.of(exchange.received(Fixture.record(request, from: from), now: 0)) == [.refused(7104)])
    }
    #expect(exchange.peer == nil)
    let first = exchange.received(Fixture.record(request), now: 0)
    #expect(Told.of(first) == [.peer(Fixture.agentName), .message("n")])
    let other = Fixture.record(request, from: "os::012345-A2")
    #expect(Told.of(exchange.received(other, now: 0)) == [.refused(7104)])
    #expect(exchange.peer?.text == Fixture.agentName)
  }

  @Test func aRefusalSaysWhoIsMeant() throws {
    func reason(to: String, from: String) throws -> String {
      var exchange = RecordExchange(try Fixture.configuration(peer: Fixture.agentName))
      let record = Fixture.record(Fixture.plain(Fixture.notify("n")), to: to, from: from)
      guard case .refused(let fault, _, _)? = exchange.received(record, now: 0).first else {
        return ""
      }
      return fault.text
    }
    #expect(
      try reason(to: "self::other", from: Fixture.agentName)
        == "the Record is for self::other, and this endpoint is self::controller: "
        + "set usp.endpoint, or EndpointID in the agent's Controller row")
    #expect(
      try reason(to: Fixture.controllerName, from: "os::012345-A2")
        == "the Record is of os::012345-A2, and this link is that of os::012345-A1")
    #expect(
      try reason(to: Fixture.controllerName, from: "")
        == "the Record is of nobody, which is no endpoint ID")
    // A log gets no more than a line of what anybody says.
    let long = try reason(to: "a\nü" + String(repeating: "x", count: 1000), from: "")
    #expect(long.contains("for a???" + String(repeating: "x", count: 60) + ", and"))
  }

  @Test func whatIsNoRecordIsUndecodable() throws {
    var configuration = try Fixture.configuration()
    configuration.limits.recordBytes = 200
    var exchange = RecordExchange(configuration)
    for bytes: [UInt8] in [
      [0xFF], [0x0A], [0x0A, 9, 1], [0x0A, 1, 0xFF], [0x0B], Array("GET / HTTP/1.1\r\n".utf8),
    ] {
      #expect(Told.of(exchange.received(bytes, now: 0)) == [.undecodable(7100)])
    }
    let long = Array(repeating: UInt8(0), count: 201)
    #expect(Told.of(exchange.received(long, now: 0)) == [.undecodable(7005)])
    // Nothing at all is protobuf, and a Record for nobody.
    #expect(Told.of(exchange.received([], now: 0)) == [.refused(7104)])
  }

  @Test func aRecordOfNoKindOrOfSeveralIsDiscarded() throws {
    var exchange = RecordExchange(try Fixture.configuration())
    let plain = Fixture.record(Fixture.plain(Fixture.notify("n")))
    #expect(Told.of(exchange.received(Fixture.record(nil), now: 0)) == [.refused(7100)])
    // A kind that a later version may have.
    #expect(
      Told.of(exchange.received(Fixture.record(nil) + [0x72, 0], now: 0)) == [.refused(7100)])
    for second: [UInt8] in [[0x4A, 0], [0x3A, 0], [0x42, 0], [0x62, 0], [0x6A, 0]] {
      #expect(Told.of(exchange.received(plain + second, now: 0)) == [.refused(7100)])
      // Nor is it answered for an unknown value.
      let both = Fixture.record(Fixture.plain(Fixture.notify("n"))) {
        $0.payloadSecurity = .UNRECOGNIZED(7)
      }
      #expect(Told.of(exchange.received(both + second, now: 0)) == [.refused(7100)])
    }
    #expect(exchange.peer == nil)
  }

  @Test func aBadRecordWithARequestIsAnswered() throws {
    let request = Fixture.plain(Fixture.notify("n"))
    let unknownSecurity: (inout USPRecord) -> Void = { $0.payloadSecurity = .UNRECOGNIZED(7) }
    let cases: [([UInt8], [Told])] = [
      (
        Fixture.record(request, unknownSecurity),
        [.peer(Fixture.agentName), .sentError("n", 7104), .refused(7104)]
      ),
      (
        Fixture.record(request, version: "one"),
        [.peer(Fixture.agentName), .sentError("n", 7104), .refused(7104)]
      ),
      // No request, no message ID, no message, not for this side, of nobody: nothing is told.
      (
        Fixture.record(Fixture.plain(Fixture.getResponse("n")), unknownSecurity),
        [.peer(Fixture.agentName), .refused(7104)]
      ),
      (
        Fixture.record(Fixture.plain(Fixture.notify("")), unknownSecurity),
        [.peer(Fixture.agentName), .refused(7104)]
      ),
      (
        Fixture.record(.noSessionContext(.with { $0.payload = Data([0xFF]) }), unknownSecurity),
        [.peer(Fixture.agentName), .refused(7104)]
      ),
      (
        Fixture.record(.websocketConnect(.init()), version: "1.2.3"),
        [.peer(Fixture.agentName), .refused(7104)]
      ), (Fixture.record(request, to: "self::x", unknownSecurity), [.refused(7104)]),
      (Fixture.record(request, from: "x", unknownSecurity), [.refused(7104)]),
    ]
    for (bytes, told) in cases {
      var exchange = RecordExchange(try Fixture.configuration())
      #expect(Told.of(exchange.received(bytes, now: 0)) == told)
    }
  }

  @Test func aBadMessageThatIsARequestIsAnswered() throws {
    let head: [UInt8] = [0x0A, 3, 0x0A, 1, 0x6E]
    let cases: [([UInt8], [Told])] = [
      // Two kinds of request; one that is unknown; a text that is none.
      (head + [0x12, 6, 0x0A, 4, 0x0A, 0, 0x22, 0], [.sentError("n", 7004), .refused(7004)]),
      (head + [0x12, 4, 0x0A, 2, 0x62, 0], [.sentError("n", 7001), .refused(7001)]),
      (
        head + [0x12, 7, 0x0A, 5, 0x0A, 3, 0x0A, 1, 0xFF], [.sentError("n", 7004), .refused(7004)]
      ),
      // A request and a response: the request is answered.
      (
        head + [0x12, 8, 0x0A, 2, 0x0A, 0, 0x12, 2, 0x0A, 0],
        [.sentError("n", 7004), .refused(7004)]
      ),
      // A response, no body, no ID, garbage.
      (head + [0x12, 4, 0x12, 2, 0x62, 0], [.refused(7001)]), (head, [.refused(7004)]),
      ([0x12, 4, 0x0A, 2, 0x62, 0], [.refused(7001)]), ([0xFF, 0xFF], [.refused(7000)]),
      ([], [.refused(7004)]),
    ]
    for (payload, told) in cases {
      var exchange = RecordExchange(try Fixture.configuration(peer: Fixture.agentName))
      let record = Fixture.record(.noSessionContext(.with { $0.payload = Data(payload) }))
      #expect(Told.of(exchange.received(record, now: 0)) == told)
    }
  }

  /// Whoever awaits a response that can't be taken learns that it has come.
  @Test func aRefusedResponseIsNamed() throws {
    var configuration = try Fixture.configuration(peer: Fixture.agentName)
    configuration.limits.messageItems = 3
    configuration.limits.messageBytes = 400
    let head: [UInt8] = [0x0A, 3, 0x0A, 1, 0x31]
    func response(_ objects: Int) -> [UInt8] {
      var response = USPGetResp()
      response.reqPathResults = (0..<objects).map { _ in .with { $0.requestedPath = "Device." } }
      return MessageCodec.encode(.response(to: "1", .getResp(response)))
    }
    let cases: [(payload: [UInt8], code: USPErrorCode, response: String?)] = [
      (response(4), .resourcesExceeded, "1"), (response(400), .resourcesExceeded, "1"),
      // A response of a kind that is unknown, a text that is none, no body.
      (head + [0x12, 4, 0x12, 2, 0x62, 0], .messageNotSupported, "1"),
      (head + [0x12, 7, 0x1A, 5, 0x12, 3, 0xFF, 0xFE, 0xFD], .invalidArguments, "1"),
      (head, .invalidArguments, "1"),
      // A request, no ID, no message.
      (MessageCodec.encode(Fixture.get("1", paths: 4)), .resourcesExceeded, nil),
      ([0x12, 4, 0x12, 2, 0x62, 0], .messageNotSupported, nil), ([0xFF], .messageFailed, nil),
    ]
    for (payload, code, expected) in cases {
      var exchange = RecordExchange(configuration)
      let record = Fixture.record(.noSessionContext(.with { $0.payload = Data(payload) }))
      guard
        case .refused(let fault, false, let response)? = exchange.received(record, now: 0).last
      else {
        Issue.record("\(payload) was taken")
        continue
      }
      #expect(fault.code == code)
      #expect(response == expected)
    }
  }

  @Test func laterVersionsAreTaken() throws {
    for version in ["", "1.0", "1.1", "1.4", "1.99", "2.0"] {
      var exchange = RecordExchange(try Fixture.configuration(peer: Fixture.agentName))
      let record = Fixture.record(Fixture.plain(Fixture.notify("n")), version: version)
      #expect(Told.of(exchange.received(record + [0x7A, 2, 1, 2], now: 0)) == [.message("n")])
      let connect = Fixture.record(.websocketConnect(.init()), version: version)
      #expect(Told.of(exchange.received(connect, now: 0)) == [.connected(.webSocket, version)])
    }
  }

  @Test func payloadsInTLSAreRefused() throws {
    var exchange = RecordExchange(try Fixture.configuration(peer: Fixture.agentName))
    let plain = Fixture.record(Fixture.plain(Fixture.notify("n"))) { $0.payloadSecurity = .tls12 }
    #expect(Told.of(exchange.received(plain, now: 0)) == [.refused(7102)])
    let session = Fixture.record(
      .sessionContext(
        .with {
          $0.sessionID = 7
          $0.sequenceID = 1
          $0.expectedID = 1
          $0.payload = [Data([0x16, 3, 3])]
        })
    ) { $0.payloadSecurity = .tls12 }
    #expect(Told.of(exchange.received(session, now: 0)) == [.sentDisconnect(7102), .refused(7102)])
    #expect(!exchange.hasSession)
  }
}
