import CWMP
import Testing

@testable import DeviceSimulator

/// What devices with quirks tell in their Informs.
@Suite struct QuirkInformTests {
  private func inform(_ quirk: Quirk) throws -> Inform {
    try #require(try Transcript.session(quirk).inform)
  }

  @Test func informs() throws {
    #expect(try inform(.firstContactPeriodic).codes == [Event.periodic])
    #expect(try inform(.firstContactBoot).codes == [Event.boot])
    #expect(try inform(.oddEventOrder).codes == [Event.boot, Event.bootstrap])
    #expect(try inform(.vendorEvent).codes.last == "X CT-COM BIND")
    #expect(try inform(.bootstrapCommandKey).events.first?.commandKey == "bootstrap")
    #expect(try inform(.noEvents).codes == [Event.bootstrap, Event.boot])
    #expect(try inform(.hugeRetryCount).retryCount == 942)
    #expect(try inform(.emptyOUI).deviceID.oui == "")
    #expect(try inform(.lowerCaseOUI).deviceID.oui == "02fa1e")
    #expect(try inform(.oddProductClass).deviceID.productClass.contains(","))
    #expect(try inform(.emptyManufacturer).deviceID.manufacturer == "")
    #expect(try inform(.sharedSerialNumber).deviceID.serialNumber == "000000000000")
    #expect(try inform(.longSerialNumber).deviceID.serialNumber.count == 200)
    let twice = try inform(.parameterTwice).parameters
    #expect(twice.first == twice.last)
    let url = "Device.ManagementServer.ConnectionRequestURL"
    #expect(
      try inform(.noConnectionRequestPath).parameters.first { $0.name == url }?.value
        == "http://192.0.2.7:1")
    #expect(
      try inform(.emptyConnectionRequestURL).parameters.first { $0.name == url }?.value == "")
    #expect(try inform(.passwordInInform).parameters.last?.name.hasSuffix("Password") == true)
    #expect(try inform(.latin1).deviceID.manufacturer.contains("é"))
    #expect(try inform(.gb2312).deviceID.manufacturer == GB2312.manufacturer)
  }

  @Test(arguments: [
    (Quirk.timeWithoutZone, "2026-11-23T05:16:00"), (.timeWithOffset, "2026-11-23T06:16:00+01:00"),
    (.timeOffsetWithoutColon, "2026-11-23T05:16:00+0000"),
    (.timeMicroseconds, "2026-11-23T05:16:00.123456"), (.timeGarbage, "2026-11-23T05:16::00"),
    (.time1970, "1970-01-01T00:00:00Z"),
  ])
  func times(quirk: Quirk, expected: String) throws {
    #expect(try inform(quirk).currentTime == expected)
  }

  @Test func eventsOfTransfers() throws {
    for quirk in [
      Quirk.noMethodDownload, .emptyCommandKey, .transferCompleteWithoutEvent,
      .transferCompleteTwice, .downloadWithoutReport,
    ] {
      let download = Download(
        commandKey: "D", fileType: "3 Vendor Configuration File", url: "http://files.test/y")
      var (transcript, _) = Transcript.afterFirstSession(
        try Devices.complete("Device.", Behaviour(quirks: Quirks([quirk]))), [.download(download)])
      _ = transcript.wait()
      _ = transcript.cpe.downloadEnded(
        .received(size: 1, sha256: "", image: nil), at: transcript.now)
      _ = transcript.waitForSession()
      let session = transcript.session()
      let events = session.inform?.events.filter { $0.code != Event.periodic }
      switch quirk {
      case .noMethodDownload:
        #expect(events == [Event(Event.transferComplete)])
        #expect(session.requests.count == 1)
      case .emptyCommandKey:
        #expect(events == [Event(Event.transferComplete), Event(Event.methodDownload)])
      case .transferCompleteWithoutEvent:
        #expect(events == [])
        #expect(session.requests.count == 1)
      case .transferCompleteTwice: #expect(session.requests.map(\.method).count == 2)
      default: #expect(session.requests.isEmpty)
      }
    }
  }

  @Test func eventsAreMissingAfterTheFirstContact() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete("Device.", Behaviour(quirks: Quirks([.noEvents]))))
    _ = transcript.waitForSession()
    #expect(transcript.session().inform?.events == [])
    _ = transcript.waitForSession()
    // It was taken nevertheless.
    #expect(transcript.cpe.pending.count == 1)
  }
}
