/// When a lost connection to a broker is tried again.
///
/// Attempt n waits a random time between `first · multiplier^(n-1)` and `first · multiplier^n`. Time is in seconds of any one clock.
struct BrokerReconnection: Sendable, Equatable {
  private let policy: BrokerRetry
  private var failures = 0
  private var readySince: Double?

  init(_ policy: BrokerRetry) { self.policy = policy }

  mutating func becameReady(now: Double) { readySince = now }

  /// A connection was lost or did not come about.
  ///
  /// - Parameter random: from 0 to 1.
  /// - Returns: seconds to wait.
  mutating func lost(now: Double, random: Double) -> Double {
    // A broker that lets this side in and throws it out at once is no better than one that is away.
    if let readySince, now - readySince >= policy.firstWait { failures = 0 }
    readySince = nil
    let factor = max(1, Double(policy.multiplier) / 1000)
    var least = min(policy.firstWait, policy.maximumWait)
    for _ in 0..<failures where least < policy.maximumWait { least *= factor }
    failures += 1
    least = min(least, policy.maximumWait)
    let most = min(least * factor, policy.maximumWait)
    // At its longest it is spread as well: all who lost the broker would come back at once.
    return least < most ? least + (most - least) * random : least * (0.5 + random / 2)
  }
}
