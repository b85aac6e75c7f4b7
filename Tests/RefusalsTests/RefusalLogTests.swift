import LogRecording
import Logging
import NIOCore
import Refusals
import Testing

@Suite struct RefusalLogTests {
  private static func second(_ number: UInt64) -> NIODeadline {
    .uptimeNanoseconds(number * 1_000_000_000)
  }

  @Test func whatWasKeptBackIsCounted() {
    let lines = LogLines()
    let log = RefusalLog(
      logger: lines.logger(), limits: .init(linesPerPeer: 2, linesInAll: 10, window: 60))
    for _ in 0..<5 {
      log.note("refused", peer: "192.0.2.1", ["reason": "none"], now: Self.second(0))
    }
    #expect(
      lines.all == Array(repeating: "notice refused peer=192.0.2.1 reason=none", count: 2))
    log.note("refused", peer: "192.0.2.2", now: Self.second(59))
    #expect(lines.all.last == "notice refused lines kept back=3 peer=192.0.2.2")
    log.note("refused", peer: "192.0.2.1", now: Self.second(60))
    #expect(lines.all.last == "notice refused peer=192.0.2.1")
    #expect(lines.all.count == 4)
  }

  @Test func levelsAreKept() {
    let lines = LogLines()
    let log = RefusalLog(
      logger: lines.logger(.warning), limits: .init(linesPerPeer: 1, linesInAll: 10, window: 60))
    // What is not written uses up nothing.
    for level in [Logger.Level.trace, .debug, .info, .notice] {
      log.note("refused", peer: "a", level: level, now: Self.second(0))
    }
    #expect(lines.all.isEmpty)
    log.note("refused", peer: "a", level: .error, now: Self.second(0))
    #expect(lines.all == ["error refused peer=a"])
  }

  @Test func aClaimIsToldOnceInAWhile() {
    let allowance = ClaimAllowance()
    #expect(allowance.take("a", now: Self.second(0)))
    #expect(!allowance.take("a", now: Self.second(299)))
    #expect(allowance.take("b", now: Self.second(299)))
    #expect(allowance.take("a", now: Self.second(300)))
    let told = (0..<2_000).filter { allowance.take("device \($0)", now: Self.second(600)) }
    #expect(told.count == 1_000)
  }
}
