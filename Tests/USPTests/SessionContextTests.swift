import Foundation
import SwiftProtobuf
import Testing
import USP

/// The end of the numbers, and a link on which Records get lost.
@Suite struct SessionContextTests {
  private static let last = UInt64.max - 10_000

  private static func context(first: UInt64) -> SessionContext {
    SessionContext(id: 2, isOurs: true, limits: USPLimits(), now: 0, first: first)
  }

  private static func record(_ sequence: UInt64, expects: UInt64) -> USPSessionContextRecord {
    .with {
      $0.sessionID = 2
      $0.sequenceID = sequence
      $0.expectedID = expects
      $0.payload = [Data([1])]
    }
  }

  @Test func numbersAreNotUsedUpToTheirEnd() {
    #expect(Self.context(first: 1).hasNumbers(for: 1_000_000))
    #expect(Self.context(first: Self.last - 2).hasNumbers(for: 2))
    #expect(!Self.context(first: Self.last - 2).hasNumbers(for: 3))
    #expect(!Self.context(first: Self.last).hasNumbers(for: 0))
    #expect(!Self.context(first: .max).hasNumbers(for: 1))
  }

  @Test func aPeerThatComesToTheEndOfTheNumbersEndsTheContext() {
    var context = Self.context(first: Self.last - 2)
    let first = context.received(Self.record(Self.last - 2, expects: 0), now: 0)
    #expect(first.failure == nil)
    let second = context.received(Self.record(Self.last - 1, expects: 0), now: 0)
    #expect(second.messages == [Data([1])])
    #expect(second.failure?.code == .sessionContextTerminated)
  }

  @Test func numbersAtTheVeryEndDoNoHarm() {
    var context = Self.context(first: 1)
    #expect(context.received(Self.record(.max, expects: .max), now: 0).failure != nil)
    var other = Self.context(first: 1)
    #expect(other.received(Self.record(1, expects: .max), now: 0).failure != nil)
  }

  @Test func whatIsAcknowledgedIsNotKept() {
    var context = Self.context(first: 1)
    for _ in 0..<4 {
      let record = context.outgoing(Data([1]), now: 0)
      context.keep([1, 2, 3], sequence: record.sequenceID)
    }
    #expect(context.unacknowledged == 4)
    _ = context.received(Self.record(1, expects: 3), now: 0)
    #expect(context.unacknowledged == 2)
    // An older acknowledgement takes nothing back.
    _ = context.received(Self.record(2, expects: 1), now: 0)
    #expect(context.unacknowledged == 2)
    _ = context.received(Self.record(3, expects: 5), now: 0)
    #expect(context.unacknowledged == 0)
  }

  @Test func whatIsKeptIsBoundedInBytes() {
    var limits = USPLimits()
    limits.keptBytes = 10
    var context = SessionContext(id: 2, isOurs: true, limits: limits, now: 0)
    for bytes in [4, 4, 4, 11, 3] {
      let record = context.outgoing(Data(), now: 0)
      context.keep(Array(repeating: 0, count: bytes), sequence: record.sequenceID)
    }
    #expect(context.unacknowledged == 1)
  }

  private static let seeds: ClosedRange<UInt64> = 1...40
  private static let messages = 60
  private static let lossPerMille = 150

  /// Over a link that loses Records and gives some twice, every message comes once and in its order while the context lasts.
  @Test(arguments: seeds) func messagesComeInOrderOverALinkThatLosesRecords(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let names = [ExchangeFixture.controllerName, ExchangeFixture.agentName]
    var ends = try names.indices.map { index in
      var configuration = try ExchangeFixture.configuration(
        own: names[index], peer: names[1 - index], sessionIDs: [UInt64(index + 5)])
      configuration.sessionMode = .require
      configuration.maxRecordSize = 150
      configuration.limits.retransmissions = 1000
      return RecordExchange(configuration)
    }
    // The first one is never lost, so that there is one context.
    var underway: [(to: Int, bytes: [UInt8])] = []
    var received: [[String]] = [[], []]
    var now = 0.0
    func take(_ events: [RecordExchange.Event], from end: Int) {
      for event in events {
        switch event {
        case .send(let bytes):
          let dice = Int(random.next() % 1000)
          if dice >= Self.lossPerMille || now == 0 { underway.append((1 - end, bytes)) }
          if dice > 950 { underway.append((1 - end, bytes)) }
        case .message(let message, _): received[end].append(message.id)
        default: Issue.record("seed \(seed): \(event)")
        }
      }
    }
    take(ends[0].send(ExchangeFixture.get("0"), now: now), from: 0)
    var sent = [1, 0]
    var rounds = 0
    func isComplete(_ end: Int) -> Bool {
      received[end].filter { $0 != "end" }.count == Self.messages
    }
    while !isComplete(0) || !isComplete(1) {
      rounds += 1
      guard rounds < 20_000 else {
        Issue.record("seed \(seed): the messages do not come")
        return
      }
      if let next = underway.first {
        underway.removeFirst()
        take(ends[next.to].received(next.bytes, now: now), from: next.to)
      } else {
        now += 1
        for end in [0, 1] {
          take(ends[end].timerFired(now: now), from: end)
          // Where the last one gets lost, that is told by what comes after it.
          guard ends[end].hasSession, random.next() % 2 == 0 else { continue }
          let id = sent[end] < Self.messages ? "\(sent[end])" : "end"
          sent[end] += 1
          let message = ExchangeFixture.get(id, paths: Int(random.next() % 8) + 1)
          take(ends[end].send(message, now: now), from: end)
        }
      }
    }
    let expected = (0..<Self.messages).map(String.init)
    for end in [0, 1] { #expect(Array(received[end].filter { $0 != "end" }) == expected) }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
