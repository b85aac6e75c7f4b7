import Testing

@testable import Fleet

/// Commands of data models, from the order to the report of their end.
@Suite struct CommandReportTests {
  private static let now = 1_000.0

  private func task(
    _ operation: Operation, _ state: DeviceTask.State = .waiting,
    for waiting: WaitingFor? = .command,
    attempts: Int = 1
  ) -> DeviceTask {
    DeviceTask(
      id: 7, deviceID: 1, operation: operation, state: state, waitingFor: waiting,
      attempts: attempts, maxAttempts: 3, dueAt: Self.now, deadline: Self.now + 100)
  }

  private let command = Operation.command(CommandOrder(command: "Device.X.Do()"))

  private func end(_ task: DeviceTask, _ report: CommandReport) -> DeviceTask? {
    Agenda(tasks: [task], readDue: nil).match(command: report)?
      .observing(command: report, now: Self.now, policy: .standard, random: 0.5)
  }

  @Test func outputsAreTheResult() throws {
    let report = CommandReport(
      commandKey: "fl-7", command: "Device.X.Do()", outputs: ["B": "2", "A": "1"])
    let ended = try #require(end(task(command), report))
    #expect(ended.state == .done)
    #expect(
      ended.result?.values == [
        ResultValue(path: "Device.X.Do().Output.A", value: "1", type: .string),
        ResultValue(path: "Device.X.Do().Output.B", value: "2", type: .string),
      ])
    #expect(end(task(command), CommandReport(commandKey: "fl-8", command: "Device.X.Do()")) == nil)
    #expect(end(task(command), CommandReport(commandKey: "", command: "Device.X.Do()")) == nil)
  }

  @Test func aFailureIsTheDevicesOwn() throws {
    var report = CommandReport(commandKey: "fl-7", command: "Device.X.Do()")
    report.fault = OperationFault(code: "usp.7022", text: "no")
    #expect(try #require(end(task(command), report)).fault?.code == "usp.7022")
    report.fault = OperationFault(code: "usp.7003", text: "no", isTransient: true)
    let again = try #require(end(task(command), report))
    #expect(again.state == .queued)
    #expect(again.dueAt > Self.now)
    // A download whose command has failed will bring no report of a transfer.
    report.fault = OperationFault(code: "usp.7023", text: "no")
    let download = task(
      .download(DownloadOrder(file: String(repeating: "a", count: 64))), for: .transfer)
    #expect(try #require(end(download, report)).state == .failed)
    report.fault = nil
    report.outputs = [:]
    // That the command has ended well is not yet the end of the transfer.
    #expect(end(download, report) == nil)
  }

  @Test func aRestartEndsWhatWasUnderWay() throws {
    let contact = Contact(
      identity: DeviceIdentity(
        manufacturer: "", oui: "02FA1E", productClass: "", serialNumber: "1"),
      protocolName: "usp", root: "Device.", reasons: [.boot], reasonTexts: [], values: [],
      session: 9, address: "", at: Self.now)
    for operation in [command, .diagnose(Diagnosis(.ping, host: "a.example"))] {
      let ended = task(operation).observing(
        contact, softwareVersion: nil, now: Self.now, policy: .standard)
      #expect(ended?.state == .failed)
      #expect(ended?.fault?.code == OperationFault.restartedCode)
    }
    var periodic = contact
    periodic.reasons = [.periodic]
    #expect(
      task(command).observing(
        periodic, softwareVersion: nil, now: Self.now, policy: .standard) == nil)
    // What was not begun is not ended by it.
    #expect(
      task(command, .queued, for: nil, attempts: 0).observing(
        contact, softwareVersion: nil, now: Self.now, policy: .standard) == nil)
  }

  @Test(arguments: [
    ("Device.Reboot()", true), ("Device.X.1.Do()", true), ("Device.X.*.Do()", true),
    (#"Device.X.[Alias=="a"].Do()"#, true), ("Device.X.[cpe-1].Do()", true),
    ("Device.Reboot", false), ("Device.Boot!", false), ("Device.", false), ("", false),
    ("Device.X.{i}.Do()", false), ("Device..Do()", false),
  ])
  func commandsAreNamedByPaths(path: String, isTaken: Bool) {
    let problems = Operation.command(CommandOrder(command: path)).validate()
    #expect(problems.isEmpty == isTaken, "\(problems.map(\.message))")
  }

  @Test func argumentsAreBounded() {
    func problems(_ arguments: [String: String]) -> Int {
      Operation.command(CommandOrder(command: "Device.X()", arguments: arguments)).validate().count
    }
    #expect(problems(["Host": "example.net", "TimeWindow.1.Start": "0"]) == 0)
    #expect(problems(["": "x"]) == 1)
    #expect(problems(["A": "\u{1}"]) == 1)
    #expect(problems(["A": String(repeating: "x", count: 600 << 10)]) == 1)
    #expect(
      problems(
        Dictionary(uniqueKeysWithValues: (0..<1_001).map { ("A\($0)", "") })) == 1)
  }
}
