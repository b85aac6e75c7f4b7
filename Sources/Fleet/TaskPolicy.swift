/// How often and how long tasks are tried; all times in seconds.
package struct TaskPolicy: Sendable, Equatable {
  /// How many times an operation is sent before it counts as failed.
  package var maxAttempts = 5
  package var retry = Backoff(base: 5, cap: 3600)

  /// How long get and refresh stay in the agenda of a device that does not call.
  package var readLifetime = 24.0 * 3600
  /// How long set, add and delete do.
  package var writeLifetime = 7.0 * 24 * 3600
  /// How long reboot and factoryReset do: nobody expects last week's restart.
  package var restartLifetime = 24.0 * 3600
  /// How long download does.
  package var downloadLifetime = 14.0 * 24 * 3600

  /// How long after a reboot or factory reset was accepted the device has to call.
  package var bootWithin = 1800.0
  /// How long a device has to report the end of a transfer.
  package var transferWithin = 3600.0
  /// How long after a device has reported the end of an upload its file may arrive.
  package var fileWithin = 60.0
  /// How long after a transfer a device has to report the expected version.
  package var verifyWithin = 600.0
  /// How long after its time a call that was scheduled may come.
  package var contactWithin = 1800.0
  /// How long a device has to report the end of changes of its software (TR-069 A.4.1.10: 24 hours).
  package var softwareWithin = 25.0 * 3600
  /// How long a measurement may take.
  package var diagnosisWithin = 1800.0
  /// How long a command may go on.
  package var commandWithin = 24.0 * 3600

  package init() {}

  package static let standard = TaskPolicy()

  /// How long a task stays open before the device has accepted it.
  package func lifetime(of kind: OperationKind) -> Double {
    switch kind {
    case .get, .refresh, .getAttributes, .listTransfers, .listMethods, .getOptions, .diagnose:
      readLifetime
    case .set, .add, .delete, .setAttributes, .changeSoftware, .setVouchers: writeLifetime
    case .reboot, .factoryReset, .scheduleContact, .cancelTransfer, .command: restartLifetime
    case .download, .upload: downloadLifetime
    }
  }

  func waitingTime(_ waitingFor: WaitingFor) -> Double {
    switch waitingFor {
    case .boot, .bootstrap: bootWithin
    case .transfer: transferWithin
    case .version: verifyWithin
    case .contact: contactWithin
    case .software: softwareWithin
    case .diagnosis, .diagnosisReport: diagnosisWithin
    case .command: commandWithin
    }
  }
}
