import Fleet
import ManagementTypes

/// What came of asking a device to call, as whoever asks it tells.
package enum ConnectionOutcome: Sendable, Equatable {
  /// - Parameters:
  ///   - method: what reached it: a connection request's, or the protocol of the link that it has; nil where it called by itself.
  ///   - milliseconds: from the question to the call.
  case called(method: String?, milliseconds: Int)
  /// - Parameters:
  ///   - reason: one sentence without a full stop.
  ///   - milliseconds: from the question to the end of the wait.
  case notCalled(reason: String, milliseconds: Int)
}

extension ConnectionResult {
  init(_ outcome: ConnectionOutcome) {
    switch outcome {
    case .called(let method, let milliseconds):
      self.init(called: true, method: method, milliseconds: milliseconds)
    case .notCalled(let reason, let milliseconds):
      self.init(called: false, milliseconds: milliseconds, reason: reason)
    }
  }
}
