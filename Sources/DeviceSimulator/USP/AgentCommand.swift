/// One command of an agent's supported data model (TR-369, 6.4.6).
struct AgentCommand: Sendable {
  let kind: Kind
  /// With its parentheses.
  let name: String
  let isAsynchronous: Bool
  let input: [String]
  let mandatory: [String]
  let output: [String]

  /// The commands that simulated agents carry out, by their paths in the data model.
  enum Kind: String, Sendable, CaseIterable {
    case reboot = "Device.Reboot()"
    case factoryReset = "Device.FactoryReset()"
    case selfTest = "Device.SelfTestDiagnostics()"
    case scheduleTimer = "Device.ScheduleTimer()"
    case controllerTimer = "Device.LocalAgent.Controller.{i}.ScheduleTimer()"
    case onBoard = "Device.LocalAgent.Controller.{i}.SendOnBoardRequest()"
    case resetSession = "Device.LocalAgent.Controller.{i}.E2ESession.Reset()"
    case cancel = "Device.LocalAgent.Request.{i}.Cancel()"
    case download = "Device.DeviceInfo.FirmwareImage.{i}.Download()"
    case activate = "Device.DeviceInfo.FirmwareImage.{i}.Activate()"
    case backup = "Device.DeviceInfo.VendorConfigFile.{i}.Backup()"
    case restore = "Device.DeviceInfo.VendorConfigFile.{i}.Restore()"
    case uploadLog = "Device.DeviceInfo.VendorLogFile.{i}.Upload()"
    case ping = "Device.IP.Diagnostics.IPPing()"
    case traceRoute = "Device.IP.Diagnostics.TraceRoute()"
    case downloadTest = "Device.IP.Diagnostics.DownloadDiagnostics()"
    case uploadTest = "Device.IP.Diagnostics.UploadDiagnostics()"
    case nameLookup = "Device.DNS.Diagnostics.NSLookupDiagnostics()"
    case neighboringWiFi = "Device.WiFi.NeighboringWiFiDiagnostic()"
    case installUnit = "Device.SoftwareModules.InstallDU()"
    case updateUnit = "Device.SoftwareModules.DeploymentUnit.{i}.Update()"
    case uninstallUnit = "Device.SoftwareModules.DeploymentUnit.{i}.Uninstall()"
    case setUnitState = "Device.SoftwareModules.ExecutionUnit.{i}.SetRequestedState()"
    case restartUnit = "Device.SoftwareModules.ExecutionUnit.{i}.Restart()"
    case restartEnvironment = "Device.SoftwareModules.ExecEnv.{i}.Restart()"
  }

  /// The events that simulated agents send, by their paths in the data model.
  static let events = [
    "Device.Boot!", "Device.LocalAgent.Periodic!", "Device.LocalAgent.TransferComplete!",
    "Device.LocalAgent.Controller.{i}.Timer!", "Device.SoftwareModules.DUStateChange!",
    "Device.SoftwareModules.ExecEnv.{i}.Restarted!",
  ]
}
