import Testing

@testable import Refusals

@Suite struct LogAllowanceTests {
  private var limits = LogAllowance.Limits(linesPerPeer: 3, linesInAll: 5, window: 60)

  @Test func aPeerGetsItsLines() {
    var allowance = LogAllowance(limits: limits)
    for _ in 0..<3 { #expect(allowance.take(peer: "a", now: 0) == .write(unsaid: 0)) }
    for _ in 0..<7 { #expect(allowance.take(peer: "a", now: 59) == .keepBack) }
    // Others are heard, and told of what was kept back.
    #expect(allowance.take(peer: "b", now: 59) == .write(unsaid: 7))
    #expect(allowance.take(peer: "b", now: 59) == .write(unsaid: 0))
    // Five are all.
    #expect(allowance.take(peer: "c", now: 59) == .keepBack)
    #expect(allowance.take(peer: "a", now: 60) == .write(unsaid: 1))
  }

  @Test func manyPeersGetNoMoreThanAll() {
    var allowance = LogAllowance(limits: limits)
    var lines = 0
    for number in 0..<100_000 where allowance.take(peer: "\(number)", now: 0) != .keepBack {
      lines += 1
    }
    #expect(lines == 5)
    #expect(allowance.take(peer: "x", now: 60) == .write(unsaid: 99_995))
  }
}
