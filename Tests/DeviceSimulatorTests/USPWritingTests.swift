import Testing
import USP

@testable import DeviceSimulator

/// Set, Add and Delete of a simulated agent, and each shape in which they fail.
struct USPWritingTests {
  private static let info = "Device.DeviceInfo."
  private static let table = "Device.LocalAgent.Subscription."

  // MARK: Set

  @Test func aValueIsSet() throws {
    let agents = try USPAgents()
    let answer = try #require(
      agents.ask(USPAgents.set(Self.info, [("ProvisioningCode", "P1", true)])))
    guard case .setResp(let response)? = answer.response,
      case .operSuccess(let success)? = response.updatedObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(success.updatedInstResults.map(\.affectedPath) == ["Device.DeviceInfo."])
    #expect(success.updatedInstResults[0].updatedParams == ["ProvisioningCode": "P1"])
    #expect(agents.value("Device.DeviceInfo.ProvisioningCode") == "P1")
  }

  @Test(arguments: [
    ("SerialNumber", "x", 7013), ("Nothing", "x", 7010), ("BootFirmwareImage", "", 0),
  ])
  func aRequiredParameterThatFailsIsAnError(name: String, value: String, code: UInt32) throws {
    let agents = try USPAgents()
    let answer = try #require(
      agents.ask(
        USPAgents.set(Self.info, [("ProvisioningCode", "P1", true), (name, value, true)])))
    guard code > 0 else {
      #expect(answer.response != nil)
      return
    }
    #expect(answer.failure?.errCode == 7004)
    #expect(answer.failure?.paramErrs.map(\.errCode) == [code])
    #expect(answer.failure?.paramErrs.map(\.paramPath) == [Self.info + name])
    #expect(agents.value("Device.DeviceInfo.ProvisioningCode") == "")
  }

  @Test func typesAndValuesAreToldApart() throws {
    let agents = try USPAgents()
    let row = "Device.LocalAgent.Controller.1."
    let answer = try #require(
      agents.ask(
        USPAgents.set(
          row,
          [
            ("PeriodicNotifInterval", "often", true), ("PeriodicNotifTime", "today", true),
            ("USPNotifRetryMinimumWaitInterval", "0", true),
          ])))
    #expect(answer.failure?.paramErrs.map(\.errCode) == [7011, 7011, 7012])
  }

  @Test func otherParametersThatFailAreTold() throws {
    let agents = try USPAgents()
    let answer = try #require(
      agents.ask(
        USPAgents.set(Self.info, [("ProvisioningCode", "P1", true), ("SerialNumber", "x", false)])))
    guard case .setResp(let response)? = answer.response,
      case .operSuccess(let success)? = response.updatedObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(success.updatedInstResults[0].updatedParams == ["ProvisioningCode": "P1"])
    #expect(success.updatedInstResults[0].paramErrs.map(\.errCode) == [7013])
    #expect(agents.value("Device.DeviceInfo.ProvisioningCode") == "P1")
  }

  @Test func withPartialAllowedTheObjectFails() throws {
    let agents = try USPAgents()
    guard
      case .set(var request) = USPAgents.set(
        Self.info, [("SerialNumber", "x", true)], partial: true),
      case .set(let other) = USPAgents.set(Self.info, [("ProvisioningCode", "P2", true)])
    else { return }
    request.updateObjs += other.updateObjs
    let answer = try #require(agents.ask(.set(request)))
    guard case .setResp(let response)? = answer.response else { throw Unexpected(answer) }
    guard case .operFailure(let failure)? = response.updatedObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(failure.errCode == 7021)
    #expect(failure.updatedInstFailures.map(\.affectedPath) == [Self.info])
    #expect(failure.updatedInstFailures[0].paramErrs.map(\.errCode) == [7013])
    guard case .operSuccess? = response.updatedObjResults[1].operStatus.operStatus else {
      throw Unexpected(answer)
    }
    #expect(agents.value("Device.DeviceInfo.ProvisioningCode") == "P2")
  }

  @Test func aMissingRowIsAnErrorOfItsOwn() throws {
    let agents = try USPAgents()
    let answer = try #require(
      agents.ask(USPAgents.set("Device.LocalAgent.Controller.9.", [("Enable", "true", true)])))
    #expect(answer.failure?.errCode == 7016)
    let unknown = try #require(
      agents.ask(USPAgents.set("Device.Nothing.", [("Enable", "true", true)])))
    #expect(unknown.failure?.errCode == 7004)
    #expect(unknown.failure?.paramErrs.map(\.errCode) == [7026])
  }

  @Test func aSearchPathIsSetInAllOrNone() throws {
    let agents = try USPAgents()
    let path = "Device.Ethernet.Interface.*."
    let answer = try #require(agents.ask(USPAgents.set(path, [("MaxBitRate", "100", true)])))
    guard case .setResp(let response)? = answer.response,
      case .operSuccess(let success)? = response.updatedObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(success.updatedInstResults.count == 2)
    let empty = try #require(
      agents.ask(USPAgents.set(Self.table + "*.", [("Enable", "true", true)])))
    guard case .setResp(let none)? = empty.response,
      case .operSuccess(let nothing)? = none.updatedObjResults[0].operStatus.operStatus
    else { throw Unexpected(empty) }
    #expect(nothing.updatedInstResults.isEmpty)
  }

  @Test func currentAgentsTellOfSeveralFailuresInTheResponse() throws {
    let agents = try USPAgents(quirks: ["errors=current"])
    let answer = try #require(
      agents.ask(
        USPAgents.set("Device.Ethernet.Interface.*.", [("Status", "Up", true)])))
    guard case .setResp(let response)? = answer.response,
      case .operFailure(let failure)? = response.updatedObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(failure.updatedInstFailures.count == 2)
  }

  // MARK: Add

  @Test func aRowIsMadeWithItsDefaults() throws {
    let agents = try USPAgents()
    let answer = try #require(
      agents.ask(USPAgents.add(Self.table, [("ID", "s1"), ("NotifType", "Event")])))
    guard case .addResp(let response)? = answer.response,
      case .operSuccess(let success)? = response.createdObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(success.instantiatedPath == Self.table + "1.")
    #expect(
      success.uniqueKeys == [
        "Alias": "cpe-1", "ID": "s1", "Recipient": "Device.LocalAgent.Controller.1",
      ])
    #expect(agents.value(Self.table + "1.Enable") == "false")
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "1")
    #expect(agents.value(Self.table + "1.CreationDate") == "2026-11-23T05:16:00Z")
  }

  @Test func numbersAreNotUsedAgain() throws {
    let agents = try USPAgents()
    _ = agents.ask(USPAgents.add(Self.table, [("ID", "s1")]))
    _ = agents.ask(USPAgents.delete(Self.table + "1."))
    let answer = try #require(agents.ask(USPAgents.add(Self.table, [("ID", "s2")])))
    guard case .addResp(let response)? = answer.response else { throw Unexpected(answer) }
    #expect(
      response.createdObjResults[0].operStatus.operSuccess.instantiatedPath == Self.table + "2.")
  }

  @Test func aKeyIsUnique() throws {
    let agents = try USPAgents()
    _ = agents.ask(USPAgents.add(Self.table, [("ID", "s1")]))
    let answer = try #require(agents.ask(USPAgents.add(Self.table, [("Alias", "cpe-1")])))
    #expect(answer.failure?.errCode == 7004)
    #expect(answer.failure?.paramErrs.map(\.errCode) == [7025])
    #expect(answer.failure?.paramErrs.map(\.paramPath) == [Self.table + "{i}.Alias"])
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "1")
  }

  @Test(arguments: [
    ("Device.DeviceInfo.FirmwareImage.", 7019), ("Device.DeviceInfo.", 7018),
    ("Device.Nothing.", 7026), ("Device.LocalAgent.Controller.9.MTP.", 7016),
  ])
  func whatTakesNoRowsIsTold(table: String, code: UInt32) throws {
    let agents = try USPAgents()
    let whole = try #require(agents.ask(USPAgents.add(table, [])))
    #expect(whole.failure?.errCode == 7004)
    #expect(whole.failure?.paramErrs.map(\.errCode) == [code])
    let partial = try #require(agents.ask(USPAgents.add(table, [], partial: true)))
    guard case .addResp(let response)? = partial.response,
      case .operFailure(let failure)? = response.createdObjResults[0].operStatus.operStatus
    else { throw Unexpected(partial) }
    #expect(failure.errCode == code)
  }

  @Test func aRowThatFailsIsNotLeftBehind() throws {
    let agents = try USPAgents()
    let answer = try #require(
      agents.ask(USPAgents.add(Self.table, [("NotifType", "Other")], partial: true)))
    guard case .addResp(let response)? = answer.response,
      case .operFailure(let failure)? = response.createdObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(failure.errCode == 7012)
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "0")
  }

  @Test func aFullTableTakesNoMore() throws {
    let agents = try USPAgents()
    for _ in 0..<7 { _ = agents.ask(USPAgents.add("Device.LocalAgent.Controller.", [])) }
    let answer = try #require(agents.ask(USPAgents.add("Device.LocalAgent.Controller.", [])))
    #expect(answer.failure?.paramErrs.map(\.errCode) == [7005])
  }

  @Test func aReferenceListStaysAsItIs() throws {
    let agents = try USPAgents()
    let row = try agents.subscribe("Event", "Device.Boot!", id: "s1")
    let answer = try #require(
      agents.ask(USPAgents.set(row, [("ReferenceList", "Device.", true)])))
    #expect(answer.failure?.paramErrs.map(\.errCode) == [7013])
    let invalid = try #require(
      agents.ask(USPAgents.add(Self.table, [("ReferenceList", "Device..X")])))
    #expect(invalid.failure?.paramErrs.map(\.errCode) == [7012])
  }

  // MARK: Delete

  @Test func rowsAreDeleted() throws {
    let agents = try USPAgents()
    for id in ["a", "b", "c"] { try agents.subscribe("Event", "Device.Boot!", id: id) }
    let answer = try #require(agents.ask(USPAgents.delete(Self.table + "[ID==\"b\"].")))
    guard case .deleteResp(let response)? = answer.response else { throw Unexpected(answer) }
    #expect(
      response.deletedObjResults[0].operStatus.operSuccess.affectedPaths == [Self.table + "2."])
    let all = try #require(agents.ask(USPAgents.delete(Self.table + "*.")))
    guard case .deleteResp(let rest)? = all.response else { throw Unexpected(all) }
    #expect(
      rest.deletedObjResults[0].operStatus.operSuccess.affectedPaths == [
        Self.table + "1.", Self.table + "3.",
      ])
  }

  @Test func aMissingRowIsDeletedAlreadyOrAnError() throws {
    let agents = try USPAgents()
    let answer = try #require(agents.ask(USPAgents.delete(Self.table + "5.")))
    guard case .deleteResp(let response)? = answer.response,
      case .operSuccess(let success)? = response.deletedObjResults[0].operStatus.operStatus
    else { throw Unexpected(answer) }
    #expect(success.affectedPaths.isEmpty)
    let current = try USPAgents(quirks: ["errors=current"])
    let error = try #require(current.ask(USPAgents.delete(Self.table + "5.")))
    #expect(error.failure?.paramErrs.map(\.errCode) == [7016])
  }

  @Test(arguments: [
    ("Device.DeviceInfo.FirmwareImage.1.", 7024), ("Device.DeviceInfo.", 7018),
    ("Device.Nothing.1.", 7026),
  ])
  func whatCannotGoIsTold(path: String, code: UInt32) throws {
    let agents = try USPAgents()
    try agents.subscribe("Event", "Device.Boot!", id: "a")
    let whole = try #require(agents.ask(USPAgents.delete(Self.table + "1.", path)))
    #expect(whole.failure?.paramErrs.map(\.errCode) == [code])
    #expect(agents.value(Self.table + "1.ID") == "a")
    let partial = try #require(agents.ask(USPAgents.delete(Self.table + "1.", path, partial: true)))
    guard case .deleteResp(let response)? = partial.response,
      case .operFailure(let failure)? = response.deletedObjResults[1].operStatus.operStatus
    else { throw Unexpected(partial) }
    #expect(failure.errCode == code)
    #expect(agents.value(Self.table + "1.ID") == nil)
  }
}
