import Testing
import USP

@testable import DeviceSimulator

/// Get, GetInstances, GetSupportedDM and GetSupportedProtocol of a simulated agent.
struct USPReadingTests {
  @Test func aParameterIsInItsObject() throws {
    let agents = try USPAgents()
    let results = try agents.get("Device.DeviceInfo.SerialNumber")
    #expect(results.count == 1)
    #expect(results[0].requestedPath == "Device.DeviceInfo.SerialNumber")
    #expect(results[0].errCode == 0)
    #expect(results[0].resolvedPathResults.map(\.resolvedPath) == ["Device.DeviceInfo."])
    #expect(results[0].resolvedPathResults[0].resultParams == ["SerialNumber": "T000001"])
  }

  @Test func aPartialPathHasEachObjectBelowIt() throws {
    let agents = try USPAgents()
    let results = try agents.get("Device.DeviceInfo.")
    let paths = results[0].resolvedPathResults.map(\.resolvedPath)
    #expect(paths.first == "Device.DeviceInfo.")
    #expect(paths.contains("Device.DeviceInfo.FirmwareImage.1."))
    #expect(paths.contains("Device.DeviceInfo.FirmwareImage.2."))
    #expect(paths.contains("Device.DeviceInfo.MemoryStatus."))
    #expect(!paths.contains("Device.DeviceInfo.FirmwareImage."))
  }

