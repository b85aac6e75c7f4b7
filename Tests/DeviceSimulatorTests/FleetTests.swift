import CWMP
import NIOCore
import NIOPosix
import Testing

@testable import DeviceSimulator

@Suite(.serialized, .timeLimit(.minutes(1))) struct FleetTests {
  /// Device seconds for each second: waits of minutes pass in a moment.
  static let timeScale = 100.0

  private func options(_ acs: StubACS, count: Int = 1) throws -> FleetOptions {
    FleetOptions(
      count: count, acsURL: acs.url, models: [try Devices.small()], username: "u", password: "p",
      periodicInformInterval: 86400, bootSpread: 0.1, timeScale: Self.timeScale,
      behaviour: .init(bootTime: 5, flashTime: 3...5))
  }

  private func start(_ options: FleetOptions) async throws -> SimulatedFleet {
    try await SimulatedFleet.start(options, clock: Devices.clockStart) { _, _ in }
  }

  @Test(arguments: [false, true])
  func everyDeviceHasItsFirstSession(closesConnections: Bool) async throws {
    let acs = try await StubACS.start(
      .init(
        requests: { _, _ in [.getParameterNames(path: "Device.", nextLevel: false)] },
        closesConnections: closesConnections))
    var options = try options(acs, count: 40)
    options.loops = 2
    let fleet = try await start(options)
    let record = try await acs.wait { $0.sessionsEnded == 40 }
    #expect(record.sessionsEnded == 40)
    #expect(record.answers.count == 40)
    #expect(Set(record.informs.map(\.deviceID.serialNumber)).count == 40)
    #expect(record.informs.allSatisfy { $0.codes == ["0 BOOTSTRAP", "1 BOOT"] })
    let counts = try await fleet.counts()
    #expect(counts.sessionsFailed == 0)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test(arguments: ["Digest realm=\"r\", qop=\"auth\", nonce=\"n1\"", "Basic realm=\"r\""])
  func challengesAreAnswered(challenge: String) async throws {
    let acs = try await StubACS.start(.init(challenge: challenge))
    let fleet = try await start(try options(acs))
    let record = try await acs.wait { $0.sessionsEnded == 1 }
    #expect(record.sessionsEnded == 1)
    #expect(record.unauthorised == 1)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func anUpgradeFromDownloadToTransferComplete() async throws {
    let size = 200_000
    let acs = try await StubACS.start(
      .init(
        requests: { inform, url in
          guard inform.codes.contains(Event.bootstrap) else { return [] }
          return [
            .download(
              Download(
                commandKey: "D", fileType: Download.firmwareUpgradeImage, url: url + "/2.img",
                fileSize: UInt64(size)))
          ]
        }, file: try FirmwareImage(model: "Box", version: "2.0.0").contents(size: size)))
    let fleet = try await start(try options(acs))
    let record = try await acs.wait { $0.reports.count == 1 && $0.sessionsEnded == 2 }
    #expect(record.reports.first?.fault == nil)
    #expect(record.reports.first?.commandKey == "D")
    #expect(record.informs.count == 2)
    let inform = try #require(record.informs.last)
    #expect(Set(inform.codes) == ["1 BOOT", "7 TRANSFER COMPLETE", "M Download"])
    #expect(inform.parameters.first?.value == "2.0.0")
    let counts = try await fleet.counts()
    #expect(counts.downloads == 1)
    #expect(counts.upgrades == 1)
    #expect(counts.boots == 2)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func aFileServerThatIsNotThere() async throws {
    let acs = try await StubACS.start(
      .init(requests: { inform, _ in
        guard inform.codes.contains(Event.bootstrap) else { return [] }
        return [
          .download(
            Download(
              commandKey: "D", fileType: Download.firmwareUpgradeImage,
              url: "http://127.0.0.1:1/x"))
        ]
      }))
    let fleet = try await start(try options(acs))
    let record = try await acs.wait { $0.reports.count == 1 }
    #expect(record.reports.first?.fault?.code == 9015)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func connectionRequestsNeedTheCredentialThatTheACSHasSet() async throws {
    let prefix = "Device.ManagementServer.ConnectionRequest"
    let acs = try await StubACS.start(
      .init(requests: { inform, _ in
        guard inform.codes.contains(Event.bootstrap) else { return [] }
        return [
          .setParameterValues(
            SetParameterValues(parameters: [
              ParameterValue(name: prefix + "Username", value: "cr"),
              ParameterValue(name: prefix + "Password", value: "secret"),
            ])),
          .getParameterValues(names: [prefix + "URL"]),
        ]
      }))
    let fleet = try await start(try options(acs))
    let record = try await acs.wait { $0.sessionsEnded == 1 }
    guard case .response(.getParameterValues(let values)) = record.answers.last,
      let url = values.first?.value
    else {
      Issue.record("no connection request URL")
      return
    }
    guard case .challenged(let challenges) = try await get(url, nil) else {
      Issue.record("no challenge")
      return
    }
    for (password, isRight) in [("wrong", false), ("secret", true)] {
      var credentials = SessionCredentials(username: "cr", password: password)
      let isAnswerable = credentials.receive(challenges)
      #expect(isAnswerable)
      let target = try #require(HTTPTarget(url))
      let result = try await get(url, credentials.header(method: "GET", uri: target.path))
      switch result {
      case .challenged: #expect(!isRight)
      case .ended(.received(0, _, nil)): #expect(isRight)
      case .ended(let outcome): Issue.record("\(outcome)")
      }
    }
    let later = try await acs.wait { $0.sessionsEnded == 2 }
    #expect(later.informs.last?.codes == [Event.connectionRequest])
    guard case .ended(.refused(status: 404)) = try await get(url + "x", nil) else {
      Issue.record("a path that is no device's")
      return
    }
    try await fleet.stop()
    try await acs.stop()
  }

  private func get(_ url: String, _ authorization: String?) async throws -> FileFetcher.Result {
    try await ConnectionRequestQuirkTests.get(url, authorization)
  }

  @Test func droppedSessionsAreRetried() async throws {
    let acs = try await StubACS.start()
    var options = try options(acs, count: 100)
    options.dropConnection = 100
    options.timeScale = 2000
    let fleet = try await start(options)
    let record = try await acs.wait { $0.informs.contains { $0.retryCount >= 2 } }
    #expect(record.informs.contains { $0.retryCount >= 2 })
    let counts = try await fleet.counts()
    #expect(counts.failures.keys.contains("dropped on purpose"))
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func anACSThatIsNotThere() async throws {
    let acs = try await StubACS.start()
    var options = try options(acs)
    options.acsURL = "http://127.0.0.1:1/"
    let fleet = try await start(options)
    for _ in 0..<500 {
      if try await fleet.counts().sessionsFailed > 0 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await fleet.counts().failures["the ACS cannot be reached"] ?? 0 > 0)
    try await fleet.stop()
    try await acs.stop()
  }

  @Test func optionsThatMakeNoSense() async throws {
    let acs = try await StubACS.start()
    let changes: [(inout FleetOptions) -> Void] = [
      { $0.count = 0 }, { $0.count = FleetOptions.maximumCount + 1 }, { $0.acsURL = "ftp://a/" },
      { $0.timeScale = 0 }, { $0.dropConnection = 101 }, { $0.behaviour.failFlash = -1 },
      { $0.loops = 0 }, { $0.periodicInformInterval = 0 }, { $0.models = [] },
    ]
    for change in changes {
      var options = try options(acs)
      change(&options)
      #expect(throws: SimulatorError.self) { try options.validate() }
    }
    try await acs.stop()
  }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct LoadRunTests {
  private func options(_ acs: StubACS, _ scenario: LoadOptions.Scenario) throws -> LoadOptions {
    LoadOptions(
      scenario: scenario, acsURL: acs.url, model: try DeviceModel.tr181(), devices: 30, rate: 300)
  }

  @Test func firstBootsAnswerWhateverTheACSAsks() async throws {
    let acs = try await StubACS.start(
      .init(requests: { _, _ in
        [
          .getParameterNames(path: "Device.", nextLevel: false),
          .getParameterValues(names: ["Device."]),
          .setParameterValues(
            SetParameterValues(parameters: [
              ParameterValue(
                name: "Device.ManagementServer.PeriodicInformInterval", value: "60",
                type: .unsignedInt)
            ])),
        ]
      }))
    let report = try await LoadRun.run(try options(acs, .firstBoot), clock: Devices.clockStart)
    #expect(report.sessions == 30)
    #expect(report.succeeded == 30)
    #expect(report.requestsAnswered == 90)
    #expect(report.errors.isEmpty)
    let record = acs.record
    #expect(record.informs.allSatisfy { $0.codes == ["0 BOOTSTRAP", "1 BOOT"] })
    #expect(Set(record.informs.map(\.deviceID.serialNumber)).count == 30)
    let sizes = record.answers.compactMap { answer in
      if case .response(.getParameterValues(let values)) = answer { values.count } else { nil }
    }
    #expect(sizes == Array(repeating: report.parametersPerDevice, count: 30))
    try await acs.stop()
  }

  @Test func periodicSessionsAreMeasuredAfterTheWarmUp() async throws {
    let acs = try await StubACS.start()
    var options = try options(acs, .periodic)
    options.warmUp = 0.2
    options.duration = 0.5
    options.spacing = .even
    let report = try await LoadRun.run(options, clock: Devices.clockStart)
    let record = acs.record
    #expect(record.informs.count == 210)
    #expect(record.informs.allSatisfy { $0.codes == ["2 PERIODIC"] })
    #expect((145...155).contains(report.sessions))
    #expect(report.succeeded == report.sessions)
    let latency = try #require(report.latency)
    #expect(latency.p50 <= latency.p99)
    #expect(latency.p99 <= latency.maximum)
    #expect(try report.json().contains("\"succeeded\""))
    #expect(report.text().contains("p99.9"))
    try await acs.stop()
  }

  /// With one connection and 20 ms for each of two answers, 50 sessions a second cannot be had: the queue
  /// grows, and the waiting must be seen in the latency.
  @Test func waitingForAFreeConnectionIsCounted() async throws {
    let acs = try await StubACS.start(.init(delay: 20))
    var options = try options(acs, .periodic)
    options.rate = 50
    options.duration = 0.4
    options.connections = 1
    options.spacing = .even
    let report = try await LoadRun.run(options, clock: Devices.clockStart)
    #expect(report.succeeded == 20)
    #expect(report.lateStarts >= 15)
    let latency = try #require(report.latency)
    // The last one was meant to start at 0.38 s and cannot end before 20 × 40 ms.
    #expect(latency.maximum >= 400)
    try await acs.stop()
  }

  @Test func errorsAreCountedByKind() async throws {
    let acs = try await StubACS.start(.init(challenge: "Negotiate"))
    var options = try options(acs, .firstBoot)
    options.devices = 5
    let report = try await LoadRun.run(options, clock: Devices.clockStart)
    #expect(report.errors == ["HTTP 401": 5])
    #expect(report.succeeded == 0)
    #expect(report.latency == nil)
    try await acs.stop()
  }

  @Test func optionsThatMakeNoSense() async throws {
    let acs = try await StubACS.start()
    let changes: [(inout LoadOptions) -> Void] = [
      { $0.devices = 0 }, { $0.connections = 0 }, { $0.acsURL = "x" }, { $0.warmUp = -1 },
      { $0.duration = 0 },
      { options in
        options.scenario = .periodic
        options.duration = nil
      },
    ]
    for change in changes {
      var options = try options(acs, .firstBoot)
      change(&options)
      #expect(throws: SimulatorError.self) { try options.validate() }
    }
    try await acs.stop()
  }
}
