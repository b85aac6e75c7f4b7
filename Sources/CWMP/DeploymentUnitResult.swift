/// What became of one deployment unit (OpResultStruct and AutonomOpResultStruct, TR-069 A.4.2.3).
package struct DeploymentUnitResult: Sendable, Equatable {
  package var uuid: String
  /// The path of the row in SoftwareModules.DeploymentUnit; may be empty.
  package var deploymentUnitRef: String
  package var version: String
  /// `Installed`, `Uninstalled` or `Failed`; other texts are kept.
  package var currentState: String
  /// Nil where the CPE left it out, as some do.
  package var resolved: Bool?
  /// Paths of rows in SoftwareModules.ExecutionUnit.
  package var executionUnitRefs: [String]
  /// Literal dateTime texts; ``unknownTime`` where unknown.
  package var startTime: String
  package var completeTime: String
  /// Nil where the operation succeeded (FaultCode 0).
  package var fault: FaultDetail?
  /// `Install`, `Update` or `Uninstall`; only in an autonomous result.
  package var operationPerformed: String?

  package init(
    uuid: String, deploymentUnitRef: String = "", version: String = "", currentState: String,
    resolved: Bool? = nil, executionUnitRefs: [String] = [], startTime: String = unknownTime,
    completeTime: String = unknownTime, fault: FaultDetail? = nil,
    operationPerformed: String? = nil
  ) {
    self.uuid = uuid
    self.deploymentUnitRef = deploymentUnitRef
    self.version = version
    self.currentState = currentState
    self.resolved = resolved
    self.executionUnitRefs = executionUnitRefs
    self.startTime = startTime
    self.completeTime = completeTime
    self.fault = fault
    self.operationPerformed = operationPerformed
  }
}
