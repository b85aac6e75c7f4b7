/// When a CPE tries again after sessions that failed (TR-069 Amendment 6, 3.2.1.1).
///
/// A value without clock or random source: both are the caller's.
package struct SessionRetry: Sendable, Equatable {
  /// The last attempt with a range of its own; later ones have the same.
  private static let lastRange = 10

  /// Seconds; ManagementServer.CWMPRetryMinimumWaitInterval, m in the standard's table.
  package let minimumWait: UInt16
  /// Thousandths; ManagementServer.CWMPRetryIntervalMultiplier, k in the standard's table.
  package let multiplier: UInt16
  /// What the next Inform says: the sessions that failed since one succeeded.
  package private(set) var retryCount: UInt32 = 0
  /// The same, counted from the latest reboot, if that was later.
  private var attempt = 0

  /// - Parameters:
  ///   - minimumWait: At least 1; 0 counts as 1.
  ///   - multiplier: At least 1000; less counts as that.
  package init(minimumWait: UInt16 = 5, multiplier: UInt16 = 2_000) {
    self.minimumWait = max(minimumWait, 1)
    self.multiplier = max(multiplier, 1_000)
  }

  /// Seconds to wait before attempt n: from m·(k/1000)^(n-1) to m·(k/1000)^n.
  ///
  /// - Parameter attempt: Counted from 1; less counts as 1, more than 10 as 10.
  package func waitRange(attempt: Int) -> ClosedRange<Double> {
    let factor = Double(multiplier) / 1_000
    var shortest = Double(minimumWait)
    for _ in 1..<max(1, min(attempt, Self.lastRange)) { shortest *= factor }
    return shortest...(shortest * factor)
  }

  /// A session has failed.
  ///
  /// - Parameter random: From 0 up to 1, drawn anew each time.
  /// - Returns: seconds until the next attempt; an event in between may bring it forward, and changes nothing here.
  package mutating func failed(random: Double) -> Double {
    retryCount = retryCount == .max ? .max : retryCount + 1
    attempt = min(attempt + 1, Self.lastRange)
    let range = waitRange(attempt: attempt)
    return range.lowerBound + (range.upperBound - range.lowerBound) * min(max(random, 0), 1)
  }

  /// A session has succeeded.
  package mutating func succeeded() {
    retryCount = 0
    attempt = 0
  }

  /// The CPE has rebooted: it waits as after a first failure, but goes on counting.
  package mutating func rebooted() {
    attempt = 0
  }
}
