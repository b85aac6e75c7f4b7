import CWMP
import Testing

@Suite struct SessionRetryTests {
  @Test(
    "The table of TR-069 Amendment 6, 3.2.1.1",
    arguments: [
      (1, 5.0, 10.0), (2, 10, 20), (3, 20, 40), (4, 40, 80), (5, 80, 160), (6, 160, 320),
      (7, 320, 640), (8, 640, 1280), (9, 1280, 2560), (10, 2560, 5120), (11, 2560, 5120),
      (1_000, 2560, 5120),
    ])
  func defaults(attempt: Int, shortest: Double, longest: Double) {
    #expect(SessionRetry().waitRange(attempt: attempt) == shortest...longest)
  }

  @Test func otherParameters() {
    let retry = SessionRetry(minimumWait: 10, multiplier: 1_500)
    #expect(retry.waitRange(attempt: 1) == 10...15)
    #expect(retry.waitRange(attempt: 3) == 22.5...33.75)
    #expect(SessionRetry(minimumWait: 7, multiplier: 1_000).waitRange(attempt: 10) == 7...7)
  }

  @Test func parametersThatMakeNoSense() {
    #expect(SessionRetry(minimumWait: 0, multiplier: 0).waitRange(attempt: 5) == 1...1)
    #expect(SessionRetry().waitRange(attempt: 0) == 5...10)
    #expect(SessionRetry().waitRange(attempt: .min) == 5...10)
    let longest = SessionRetry(minimumWait: .max, multiplier: .max).waitRange(attempt: .max)
    #expect(longest.upperBound.isFinite)
  }

  @Test func aRunOfFailures() {
    var retry = SessionRetry()
    #expect(retry.retryCount == 0)
    #expect(retry.failed(random: 0) == 5)
    #expect(retry.failed(random: 1) == 20)
    #expect(retry.failed(random: 0.5) == 30)
    #expect(retry.retryCount == 3)
    retry.succeeded()
    #expect(retry.retryCount == 0)
    #expect(retry.failed(random: 0) == 5)
  }

  @Test func aRebootResetsTheWaitAndNotTheCount() {
    var retry = SessionRetry()
    for _ in 0..<20 { _ = retry.failed(random: 0) }
    #expect(retry.failed(random: 0) == 2560)
    retry.rebooted()
    #expect(retry.retryCount == 21)
    #expect(retry.failed(random: 0) == 5)
    #expect(retry.retryCount == 22)
  }

  @Test func aRandomNumberOutOfRangeStaysWithinTheWait() {
    var retry = SessionRetry()
    #expect(retry.failed(random: -3) == 5)
    #expect(retry.failed(random: 7) == 20)
  }
}
