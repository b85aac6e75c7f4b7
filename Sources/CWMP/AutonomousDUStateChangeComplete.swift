/// Deployment units changed without the ACS having asked for it (TR-069 A.4.2.4).
package struct AutonomousDUStateChangeComplete: Sendable, Equatable {
  package var results: [DeploymentUnitResult]

  package init(results: [DeploymentUnitResult]) {
    self.results = results
  }
}
