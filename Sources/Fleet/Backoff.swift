/// How long to wait before an attempt is repeated: capped exponential growth with full jitter, so that devices that
/// failed together do not come back together.
package struct Backoff: Sendable, Equatable {
  /// The longest delay after the first attempt, in seconds.
  package var base: Double
  /// The longest delay after any attempt, in seconds.
  package var cap: Double
  /// The growth from one attempt to the next; at least 1.
  package var multiplier: Double

  package init(base: Double, cap: Double, multiplier: Double = 2) {
    self.base = max(0, base)
    self.cap = max(0, cap)
    self.multiplier = max(1, multiplier)
  }

  /// The longest delay after the given attempt, in seconds.
  package func limit(attempt: Int) -> Double {
    var limit = min(base, cap)
    guard multiplier > 1, limit > 0 else { return limit }
    for _ in 1..<max(2, attempt) where attempt > 1 {
      limit *= multiplier
      if limit >= cap { return cap }
    }
    return limit
  }

  /// The delay in seconds after the given attempt has failed.
  ///
  /// - Parameters:
  ///   - attempt: The number of attempts made; less than 1 counts as 1.
  ///   - random: A number in 0..<1, uniformly distributed.
  package func delay(attempt: Int, random: Double) -> Double {
    limit(attempt: attempt) * min(max(random, 0), 1)
  }
}
