/// Counts the failed attempts of each peer and tells when one has had enough.
///
/// Each peer has a budget that fills up again evenly within a minute. The table is bounded: where it is full, the peer
/// that failed least recently is forgotten.
struct FailureLimiter: Sendable {
  private struct Account {
    var failures: Double
    var at: Double
  }

  private static let window = 60.0

  private let maximumFailures: Double
  private let maximumPeers: Int
  private var accounts: [String: Account] = [:]

  init(maximumFailures: Int, maximumPeers: Int) {
    self.maximumFailures = Double(max(1, maximumFailures))
    self.maximumPeers = max(1, maximumPeers)
  }

  var peerCount: Int { accounts.count }

  /// Seconds that the peer has to wait before its next attempt is looked at; nil: none.
  ///
  /// - Parameter now: seconds of any clock that does not run backwards.
  func delay(for peer: String, now: Double) -> Double? {
    let excess = failures(of: peer, now: now) + 1 - maximumFailures
    return excess > 0 ? excess * Self.window / maximumFailures : nil
  }

  mutating func recordFailure(of peer: String, now: Double) {
    let failures = failures(of: peer, now: now)
    if accounts[peer] == nil, accounts.count >= maximumPeers {
      let oldest = accounts.min { $0.value.at < $1.value.at }
      if let oldest { accounts[oldest.key] = nil }
    }
    accounts[peer] = Account(failures: failures + 1, at: now)
  }

  private func failures(of peer: String, now: Double) -> Double {
    guard let account = accounts[peer] else { return 0 }
    return max(0, account.failures - (now - account.at) * maximumFailures / Self.window)
  }
}
