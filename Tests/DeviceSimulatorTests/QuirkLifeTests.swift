import CWMP
import Testing

@testable import DeviceSimulator

/// When devices with quirks begin and end their sessions, and what they are after a boot.
@Suite struct QuirkLifeTests {
  @Test func rebootsAndInstances() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete(
        "Device.",
        Behaviour(quirks: Quirks([.noMethodReboot, .instancesRenumbered, .ouiFlips]))),
      [
        .set(("Device.NAT.PortMapping.1.Description", "door", .string)),
        .reboot(commandKey: "R"),
      ])
    _ = transcript.waitForSession()
    let session = transcript.session([.get("Device.NAT.PortMapping.")])
    #expect(session.inform?.codes == [Event.boot])
    #expect(session.inform?.deviceID.oui == "000000")
    #expect(session.answers.values["Device.NAT.PortMapping.2.Description"] == "door")
    #expect(session.answers.values["Device.NAT.PortMapping.1.Description"] == nil)
    // Not the table of what the hardware has.
    #expect(transcript.cpe.tree.layout.entry("Device.WiFi.Radio.1.") != nil)
  }

  @Test func anotherSessionAtOnce() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete("Device.", Behaviour(quirks: Quirks([.sessionAtOnce]))))
    let start = transcript.now
    _ = transcript.wait()
    #expect(transcript.now - start < .milliseconds(1))
    _ = transcript.session()
    _ = transcript.waitForSession()
    #expect(transcript.now - start > .milliseconds(1))
  }

  @Test func anotherSessionInTheMidst() throws {
    let session = try Transcript.session(.secondInform, [.getRPCMethods, .getRPCMethods])
    #expect(session.abandonments == 1)
    #expect(session.answers.count == 1)
  }

  @Test func powerIsLostOnce() throws {
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(), [.reboot(commandKey: "R")])
    #expect(session.failure == nil)
    _ = transcript.waitForSession()
    #expect(transcript.cpe.powerLost(at: transcript.now) == [.note(.rebooting)])
    #expect(transcript.cpe.retryCount == 1)
    _ = transcript.waitForSession()
    session = transcript.session()
    // What is kept in flash is told again; the first boot is not.
    #expect(session.inform?.codes == [Event.methodReboot, Event.boot])
    #expect(session.inform?.retryCount == 1)
    #expect(transcript.cpe.retryCount == 0)
  }

  @Test(arguments: [
    (Quirk.partialPathCrash, Request.get("Device.")), (.unknownNameCrash, .get("Device.X")),
    (.closesAfterSet, .set(("Device.X", "1", .string))),
    (
      .closesAfterDownload,
      .download(Download(commandKey: "", fileType: "", url: ""))
    ),
    (.closesAfterAttributes, .getParameterAttributes(names: ["Device."])),
    (.closesAfterAttributes, .setParameterAttributes([])),
    (
      .largeBatchCloses,
      .getParameterValues(names: Array(repeating: "Device.DeviceInfo.UpTime", count: 17))
    ),
  ])
  func sessionsThatBreak(quirk: Quirk, request: Request) throws {
    let behaviour = Behaviour(quirks: Quirks([quirk]))
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete("Device.", behaviour), [.getRPCMethods, request])
    #expect(session.answers.count == 1)
    #expect(session.failure != nil)
    let isCrash = [Quirk.partialPathCrash, .unknownNameCrash].contains(quirk)
    #expect(transcript.cpe.retryCount == (isCrash ? 0 : 1))
    let failed = transcript.now
    _ = transcript.waitForSession()
    if isCrash {
      #expect(transcript.now - failed <= .seconds(10))
      #expect(transcript.session().inform?.codes.contains(Event.bootstrap) == false)
    }
  }
}
