import Testing
import USP

@testable import DeviceSimulator

/// FirmwareImage.{i}.Download() and Activate() of a simulated agent.
struct USPFirmwareTests {
  private static let image = "Device.DeviceInfo.FirmwareImage.2."
  private static let good = DownloadOutcome.received(
    size: 1000, sha256: "ab", image: FirmwareImage(model: "SG181", version: "2.0.0"))

  private func agents(_ quirks: [String] = [], failFlash: Double = 0) throws -> USPAgents {
    var behaviour = AgentBehaviour()
    behaviour.failFlash = failFlash
    let agents = try USPAgents(quirks: quirks, behaviour: behaviour)
    try agents.subscribe("Event", "Device.Boot!", id: "boot", persistent: true)
    try agents.subscribe("Event", "Device.LocalAgent.TransferComplete!", id: "transfer")
    try agents.subscribe("OperationComplete", "Device.", id: "ops", retry: true, persistent: true)
    return agents
  }

  private func download(
    _ agents: USPAgents, _ outcome: DownloadOutcome, _ more: [String: String] = [:],
    to image: String = image
  ) throws -> [USPNotify] {
    let arguments = ["URL": "http://127.0.0.1/image.bin", "AutoActivate": "false"]
      .merging(more) { $1 }
    let effects =
      agents.send(USPAgents.operate(image + "Download()", arguments, key: "d1"))
      + agents.pass(.seconds(1))
    let transfer = try #require(
      effects.compactMap { effect in
        if case .fetch(let transfer) = effect { transfer } else { nil }
      }.first)
    #expect(agents.value(image + "Status") == "Downloading")
    let done = agents.agent.fetched(outcome, for: transfer, at: agents.now)
    return agents.notifications(done + agents.passLinking(.seconds(12)))
  }

  @Test func anImageIsDownloadedAndActivated() throws {
    let agents = try self.agents()
    let notes = try download(
      agents, Self.good, ["FileSize": "1000", "CheckSumAlgorithm": "SHA-256", "CheckSum": "AB"])
    let transfer = try #require(notes.first { $0.subscriptionID == "transfer" }?.event.params)
    #expect(transfer["FaultCode"] == "0")
    #expect(transfer["Command"] == Self.image + "Download()")
    #expect(transfer["CommandKey"] == "d1")
    #expect(transfer["Affected"] == "Device.DeviceInfo.FirmwareImage.2")
    #expect(transfer["TransferType"] == "Download")
    let complete = try #require(notes.first { $0.subscriptionID == "ops" }?.operComplete)
    #expect(complete.commandName == "Download()")
    #expect(complete.cmdFailure.errCode == 0)
    #expect(agents.value(Self.image + "Status") == "Available")
    #expect(agents.value(Self.image + "Version") == "2.0.0")
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "1.0.0")
    _ = agents.send(USPAgents.operate(Self.image + "Activate()", key: "a1"))
    let after = agents.notifications(agents.passLinking(.seconds(10)))
    let boot = try #require(after.first { $0.event.eventName == "Boot!" }?.event.params)
    #expect(boot["FirmwareUpdated"] == "true")
    #expect(boot["CommandKey"] == "a1")
    #expect(after.contains { $0.operComplete.commandName == "Activate()" })
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "2.0.0")
    #expect(
      agents.value("Device.DeviceInfo.ActiveFirmwareImage") == "Device.DeviceInfo.FirmwareImage.2")
    #expect(agents.value("Device.DeviceInfo.FirmwareImage.1.Status") == "Available")
    #expect(agents.value(Self.image + "Status") == "Active")
  }

  @Test func anImageMayActivateItself() throws {
    let agents = try self.agents()
    let notes = try download(
      agents, Self.good, ["AutoActivate": "true"], to: "Device.DeviceInfo.FirmwareImage.1.")
    #expect(notes.contains { $0.subscriptionID == "transfer" })
    let later = notes + agents.notifications(agents.passLinking(.seconds(20)))
    #expect(
      later.contains {
        $0.event.eventName == "Boot!" && $0.event.params["FirmwareUpdated"] == "true"
      })
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "2.0.0")
  }

  @Test(arguments: ["Device.Reboot()", "Device.FactoryReset()"])
  func anActivationOutlivesARestartThatIsOrderedMeanwhile(command: String) throws {
    let agents = try self.agents()
    _ = try download(agents, Self.good)
    _ = agents.send(USPAgents.operate(Self.image + "Activate()", key: "a1"))
    _ = agents.pass(.milliseconds(60))
    _ = agents.send(USPAgents.operate(command, key: "r1"))
    let after = agents.notifications(agents.passLinking(.seconds(10)))
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "2.0.0")
    #expect(agents.agent.tally.boots == 2)
    guard command == "Device.Reboot()" else { return }
    #expect(after.contains { $0.operComplete.commandName == "Activate()" })
    #expect(after.contains { $0.event.params["CommandKey"] == "a1" })
  }

  @Test func anImageThatDoesNotBootIsLeft() throws {
    let agents = try self.agents(failFlash: 100)
    _ = try download(agents, Self.good)
    _ = agents.send(USPAgents.operate(Self.image + "Activate()"))
    let after = agents.notifications(agents.passLinking(.seconds(10)))
    let boot = try #require(after.first { $0.event.eventName == "Boot!" }?.event.params)
    #expect(boot["FirmwareUpdated"] == "false")
    #expect(
      after.first { $0.operComplete.commandName == "Activate()" }?.operComplete.cmdFailure.errCode
        == 7022)
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "1.0.0")
    #expect(agents.value(Self.image + "Status") == "ActivationFailed")
    #expect(agents.value(Self.image + "BootFailureLog")?.isEmpty == false)
  }

  @Test func theImageToBootMayBeSet() throws {
    let agents = try self.agents()
    _ = agents.ask(
      USPAgents.set(
        "Device.DeviceInfo.",
        [("BootFirmwareImage", "Device.DeviceInfo.FirmwareImage.2", true)]))
    _ = agents.ask(USPAgents.operate("Device.Reboot()"))
    _ = agents.passLinking(.seconds(10))
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "0.9.4")
  }

  @Test(
    arguments: [
      (DownloadOutcome.unreachable, [:], "DownloadFailed"),
      (.refused(status: 404), [:], "DownloadFailed"), (.interrupted, [:], "DownloadFailed"),
      (good, ["FileSize": "999"], "ValidationFailed"),
      (good, ["CheckSum": "cd"], "ValidationFailed"),
      (
        .received(size: 1, sha256: "", image: FirmwareImage(model: "Other", version: "1")), [:],
        "ValidationFailed"
      ),
      (.received(size: 1, sha256: "", image: nil), [:], "ValidationFailed"),
    ] as [(DownloadOutcome, [String: String], String)])
  func aFileOfNoUseIsTold(outcome: DownloadOutcome, more: [String: String], status: String) throws {
    let agents = try self.agents()
    let notes = try download(agents, outcome, more)
    #expect(
      notes.first { $0.subscriptionID == "transfer" }?.event.params["FaultCode"] == "7022")
    #expect(
      notes.first { $0.subscriptionID == "ops" }?.operComplete.cmdFailure.errCode == 7022)
    #expect(agents.value(Self.image + "Status") == status)
    #expect(agents.value("Device.LocalAgent.RequestNumberOfEntries") == "0")
  }

  @Test func whatCannotBeActivatedIsRefused() throws {
    let agents = try self.agents()
    _ = try download(agents, .interrupted)
    let answer = try #require(agents.ask(USPAgents.operate(Self.image + "Activate()")))
    guard case .operateResp(let response)? = answer.response else { throw Unexpected(answer) }
    #expect(response.operationResults[0].cmdFailure.errCode == 7022)
  }

  @Test func anActivationWaitsForItsWindow() throws {
    let agents = try self.agents()
    _ = try download(agents, Self.good)
    _ = agents.send(
      USPAgents.operate(
        Self.image + "Activate()",
        [
          "TimeWindow.1.Start": "100", "TimeWindow.1.End": "200",
          "TimeWindow.1.Mode": "Immediately",
        ]))
    #expect(!agents.pass(.seconds(99)).contains(.hangUp(.sudden)))
    #expect(agents.pass(.seconds(2)).contains(.hangUp(.sudden)))
  }

  @Test func quirksHideOutcomes() throws {
    let agents = try self.agents(["silent-transfers", "silent-activation"])
    let notes = try download(agents, Self.good)
    #expect(!notes.contains { $0.subscriptionID == "transfer" })
    _ = agents.send(USPAgents.operate(Self.image + "Activate()"))
    let after = agents.notifications(agents.passLinking(.seconds(10)))
    #expect(!after.contains { $0.operComplete.commandName == "Activate()" })
    #expect(after.contains { $0.event.eventName == "Boot!" })
  }

  @Test func aFactoryResetKeepsTheImages() throws {
    let agents = try self.agents()
    _ = try download(agents, Self.good)
    _ = agents.send(USPAgents.operate(Self.image + "Activate()"))
    _ = agents.passLinking(.seconds(10))
    _ = agents.send(USPAgents.operate("Device.FactoryReset()"))
    _ = agents.passLinking(.seconds(10))
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "2.0.0")
  }

  @Test func filesArePut() throws {
    let agents = try self.agents()
    let effects =
      agents.send(
        USPAgents.operate(
          "Device.DeviceInfo.VendorLogFile.1.Upload()",
          ["URL": "http://127.0.0.1/log", "Username": "", "Password": ""]))
      + agents.pass(.seconds(1))
    let stores = effects.compactMap { effect -> (USPAgent.AgentTransfer, [UInt8])? in
      if case .store(let transfer, let contents) = effect { (transfer, contents) } else { nil }
    }
    let (transfer, contents) = try #require(stores.first)
    #expect(!contents.isEmpty)
    let notes = agents.notifications(agents.agent.stored(.stored, for: transfer, at: agents.now))
    #expect(
      notes.first { $0.subscriptionID == "transfer" }?.event.params["TransferType"] == "Upload")
    #expect(notes.contains { $0.operComplete.commandName == "Upload()" })
  }
}
