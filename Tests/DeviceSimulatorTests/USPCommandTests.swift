import Testing
import USP

@testable import DeviceSimulator

/// Operate of a simulated agent.
struct USPCommandTests {
  private func result(_ message: USPMsg?) throws -> USPOperateResp.OperationResult {
    let message = try #require(message)
    guard case .operateResp(let response)? = message.response else { throw Unexpected(message) }
    return try #require(response.operationResults.first)
  }

  @Test func anUnknownCommandIsAnErrorOrAFailure() throws {
    let agents = try USPAgents()
    #expect(agents.ask(USPAgents.operate("Device.Nothing()"))?.failure?.errCode == 7026)
    #expect(
      agents.ask(USPAgents.operate("Device.DeviceInfo.FirmwareImage.9.Activate()"))?.failure?
        .errCode
        == 7016)
    let current = try USPAgents(quirks: ["errors=current"])
    #expect(
      try result(current.ask(USPAgents.operate("Device.Nothing()"))).cmdFailure.errCode == 7026)
  }

  @Test func aMissingArgumentFailsTheCommand() throws {
    let agents = try USPAgents()
    let result = try result(
      agents.ask(USPAgents.operate("Device.ScheduleTimer()", ["Other": "1"])))
    #expect(result.executedCommand == "Device.ScheduleTimer()")
    #expect(result.cmdFailure.errCode == 7027)
  }

  /// TR-369 R-OPR.6.
  @Test func aRequestWithMoreThanIsKnownIsTaken() throws {
    let agents = try USPAgents()
    let result = try result(
      agents.ask(
        USPAgents.operate("Device.ScheduleTimer()", ["DelaySeconds": "5", "Other": "1"])))
    #expect(result.reqObjPath == "Device.LocalAgent.Request.1")
  }

  @Test func nothingIsAnsweredWhereNobodyWantsIt() throws {
    let agents = try USPAgents()
    guard
      case .operate(var request) = USPAgents.operate(
        "Device.ScheduleTimer()", ["DelaySeconds": "5"])
    else { return }
    request.sendResp = false
    #expect(agents.messages(agents.send(.operate(request))).isEmpty)
    #expect(agents.value("Device.LocalAgent.RequestNumberOfEntries") == "1")
  }

  @Test func anAsynchronousCommandIsARequestUntilItIsOver() throws {
    let agents = try USPAgents()
    try agents.subscribe("OperationComplete", "Device.IP.", id: "ops")
    let started = try result(
      agents.ask(
        USPAgents.operate(
          "Device.IP.Diagnostics.IPPing()",
          [
            "Host": "example.net", "ProtocolVersion": "IPv4", "NumberOfRepetitions": "4",
            "Timeout": "1000", "DataBlockSize": "64",
          ], key: "p1")))
    #expect(started.reqObjPath == "Device.LocalAgent.Request.1")
    #expect(agents.value("Device.LocalAgent.Request.1.CommandKey") == "p1")
    #expect(agents.value("Device.LocalAgent.Request.1.Originator") == USPAgents.controller)
    let notes = agents.notifications(agents.pass(.seconds(10)))
    let complete = try #require(notes.first?.operComplete)
    #expect(notes.count == 1)
    #expect(notes[0].subscriptionID == "ops")
    #expect(complete.objPath == "Device.IP.Diagnostics.")
    #expect(complete.commandName == "IPPing()")
    #expect(complete.commandKey == "p1")
    #expect(complete.reqOutputArgs.outputArgs["Status"] == "Complete")
    let counts = complete.reqOutputArgs.outputArgs
    #expect(
      (Int(counts["SuccessCount"] ?? "") ?? 0) + (Int(counts["FailureCount"] ?? "") ?? 0) == 4)
    #expect(agents.value("Device.LocalAgent.Request.1.CommandKey") == nil)
  }

  @Test func aNameThatIsNotFoundFailsThePing() throws {
    let agents = try USPAgents()
    try agents.subscribe("OperationComplete", "Device.", id: "ops")
    _ = agents.ask(
      USPAgents.operate(
        "Device.IP.Diagnostics.IPPing()",
        [
          "Host": "no.invalid", "ProtocolVersion": "IPv4", "NumberOfRepetitions": "4",
          "Timeout": "1000", "DataBlockSize": "64",
        ]))
    let notes = agents.notifications(agents.pass(.seconds(10)))
    #expect(
      notes.first?.operComplete.reqOutputArgs.outputArgs["Status"] == "Error_CannotResolveHostName")
  }

  @Test func aRequestIsCanceled() throws {
    let agents = try USPAgents()
    try agents.subscribe("OperationComplete", "Device.ScheduleTimer()", id: "ops")
    _ = agents.ask(
      USPAgents.operate("Device.ScheduleTimer()", ["DelaySeconds": "100"], key: "t"))
    let effects = agents.send(USPAgents.operate("Device.LocalAgent.Request.1.Cancel()"))
    let failure = try #require(agents.notifications(effects).first?.operComplete)
    #expect(failure.commandKey == "t")
    #expect(failure.cmdFailure.errCode == 7023)
    #expect(agents.notifications(agents.pass(.seconds(200))).isEmpty)
  }

  @Test func tooManyRequestsAreRefused() throws {
    let agents = try USPAgents(quirks: ["dotted-request-path"])
    let command = USPAgents.operate("Device.ScheduleTimer()", ["DelaySeconds": "100"])
    for _ in 1...USPAgent.maximumRequests {
      #expect(try result(agents.ask(command)).reqObjPath.hasSuffix("."))
    }
    #expect(try result(agents.ask(command)).cmdFailure.errCode == 7005)
  }

  @Test func aTimerOfTheControllersGoesOff() throws {
    let agents = try USPAgents()
    try agents.subscribe("Event", "Device.LocalAgent.Controller.1.Timer!", id: "t")
    _ = agents.ask(
      USPAgents.operate(
        "Device.LocalAgent.Controller.1.ScheduleTimer()", ["DelaySeconds": "7"], key: "k7"))
    #expect(agents.notifications(agents.pass(.seconds(6))).isEmpty)
    let event = try #require(agents.notifications(agents.pass(.seconds(2))).first?.event)
    #expect(event.objPath == "Device.LocalAgent.Controller.1.")
    #expect(event.eventName == "Timer!")
    #expect(event.params == ["CommandKey": "k7"])
  }

  /// - Returns: what comes of it once the agent has the unit's file.
  private func install(_ agents: USPAgents) throws -> [USPAgent.Effect] {
    let effects = agents.send(
      USPAgents.operate(
        "Device.SoftwareModules.InstallDU()", ["URL": "http://127.0.0.1/app-1.2.0.tar"]))
    #expect(!effects.isEmpty)
    let fetches = agents.pass(.seconds(1)).compactMap { effect in
      if case .fetch(let transfer) = effect { transfer } else { nil }
    }
    let transfer = try #require(fetches.first)
    return agents.agent.fetched(
      .received(size: 10, sha256: "", image: nil), for: transfer, at: agents.now)
  }

  /// TR-369 R-SMM.0.
  @Test func softwareUnitsOutliveARestart() throws {
    let agents = try USPAgents()
    _ = try install(agents)
    _ = agents.send(USPAgents.operate("Device.Reboot()"))
    #expect(agents.passLinking(.seconds(10)).contains(.connect))
    #expect(agents.value("Device.SoftwareModules.DeploymentUnit.1.Status") == "Installed")
  }

  @Test func softwareUnitsComeAndGo() throws {
    let agents = try USPAgents()
    try agents.subscribe("Event", "Device.SoftwareModules.DUStateChange!", id: "du")
    let event = try #require(
      agents.notifications(try install(agents)).first?.event.params)
    #expect(event["OperationPerformed"] == "Install")
    #expect(event["CurrentState"] == "Installed")
    #expect(event["Version"] == "1.2.0")
    #expect(event["DeploymentUnitRef"] == "Device.SoftwareModules.DeploymentUnit.1")
    #expect(event["Fault.FaultCode"] == "0")
    #expect(agents.value("Device.SoftwareModules.ExecutionUnit.1.Status") == "Active")
    _ = agents.send(
      USPAgents.operate(
        "Device.SoftwareModules.ExecutionUnit.1.SetRequestedState()", ["RequestedState": "Idle"]))
    #expect(agents.value("Device.SoftwareModules.ExecutionUnit.1.Status") == "Idle")
    _ = agents.send(USPAgents.operate("Device.SoftwareModules.DeploymentUnit.1.Uninstall()"))
    let gone = agents.notifications(agents.pass(.seconds(10)))
    #expect(gone.first?.event.params["CurrentState"] == "Uninstalled")
    #expect(agents.value("Device.SoftwareModules.DeploymentUnit.1.Name") == nil)
  }

  @Test func theSameSeedGivesTheSameLife() throws {
    func life(_ seed: UInt64) throws -> [USPNotify] {
      let agents = try USPAgents(seed: seed)
      try agents.subscribe("OperationComplete", "Device.", id: "ops")
      for _ in 0..<3 {
        _ = agents.ask(
          USPAgents.operate(
            "Device.IP.Diagnostics.TraceRoute()",
            ["Host": "example.net", "ProtocolVersion": "IPv4"]))
      }
      return agents.notifications(agents.pass(.seconds(20)))
    }
    let one = try life(5)
    #expect(one.count == 3)
    #expect(one == (try life(5)))
    #expect(one != (try life(6)))
  }
}
