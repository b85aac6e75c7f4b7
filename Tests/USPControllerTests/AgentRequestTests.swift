import Fleet
import Testing

@testable import USPController

/// What rows of Device.LocalAgent.Request tell about a task.
@Suite struct AgentRequestTests {
  static let controller = "self::controller"

  private func task(
    _ operation: Fleet.Operation = .command(CommandOrder(command: "Device.SelfTest()")),
    waitingFor: WaitingFor = .command
  ) -> DeviceTask {
    DeviceTask(
      id: 7, deviceID: 1, operation: operation, state: .waiting, waitingFor: waitingFor,
      attempts: 1, maxAttempts: 3, dueAt: 0, deadline: 100)
  }

  private func row(
    _ status: AgentRequest.Status?, command: String = "Device.SelfTest()", key: String = "fl-7",
    originator: String = controller
  ) -> AgentRequest {
    AgentRequest(
      path: "Device.LocalAgent.Request.1.", command: command, commandKey: key,
      originator: originator, status: status)
  }

  private func end(_ task: DeviceTask, _ rows: [AgentRequest]) -> AgentRequest.Status? {
    task.end(in: rows, of: Self.controller)?.status
  }

  @Test func rowsAreReadFromValues() {
    let table = "Device.LocalAgent.Request."
    let rows = AgentRequest.all(in: [
      table + "1.CommandKey": "fl-7", table + "1.Status": "Active",
      table + "1.Command": "Device.DeviceInfo.FirmwareImage.2.Download()",
      table + "1.Originator": "self::a", table + "1.Alias": "cpe-1",
      table + "2.Status": "Sleeping", "Device.LocalAgent.RequestNumberOfEntries": "2",
      "Device.X.Status": "Active",
    ])
    #expect(
      rows == [
        AgentRequest(
          path: table + "1.", command: "Device.DeviceInfo.FirmwareImage.2.Download()",
          commandKey: "fl-7", originator: "self::a", status: .active),
        AgentRequest(path: table + "2."),
      ])
    #expect(rows.first?.object == "Device.DeviceInfo.FirmwareImage.2.")
  }

  @Test func onlyAnEndEnds() {
    for status in [AgentRequest.Status.requested, .active, .canceling] {
      #expect(end(task(), [row(status)]) == nil)
    }
    #expect(end(task(), [row(nil)]) == nil)
    #expect(end(task(), []) == nil)
    for status in [AgentRequest.Status.canceled, .success, .error] {
      #expect(end(task(), [row(status)]) == status)
    }
  }

  @Test func rowsOfOthersSayNothing() {
    #expect(end(task(), [row(.success, key: "fl-8")]) == nil)
    #expect(end(task(), [row(.success, key: "")]) == nil)
    #expect(end(task(), [row(.success, originator: "self::other")]) == nil)
    #expect(end(task(), [row(.success, originator: "")]) == .success)
    #expect(end(task(), [row(.error, originator: "self::other"), row(.success)]) == .success)
  }

  @Test func rowsThatDisagreeSayNothing() {
    #expect(end(task(), [row(.success), row(.active)]) == nil)
    #expect(end(task(), [row(.success), row(.error)]) == nil)
    #expect(end(task(), [row(.success), row(.success)]) == .success)
  }

  @Test func rowsOfChangesMadeBeforeSayNothing() {
    let change = SoftwareChange.uninstall(uuid: "a", version: "", environment: "")
    var second = task(.changeSoftware([change, change]), waitingFor: .software)
    let uninstalled = row(.success, command: "Device.SoftwareModules.DeploymentUnit.1.Uninstall()")
    #expect(end(second, [uninstalled]) == .success)
    second.result = OperationResult(
      software: [SoftwareResult(uuid: "a", version: "", state: "Uninstalled")])
    #expect(end(second, [uninstalled]) == nil)
    #expect(end(second, [uninstalled, uninstalled]) == .success)
  }

  @Test func theStartOfFirmwareIsNotItsTransfer() {
    let order = DownloadOrder(file: "", remote: RemoteFile(url: "http://192.0.2.1/f"))
    let loading = task(.download(order), waitingFor: .transfer)
    let image = "Device.DeviceInfo.FirmwareImage.2."
    #expect(end(loading, [row(.success, command: image + "Activate()")]) == nil)
    #expect(
      end(
        loading,
        [
          row(.success, command: image + "Download()"), row(.active, command: image + "Activate()"),
        ]) == .success)
    // The transfer is over; the version is what counts.
    #expect(
      end(
        task(.download(order), waitingFor: .version),
        [row(.error, command: image + "Download()")]) == nil)
  }

  @Test func faultsSayWhatIsKnown() {
    #expect(row(.success).fault == nil)
    #expect(row(.active).fault == nil)
    #expect(row(.error).fault?.code == "usp.7022")
    #expect(row(.error).fault?.isTransient == false)
    #expect(row(.canceled).fault?.code == "usp.7023")
    // A file may go over the line the next time, unless somebody took it back.
    let backup = "Device.DeviceInfo.VendorConfigFile.1.Backup()"
    #expect(row(.error, command: backup).fault?.isTransient == true)
    #expect(row(.canceled, command: backup).fault?.isTransient == false)
  }
}
