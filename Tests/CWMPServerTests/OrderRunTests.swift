import CWMP
import Fleet
import FleetStore
import Testing

@testable import CWMPServer

/// Operations that are one request and its answer.
@Suite struct OrderRunTests {
  private static let image = String(repeating: "a", count: 64)
  private static let module = String(repeating: "b", count: 64)
  private static let context = OperationRun.Context(
    root: "Device.", commandKey: "fl-7", batchSize: 10,
    sources: [
      image: DownloadSource(url: "http://acs/files/x", size: 1_000),
      module: DownloadSource(url: "http://acs/files/m", size: 20),
    ], destination: "http://acs/uploads/t/file")

  private static func run(_ operation: Fleet.Operation, _ answer: Session.Answer) -> (
    Request?, Outcome?
  ) {
    var run = OperationRun(operation, context: context)
    guard case .request(let request) = run.begin() else { return (nil, nil) }
    guard case .finished(let outcome) = run.received(answer) else { return (request, nil) }
    return (request, outcome)
  }

  @Test func aDownloadCarriesAllThatWasOrdered() {
    let order = DownloadOrder(
      file: "", fileType: "3 Vendor Configuration File", targetFileName: "c.cfg",
      remote: RemoteFile(url: "ftp://h/c", username: "u", password: "p", size: 12), delay: 30,
      successURL: "http://h/ok", failureURL: "http://h/no")
    let (request, outcome) = Self.run(
      .download(order), .response(.download(TransferStart(status: .pending))))
    #expect(
      request
        == .download(
          Download(
            commandKey: "fl-7", fileType: "3 Vendor Configuration File", url: "ftp://h/c",
            username: "u", password: "p", fileSize: 12, targetFileName: "c.cfg", delaySeconds: 30,
            successURL: "http://h/ok", failureURL: "http://h/no")))
    #expect(outcome == .accepted(.transfer))
  }

  @Test func windowsMakeAScheduledDownload() {
    let order = DownloadOrder(
      file: Self.image,
      windows: [
        TransferWindow(start: 10, end: 20, mode: .whenIdle, maxRetries: 3),
        TransferWindow(start: 30, end: 40, mode: .confirmationNeeded, userMessage: "Now?"),
      ])
    let (request, outcome) = Self.run(.download(order), .response(.scheduleDownload))
    #expect(
      request
        == .scheduleDownload(
          ScheduleDownload(
            commandKey: "fl-7", fileType: DownloadOrder.firmwareUpgradeImage,
            url: "http://acs/files/x", fileSize: 1_000,
            timeWindows: [
              ScheduleDownload.TimeWindow(start: 10, end: 20, mode: "3 When Idle", maxRetries: 3),
              ScheduleDownload.TimeWindow(
                start: 30, end: 40, mode: "4 Confirmation Needed", userMessage: "Now?",
                maxRetries: -1),
            ])))
    #expect(outcome == .accepted(.transfer))
  }

  @Test(arguments: [
    (TransferWindow.Mode.anyTime, "1 At Any Time"), (.immediately, "2 Immediately"),
    (.whenIdle, "3 When Idle"), (.confirmationNeeded, "4 Confirmation Needed"),
  ]) func aWindowsModeIsTheStandardsWord(mode: TransferWindow.Mode, word: String) {
    let order = DownloadOrder(
      file: Self.image, windows: [TransferWindow(start: 0, end: 1, mode: mode)])
    guard
      case .scheduleDownload(let sent) = Self.run(
        .download(order), .response(.scheduleDownload)
      ).0
    else {
      Issue.record("no ScheduleDownload")
      return
    }
    #expect(sent.timeWindows.map(\.mode) == [word])
  }

  @Test func anUploadGoesHereOrToAnotherServer() {
    let (request, outcome) = Self.run(
      .upload(UploadOrder(fileType: "3 Vendor Configuration File 1", delay: 5)),
      .response(.upload(TransferStart(status: .pending))))
    #expect(
      request
        == .upload(
          Upload(
            commandKey: "fl-7", fileType: "3 Vendor Configuration File 1",
            url: "http://acs/uploads/t/file", delaySeconds: 5)))
    #expect(outcome == .accepted(.transfer))
    let elsewhere = UploadOrder(
      fileType: "2 Vendor Log File",
      remote: RemoteFile(url: "http://h/l", username: "u", password: "p"))
    #expect(
      Self.run(.upload(elsewhere), .response(.upload(TransferStart(status: .applied))))
        == (
          .upload(
            Upload(
              commandKey: "fl-7", fileType: "2 Vendor Log File", url: "http://h/l", username: "u",
              password: "p")), .done(OperationResult())
        ))
    var context = Self.context
    context.destination = nil
    var run = OperationRun(.upload(UploadOrder(fileType: "x")), context: context)
    guard case .finished(.failed(let fault)) = run.begin() else {
      Issue.record("the device was asked although nothing is taken")
      return
    }
    #expect(fault.code == OperationFault.noFileCode)
  }

  @Test func softwareIsChangedAsOrdered() {
    let changes: [SoftwareChange] = [
      .install(.stored(file: Self.module), uuid: "u1", environment: "Device.EE.1"),
      .update(uuid: "u2", version: "2", nil),
      .update(
        uuid: "", version: "",
        .remote(RemoteFile(url: "http://h/m", username: "u", password: "p"))),
      .uninstall(uuid: "u3", version: "1", environment: "Device.EE.2"),
    ]
    let (request, outcome) = Self.run(.changeSoftware(changes), .response(.changeDUState))
    #expect(
      request
        == .changeDUState(
          ChangeDUState(
            operations: [
              .install(
                ChangeDUState.Install(
                  url: "http://acs/files/m", uuid: "u1", executionEnvRef: "Device.EE.1")),
              .update(ChangeDUState.Update(uuid: "u2", version: "2")),
              .update(ChangeDUState.Update(url: "http://h/m", username: "u", password: "p")),
              .uninstall(
                ChangeDUState.Uninstall(uuid: "u3", version: "1", executionEnvRef: "Device.EE.2")),
            ], commandKey: "fl-7")))
    #expect(outcome == .accepted(.software))
  }

  @Test func softwareThatIsNotStoredIsNotOrdered() {
    var run = OperationRun(
      .changeSoftware([.install(.stored(file: "00"), uuid: "", environment: "")]),
      context: Self.context)
    guard case .finished(.failed(let fault)) = run.begin() else {
      Issue.record("the device was asked")
      return
    }
    #expect(fault.code == OperationFault.noFileCode)
  }

  @Test func aCallIsScheduled() {
    #expect(
      Self.run(.scheduleContact(delay: 90), .response(.scheduleInform))
        == (.scheduleInform(delaySeconds: 90, commandKey: "fl-7"), .accepted(.contact)))
  }

  @Test func transfersAreListedWithWhatTheDeviceTells() {
    #expect(
      Self.run(
        .listTransfers(onlyOrdered: false),
        .response(
          .getAllQueuedTransfers([
            QueuedTransfer(
              commandKey: "fl-1", state: 2,
              file: .init(isDownload: false, fileType: "2 Vendor Log File", fileSize: 9)),
            QueuedTransfer(commandKey: "", state: 7),
          ])))
        == (
          .getAllQueuedTransfers,
          .done(
            OperationResult(transfers: [
              PendingTransfer(
                commandKey: "fl-1", state: .inProgress, isDownload: false,
                fileType: "2 Vendor Log File", size: 9, targetFileName: ""),
              PendingTransfer(commandKey: "", state: .unknown),
            ]))
        ))
    #expect(
      Self.run(
        .listTransfers(onlyOrdered: true),
        .response(.getQueuedTransfers([QueuedTransfer(commandKey: "k", state: 1)])))
        == (
          .getQueuedTransfers,
          .done(
            OperationResult(transfers: [PendingTransfer(commandKey: "k", state: .notStarted)]))
        ))
  }

  @Test func aTransferIsTakenBack() {
    #expect(
      Self.run(.cancelTransfer(commandKey: "fl-1"), .response(.cancelTransfer))
        == (.cancelTransfer(commandKey: "fl-1"), .done(OperationResult())))
    #expect(
      Self.run(
        .cancelTransfer(commandKey: "x"), .fault(Fault(code: 9021, text: "Cancel not permitted"))
      ).1 == .failed(OperationFault(code: "cwmp.9021", text: "Cancel not permitted")))
  }

  @Test func methodsAreListed() {
    #expect(
      Self.run(.listMethods, .response(.getRPCMethods(["Inform", "Reboot"])))
        == (.getRPCMethods, .done(OperationResult(methods: ["Inform", "Reboot"]))))
    let many = (0..<5_000).map { "M\($0)" }
    guard
      case .done(let result) = Self.run(.listMethods, .response(.getRPCMethods(many))).1
    else {
      Issue.record("not done")
      return
    }
    #expect(result.methods?.count == OperationRun.maxListed)
  }

  @Test func vouchersAreSentAsBytesAndOptionsToldInWords() {
    #expect(
      Self.run(.setVouchers(["SGVsbG8="]), .response(.setVouchers))
        == (.setVouchers([Array("Hello".utf8)]), .done(OperationResult())))
    let option = CWMP.Option(
      name: "VPN", voucherSerialNumber: "9", state: 2, mode: 1, startDate: "2026-01-01T00:00:00Z",
      expirationDate: "2027-01-01T00:00:00Z", isTransferable: true)
    #expect(
      Self.run(.getOptions(name: ""), .response(.getOptions([option])))
        == (
          .getOptions(name: ""),
          .done(
            OperationResult(options: [
              DeviceOption(
                name: "VPN", voucherSerialNumber: "9", isEnabled: true, isSetUp: true,
                startDate: "2026-01-01T00:00:00Z", expirationDate: "2027-01-01T00:00:00Z",
                isTransferable: true)
            ]))
        ))
  }

  @Test(arguments: [
    Fleet.Operation.reboot, .factoryReset, .listMethods, .listTransfers(onlyOrdered: true),
    .scheduleContact(delay: 1), .getOptions(name: ""), .cancelTransfer(commandKey: "k"),
    .download(DownloadOrder(file: image)), .upload(UploadOrder(fileType: "x")),
    .changeSoftware([.update(uuid: "", version: "", nil)]), .setVouchers(["SGVsbG8="]),
  ]) func aDeviceThatKnowsNoSuchMethodEndsTheOrder(operation: Fleet.Operation) {
    let refused = Self.run(operation, .fault(Fault(code: 9000, text: "Method not supported"))).1
    #expect(refused == .failed(OperationFault(code: "cwmp.9000", text: "Method not supported")))
    guard case .failed(let fault) = Self.run(operation, .nothing).1 else {
      Issue.record("an empty answer counted")
      return
    }
    #expect(fault.code == OperationFault.noAnswerCode)
  }
}

private func == (left: (Request?, Outcome?), right: (Request, Outcome)) -> Bool {
  left.0 == right.0 && left.1 == right.1
}
