/// How an agent behaves; times in seconds, shares in percent.
package struct AgentBehaviour: Sendable, Equatable {
  package var bootTime = 5.0
  package var flashTime = 3.0...10.0
  /// How long an operation on a deployment unit takes.
  package var softwareTime = 1.0...5.0
  package var diagnosticTime = 2.0...8.0
  package var failDownload = 0.0
  /// Upgrades after which the old version runs again.
  package var failFlash = 0.0
  package var failUpload = 0.0
  package var failSoftware = 0.0
  /// What a diagnostic of a host ends with, by the host's name or a suffix such as `.invalid`.
  package var diagnosticErrors = Behaviour.unresolvableHosts
  /// Seconds between values of parameters that change all the time, when subscribed to; R-NOT.0a asks for ten at most.
  package var pollInterval = 10.0
  /// Seconds between Periodic! until the controller sets PeriodicNotifInterval.
  package var periodicInterval = 300

  package init() {}
}
