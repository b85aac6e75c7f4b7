import Testing

@testable import ManagementAPI

@Suite struct FailureLimiterTests {
  @Test func aPeerHasItsBudgetAndGetsItBack() {
    var limiter = FailureLimiter(maximumFailures: 3, maximumPeers: 10)
    for _ in 0..<3 {
      #expect(limiter.delay(for: "a", now: 0) == nil)
      limiter.recordFailure(of: "a", now: 0)
    }
    #expect(limiter.delay(for: "a", now: 0) == 20)
    #expect(limiter.delay(for: "b", now: 0) == nil)
    #expect(abs((limiter.delay(for: "a", now: 19) ?? 0) - 1) < 1e-9)
    #expect(limiter.delay(for: "a", now: 20.001) == nil)
    limiter.recordFailure(of: "a", now: 20.001)
    #expect(limiter.delay(for: "a", now: 20.001) ?? 0 > 19)
    #expect(limiter.delay(for: "a", now: 1000) == nil)
  }

  @Test func theTableIsBounded() {
    var limiter = FailureLimiter(maximumFailures: 1, maximumPeers: 2)
    limiter.recordFailure(of: "a", now: 0)
    limiter.recordFailure(of: "b", now: 1)
    limiter.recordFailure(of: "c", now: 2)
    #expect(limiter.peerCount == 2)
    #expect(limiter.delay(for: "a", now: 2) == nil)
    #expect(limiter.delay(for: "b", now: 2) != nil)
    #expect(limiter.delay(for: "c", now: 2) != nil)
  }
}
