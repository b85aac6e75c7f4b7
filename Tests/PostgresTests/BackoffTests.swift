import Postgres
import Testing

@Suite struct BackoffTests {
  private let backoff = Backoff(shortest: .milliseconds(100), longest: .seconds(2))

  @Test(arguments: [(1, 100), (2, 200), (3, 400), (5, 1600), (6, 2000), (1000, 2000)])
  func pausesDoubleUpToTheCap(_ failures: Int, _ milliseconds: Int) {
    #expect(backoff.pause(failures: failures, random: 0) == .milliseconds(milliseconds) / 2)
    let longest = backoff.pause(failures: failures, random: 0.999_999)
    #expect(longest <= .milliseconds(milliseconds))
    #expect(longest > .milliseconds(milliseconds) * 0.99)
  }

  @Test func noFailureIsTheShortestPause() {
    #expect(backoff.pause(failures: 0, random: 0) == .milliseconds(50))
  }
}
