/// How long whoever has failed waits until it tries again (TR-369 R-NOT.3, R-WS.19 and others: the table is the same everywhere).
package struct RetryTable: Sendable, Equatable {
  /// Seconds; what the first wait is at least.
  package var minimum: Double
  /// In thousandths.
  package var multiplier: Double
  /// From this attempt on the waits grow no more.
  package static let lastAttempt = 10

  package static let standard = RetryTable()

  package init(minimum: Double = 5, multiplier: Double = 2000) {
    self.minimum = min(max(minimum, 0), 65_535)
    self.multiplier = min(max(multiplier, 1000), 65_535)
  }

  /// - Parameter attempt: 1 for the first time that it is tried again.
  package func range(attempt: Int) -> ClosedRange<Double> {
    var low = minimum
    for _ in 1..<min(max(attempt, 1), Self.lastAttempt) { low *= multiplier / 1000 }
    return low...(low * multiplier / 1000)
  }

  /// Seconds to wait.
  ///
  /// - Parameter random: in 0..<1.
  package func delay(attempt: Int, random: Double) -> Double {
    let range = range(attempt: attempt)
    return range.lowerBound + (range.upperBound - range.lowerBound) * min(max(random, 0), 1)
  }
}
