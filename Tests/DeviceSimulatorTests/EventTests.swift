import CWMP
import Testing

@testable import DeviceSimulator

/// What becomes of events that the ACS has not taken (TR-069 Amendment 6, table 8).
@Suite struct EventTests {
  @Test(arguments: [
    (Event.bootstrap, EventRetention.neverDiscarded), (Event.boot, .untilReboot),
    (Event.periodic, .neverDiscarded), (Event.scheduled, .neverDiscarded),
    (Event.valueChange, .untilReboot), (Event.connectionRequest, .notRetried),
    (Event.transferComplete, .neverDiscarded), (Event.diagnosticsComplete, .untilReboot),
    (Event.autonomousTransferComplete, .neverDiscarded),
    (Event.duStateChangeComplete, .neverDiscarded), (Event.wakeup, .untilReboot),
    (Event.heartbeat, .untilReboot), (Event.methodReboot, .neverDiscarded),
    (Event.methodDownload, .neverDiscarded), (Event.methodChangeDUState, .neverDiscarded),
  ])
  func retention(code: String, expected: EventRetention) {
    #expect(EventRetention(code: code) == expected)
  }

  private func pending(_ codes: [String]) throws -> Transcript {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    for code in codes {
      _ = transcript.cpe.trigger(.event(code), at: transcript.now)
    }
    _ = transcript.wait()
    return transcript
  }

  @Test func aFailedSessionForgetsConnectionRequestsOnly() throws {
    var transcript = try pending([
      Event.connectionRequest, Event.scheduled, Event.diagnosticsComplete, "X 012345 Alarm",
    ])
    _ = transcript.cpe.sessionFailed(at: transcript.now)
    _ = transcript.waitForSession()
    let inform = try #require(transcript.session().inform)
    #expect(
      inform.codes.filter { $0 != Event.periodic } == [
        Event.scheduled, Event.diagnosticsComplete, "X 012345 Alarm",
      ])
    #expect(inform.retryCount == 1)
  }

  @Test func aRebootForgetsWhatHoldsUntilThen() throws {
    var transcript = try pending([
      Event.scheduled, Event.diagnosticsComplete, Event.wakeup, Event.valueChange,
    ])
    _ = transcript.cpe.sessionFailed(at: transcript.now)
    _ = transcript.cpe.trigger(.powerCycle, at: transcript.now)
    _ = transcript.waitForSession()
    let inform = try #require(transcript.session().inform)
    #expect(inform.codes == [Event.scheduled, Event.boot])
    // A reboot begins the waits anew but does not make the retries undone.
    #expect(inform.retryCount == 1)
  }

  @Test func aHeartbeatIsAlone() throws {
    var transcript = try pending([Event.heartbeat, Event.scheduled])
    let heartbeat = try #require(transcript.session().inform)
    #expect(heartbeat.codes == [Event.heartbeat])
    _ = transcript.wait()
    #expect(transcript.session().inform?.codes == [Event.scheduled])
  }

  @Test(arguments: [
    (Trigger.kicked, Event.kicked, "Kicked"),
    (.requestDownload(fileType: "2 Web Content"), Event.requestDownload, "RequestDownload"),
    (.autonomousTransfer, Event.autonomousTransferComplete, "AutonomousTransferComplete"),
    (
      .autonomousSoftware, Event.autonomousDUStateChangeComplete,
      "AutonomousDUStateChangeComplete"
    ),
    (.getRPCMethods, Event.periodic, "GetRPCMethods"),
  ])
  func whatDevicesDoOfTheirOwnAccord(trigger: Trigger, event: String, method: String) throws {
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete())
    let effects = transcript.cpe.trigger(trigger, at: transcript.now)
    #expect(effects == [.note(.triggered(trigger))])
    _ = transcript.wait()
    // The response is what it takes; the Inform alone is not enough.
    _ = transcript.cpe.sessionFailed(at: transcript.now)
    _ = transcript.waitForSession()
    let session = transcript.session()
    #expect(session.inform?.codes.contains(event) == true)
    #expect(session.requests.map(\.method) == [method])
    _ = transcript.waitForSession()
    #expect(transcript.session().requests.isEmpty)
  }

  @Test func triggersComeInTheirTime() throws {
    let behaviour = Behaviour(triggers: [
      try TimedTrigger("kicked@30"), try TimedTrigger("change=DeviceInfo.ProvisioningCode=p@10"),
    ])
    var (transcript, _) = Transcript.afterFirstSession(try Devices.complete("Device.", behaviour))
    let start = transcript.now
    _ = transcript.waitForSession()
    #expect(transcript.now - start == .seconds(10))
    let change = try #require(transcript.session().inform)
    #expect(change.codes == [Event.valueChange])
    #expect(change.parameters.contains { $0.value == "p" })
    while transcript.now - start < .seconds(30) { _ = transcript.waitForSession() }
    #expect(transcript.session().inform?.codes.contains(Event.kicked) == true)
  }

  @Test func inASessionTheyWaitForItsEnd() throws {
    var transcript = Transcript(try Devices.complete())
    _ = transcript.wait()
    let effects = transcript.cpe.trigger(.kicked, at: transcript.now)
    #expect(effects.isEmpty)
    #expect(transcript.session().requests.isEmpty)
    _ = transcript.waitForSession()
    #expect(transcript.session().requests.map(\.method) == ["Kicked"])
  }

  @Test(arguments: [
    "", "kicked=1", "change=x", "change==x", "event=", "nothing", "autonomous-transfer=1",
  ])
  func triggersThatMakeNoSense(text: String) {
    #expect(throws: SimulatorError.self) { try Trigger(text) }
    #expect(throws: SimulatorError.self) { try TimedTrigger(text + "@") }
  }

  @Test func theACSSaysWhatEveryInformHas() throws {
    let table = "Device.ManagementServer.InformParameter."
    var (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .addObject(name: table, parameterKey: ""),
        .set(
          (table + "1.Enable", "1", .boolean),
          (table + "1.ParameterName", "Device.Users.User.1.Username", .string),
          (table + "1.EventList", "[2 PERIODIC,3 SCHEDULED]", .string)),
      ])
    #expect(session.answers.count == 2)
    _ = transcript.waitForSession()
    let inform = try #require(transcript.session().inform)
    #expect(inform.codes == [Event.periodic])
    #expect(
      inform.parameters.last == ParameterValue(name: "Device.Users.User.1.Username", value: "admin")
    )
    _ = transcript.cpe.connectionRequested(at: transcript.now)
    _ = transcript.wait()
    #expect(transcript.session().inform?.parameters.last?.value != "admin")
  }

  /// PeriodicInformTime is a moment from which the intervals count.
  @Test func periodicInformsKeepTheirPhase() throws {
    let server = "Device.ManagementServer."
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete(),
      [
        .set(
          (server + "PeriodicInformInterval", "600", .unsignedInt),
          (server + "PeriodicInformTime", "2026-01-01T00:03:20Z", .dateTime))
      ])
    for _ in 0..<3 {
      _ = transcript.waitForSession()
      let clock = Devices.clockStart + transcript.now.components.seconds
      let reference = Int64(CWMPTime.parse("2026-01-01T00:03:20Z") ?? 0)
      #expect([0, 599].contains((clock - reference) % 600))
      #expect(transcript.session().inform?.codes == [Event.periodic])
    }
  }
}
