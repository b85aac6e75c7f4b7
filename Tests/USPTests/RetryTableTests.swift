import Testing
import USP

@Suite struct RetryTableTests {
  @Test(arguments: [
    (1, 5.0, 10.0), (2, 10, 20), (3, 20, 40), (4, 40, 80), (5, 80, 160), (6, 160, 320),
    (7, 320, 640), (8, 640, 1280), (9, 1280, 2560), (10, 2560, 5120), (11, 2560, 5120),
    (1_000_000, 2560, 5120), (0, 5, 10), (-1, 5, 10),
  ])
  func waitsAsTheStandardHasIt(_ attempt: Int, _ low: Double, _ high: Double) {
    #expect(RetryTable.standard.range(attempt: attempt) == low...high)
    #expect(RetryTable.standard.delay(attempt: attempt, random: 0) == low)
    #expect(RetryTable.standard.delay(attempt: attempt, random: 0.5) == (low + high) / 2)
  }

  @Test func takesTheIntervalsThatAreSet() {
    #expect(RetryTable(minimum: 1, multiplier: 3000).range(attempt: 3) == 9...27)
    // The standard has no multiplier below one, nor an interval above 65 535.
    #expect(RetryTable(minimum: 4, multiplier: 0).range(attempt: 9) == 4...4)
    #expect(RetryTable(minimum: .infinity).range(attempt: 1).lowerBound == 65_535)
    #expect(RetryTable(minimum: -1).delay(attempt: 3, random: 0.3) == 0)
  }
}
