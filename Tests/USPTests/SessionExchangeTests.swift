import Foundation
import SwiftProtobuf
import Testing
import USP

/// Session contexts as transcripts: what comes, what is told and sent.
@Suite struct SessionExchangeTests {
  private typealias Fixture = ExchangeFixture

  private static func exchange(
    _ change: (inout RecordExchange.Configuration) -> Void = { _ in }
  ) throws -> RecordExchange {
    var configuration = try Fixture.configuration(peer: Fixture.agentName)
    change(&configuration)
    return RecordExchange(configuration)
  }

  @Test func anAgentsContextIsJoined() throws {
    var exchange = try Self.exchange()
    #expect(Told.of(exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)) == [])
    #expect(exchange.hasSession)
    #expect(
      Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.session(2, 1, expects: 2, "1")])
    #expect(
      Told.of(
        exchange.received(Fixture.session(2, 2, expects: 2, Fixture.getResponse("1")), now: 0))
        == [.message("1")])
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.session(2, 2, expects: 3, "2")])
    #expect(exchange.nextTimer == nil)
  }

  @Test func answersGoTheWayThatTheAgentUses() throws {
    var exchange = try Self.exchange()
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.plain("1")])
    _ = exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("n")), now: 0)
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.session(2, 1, expects: 2, "2")])
    _ = exchange.received(Fixture.record(Fixture.plain(Fixture.notify("m"))), now: 0)
    #expect(Told.of(exchange.send(Fixture.get("3"), now: 0)) == [.plain("3")])
    _ = exchange.received(Fixture.session(2, 2, expects: 2, Fixture.notify("o")), now: 0)
    #expect(
      Told.of(exchange.send(Fixture.get("4"), now: 0)) == [.session(2, 2, expects: 3, "4")])
  }

  @Test func recordsComeIntoTheirOrder() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    let late = Fixture.session(2, 3, expects: 1, Fixture.notify("c"))
    #expect(Told.of(exchange.received(late, now: 10)) == [])
    #expect(exchange.nextTimer == 12)
    #expect(Told.of(exchange.received(late, now: 11)) == [])
    let last = Fixture.session(2, 4, expects: 1, Fixture.notify("d"))
    #expect(Told.of(exchange.received(last, now: 11)) == [])
    let missing = Fixture.session(2, 2, expects: 1, Fixture.notify("b"))
    #expect(
      Told.of(exchange.received(missing, now: 11)) == [
        .message("b"), .message("c"), .message("d"),
      ])
    #expect(exchange.nextTimer == nil)
    // What was processed is ignored.
    #expect(Told.of(exchange.received(missing, now: 12)) == [])
    #expect(Told.of(exchange.received(late, now: 12)) == [])
  }

  @Test func aMissingRecordIsAskedForWithTheNextMessage() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    _ = exchange.received(Fixture.session(2, 3, expects: 1, Fixture.notify("c")), now: 10)
    #expect(
      Told.of(exchange.send(Fixture.get("1"), now: 11)) == [
        .session(2, 1, expects: 2, again: 2, "1")
      ])
    #expect(exchange.nextTimer == 13)
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 11)) == [.session(2, 2, expects: 2, "2")])
  }

  @Test func aMissingRecordIsAskedForAndThenTheContextBeginsAnew() throws {
    var exchange = try Self.exchange { $0.limits.retransmissions = 3 }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    _ = exchange.received(Fixture.session(2, 3, expects: 1, Fixture.notify("c")), now: 10)
    #expect(Told.of(exchange.timerFired(now: 11.9)) == [])
    #expect(Told.of(exchange.timerFired(now: 12)) == [.session(2, 1, expects: 2, again: 2)])
    #expect(Told.of(exchange.timerFired(now: 12)) == [])
    #expect(Told.of(exchange.timerFired(now: 14)) == [.session(2, 2, expects: 2, again: 2)])
    #expect(Told.of(exchange.timerFired(now: 16)) == [.session(2, 3, expects: 2, again: 2)])
    #expect(
      Told.of(exchange.timerFired(now: 18)) == [.refused(7105), .session(1000, 1, expects: 1)])
    // What still comes of the old one is late.
    #expect(
      Told.of(exchange.received(Fixture.session(2, 2, expects: 1, Fixture.notify("b")), now: 18))
        == [.refused(7105)])
    #expect(
      Told.of(
        exchange.received(Fixture.session(1000, 1, expects: 2, Fixture.notify("x")), now: 18))
        == [.message("x")])
  }

  @Test func aRecordThatTheAgentMissesIsSentAgain() throws {
    var exchange = try Self.exchange { $0.limits.retransmissions = 2 }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    let first = exchange.send(Fixture.get("1"), now: 0)
    let second = exchange.send(Fixture.get("2"), now: 0)
    var sequence: UInt64 = 2
    for _ in 0..<2 {
      // The message in it is processed before.
      let events = exchange.received(
        Fixture.session(2, sequence, expects: 2, again: 2, Fixture.notify("n")), now: 0)
      let notify = Fixture.notify("n")
      #expect(events == [.message(notify, MessageCodec.encode(notify).count)] + second)
      sequence += 1
    }
    #expect(
      Told.of(
        exchange.received(Fixture.session(2, sequence, expects: 2, again: 2, nil), now: 0))
        == [.refused(7105), .session(1000, 1, expects: 1)])
    #expect(first != second)
  }

  @Test func whereBothMissARecordEachIsSentAgain() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    let first = exchange.send(Fixture.get("1"), now: 0)
    // The second is on its way for ever.
    let third = Fixture.session(2, 3, expects: 1, again: 1, Fixture.notify("c"))
    #expect(exchange.received(third, now: 0) == first)
    let second = Fixture.session(2, 2, expects: 1, Fixture.notify("b"))
    #expect(Told.of(exchange.received(second, now: 0)) == [.message("b"), .message("c")])
  }

  @Test(arguments: [1, 3, 99] as [UInt64])
  func whatIsAcknowledgedOrWasNeverSentCanNotBeSentAgain(_ again: UInt64) throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    _ = exchange.send(Fixture.get("1"), now: 0)
    _ = exchange.send(Fixture.get("2"), now: 0)
    let events = exchange.received(Fixture.session(2, 2, expects: 2, again: again, nil), now: 0)
    #expect(Told.of(events) == [.refused(7105), .session(1000, 1, expects: 1)])
  }

  @Test func sentRecordsAreKeptWithinLimits() throws {
    var exchange = try Self.exchange { $0.limits.keptRecords = 2 }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    for id in ["1", "2", "3"] { _ = exchange.send(Fixture.get(id), now: 0) }
    #expect(
      Told.of(exchange.received(Fixture.session(2, 2, expects: 1, again: 2, nil), now: 0)) == [
        .session(2, 2, expects: 2, "2")
      ])
    #expect(
      Told.of(exchange.received(Fixture.session(2, 3, expects: 1, again: 1, nil), now: 0)) == [
        .refused(7105), .session(1000, 1, expects: 1),
      ])
  }

  @Test func anAcknowledgementOfWhatWasNotSentEndsTheContext() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    _ = exchange.send(Fixture.get("1"), now: 0)
    #expect(Told.of(exchange.received(Fixture.session(2, 2, expects: 2, nil), now: 0)) == [])
    #expect(
      Told.of(exchange.received(Fixture.session(2, 3, expects: 3, Fixture.notify("n")), now: 0))
        == [.refused(7104), .session(1000, 1, expects: 1)])
  }

  @Test func anotherSessionIDBeginsAnew() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    _ = exchange.received(Fixture.session(2, 3, expects: 1, Fixture.notify("lost")), now: 0)
    _ = exchange.send(Fixture.get("1"), now: 0)
    #expect(
      Told.of(exchange.received(Fixture.session(3, 1, expects: 1, Fixture.notify("n")), now: 0))
        == [.message("n")])
    #expect(exchange.nextTimer == nil)
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.session(3, 1, expects: 2, "2")])
    #expect(
      Told.of(exchange.received(Fixture.session(2, 2, expects: 2, Fixture.notify("o")), now: 0))
        == [.refused(7105)])
  }

  @Test func aDisconnectRecordForgetsEverything() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("n")), now: 0)
    let disconnect = Fixture.record(.disconnect(.with { $0.reasonCode = 7105 }))
    #expect(Told.of(exchange.received(disconnect, now: 0)) == [.disconnected(7105)])
    #expect(!exchange.hasSession)
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.plain("1")])
    // The same session ID may come again.
    #expect(
      Told.of(exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("m")), now: 0))
        == [.message("m")])
  }

  @Test func anAgentThatHasRestartedMayBeginWithTheSameID() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("a")), now: 0)
    _ = exchange.send(Fixture.get("1"), now: 0)
    _ = exchange.received(Fixture.record(.websocketConnect(.init())), now: 0)
    #expect(
      Told.of(exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("b")), now: 0))
        == [.message("b")])
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.session(2, 1, expects: 2, "2")])
    // One that has only connected again goes on.
    _ = exchange.received(Fixture.record(.websocketConnect(.init())), now: 0)
    #expect(
      Told.of(exchange.received(Fixture.session(2, 2, expects: 2, Fixture.notify("c")), now: 0))
        == [.message("c")])
    #expect(
      Told.of(exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("b")), now: 0))
        == [])
  }

  @Test func whoHasConnectedAnewIsNotAskedInItsOldContext() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("a")), now: 0)
    _ = exchange.received(Fixture.record(.mqttConnect(.init())), now: 0)
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.plain("1")])
    // It says whether it still uses one.
    #expect(
      Told.of(exchange.received(Fixture.session(3, 1, expects: 1, Fixture.notify("b")), now: 0))
        == [.message("b")])
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.session(3, 1, expects: 2, "2")])
  }

  @Test func whereAContextIsRequiredANewOneIsBegunWithWhoHasConnectedAnew() throws {
    var exchange = try Self.exchange { $0.sessionMode = .require }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("a")), now: 0)
    _ = exchange.received(Fixture.record(.mqttConnect(.init())), now: 0)
    #expect(
      Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.session(1000, 1, expects: 1, "1")])
    #expect(
      Told.of(exchange.send(Fixture.get("2"), now: 0)) == [.session(1000, 2, expects: 1, "2")])
  }
}

enum Wire {
  static func records(_ events: [RecordExchange.Event]) throws -> [[UInt8]] {
    try events.map { event in
      guard case .send(let bytes) = event else {
        Issue.record("\(event)")
        throw USPFault(.internalError, "not sent")
      }
      return bytes
    }
  }
}
