import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct UploadTests {
  private static let upload = Upload(
    commandKey: "U1", fileType: "3 Vendor Configuration File 1", url: "http://files.test/c",
    username: "u", password: "p")

  private func storing(_ upload: Upload = upload) throws -> (Transcript, String) {
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(), [.upload(upload)])
    #expect(session.answers == [.response(.upload(TransferStart(status: .pending)))])
    let effects = transcript.wait()
    guard effects.count == 2, case .store(upload, let contents) = effects[1] else {
      Issue.record("nothing is put: \(effects)")
      return (transcript, "")
    }
    return (transcript, String(decoding: contents, as: UTF8.self))
  }

  @Test func theConfigurationIsWhatCanBeWritten() throws {
    var (transcript, text) = try storing()
    #expect(text.contains("Device.ManagementServer.PeriodicInformInterval=300\n"))
    #expect(!text.contains("Device.ManagementServer.Password"))
    #expect(!text.contains("Device.DeviceInfo.UpTime"))
    #expect(transcript.cpe.uploadEnded(.stored, at: transcript.now) == [.note(.uploaded)])
    _ = transcript.waitForSession()
    let session = transcript.session()
    #expect(
      session.inform?.events == [
        Event(Event.transferComplete), Event(Event.methodUpload, commandKey: "U1"),
      ])
    guard case .transferComplete(let report) = session.requests.first else {
      Issue.record("no TransferComplete")
      return
    }
    #expect(report.fault == nil)
    #expect(report.commandKey == "U1")
  }

  @Test func theLogTellsOfTheDevice() throws {
    var upload = Self.upload
    upload.fileType = "4 Vendor Log File 1"
    let (_, text) = try storing(upload)
    #expect(text.contains("S1 boot complete"))
  }

  @Test(arguments: [
    (UploadOutcome.refused(status: 403), 9012), (.refused(status: 500), 9011),
    (.unreachable, 9015), (.interrupted, 9011),
  ])
  func whatGoesWrongIsReported(outcome: UploadOutcome, code: Int) throws {
    var (transcript, _) = try storing()
    _ = transcript.cpe.uploadEnded(outcome, at: transcript.now)
    _ = transcript.waitForSession()
    guard case .transferComplete(let report) = transcript.session().requests.first else {
      Issue.record("no TransferComplete")
      return
    }
    #expect(report.fault?.code == code)
  }

  @Test func whatCannotBePutIsRefusedAtOnce() throws {
    var other = Self.upload
    other.fileType = "3 Vendor Configuration File 7"
    var protocolOfOld = Self.upload
    protocolOfOld.url = "tftp://files.test/c"
    var delayed = Self.upload
    delayed.delaySeconds = 60
    let (_, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .upload(other), .upload(protocolOfOld), .upload(delayed), .upload(delayed),
        .upload(delayed), .upload(delayed), .getAllQueuedTransfers,
      ])
    #expect((0...1).map(session.answers.fault) == [9003, 9013])
    #expect(session.answers.fault(5) == 9004)
    guard case .response(.getAllQueuedTransfers(let queued)) = session.answers.last else {
      Issue.record("no list")
      return
    }
    #expect(queued.map(\.state) == [1, 1, 1])
    #expect(queued.allSatisfy { $0.file?.isDownload == false })
  }
}

@Suite struct ScheduleDownloadTests {
  private func schedule(_ windows: (UInt32, UInt32, Int32)...) -> ScheduleDownload {
    ScheduleDownload(
      commandKey: "W1", fileType: "3 Vendor Configuration File", url: "http://files.test/x",
      timeWindows: windows.map { .init(start: $0.0, end: $0.1, maxRetries: $0.2) })
  }

  private func report(_ transcript: inout Transcript) -> (Transcript.Session, TransferComplete?) {
    // Sessions of other reasons may come before.
    for _ in 0..<100 {
      _ = transcript.waitForSession()
      let session = transcript.session()
      if case .transferComplete(let report) = session.requests.first { return (session, report) }
    }
    return (Transcript.Session(), nil)
  }

