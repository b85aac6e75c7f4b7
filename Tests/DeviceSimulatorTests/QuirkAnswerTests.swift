import CWMP
import Testing

@testable import DeviceSimulator

/// How devices with quirks answer requests.
@Suite struct QuirkAnswerTests {
  @Test(arguments: [
    (
      Quirk.unknownNameEmptyList, Request.get("Device.X"), Message.response(.getParameterValues([]))
    ),
    (
      .partialPathObject, .get("Device.WiFi."),
      .response(.getParameterValues([ParameterValue(name: "Device.WiFi.", value: "")]))
    ),
    (
      .partialPathObject, .get("Device.WiFi.", "Device.WiFi.SSID.1.Enable"),
      .response(
        .getParameterValues([
          ParameterValue(name: "Device.WiFi.", value: ""),
          ParameterValue(name: "Device.WiFi.SSID.1.Enable", value: "true", type: .boolean),
        ]))
    ),
    (.partialPathObject, .get("Device.Nothing."), .fault(Fault(.cpeInvalidParameterName))),
    (.listedName9002, .get("Device.DeviceInfo."), .fault(Fault(.cpeInternalError))),
    (.listedName9005, .get("Device.DeviceInfo.UpTime"), .fault(Fault(.cpeInvalidParameterName))),
    (
      .addPending, .addObject(name: "Device.DHCPv4.Client.", parameterKey: ""),
      .response(.addObject(instance: 1, status: .pending))
    ),
    (
      .rootNamesOnly, .getParameterNames(path: "", nextLevel: false),
      .response(.getParameterNames([ParameterInfo(name: "Device.", writable: false)]))
    ),
    (
      .emptyPathRefused, .getParameterNames(path: "", nextLevel: true),
      .fault(Fault(.cpeInvalidParameterName))
    ),
    (
      .wholeTreeRefused, .getParameterNames(path: "Device.", nextLevel: false),
      .fault(Fault(.cpeResourcesExceeded))
    ),
    (
      .nextLevelRefused, .getParameterNames(path: "Device.", nextLevel: true),
      .fault(Fault(.cpeInvalidArguments))
    ),
    (
      .booleanDigitsOnly, .set(("Device.WiFi.SSID.1.Enable", "true", .boolean)),
      .fault(
        Fault(
          .cpeInvalidArguments,
          parameterFaults: [
            ParameterFault(name: "Device.WiFi.SSID.1.Enable", detail: .cpeInvalidParameterValue)
          ]))
    ),
    (
      .emptyTable9005, .addObject(name: "Device.DHCPv4.Client.", parameterKey: ""),
      .fault(Fault(.cpeInvalidParameterName))
    ),
    (
      .faults8005, .getRPCMethods, .fault(Fault(code: 8005, text: "Retry request"))
    ),
    (.faultsUnknownCode, .get("Device.X"), .fault(Fault(code: 9899, text: "Vendor fault"))),
  ])
  func answers(quirk: Quirk, request: Request, expected: Message) throws {
    #expect(try Transcript.session(quirk, [request]).answers == [expected])
  }

  @Test func whatIsNotMeantIsAnsweredAsAlways() throws {
    let values = Request.get("Device.WiFi.SSID.1.SSID", "Device.WiFi.SSID.2.SSID")
    let set = Request.set(("Device.WiFi.SSID.1.Enable", "1", .boolean))
    for quirk in [
      Quirk.unknownNameEmptyList, .partialPathObject, .partialPathCrash, .unknownNameCrash,
      .rootNamesOnly, .emptyPathRefused, .largeBatch9002, .booleanDigitsOnly, .noMilliseconds,
      .emptyTable9005, .attributesEmptyPost, .listedName9002, .listedName9005, .largeBatchCloses,
      .closesAfterAttributes,
    ] {
      let session = try Transcript.session(quirk, [values, set])
      #expect(session.answers.count == 2, "\(quirk)")
      #expect(session.answers.values.count == 2, "\(quirk)")
      #expect(session.answers.last == .response(.setParameterValues(.applied)), "\(quirk)")
    }
  }

  @Test(arguments: [(Quirk.largeBatch9002, 9002), (.largeBatch9004, 9004), (.largeBatch9005, 9005)])
  func largeBatches(quirk: Quirk, code: Int) throws {
    let names = (0..<17).map { _ in "Device.WiFi.SSID.1.SSID" }
    let session = try Transcript.session(
      quirk, [.getParameterValues(names: names), .getParameterValues(names: names.dropLast())])
    #expect(session.answers.fault(0) == code)
    #expect(session.answers.fault(1) == nil)
  }

  @Test func allNamesAtOnce() throws {
    guard
      case .response(.getParameterNames(let names)) = try Transcript.session(
        .allNamesAtOnce, [.getParameterNames(path: "Device.", nextLevel: true)]
      ).answers.first
    else {
      Issue.record("no names")
      return
    }
    #expect(names.count > 600)
  }

  /// Level by level, such a device lists all that it has.
  @Test func theRootAloneIsNoAnswerToTheNextLevel() throws {
    let session = try Transcript.session(
      .rootNamesOnly,
      [
        .getParameterNames(path: "Device.", nextLevel: false),
        .getParameterNames(path: "Device.", nextLevel: true),
      ])
    let counts = session.answers.map { answer in
      if case .response(.getParameterNames(let names)) = answer { names.count } else { -1 }
    }
    #expect(counts.first == 1)
    #expect(counts.last ?? 0 > 5)
  }

  @Test func anEmptyPostInsteadOfAnAnswer() throws {
    let session = try Transcript.session(
      .attributesEmptyPost, [.getParameterAttributes(names: ["Device."]), .getRPCMethods])
    #expect(session.answers.count == 1)
    #expect(session.emptyPosts == 2)
  }

  @Test func oldValuesUntilTheSessionEnds() throws {
    let name = "Device.WiFi.SSID.1.SSID"
    let behaviour = Behaviour(quirks: Quirks([.setPendingOldValue]))
    let (transcript, session) = Transcript.afterFirstSession(
      try Devices.complete("Device.", behaviour),
      [.set((name, "new", .string)), .get(name), .set((name + "x", "new", .string))])
    #expect(session.answers[0] == .response(.setParameterValues(.pending)))
    #expect(session.answers.values[name] != "new")
    #expect(session.answers.fault(2) == 9003)
    #expect(transcript.cpe.tree.read(name, at: Devices.time)?.value == "new")
  }

  @Test func aKeyThatIsNotKept() throws {
    let name = "Device.ManagementServer.ParameterKey"
    let session = try Transcript.session(
      .parameterKeyForgotten,
      [.set(("Device.WiFi.SSID.1.SSID", "x", .string), key: "K"), .get(name)])
    #expect(session.answers.values[name] == "")
  }
}
