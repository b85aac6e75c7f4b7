/// How many lines about refusals may be written: so many a peer and so many in all, a window of time.
///
/// Whoever can make a server refuse something can otherwise make it fill its log.
package struct LogAllowance {
  package struct Limits: Sendable {
    package var linesPerPeer = 10
    /// Also bounds the peers that are remembered.
    package var linesInAll = 600
    /// Seconds.
    package var window: Int64 = 60

    package init(linesPerPeer: Int = 10, linesInAll: Int = 600, window: Int64 = 60) {
      self.linesPerPeer = linesPerPeer
      self.linesInAll = linesInAll
      self.window = window
    }
  }

  package enum Verdict: Equatable {
    /// - Parameter unsaid: lines that were kept back before this one and have not been told of yet.
    case write(unsaid: Int)
    case keepBack
  }

  private let limits: Limits
  private var windowEnd = Int64.min
  private var written: [String: Int] = [:]
  private var total = 0
  private var unsaid = 0

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// - Parameter now: seconds of any clock that never goes back.
  package mutating func take(peer: String, now: Int64) -> Verdict {
    if now >= windowEnd {
      windowEnd = now + limits.window
      written.removeAll(keepingCapacity: true)
      total = 0
    }
    guard total < limits.linesInAll, written[peer, default: 0] < limits.linesPerPeer else {
      unsaid += 1
      return .keepBack
    }
    total += 1
    written[peer, default: 0] += 1
    defer { unsaid = 0 }
    return .write(unsaid: unsaid)
  }
}
