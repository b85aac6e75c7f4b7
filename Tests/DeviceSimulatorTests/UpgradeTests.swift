import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct UpgradeTests {
  static let image = FirmwareImage(model: "Box", version: "2.0.0")
  static let download = Download(
    commandKey: "D1", fileType: Download.firmwareUpgradeImage, url: "http://files.test/2.img",
    fileSize: 1000)
  static let received = DownloadOutcome.received(size: 1000, sha256: "ab", image: image)

  /// The device has taken the Download and fetches.
  private func fetching(
    _ behaviour: SimulatedCPE.Behaviour = .init(), _ download: Download = download
  )
    throws -> Transcript
  {
    var transcript = Transcript(try Devices.cpe(behaviour))
    _ = transcript.wait()
    let session = transcript.session([.download(download)])
    #expect(session.answers == [.response(.download(TransferStart(status: .pending)))])
    #expect(transcript.wait() == [.note(.downloading(download.url)), .fetch(download)])
    return transcript
  }

  @Test func anImageIsFetchedWrittenRunAndReported() throws {
    var transcript = try fetching(.init(bootTime: 5, flashTime: 3...10))
    #expect(
      transcript.cpe.downloadEnded(Self.received, at: transcript.now) == [
        .note(.flashing(version: "2.0.0"))
      ])
    let start = transcript.now
    #expect(transcript.wait() == [.note(.upgraded(version: "2.0.0")), .note(.rebooting)])
    #expect((.seconds(3)...(.seconds(10))).contains(transcript.now - start))
    #expect(transcript.wait() == [.note(.booted), .openSession])
    let session = transcript.session()
    let inform = try #require(session.inform)
    #expect(
      Set(inform.events) == [
        Event(Event.boot), Event(Event.transferComplete),
        Event(Event.methodDownload, commandKey: "D1"),
      ])
    #expect(inform.parameters.first?.value == "2.0.0")
    guard case .transferComplete(let report) = session.requests.first else {
      Issue.record("no TransferComplete")
      return
    }
    #expect(session.requests.count == 1)
    #expect(report.commandKey == "D1")
    #expect(report.fault == nil)
    #expect(report.startTime != unknownTime)
    #expect(report.completeTime > report.startTime)
    _ = transcript.wait()
    let later = transcript.session()
    #expect(later.inform?.codes == ["2 PERIODIC"])
    #expect(later.requests.isEmpty)
  }

  @Test(arguments: [
    (DownloadOutcome.received(size: 999, sha256: "", image: image), 9018),
    (.received(size: 1000, sha256: "", image: nil), 9018),
    (
      .received(
        size: 1000, sha256: "", image: FirmwareImage(model: "Other", version: "2.0.0")), 9018
    ),
    (.refused(status: 404), 9016), (.refused(status: 401), 9012), (.unreachable, 9015),
    (.interrupted, 9017),
  ])
  func aBadFileIsReportedWithoutReboot(outcome: DownloadOutcome, code: Int) throws {
    var transcript = try fetching()
    _ = transcript.cpe.downloadEnded(outcome, at: transcript.now)
    #expect(transcript.wait() == [.openSession])
    let session = transcript.session()
    #expect(session.inform?.codes == ["7 TRANSFER COMPLETE", "M Download"])
    guard case .transferComplete(let report) = session.requests.first else {
      Issue.record("no TransferComplete")
      return
    }
    #expect(report.fault?.code == code)
    #expect(session.inform?.parameters.first?.value == "1.0.0")
  }

  @Test func aFailedFlashKeepsTheOldVersion() throws {
    var transcript = try fetching(.init(failFlash: 100))
    _ = transcript.cpe.downloadEnded(Self.received, at: transcript.now)
    #expect(transcript.wait() == [.note(.rebooting)])
    _ = transcript.wait()
    let session = transcript.session()
    #expect(session.inform?.parameters.first?.value == "1.0.0")
    #expect(session.requests.count == 1)
  }

  @Test func transferCompleteCanBeLeftOut() throws {
    var transcript = try fetching(.init(neverTransferComplete: 100))
    _ = transcript.cpe.downloadEnded(Self.received, at: transcript.now)
    _ = transcript.wait()
    _ = transcript.wait()
    let session = transcript.session()
    #expect(session.inform?.codes == ["1 BOOT"])
    #expect(session.inform?.parameters.first?.value == "2.0.0")
    #expect(session.requests.isEmpty)
  }

  @Test func downloadsFailOnPurpose() throws {
    var transcript = try fetching(.init(failDownload: 100))
    #expect(
      transcript.cpe.downloadEnded(Self.received, at: transcript.now) == [
        .note(.downloadFailed(.cpeDownloadIncomplete))
      ])
  }

  @Test func aConfigurationFileNeedsNoReboot() throws {
    var download = Self.download
    download.fileType = "3 Vendor Configuration File"
    var transcript = try fetching(.init(), download)
    let outcome = DownloadOutcome.received(size: 1000, sha256: "", image: nil)
    #expect(transcript.cpe.downloadEnded(outcome, at: transcript.now).isEmpty)
    _ = transcript.wait()
    #expect(transcript.session().inform?.codes == ["7 TRANSFER COMPLETE", "M Download"])
  }

  @Test func theReportIsKeptWhenASessionFails() throws {
    var transcript = try fetching()
    _ = transcript.cpe.downloadEnded(.unreachable, at: transcript.now)
    _ = transcript.wait()
    _ = transcript.cpe.sessionFailed(at: transcript.now)
    _ = transcript.wait()
    #expect(transcript.session().requests.count == 1)
  }

  @Test func whatCannotBeFetchedIsRefusedAtOnce() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    var ftp = Self.download
    ftp.url = "ftp://files.test/2.img"
    var tone = Self.download
    tone.fileType = "4 Tone File"
    let session = transcript.session([
      .download(ftp), .download(tone), .download(Self.download), .download(Self.download),
      .download(Self.download), .download(Self.download), .getAllQueuedTransfers,
      .cancelTransfer(commandKey: "D1"), .getAllQueuedTransfers,
    ])
    #expect(session.answers[0] == .fault(Fault(.cpeUnsupportedProtocol)))
    #expect(session.answers[1] == .fault(Fault(.cpeInvalidArguments)))
    #expect(session.answers[5] == .fault(Fault(.cpeResourcesExceeded)))
    guard case .response(.getAllQueuedTransfers(let queued)) = session.answers[6] else {
      Issue.record("no list")
      return
    }
    #expect(queued.count == SimulatedCPE.maximumTransfers)
    #expect(session.answers[7] == .response(.cancelTransfer))
    #expect(session.answers[8] == .response(.getAllQueuedTransfers([])))
  }

  @Test func imagesSayWhatTheyAre() throws {
    let bytes = try Self.image.contents(size: 4096)
    #expect(bytes.count == 4096)
    #expect(FirmwareImage(header: bytes) == Self.image)
    #expect(try Self.image.contents(size: 4096) == bytes)
    #expect(FirmwareImage(header: Array("FAIRLEAD-IMAGE model= version=1\n".utf8)) == nil)
    #expect(FirmwareImage(header: Array("ELF".utf8)) == nil)
    #expect(throws: SimulatorError.self) { try Self.image.contents(size: 10) }
    #expect(throws: SimulatorError.self) {
      try FirmwareImage(model: "a b", version: "1").contents(size: 4096)
    }
  }
}