  @Test func itBeginsWithTheWindowAndReportsLater() throws {
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.cpe(), [.scheduleDownload(schedule((600, 1200, 0)))])
    #expect(session.answers == [.response(.scheduleDownload)])
    let start = transcript.now
    var effects: [SimulatedCPE.Effect] = []
    while !effects.contains(where: { if case .fetch = $0 { true } else { false } }) {
      effects = transcript.wait()
      if effects.contains(.openSession) { _ = transcript.session() }
    }
    #expect(transcript.now == start + .seconds(600))
    _ = transcript.cpe.downloadEnded(
      .received(size: 3, sha256: "", image: nil), at: transcript.now)
    let (later, complete) = report(&transcript)
    #expect(complete?.commandKey == "W1")
    #expect(complete?.fault == nil)
    #expect(
      later.inform?.events.contains(Event(Event.methodScheduleDownload, commandKey: "W1")) == true)
  }

  /// The device is busy with another transfer until the window has passed.
  @Test func aMissedWindowIsFault9020() throws {
    let busy = Download(
      commandKey: "D", fileType: "3 Vendor Configuration File", url: "http://files.test/y")
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.cpe(), [.download(busy), .scheduleDownload(schedule((10, 20, 0)))])
    #expect(transcript.wait().contains(.fetch(busy)))
    transcript.now += .seconds(30)
    _ = transcript.cpe.downloadEnded(.unreachable, at: transcript.now)
    let (session, first) = report(&transcript)
    #expect(first?.commandKey == "D")
    // Both are told in one session, each by its own TransferComplete.
    guard case .transferComplete(let second) = session.requests.last else {
      Issue.record("no second TransferComplete")
      return
    }
    #expect(second.commandKey == "W1")
    #expect(second.fault?.code == 9020)
  }

  @Test func itIsTriedAgainWhileTheWindowIsOpen() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.cpe(), [.scheduleDownload(schedule((0, 200, 1)))])
    var fetches = 0
    var complete: TransferComplete?
    for _ in 0..<50 where complete == nil {
      for effect in transcript.wait() {
        switch effect {
        case .fetch:
          fetches += 1
          _ = transcript.cpe.downloadEnded(.unreachable, at: transcript.now)
        case .openSession:
          if case .transferComplete(let report) = transcript.session().requests.first {
            complete = report
          }
        default: break
        }
      }
    }
    #expect(fetches == 2)
    #expect(complete?.fault?.code == 9015)
  }

  @Test func windowsThatMakeNoSenseAreRefused() throws {
    let (_, session) = Transcript.afterFirstSession(
      try Devices.cpe(),
      [
        .scheduleDownload(schedule()), .scheduleDownload(schedule((5, 5, 0))),
        .scheduleDownload(schedule((0, 10, 0), (5, 20, 0))),
        .scheduleDownload(schedule((0, 10, -2))),
        .scheduleDownload(schedule((5, 20, 0), (0, 5, 0))),
      ])
    #expect((0...4).map(session.answers.fault) == [9003, 9003, 9003, 9003, nil])
  }
}

@Suite struct TransferQueueTests {
  private func download(_ key: String, delay: UInt32 = 0) -> Request {
    .download(
      Download(
        commandKey: key, fileType: "3 Vendor Configuration File", url: "http://files.test/x",
        delaySeconds: delay))
  }

  @Test func aDelayedDownloadDoesNotHoldUpTheNext() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.cpe(), [download("late", delay: 3000), download("now")])
    guard case .fetch(let first) = transcript.wait().last else {
      Issue.record("nothing is fetched")
      return
    }
    #expect(first.commandKey == "now")
  }

  @Test func whatIsUnderWayCannotBeCancelled() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.cpe(), [download("A"), download("B", delay: 3000)])
    _ = transcript.wait()
    let isTaken = transcript.cpe.connectionRequested(at: transcript.now)
    #expect(isTaken)
    _ = transcript.wait()
    let session = transcript.session([
      .getQueuedTransfers, .cancelTransfer(commandKey: "A"), .cancelTransfer(commandKey: "B"),
      .cancelTransfer(commandKey: "nobody"), .getAllQueuedTransfers,
    ])
    #expect(
      session.answers[0]
        == .response(
          .getQueuedTransfers([
            QueuedTransfer(commandKey: "A", state: 2), QueuedTransfer(commandKey: "B", state: 1),
          ])))
    #expect(session.answers.fault(1) == 9021)
    #expect(session.answers[2...3] == [.response(.cancelTransfer), .response(.cancelTransfer)])
    guard case .response(.getAllQueuedTransfers(let left)) = session.answers[4] else {
      Issue.record("no list")
      return
    }
    #expect(left.map(\.commandKey) == ["A"])
  }

  @Test func failuresOnPurpose() throws {
    let behaviour = Behaviour(failures: [try Failure("download:9018"), try Failure("reboot:9001")])
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.cpe(behaviour), [download("A"), .reboot(commandKey: "R")])
    #expect(session.answers.fault(1) == 9001)
    #expect(transcript.cpe.isOn)
    _ = transcript.wait()
    #expect(
      transcript.cpe.downloadEnded(
        .received(size: 3, sha256: "", image: nil), at: transcript.now) == [
          .note(.downloadFailed(FaultDetail(code: 9018, text: "Failed on purpose")))
        ])
  }

  @Test(arguments: [
    "", "nothing", "download:8000", "download:9010:0", "download:9010:101", "reboot:x",
  ])
  func failuresThatMakeNoSense(text: String) {
    #expect(throws: SimulatorError.self) { try Failure(text) }
  }
}

@Suite struct VoucherTests {
  @Test func vouchersBecomeOptions() throws {
    let voucher = Array(
      "<Option><VSerialNum>77</VSerialNum><OptionIdent>VoIP</OptionIdent><Mode>1</Mode></Option>"
        .utf8)
    let (_, session) = Transcript.afterFirstSession(
      try Devices.cpe(),
      [
        .setVouchers([voucher]), .getOptions(name: "VoIP"), .getOptions(name: ""),
        .getOptions(name: "TV"), .setVouchers([voucher, Array("none".utf8)]),
      ])
    #expect(session.answers[0] == .response(.setVouchers))
    guard case .response(.getOptions(let options)) = session.answers[1] else {
      Issue.record("no options")
      return
    }
    #expect(options.map(\.name) == ["VoIP"])
    #expect(options.first?.voucherSerialNumber == "77")
    #expect(options.first?.mode == 1)
    #expect(session.answers[2] == session.answers[1])
    #expect(session.answers.fault(3) == 9003)
    #expect(session.answers.fault(4) == 9003)
  }
}
