import Glibc

/// The moments at which sessions are meant to start, fixed before the first one does.
///
/// An open loop: a slow server does not slow the arrivals down, as a closed loop would, and what waits is seen.
package struct ArrivalSchedule: Sendable, Equatable {
  package enum Spacing: String, Sendable, CaseIterable {
    /// The same time between any two.
    case even
    /// Exponential gaps, as independent devices make them.
    case poisson
  }

  /// Nanoseconds from the start, ascending.
  package let times: [Int64]

  /// More arrivals than that are not planned in one run.
  package static let maximumCount = 10_000_000

  /// - Parameters:
  ///   - rate: Sessions per second.
  ///   - duration: Seconds; nil plans until the limit is reached.
  ///   - limit: Arrivals at most.
  package init(rate: Double, duration: Double?, limit: Int, spacing: Spacing, seed: UInt64)
    throws(SimulatorError)
  {
    guard rate > 0, rate <= 1_000_000 else {
      throw SimulatorError(.invalidOption, "--rate is above 0 and at most 1000000")
    }
    let count = duration.map { min(Double(limit), ($0 * rate * 2 + 1000)) } ?? Double(limit)
    guard limit >= 0, count <= Double(Self.maximumCount) else {
      throw SimulatorError(.invalidOption, "more than \(Self.maximumCount) sessions in one run")
    }
    var random = SeededRandom(seed: seed)
    var times: [Int64] = []
    var moment = 0.0
    while times.count < limit {
      if let duration, moment >= duration { break }
      times.append(Int64(moment * 1e9))
      switch spacing {
      case .even: moment = Double(times.count) / rate
      case .poisson:
        let uniform = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
        moment += -log(uniform) / rate
      }
    }
    self.times = times
  }
}
