/// When a lost connection to the XMPP server is tried again.
///
/// Time is in seconds of any one clock.
package struct XMPPReconnection: Sendable, Equatable {
  package struct Policy: Sendable, Equatable {
    /// Seconds before the first try; doubled for each further one.
    package var firstDelay: Double = 1
    package var maximumDelay: Double = 60
    /// Seconds for which a connection must have stood to count as a success.
    package var stableAfter: Double = 30

    package init() {}
  }

  private let policy: Policy
  private var failures = 0
  private var connectedAt: Double?

  package init(policy: Policy) {
    self.policy = policy
  }

  package mutating func connected(now: Double) {
    connectedAt = now
  }

  /// A connection was lost or did not come about.
  ///
  /// - Parameter random: From 0 to 1.
  /// - Returns: When the next try is due, from 50 % to 150 % of the exponential delay from now.
  package mutating func lost(now: Double, random: Double) -> Double {
    // A server that lets us in and throws us out at once is no better than one that is away.
    if let connectedAt, now - connectedAt >= policy.stableAfter { failures = 0 }
    connectedAt = nil
    var delay = policy.firstDelay
    for _ in 0..<failures where delay < policy.maximumDelay { delay *= 2 }
    failures += 1
    return now + min(delay, policy.maximumDelay) * (0.5 + random)
  }
}
