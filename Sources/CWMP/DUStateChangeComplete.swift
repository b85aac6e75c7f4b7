/// The outcome of one ChangeDUState, a result for each of its operations (TR-069 A.4.2.3).
package struct DUStateChangeComplete: Sendable, Equatable {
  /// In the order of the operations in the ChangeDUState.
  package var results: [DeploymentUnitResult]
  package var commandKey: String

  package init(results: [DeploymentUnitResult], commandKey: String) {
    self.results = results
    self.commandKey = commandKey
  }
}
