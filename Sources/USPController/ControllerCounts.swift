import NIOConcurrencyHelpers

/// What the USP Controller has done since it started.
package struct ControllerCounts: Sendable, Equatable {
  package var links = 0
  package var closedLinks = 0
  package var recordsIn = 0
  package var recordsOut = 0
  package var refusedRecords = 0
  package var refusedAgents = 0
  package var refusedCredentials = 0
  package var contacts = 0
  package var notifications = 0
  package var requests = 0
  package var unanswered = 0
  package var operations = 0
}

final class ControllerCounter: Sendable {
  private let counts = NIOLockedValueBox(ControllerCounts())

  var now: ControllerCounts { counts.withLockedValue { $0 } }

  func add(_ number: Int = 1, to count: any (WritableKeyPath<ControllerCounts, Int> & Sendable)) {
    counts.withLockedValue { $0[keyPath: count] += number }
  }
}
