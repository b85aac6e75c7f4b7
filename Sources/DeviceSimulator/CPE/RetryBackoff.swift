/// How long a CPE waits before it repeats a session that failed (TR-069 Amendment 6, 3.2.1.1).
package struct RetryBackoff: Sendable, Equatable {
  /// Seconds; ManagementServer.CWMPRetryMinimumWaitInterval.
  package var minimumWait: Double
  /// Thousandths; ManagementServer.CWMPRetryIntervalMultiplier.
  package var multiplier: Double

  package init(minimumWait: Double = 5, multiplier: Double = 2000) {
    self.minimumWait = minimumWait
    self.multiplier = multiplier
  }

  /// The range in seconds before a retry; the tenth and all later ones have the same.
  ///
  /// - Parameter retry: Counted from 1.
  package func range(retry: Int) -> ClosedRange<Double> {
    let step = Double(max(1, min(retry, 10)))
    let lower = minimumWait * power(multiplier / 1000, Int(step) - 1)
    let upper = lower * (multiplier / 1000)
    return min(lower, upper)...max(lower, upper)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