  @Test func aDepthLimitsTheLevels() throws {
    let agents = try USPAgents()
    #expect(
      try agents.get("Device.DeviceInfo.", depth: 1)[0].resolvedPathResults.map(\.resolvedPath)
        == ["Device.DeviceInfo."])
    let two = try agents.get("Device.LocalAgent.", depth: 2)[0].resolvedPathResults
      .map(\.resolvedPath)
    #expect(two.contains("Device.LocalAgent.Controller.1."))
    #expect(!two.contains("Device.LocalAgent.Controller.1.MTP.1."))
  }

  @Test func whatIsNotThereIsAnInvalidPath() throws {
    let agents = try USPAgents()
    let results = try agents.get(
      "Device.Nothing", "Device.LocalAgent.Controller.9.EndpointID", "Device..X",
      "Device.ManagementServer.URL")
    #expect(results.map(\.errCode) == [7026, 7026, 7008, 7026])
    #expect(results.allSatisfy { $0.resolvedPathResults.isEmpty })
  }

  @Test func aSearchThatMeetsNothingSucceeds() throws {
    let agents = try USPAgents()
    let results = try agents.get(
      "Device.LocalAgent.Controller.[EndpointID==\"self::other\"].",
      "Device.LocalAgent.Subscription.*.ID",
      "Device.LocalAgent.Controller.[EndpointID==\"self::controller\"].EndpointID",
      "Device.Ethernet.Interface.[CurrentBitRate>=1000&&Enable==true].Name",
      "Device.Ethernet.Interface.[Nothing==1].Name")
    #expect(results.map(\.errCode) == [0, 0, 0, 0, 7026])
    #expect(results[0].resolvedPathResults.isEmpty)
    #expect(results[1].resolvedPathResults.isEmpty)
    #expect(
      results[2].resolvedPathResults.map(\.resolvedPath) == ["Device.LocalAgent.Controller.1."])
    #expect(results[3].resolvedPathResults.map(\.resultParams) == [["Name": "lan1"]])
  }

  @Test func referencesAreFollowed() throws {
    let agents = try USPAgents()
    let results = try agents.get("Device.DeviceInfo.ActiveFirmwareImage+.Version")
    #expect(
      results[0].resolvedPathResults.map(\.resolvedPath) == ["Device.DeviceInfo.FirmwareImage.1."])
  }

  @Test func instancesHaveTheirKeys() throws {
    let agents = try USPAgents()
    var request = USPGetInstances()
    request.objPaths = [
      "Device.LocalAgent.Controller.", "Device.LocalAgent.Nothing.", "Device.LocalAgent.",
    ]
    request.firstLevelOnly = true
    let answer = try #require(agents.ask(.getInstances(request)))
    guard case .getInstancesResp(let response)? = answer.response else { throw Unexpected(answer) }
    let results = response.reqPathResults
    #expect(results.map(\.errCode) == [0, 7026, 0])
    #expect(results[0].currInsts.map(\.instantiatedObjPath) == ["Device.LocalAgent.Controller.1."])
    #expect(
      results[0].currInsts[0].uniqueKeys == ["Alias": "cpe-1", "EndpointID": "self::controller"])
    request.firstLevelOnly = false
    guard case .getInstancesResp(let deep)? = agents.ask(.getInstances(request))?.response else {
      throw Unexpected(answer)
    }
    #expect(
      deep.reqPathResults[0].currInsts.map(\.instantiatedObjPath) == [
        "Device.LocalAgent.Controller.1.", "Device.LocalAgent.Controller.1.MTP.1.",
      ])
  }

  @Test func theSupportedModelIsToldAsAsked() throws {
    let agents = try USPAgents()
    var request = USPGetSupportedDM()
    request.objPaths = ["Device."]
    request.returnParams = true
    request.returnCommands = true
    request.returnEvents = true
    request.returnUniqueKeySets = true
    let answer = try #require(agents.ask(.getSupportedDm(request)))
    guard case .getSupportedDmResp(let response)? = answer.response else {
      throw Unexpected(answer)
    }
    let result = try #require(response.reqObjResults.first)
    #expect(result.dataModelInstUri == "urn:broadband-forum-org:tr-181-2-19-1-usp")
    let objects = Dictionary(
      result.supportedObjs.map { ($0.supportedObjPath, $0) }, uniquingKeysWith: { one, _ in one })
    let subscription = try #require(objects["Device.LocalAgent.Subscription.{i}."])
    #expect(subscription.access == .objAddDelete)
    #expect(subscription.isMultiInstance)
    #expect(subscription.uniqueKeySets.map(\.keyNames) == [["Alias"], ["Recipient", "ID"]])
    let id = try #require(subscription.supportedParams.first { $0.paramName == "ID" })
    #expect(id.access == .paramReadWrite)
    #expect(id.valueType == .paramString)
    let device = try #require(objects["Device."])
    #expect(device.supportedCommands.map(\.commandName).contains("Reboot()"))
    #expect(device.supportedEvents.map(\.eventName) == ["Boot!"])
    #expect(
      device.supportedEvents[0].argNames == [
        "CommandKey", "Cause", "Reason", "FirmwareUpdated", "ParameterMap",
      ])
    let image = try #require(objects["Device.DeviceInfo.FirmwareImage.{i}."])
    let activate = try #require(
      image.supportedCommands.first { $0.commandName == "Activate()" })
    #expect(activate.commandType == .cmdAsync)
    #expect(activate.inputArgNames.contains("TimeWindow.{i}.Start"))
  }

  @Test func oneLevelHasBareChildren() throws {
    let agents = try USPAgents()
    var request = USPGetSupportedDM()
    request.objPaths = ["Device.LocalAgent.Controller.{i}.", "Device.Reboot()", "Device.X."]
    request.firstLevelOnly = true
    request.returnParams = true
    let answer = try #require(agents.ask(.getSupportedDm(request)))
    guard case .getSupportedDmResp(let response)? = answer.response else {
      throw Unexpected(answer)
    }
    #expect(response.reqObjResults.map(\.errCode) == [0, 0, 7026])
    let level = response.reqObjResults[0].supportedObjs
    #expect(level.first?.supportedObjPath == "Device.LocalAgent.Controller.{i}.")
    #expect(level.first?.supportedParams.isEmpty == false)
    #expect(level.dropFirst().allSatisfy { $0.supportedParams.isEmpty })
    #expect(
      level.dropFirst().map(\.supportedObjPath).contains(
        "Device.LocalAgent.Controller.{i}.MTP.{i}.")
    )
    let command = response.reqObjResults[1].supportedObjs
    #expect(command.map(\.supportedObjPath) == ["Device."])
    #expect(command[0].supportedCommands.map(\.commandName) == ["Reboot()"])
  }

  @Test func versionsAreToldAndQuirky() throws {
    let agents = try USPAgents(quirks: ["versions=1.0,1.1"])
    let answer = try #require(agents.ask(.getSupportedProtocol(USPGetSupportedProtocol())))
    guard case .getSupportedProtocolResp(let response)? = answer.response else {
      throw Unexpected(answer)
    }
    #expect(response.agentSupportedProtocolVersions == "1.0,1.1")
  }

  @Test func anOldAgentTellsLess() throws {
    let agents = try USPAgents(quirks: ["versions=1.0,1.1"])
    #expect(try agents.get("Device.DeviceInfo.", depth: 1)[0].resolvedPathResults.count > 1)
    var request = USPGetSupportedDM()
    request.objPaths = ["Device.LocalAgent.Subscription.", "Device.Reboot()"]
    request.returnParams = true
    request.returnUniqueKeySets = true
    let answer = agents.ask(.getSupportedDm(request))
    guard case .getSupportedDmResp(let response)? = answer?.response else {
      Issue.record("no response")
      return
    }
    let object = try #require(response.reqObjResults[0].supportedObjs.first)
    #expect(object.supportedParams.allSatisfy { $0.valueType == .paramUnknown })
    #expect(object.uniqueKeySets.isEmpty)
    #expect(response.reqObjResults[1].errCode == 7026)
  }

  @Test func aLargeAnswerMayBeTooLarge() throws {
    let agents = try USPAgents(quirks: ["message-limit=2000"])
    var request = USPGet()
    request.paramPaths = ["Device."]
    let answer = try #require(agents.ask(.get(request)))
    #expect(answer.failure?.errCode == 7005)
    request.paramPaths = ["Device.DeviceInfo.SoftwareVersion"]
    #expect(agents.ask(.get(request))?.response != nil)
  }

  @Test func requestsForControllersAreNotSupported() throws {
    let agents = try USPAgents()
    #expect(agents.ask(.register(USPRegister()))?.failure?.errCode == 7001)
  }
}
