import Foundation
import SwiftProtobuf
import Testing
import USP

/// Whether there are session contexts at all, what ends them, and how they begin anew.
@Suite struct SessionModeTests {
  private typealias Fixture = ExchangeFixture

  private static func exchange(
    _ change: (inout RecordExchange.Configuration) -> Void = { _ in }
  ) throws -> RecordExchange {
    var configuration = try Fixture.configuration(peer: Fixture.agentName)
    change(&configuration)
    return RecordExchange(configuration)
  }

  @Test func whereContextsAreForbiddenTheAgentIsTold() throws {
    var exchange = try Self.exchange { $0.sessionMode = .forbid }
    #expect(
      Told.of(exchange.received(Fixture.session(2, 1, expects: 1, Fixture.notify("n")), now: 0))
        == [.sentDisconnect(7106), .refused(7106)])
    #expect(!exchange.hasSession)
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.plain("1")])
  }

  @Test func whereAContextIsRequiredOneIsBegun() throws {
    var exchange = try Self.exchange { $0.sessionMode = .require }
    #expect(
      Told.of(exchange.received(Fixture.record(.websocketConnect(.init())), now: 0)) == [
        .connected(.webSocket, "1.3")
      ])
    #expect(
      Told.of(exchange.received(Fixture.record(Fixture.plain(Fixture.notify("n"))), now: 0)) == [
        .sentDisconnect(7105), .refused(7105), .session(1000, 1, expects: 1),
      ])
    #expect(
      Told.of(exchange.send(Fixture.get("1"), now: 0)) == [.session(1000, 2, expects: 1, "1")])
    let forbidden = Fixture.record(.disconnect(.with { $0.reasonCode = 7106 }))
    #expect(Told.of(exchange.received(forbidden, now: 0)) == [.disconnected(7106), .dead])
  }

  @Test func numbersOfZeroAreNone() throws {
    var exchange = try Self.exchange()
    let request = Fixture.notify("n")
    #expect(
      Told.of(exchange.received(Fixture.session(0, 1, expects: 1, request), now: 0)) == [
        .sentError("n", 7104), .refused(7104),
      ])
    #expect(
      Told.of(exchange.received(Fixture.session(2, 0, expects: 1, request), now: 0)) == [
        .sentError("n", 7104), .refused(7104),
      ])
    #expect(!exchange.hasSession)
    // A first Record may acknowledge nothing at all.
    #expect(
      Told.of(exchange.received(Fixture.session(2, 1, expects: 0, request), now: 0)) == [
        .message("n")
      ])
  }

  @Test func ofTwoThatBeginAtOnceTheGreaterNameStands() throws {
    let names = [Fixture.agentName, Fixture.controllerName]
    var exchanges = try names.indices.map { index in
      var configuration = try Fixture.configuration(
        own: names[index], peer: names[1 - index], sessionIDs: [UInt64(index + 5)])
      configuration.sessionMode = .require
      return RecordExchange(configuration)
    }
    let sent = try exchanges.indices.map { index in
      try Wire.records(exchanges[index].send(Fixture.get("\(index)"), now: 0))
    }
    // self::… is greater than os::…, but not for ever: the other may have lost what was sent.
    #expect(Told.of(exchanges[1].received(sent[0][0], now: 0)) == [.refused(7105)])
    #expect(Told.of(exchanges[0].received(sent[1][0], now: 0)) == [.message("1")])
    #expect(
      Told.of(exchanges[0].send(Fixture.getResponse("1"), now: 0)) == [
        .session(6, 1, expects: 2, "1")
      ])
    #expect(Told.of(exchanges[1].received(sent[0][0], now: 9)) == [.refused(7105)])
    #expect(Told.of(exchanges[1].received(sent[0][0], now: 10)) == [.message("0")])
  }

  @Test func aContextThatFailsAgainAndAgainIsWaitedForAndGivenUp() throws {
    var exchange = try Self.exchange { $0.limits.sessionFailures = 3 }
    func bad(_ id: UInt64) -> [UInt8] { Fixture.session(id, 1, expects: 9, nil) }
    #expect(
      Told.of(exchange.received(bad(2), now: 0)) == [.refused(7104), .session(1000, 1, expects: 1)])
    #expect(Told.of(exchange.received(bad(1000), now: 0)) == [.refused(7104)])
    // Half of 5 to 10 seconds.
    #expect(exchange.nextTimer == 7.5)
    #expect(Told.of(exchange.timerFired(now: 7)) == [])
    #expect(Told.of(exchange.timerFired(now: 7.5)) == [.session(2000, 1, expects: 1)])
    #expect(exchange.nextTimer == nil)
    #expect(Told.of(exchange.received(bad(2000), now: 8)) == [.refused(7104)])
    #expect(exchange.nextTimer == 23)
    // A message does not wait.
    #expect(
      Told.of(exchange.send(Fixture.get("1"), now: 9)) == [.session(3000, 1, expects: 1, "1")])
    #expect(exchange.nextTimer == nil)
    #expect(Told.of(exchange.received(bad(3000), now: 10)) == [.refused(7104), .dead])
    #expect(exchange.nextTimer == nil)
  }

  @Test func whoSpeaksWithoutAContextIsOfferedNoneAgain() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 9, nil), now: 0)
    _ = exchange.received(Fixture.session(1000, 1, expects: 9, nil), now: 0)
    #expect(exchange.nextTimer == 7.5)
    _ = exchange.received(Fixture.record(Fixture.plain(Fixture.notify("n"))), now: 1)
    #expect(exchange.nextTimer == nil)
    #expect(Told.of(exchange.timerFired(now: 8)) == [])
    #expect(Told.of(exchange.send(Fixture.get("1"), now: 8)) == [.plain("1")])
  }

  @Test func aContextThatHasLivedLongIsNoFailure() throws {
    var exchange = try Self.exchange { $0.limits.sessionFailures = 1 }
    for round in 0..<5 {
      let start = Double(round) * 1000
      let id = UInt64(10 + round)
      _ = exchange.received(Fixture.session(id, 1, expects: 0, nil), now: start)
      let events = exchange.received(Fixture.session(id, 2, expects: 9, nil), now: start + 300)
      #expect(
        Told.of(events) == [.refused(7104), .session(UInt64(round + 1) * 1000, 1, expects: 1)])
    }
  }

  @Test func anIdleContextExpires() throws {
    var exchange = try Self.exchange { $0.sessionExpiration = 60 }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    #expect(exchange.nextTimer == 60)
    _ = exchange.send(Fixture.get("1"), now: 30)
    #expect(exchange.nextTimer == 90)
    #expect(Told.of(exchange.timerFired(now: 89)) == [])
    #expect(Told.of(exchange.timerFired(now: 90)) == [.sentDisconnect(7105)])
    #expect(!exchange.hasSession)
    #expect(exchange.nextTimer == nil)
  }

  @Test func badMessagesDoNotEndTheContext() throws {
    var exchange = try Self.exchange()
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    let unknown = Fixture.session(2, 2, expects: 1, nil) {
      $0.payload = [Data([0x0A, 3, 0x0A, 1, 0x6E, 0x12, 4, 0x0A, 2, 0x62, 0])]
    }
    #expect(
      Told.of(exchange.received(unknown, now: 0)) == [
        .session(2, 1, expects: 3, "n"), .refused(7001),
      ])
    #expect(
      Told.of(exchange.received(Fixture.session(2, 3, expects: 2, Fixture.notify("m")), now: 0))
        == [.message("m")])
  }

  @Test func tooManyEarlyRecordsEndTheContext() throws {
    var exchange = try Self.exchange { $0.limits.earlyRecords = 3 }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    for sequence: UInt64 in [3, 4, 5] {
      let events = exchange.received(
        Fixture.session(2, sequence, expects: 1, Fixture.notify("n")), now: 0)
      #expect(Told.of(events) == [])
    }
    #expect(
      Told.of(exchange.received(Fixture.session(2, 6, expects: 1, Fixture.notify("n")), now: 0))
        == [.refused(7005), .session(1000, 1, expects: 1)])
  }

  @Test func tooManyEarlyBytesEndTheContext() throws {
    var exchange = try Self.exchange { $0.limits.earlyBytes = 100 }
    _ = exchange.received(Fixture.session(2, 1, expects: 1, nil), now: 0)
    let long = Fixture.session(2, 3, expects: 1, nil) { $0.payload = [Data(count: 101)] }
    #expect(
      Told.of(exchange.received(long, now: 0)) == [.refused(7005), .session(1000, 1, expects: 1)])
    _ = exchange.received(Fixture.session(1000, 1, expects: 1, nil), now: 0)
    let half = { (sequence: UInt64) in
      Fixture.session(1000, sequence, expects: 1, nil) { $0.payload = [Data(count: 50)] }
    }
    #expect(Told.of(exchange.received(half(3), now: 0)) == [])
    #expect(Told.of(exchange.received(half(4), now: 0)) == [])
    #expect(Told.of(exchange.received(half(5), now: 0)) == [.refused(7005)])
  }
}
