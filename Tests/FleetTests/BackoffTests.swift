import Testing

@testable import Fleet

@Suite("Backoff")
struct BackoffTests {
  @Test func growsToItsCap() {
    let backoff = Backoff(base: 5, cap: 60)
    #expect(
      [0, 1, 2, 3, 4, 5, 6, 1_000_000_000].map(backoff.limit) == [5, 5, 10, 20, 40, 60, 60, 60])
    #expect(backoff.limit(attempt: -3) == 5)
    #expect(backoff.limit(attempt: .max) == 60)
  }

  @Test func jitterIsFull() {
    let backoff = Backoff(base: 8, cap: 60)
    #expect(backoff.delay(attempt: 2, random: 0) == 0)
    #expect(backoff.delay(attempt: 2, random: 0.25) == 4)
    #expect(backoff.delay(attempt: 2, random: 1.5) == 16)
    #expect(backoff.delay(attempt: 2, random: -1) == 0)
  }

  @Test func oddSettingsAreHarmless() {
    #expect(Backoff(base: 5, cap: 3).limit(attempt: 1) == 3)
    #expect(Backoff(base: 5, cap: 60, multiplier: 0.5).limit(attempt: 9) == 5)
    #expect(Backoff(base: -5, cap: 60).limit(attempt: 9) == 0)
    #expect(Backoff(base: 0, cap: 60).limit(attempt: .max) == 0)
  }

  @Test func standardPolicy() {
    let policy = TaskPolicy.standard
    #expect(policy.maxAttempts == 5)
    #expect(policy.retry == Backoff(base: 5, cap: 3600))
    #expect(policy.lifetime(of: .get) == 86_400)
    #expect(policy.lifetime(of: .set) == 604_800)
    #expect(policy.lifetime(of: .reboot) == 86_400)
    #expect(policy.lifetime(of: .download) == 1_209_600)
    #expect(policy.bootWithin == 1800)
    #expect(policy.transferWithin == 3600)
    #expect(policy.verifyWithin == 600)
  }
}
