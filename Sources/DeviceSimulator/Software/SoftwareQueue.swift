import CWMP

/// The changes of deployment units that a device was asked for and has not reported yet (TR-069 A.4.1.10).
struct SoftwareQueue: Sendable, Equatable {
  /// One ChangeDUState, operation after operation.
  struct Change: Sendable, Equatable {
    let commandKey: String
    var remaining: [ChangeDUState.Operation]
    var results: [DeploymentUnitResult] = []
  }

  enum Stage: Sendable, Equatable {
    case idle
    /// The next operation's file is on its way.
    case fetching(startTime: String)
    case working(until: Duration, startTime: String, DownloadOutcome?)
  }

  /// Operations in one call at most; a CPE must take sixteen.
  static let maximumOperations = 32
  /// Calls that may wait or run at a time.
  static let maximumChanges = 4
  /// Deployment units on the device at most.
  static let maximumUnits = 16

  var changes: [Change] = []
  var stage = Stage.idle

  var deadline: Duration? {
    switch stage {
    case .idle: changes.isEmpty ? nil : .zero
    case .fetching: nil
    case .working(let until, _, _): until
    }
  }
}
