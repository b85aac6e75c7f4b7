import NIOCore

/// The devices' own time, which may run faster than ours.
package struct SimulationClock: Sendable {
  private let start: NIODeadline
  /// Device seconds for each of our seconds.
  package let scale: Double

  /// Nanoseconds; what is due in a century is never due.
  private static let longest = 3.2e18

  package init(start: NIODeadline = .now(), scale: Double = 1) {
    self.start = start
    self.scale = scale
  }

  package func now(_ moment: NIODeadline = .now()) -> Duration {
    let elapsed = Double((moment - start).nanoseconds) / 1e9
    return .seconds(elapsed * scale)
  }

  func deadline(of time: Duration) -> NIODeadline {
    let components = time.components
    let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
    return start + .nanoseconds(Int64(min(seconds / scale * 1e9, Self.longest)))
  }
}
