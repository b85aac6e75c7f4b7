import Fleet

/// How an attempt to make a device call ended, for the person who waited.
package struct ConnectionReport: Sendable, Equatable, CustomStringConvertible {
  package typealias Ending = ConnectionRequestPlan.Ending

  package var ending: Ending
  /// The methods that were tried in vain before.
  package var attempts: [ConnectionRequestPlan.Attempt]
  /// From the order to the session, or to the end of the wait.
  package var duration: Duration

  package init(
    ending: Ending, attempts: [ConnectionRequestPlan.Attempt] = [], duration: Duration
  ) {
    self.ending = ending
    self.attempts = attempts
    self.duration = duration
  }

  /// Whether the device has begun a session.
  package var isCalled: Bool {
    if case .called = ending { true } else { false }
  }

  /// Whole milliseconds, rounded down.
  package var milliseconds: Int { Int(duration / .milliseconds(1)) }

  /// One sentence without a full stop, for example `called after 320 ms by http`.
  package var description: String {
    switch ending {
    case .called(let method?): "called after \(milliseconds) ms by \(method.rawValue)"
    case .called(nil): "called after \(milliseconds) ms by itself"
    case .failed(let failure, let detail):
      "not called after \(milliseconds) ms: \(failure.rawValue): \(detail)"
    }
  }
}
