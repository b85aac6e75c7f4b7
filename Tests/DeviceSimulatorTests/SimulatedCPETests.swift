import CWMP
import Testing

@testable import DeviceSimulator

@Suite struct SimulatedCPETests {
  @Test func firstContactIsBootstrapAndBoot() throws {
    var transcript = Transcript(try Devices.cpe())
    #expect(transcript.wait() == [.note(.booted), .openSession])
    #expect(transcript.cpe.deadline == nil)
    let session = transcript.session()
    #expect(session.inform?.codes == ["0 BOOTSTRAP", "1 BOOT"])
    #expect(session.inform?.deviceID.serialNumber == "S1")
    #expect(
      session.inform?.parameters.map(\.name) == [
        "Device.DeviceInfo.SoftwareVersion", "Device.ManagementServer.ParameterKey",
      ])
    #expect(session.inform?.currentTime == DateTimeText.format(Devices.clockStart))
  }

  @Test func periodicInformsFollowTheIntervalThatTheACSSets() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    _ = transcript.session([
      .setParameterValues(
        SetParameterValues(parameters: [
          ParameterValue(
            name: "Device.ManagementServer.PeriodicInformInterval", value: "60",
            type: .unsignedInt)
        ]))
    ])
    let first = try #require(transcript.cpe.deadline)
    #expect(first - transcript.now <= .seconds(60))
    #expect(transcript.wait() == [.openSession])
    #expect(transcript.session().inform?.codes == ["2 PERIODIC"])
    let second = try #require(transcript.cpe.deadline)
    #expect(second - first == .seconds(60))
  }

  @Test func periodicInformsStopWhenDisabled() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    _ = transcript.session([
      .setParameterValues(
        SetParameterValues(parameters: [
          ParameterValue(
            name: "Device.ManagementServer.PeriodicInformEnable", value: "0", type: .boolean)
        ]))
    ])
    #expect(transcript.cpe.deadline == nil)
  }

  @Test func phasesOfAFleetDiffer() throws {
    var deadlines: Set<Duration> = []
    for seed in 0..<20 as Range<UInt64> {
      var transcript = Transcript(
        SimulatedCPE(tree: try Devices.tree(), seed: seed, clockStart: Devices.clockStart))
      _ = transcript.wait()
      _ = transcript.session()
      deadlines.insert(try #require(transcript.cpe.deadline))
    }
    #expect(deadlines.count == 20)
  }

  @Test func rebootBringsItsCommandKey() throws {
    var transcript = Transcript(try Devices.cpe(.init(bootTime: 7)))
    _ = transcript.wait()
    let session = transcript.session([.reboot(commandKey: "K1")])
    #expect(session.answers == [.response(.reboot)])
    #expect(session.effects == [.note(.rebooting)])
    #expect(!transcript.cpe.isOn)
    let isTaken = transcript.cpe.connectionRequested(at: transcript.now)
    #expect(!isTaken)
    #expect(transcript.cpe.deadline == transcript.now + .seconds(7))
    #expect(transcript.wait() == [.note(.booted), .openSession])
    let events = try #require(transcript.session().inform).events
    #expect(
      Set(events) == [Event(Event.boot), Event(Event.methodReboot, commandKey: "K1")])
  }

  @Test func factoryResetForgetsEverything() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    let names = ["Device.IP.Label", "Device.ManagementServer.Password"]
    _ = transcript.session([
      .setParameterValues(
        SetParameterValues(
          parameters: names.map { ParameterValue(name: $0, value: "new") }, parameterKey: "P")),
      .addObject(name: "Device.NAT.Rule.", parameterKey: "P"),
    ])
    #expect(transcript.cpe.password(transcript.now) == "new")
    _ = transcript.wait()
    let session = transcript.session([.factoryReset])
    #expect(session.effects == [.note(.factoryReset), .note(.rebooting)])
    #expect(transcript.cpe.password(transcript.now) == nil)
    _ = transcript.wait()
    #expect(transcript.session().inform?.codes == ["0 BOOTSTRAP", "1 BOOT"])
    #expect(transcript.cpe.tree.read("Device.IP.Label", at: Devices.time)?.value == "x")
    #expect(transcript.cpe.tree.read("Device.NAT.Rule.3.Enable", at: Devices.time) == nil)
  }

  @Test func anotherACSIsToldABootstrap() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    _ = transcript.session([
      .setParameterValues(
        SetParameterValues(parameters: [
          ParameterValue(name: "Device.ManagementServer.URL", value: "http://other.test/")
        ]))
    ])
    #expect(transcript.wait() == [.openSession])
    #expect(transcript.cpe.acsURL(transcript.now) == "http://other.test/")
    #expect(transcript.session().inform?.codes == ["0 BOOTSTRAP"])
  }

  @Test func activeNotificationMakesASession() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    _ = transcript.session([
      .setParameterAttributes([SetParameterAttributes(name: "Device.IP.Address", notification: 2)])
    ])
    transcript.cpe.change("Device.IP.Address", to: "100.64.1.1", transcript.now)
    #expect(transcript.wait() == [.openSession])
    let inform = try #require(transcript.session().inform)
    #expect(inform.codes == ["4 VALUE CHANGE"])
    #expect(inform.parameters.last?.name == "Device.IP.Address")
    #expect(inform.parameters.last?.value == "100.64.1.1")
  }

  @Test func passiveNotificationRidesWithTheNextSession() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    _ = transcript.session([
      .setParameterAttributes([SetParameterAttributes(name: "Device.IP.Address", notification: 1)])
    ])
    let periodic = transcript.cpe.deadline
    transcript.cpe.change("Device.IP.Address", to: "100.64.1.1", transcript.now)
    #expect(transcript.cpe.deadline == periodic)
    _ = transcript.wait()
    #expect(transcript.session().inform?.codes == ["4 VALUE CHANGE", "2 PERIODIC"])
  }

  @Test func wanAddressChangesByItself() throws {
    var transcript = Transcript(try Devices.cpe(.init(wanAddressChange: 1)))
    _ = transcript.wait()
    _ = transcript.session()
    let before = transcript.cpe.tree.read("Device.IP.Address", at: Devices.time)
    #expect(transcript.wait() == [.note(.wanAddressChanged)])
    #expect(transcript.cpe.tree.read("Device.IP.Address", at: Devices.time) != before)
  }

  @Test func connectionRequestIsTakenOnceAndNotRetried() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    let isTakenInSession = transcript.cpe.connectionRequested(at: transcript.now)
    #expect(!isTakenInSession)
    _ = transcript.session()
    let isTaken = transcript.cpe.connectionRequested(at: transcript.now)
    let isTakenAgain = transcript.cpe.connectionRequested(at: transcript.now)
    #expect(isTaken && isTakenAgain)
    #expect(transcript.wait() == [.openSession])
    #expect(transcript.session().inform?.codes == ["6 CONNECTION REQUEST"])
    let isTakenLater = transcript.cpe.connectionRequested(at: transcript.now)
    #expect(isTakenLater)
    _ = transcript.wait()
    _ = transcript.cpe.sessionFailed(at: transcript.now)
    _ = transcript.wait()
    #expect(transcript.session().inform?.codes == ["2 PERIODIC"])
  }

  /// The ACS, which has not had its turn, gets it again (TR-069 Amendment 6, 3.2.1.1).
  @Test func aSessionThatBreaksBehindTheInformIsRetriedWithNothingToTell() throws {
    var transcript = Transcript(
      try Devices.cpe(.init(quirks: Quirks([.closesAfterSet]))))
    _ = transcript.wait()
    let start = transcript.now
    let broken = transcript.session([.set(("Device.IP.Label", "a", .string))])
    #expect(broken.failure != nil)
    #expect(transcript.wait() == [.openSession])
    #expect(transcript.now - start <= .seconds(10))
    let retry = transcript.session()
    #expect(retry.inform?.codes == [])
    #expect(retry.inform?.retryCount == 1)
    #expect(retry.failure == nil)
  }

  @Test func failedSessionsAreRetriedLaterAndLater() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    for retry in 1...12 {
      let failedAt = transcript.now
      _ = transcript.cpe.sessionFailed(at: failedAt)
      #expect(transcript.cpe.retryCount == UInt32(retry))
      let range = SessionRetry().waitRange(attempt: retry)
      // Periodic Informs may come in between; they do not reset the count.
      var waited: Duration
      repeat {
        let effects = transcript.wait()
        waited = transcript.now - failedAt
        if effects.contains(.openSession) { break }
      } while true
      #expect(waited <= .seconds(range.upperBound))
    }
    let inform = try #require(transcript.session().inform)
    #expect(inform.retryCount == 12)
    #expect(inform.codes.starts(with: ["0 BOOTSTRAP", "1 BOOT"]))
    #expect(transcript.cpe.retryCount == 0)
  }

  @Test func scheduledInformComesInTime() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    let session = transcript.session([
      .scheduleInform(delaySeconds: 0, commandKey: "S"),
      .scheduleInform(delaySeconds: 1, commandKey: "S"),
    ])
    #expect(session.answers == [.fault(Fault(.cpeInvalidArguments)), .response(.scheduleInform)])
    let start = transcript.now
    #expect(transcript.wait() == [.openSession])
    #expect(transcript.now - start == .seconds(1))
    #expect(
      transcript.session().inform?.events == [
        Event(Event.scheduled), Event(Event.methodScheduleInform, commandKey: "S"),
      ])
  }

  @Test func unknownMethodsAreRefused() throws {
    var transcript = Transcript(try Devices.cpe())
    _ = transcript.wait()
    let session = transcript.session([.unknown(method: "X_Foo"), .getRPCMethods])
    #expect(session.answers[0] == .fault(Fault(.cpeMethodNotSupported)))
    // Without software modules there is no ChangeDUState.
    #expect(
      session.answers[1]
        == .response(.getRPCMethods(SimulatedCPE.methods.filter { $0 != "ChangeDUState" })))
  }
}
