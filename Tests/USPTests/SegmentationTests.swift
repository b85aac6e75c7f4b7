import Foundation
import SwiftProtobuf
import Testing
import USP

/// Messages in segments, both ways.
@Suite struct SegmentationTests {
  private typealias Fixture = ExchangeFixture

  private static func exchange(
    own: String = Fixture.controllerName, peer: String = Fixture.agentName,
    _ change: (inout RecordExchange.Configuration) -> Void = { _ in }
  ) throws -> RecordExchange {
    var configuration = try Fixture.configuration(own: own, peer: peer)
    change(&configuration)
    return RecordExchange(configuration)
  }

  private static func segment(
    _ sequence: UInt64, _ state: USPSessionContextRecord.PayloadSARState,
    _ other: USPSessionContextRecord.PayloadSARState? = nil, _ payloads: [UInt8]...
  ) -> [UInt8] {
    Fixture.session(2, sequence, expects: 1, nil) {
      $0.payloadSarState = state
      $0.payloadrecSarState = other ?? state
      $0.payload = payloads.map { Data($0) }
    }
  }

  @Test func aLongMessageGoesInSegmentsWithinTheSizeOfARecord() throws {
    for size in [120, 123, 200, 1000] {
      var controller = try Self.exchange { $0.maxRecordSize = size }
      var agent = try Self.exchange(own: Fixture.agentName, peer: Fixture.controllerName) {
        $0.sessionMode = .require
      }
      for record in try Wire.records(agent.send(Fixture.notify("n"), now: 0)) {
        #expect(Told.of(controller.received(record, now: 0)) == [.message("n")])
      }
      let message = Fixture.get("1", paths: 100)
      let records = try Wire.records(controller.send(message, now: 0))
      #expect(records.count > 3)
      #expect(records.allSatisfy { $0.count <= size })
      // None is shorter than it must be, but the last.
      #expect(records.dropLast().allSatisfy { $0.count > size - 50 })
      let contexts = try records.map { try RecordCodec.decode($0).sessionContext }
      #expect(contexts.map(\.sequenceID) == Array(1...UInt64(records.count)))
      #expect(
        contexts.map(\.payloadSarState)
          == [.begin] + Array(repeating: .inprocess, count: records.count - 2) + [.complete])
      #expect(contexts.allSatisfy { $0.payloadrecSarState == $0.payloadSarState })
      var told: [Told] = []
      for record in records { told += Told.of(agent.received(record, now: 0)) }
      #expect(told == [.message("1")])
    }
  }

  @Test func aShortMessageGoesWhole() throws {
    var controller = try Self.exchange { $0.maxRecordSize = 1000 }
    _ = controller.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    #expect(
      Told.of(controller.send(Fixture.get("1"), now: 0)) == [.session(2, 1, expects: 2, "1")])
    // Without a session context there are no segments.
    var plain = try Self.exchange { $0.maxRecordSize = 100 }
    #expect(Told.of(plain.send(Fixture.get("1", paths: 100), now: 0)) == [.plain("1")])
  }

  @Test func segmentsComeTogetherInTheirOrder() throws {
    var exchange = try Self.exchange()
    let bytes = MessageCodec.encode(Fixture.notify("n"))
    let first = Self.segment(1, .begin, nil, Array(bytes[..<3]))
    let second = Self.segment(2, .inprocess, nil, Array(bytes[3..<5]), Array(bytes[5..<7]))
    let third = Self.segment(3, .complete, nil, Array(bytes[7...]))
    #expect(exchange.received(first, now: 0) == [])
    #expect(exchange.received(third, now: 0) == [])
    #expect(Told.of(exchange.received(second, now: 0)) == [.message("n")])
  }

  @Test func aStateThatIsLeftAwayIsTaken() throws {
    var exchange = try Self.exchange()
    let bytes = MessageCodec.encode(Fixture.notify("n"))
    _ = exchange.received(
      Self.segment(1, .begin, USPSessionContextRecord.PayloadSARState.none, Array(bytes[..<3])),
      now: 0)
    #expect(
      Told.of(
        exchange.received(
          Self.segment(
            2, .complete, USPSessionContextRecord.PayloadSARState.none, Array(bytes[3...])), now: 0)
      )
        == [.message("n")])
  }

  @Test(
    arguments: [
      [.inprocess], [.complete], [.begin, .begin], [.begin, .none],
      [.begin, .complete, .inprocess],
      [.begin, .inprocess, .begin],
    ] as [[USPSessionContextRecord.PayloadSARState]])
  func segmentsThatDoNotBelongEndTheContext(_ states: [USPSessionContextRecord.PayloadSARState])
    throws
  {
    var exchange = try Self.exchange()
    let message = MessageCodec.encode(Fixture.notify("n"))
    var told: [Told] = []
    for (index, state) in states.enumerated() {
      let payload = state == .begin ? message : []
      told += Told.of(
        exchange.received(Self.segment(UInt64(index + 1), state, nil, payload), now: 0))
    }
    let fault: [Told] = [.refused(7104), .session(1000, 1, expects: 1)]
    #expect(told == (states.contains(.complete) && states.count > 1 ? [.message("n")] : []) + fault)
  }

  @Test func statesThatContradictEachOtherEndTheContext() throws {
    var exchange = try Self.exchange()
    #expect(
      Told.of(exchange.received(Self.segment(1, .begin, .complete, [1]), now: 0)) == [
        .refused(7104), .session(1000, 1, expects: 1),
      ])
  }

  @Test func aMessageOfSegmentsHasALimit() throws {
    var exchange = try Self.exchange { $0.limits.messageBytes = 100 }
    let fifty = Array(repeating: UInt8(0), count: 50)
    #expect(exchange.received(Self.segment(1, .begin, nil, fifty), now: 0) == [])
    #expect(exchange.received(Self.segment(2, .inprocess, nil, fifty), now: 0) == [])
    #expect(
      Told.of(exchange.received(Self.segment(3, .complete, nil, [0]), now: 0)) == [
        .refused(7005), .session(1000, 1, expects: 1),
      ])
    var whole = try Self.exchange { $0.limits.messageBytes = 100 }
    #expect(
      Told.of(
        whole.received(
          Self.segment(1, USPSessionContextRecord.PayloadSARState.none, nil, fifty, fifty, [0]),
          now: 0)) == [.refused(7005), .session(1000, 1, expects: 1)])
  }

  @Test func aMessageOfSegmentsHasADeadline() throws {
    var exchange = try Self.exchange { $0.limits.assemblyTimeout = 60 }
    let bytes = MessageCodec.encode(Fixture.notify("n"))
    #expect(exchange.received(Self.segment(1, .begin, nil, Array(bytes[..<3])), now: 0) == [])
    #expect(exchange.nextTimer == 60)
    #expect(exchange.received(Self.segment(2, .inprocess, nil, [bytes[3]]), now: 59) == [])
    #expect(exchange.received(Self.segment(4, .complete, nil, Array(bytes[5...])), now: 59) == [])
    #expect(exchange.heldBytes == bytes.count - 1)
    #expect(exchange.nextTimer == 60)
    #expect(
      Told.of(exchange.timerFired(now: 60)) == [.refused(7105), .session(1000, 1, expects: 1)])
    #expect(exchange.heldBytes == 0)
    #expect(exchange.nextTimer == nil)
    // One that has come in time has none any more.
    var other = try Self.exchange()
    _ = other.received(Self.segment(1, .begin, nil, Array(bytes[..<3])), now: 0)
    _ = other.received(Self.segment(2, .complete, nil, Array(bytes[3...])), now: 1)
    #expect(other.nextTimer == nil)
    #expect(other.heldBytes == 0)
  }

  @Test func aResponseOfTooManySegmentsIsNamed() throws {
    var exchange = try Self.exchange { $0.limits.messageBytes = 100 }
    var response = USPGetResp()
    response.reqPathResults = (0..<100).map { _ in .with { $0.requestedPath = "Device." } }
    let message = MessageCodec.encode(.response(to: "1", .getResp(response)))
    #expect(exchange.received(Self.segment(1, .begin, nil, Array(message[..<50])), now: 0) == [])
    let events = exchange.received(
      Self.segment(2, .inprocess, nil, Array(message[50..<150])), now: 0)
    guard case .refused(let fault, false, response: "1")? = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(fault.code == .resourcesExceeded)
  }

  @Test func whatIsNoMessageAfterAllIsTold() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Self.segment(1, .begin, nil, [0xFF]), now: 0)
    #expect(
      Told.of(exchange.received(Self.segment(2, .complete, nil, [0xFF]), now: 0))
        == [.refused(7000)])
    #expect(exchange.hasSession)
  }
}
