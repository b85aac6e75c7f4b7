import NIOCore

/// Finds out from silence that a peer is gone.
struct KeepAlive {
  enum Verdict: Equatable {
    case nothing
    /// Send a Ping.
    case ask
    case dead
  }

  private var heard: NIODeadline
  private var asked: NIODeadline?
  private var unanswered = 0

  init(now: NIODeadline) {
    heard = now
  }

  /// The peer has sent something, whatever it is.
  mutating func noteHeard(now: NIODeadline) {
    heard = now
    asked = nil
    unanswered = 0
  }

  mutating func check(now: NIODeadline, _ settings: KeepAliveSettings) -> Verdict {
    guard settings.interval > .zero, now - (asked ?? heard) >= settings.interval else {
      return .nothing
    }
    guard unanswered < settings.maxUnanswered else { return .dead }
    unanswered += 1
    asked = now
    return .ask
  }
}
