/// Pauses that grow with each failure in a row, up to a cap, and differ at random so that many
/// clients don't come back at the same moment.
package struct Backoff: Sendable, Equatable {
  package var shortest: Duration
  package var longest: Duration

  package init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(5)) {
    self.shortest = shortest
    self.longest = longest
  }

  /// The pause after `failures` (from 1) in a row; `random` is in 0 ..< 1. It lies between half and
  /// all of `shortest` · 2^(failures − 1), capped at `longest`.
  package func pause(failures: Int, random: Double = .random(in: 0..<1)) -> Duration {
    // 2^20 times any sensible pause is beyond any sensible cap.
    let doublings = min(max(failures - 1, 0), 20)
    let full = min(shortest * (1 << doublings), longest)
    return full * (0.5 + random / 2)
  }
}
