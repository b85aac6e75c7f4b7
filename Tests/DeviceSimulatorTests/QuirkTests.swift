import CWMP
import ContentCoding
import NIOCore
import Testing

@testable import DeviceSimulator

@Suite struct QuirkNameTests {
  @Test func everyQuirkHasAName() throws {
    #expect(Set(Quirk.allCases.map(\.rawValue)).count == Quirk.allCases.count)
    for quirk in Quirk.allCases {
      #expect(quirk.rawValue.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
      #expect(!quirk.summary.isEmpty)
      var quirks = Quirks()
      try quirks.insert(quirk.rawValue)
      #expect(quirks.contains(quirk))
      #expect(quirks.number(quirk) == quirk.defaultNumber ?? 0)
    }
  }

  @Test func numbersAreTakenWhereTheyMeanSomething() throws {
    var quirks = Quirks()
    try quirks.insert("break-at-request:7")
    #expect(quirks.number(.breakAtRequest) == 7)
    for wrong in ["gzip:1", "break-at-request:0", "break-at-request:x", "", "unknown"] {
      #expect(throws: SimulatorError.self, "\(wrong)") { try quirks.insert(wrong) }
    }
  }

  @Test func aModelHasQuirksOfItsOwn() throws {
    let yaml = Devices.smallModel.replacing(
      "wanAddress:", with: "quirks: [no-header, \"break-at-request:3\"]\nwanAddress:")
    let model = try DeviceModel(yaml: yaml, file: "q.yaml")
    #expect(model.quirks.contains(.noHeader))
    #expect(model.quirks.number(.breakAtRequest) == 3)
    #expect(throws: SimulatorError.self) {
      try DeviceModel(
        yaml: Devices.smallModel.replacing("wanAddress:", with: "quirks: [nonsense]\nwanAddress:"),
        file: "q.yaml")
    }
  }

  @Test func aModelIncludesWhatComesWithTheSimulator() throws {
    let yaml = Devices.smallModel.replacing(
      "wanAddress:", with: "include: [tr181-complete]\nwanAddress:")
    let model = try DeviceModel(yaml: yaml, file: "i.yaml")
    #expect(model.paths.contains("Device.IP.Diagnostics.IPPing."))
    #expect(model.paths.contains("Device.IP.Label"))
    for wrong in ["tr098-complete", "nothing"] {
      #expect(throws: SimulatorError.self) {
        try DeviceModel(
          yaml: Devices.smallModel.replacing(
            "wanAddress:", with: "include: [\(wrong)]\nwanAddress:"), file: "i.yaml")
      }
    }
  }
}

@Suite struct EnvelopeDialectTests {
  private static let inform = Message.request(
    .inform(
      Inform(
        deviceID: DeviceID(
          manufacturer: "Größe", oui: "02FA1E", productClass: "a b", serialNumber: "1"),
        events: [Event(Event.boot), Event(Event.periodic)], currentTime: "2026-01-01T00:00:00Z",
        parameters: [
          ParameterValue(name: "Device.A", value: "x"),
          ParameterValue(name: "Device.B", value: "1 < 2"),
          ParameterValue(name: "Device.C", value: ""),
        ])))
  private static let names = Message.response(
    .getParameterNames([ParameterInfo(name: "Device.", writable: false)]))
  private static let fault = Message.fault(Fault(code: 9005, text: "Invalid parameter name"))

  private func write(_ message: Message, _ quirks: Quirk...) -> EnvelopeDialect.Written {
    var bytes: [UInt8] = []
    EnvelopeEncoder.device.encode(
      Envelope(namespace: .v1_2, id: "77", message: message), into: &bytes)
    return EnvelopeDialect(Quirks(quirks)).write(bytes)
  }

  private func text(_ written: EnvelopeDialect.Written) -> String {
    String(decoding: written.bytes, as: UTF8.self)
  }

  private static let xml = Quirk.allCases.filter { $0.subject == "XML" }

  @Test func withoutQuirksNothingChanges() {
    var bytes: [UInt8] = []
    EnvelopeEncoder.device.encode(
      Envelope(namespace: .v1_2, id: "77", message: Self.inform), into: &bytes)
    #expect(write(Self.inform) == .init(bytes: bytes, charset: "utf-8"))
    #expect(
      EnvelopePiece.pieces(of: bytes).map(\.string).joined()
        == String(decoding: bytes, as: UTF8.self))
  }

  @Test(arguments: xml)
  func eachQuirkChangesSomething(quirk: Quirk) {
    let unit = Message.request(
      .duStateChangeComplete(
        DUStateChangeComplete(
          results: [DeploymentUnitResult(uuid: "u", currentState: "Failed", fault: .unitUnknown)],
          commandKey: "k")))
    let transfer = Message.request(
      .transferComplete(TransferComplete(commandKey: "k", fault: .cpeFileCorrupted)))
    let changed = [Self.inform, Self.names, Self.fault, unit, transfer].contains { message in
      var bytes: [UInt8] = []
      EnvelopeEncoder.device.encode(
        Envelope(namespace: .v1_2, id: "77", message: message), into: &bytes)
      return write(message, quirk).bytes != bytes
    }
    // The characters of GB 2312 are in what the device is called with that quirk.
    #expect(changed)
  }

  /// Whatever the dialect, a decoder that bears real devices reads the same.
  @Test(
    arguments: xml.filter {
      ![.controlCharacters, .noValueElement, .externalEntity].contains($0)
    })
  func whatIsSaidStaysTheSame(quirk: Quirk) throws {
    let written = write(Self.inform, quirk)
    let envelope = try EnvelopeDecoder().decode(
      written.bytes, charset: quirk == .latin1Unlabelled ? "iso-8859-1" : written.charset)
    guard case .request(.inform(let inform)) = envelope.message,
      case .request(.inform(let original)) = Self.inform
    else {
      Issue.record("no Inform: \(text(written))")
      return
    }
    #expect(inform.deviceID == original.deviceID)
    #expect(inform.events == original.events)
    #expect(
      inform.parameters.map { $0.name.filter { !$0.isWhitespace } }
        == original.parameters.map(\.name))
  }

  @Test func headers() {
    #expect(!text(write(Self.inform, .noHeader)).contains("Header"))
    #expect(!text(write(Self.inform, .noID)).contains("77"))
    #expect(text(write(Self.inform, .emptyID)).contains("\"1\"></cwmp:ID>"))
    #expect(text(write(Self.inform, .constantID)).contains(">1</cwmp:ID>"))
    #expect(text(write(Self.names, .constantID)).contains(">77</cwmp:ID>"))
    #expect(text(write(Self.inform, .noMoreRequests)).contains("<cwmp:NoMoreRequests>1"))
  }

  @Test func headersOfInforms() throws {
    for (quirk, expected) in [
      (Quirk.sessionTimeout, "<cwmp:SessionTimeout>60<"),
      (.supportedVersions, "<cwmp:SupportedCWMPVersions>1.0, 1.1"),
    ] {
      #expect(text(write(Self.inform, quirk)).contains(expected))
      #expect(!text(write(Self.names, quirk)).contains(expected))
    }
    #expect(throws: CWMPError.self) {
      try EnvelopeDecoder().decode(self.write(Self.inform, .externalEntity).bytes)
    }
  }

  @Test func theFaultStructComesLast() throws {
    let message = Message.request(
      .transferComplete(TransferComplete(commandKey: "k", fault: .cpeFileCorrupted)))
    let written = write(message, .faultStructLast)
    #expect(text(written).contains("</CompleteTime><FaultStruct>"))
    #expect(try EnvelopeDecoder().decode(written.bytes).message == message)
  }

  @Test func namesAndCounts() {
    #expect(
      text(write(Self.inform, .prefixUpperCase)).contains("<SOAP-ENV:Envelope xmlns:SOAP-ENC"))
    #expect(text(write(Self.inform, .prefixUnderscore)).contains("</soap_env:Body>"))
    #expect(
      text(write(Self.inform, .prefixSwapped)).contains(
        "xmlns:soap=\"http://schemas.xmlsoap.org/soap/encoding/\""))
    #expect(text(write(Self.inform, .schema1999)).contains("1999/XMLSchema-instance"))
    #expect(!text(write(Self.inform, .singleQuotes)).contains("xmlns:cwmp=\""))
    #expect(text(write(Self.inform, .noDeclaration)).hasPrefix("<soap-env:Envelope"))
    #expect(text(write(Self.inform, .namespace14)).contains("cwmp-1-4\""))
    #expect(text(write(Self.inform, .arrayCountPadded)).contains("EventStruct[0002]"))
    #expect(text(write(Self.inform, .arrayCountWrong)).contains("EventStruct[20]"))
    #expect(text(write(Self.names, .prettyPrinted)).contains("\n        <ParameterInfoStruct>"))
  }

  @Test func values() {
    #expect(!text(write(Self.inform, .noTypes)).contains("xsi:type"))
    #expect(text(write(Self.inform, .noTypes)).contains("<Value>x</Value>"))
    #expect(
      text(write(Self.inform, .noValueElement)).contains(
        "<Name>Device.C</Name></ParameterValueStruct>"))
    #expect(text(write(Self.inform, .cdata)).contains("<![CDATA[Device.A]]>"))
    #expect(text(write(Self.inform, .surroundingSpace)).contains("\n        Device.A\n"))
    #expect(write(Self.inform, .controlCharacters).bytes.contains(2))
    let object = Message.response(
      .getParameterValues([ParameterValue(name: "Device.", value: "")]))
    #expect(text(write(object, .partialPathObject)).contains("xsi:type=\"object\""))
  }

  @Test func encodings() {
    #expect(write(Self.inform, .byteOrderMark).bytes.starts(with: [0xEF, 0xBB, 0xBF]))
    let latin1 = write(Self.inform, .latin1)
    #expect(latin1.charset == "iso-8859-1")
    #expect(latin1.bytes.contains(0xF6))
    #expect(write(Self.inform, .latin1Unlabelled).charset == "utf-8")
    #expect(write(Self.inform, .latin1Unlabelled).bytes.contains(0xF6))
    #expect(GB2312.manufacturer.unicodeScalars.allSatisfy { GB2312.bytes(of: $0) != nil })
  }

  @Test func gb2312() throws {
    var inform = Inform(
      deviceID: DeviceID(
        manufacturer: GB2312.manufacturer, oui: "x", productClass: "y", serialNumber: "z"),
      events: [], currentTime: "", parameters: [])
    inform.events = [Event(Event.boot)]
    let written = write(.request(.inform(inform)), .gb2312)
    #expect(written.bytes.contains(0xB7))
    let envelope = try EnvelopeDecoder().decode(written.bytes, charset: written.charset)
    #expect(envelope.message == .request(.inform(inform)))
  }

  @Test func faults() throws {
    let malformed = text(write(Self.fault, .malformedFault))
    #expect(malformed.contains("<faultstring><detail>"))
    #expect(malformed.contains("</detail></faultstring>"))
    let unit = Message.request(
      .duStateChangeComplete(
        DUStateChangeComplete(
          results: [
            DeploymentUnitResult(
              uuid: "u", currentState: "Failed", resolved: false, fault: .unitUnknown)
          ], commandKey: "k")))
    let text = text(write(unit, .unitFaultStruct))
    #expect(text.contains("<FaultStruct><FaultCode>9028"))
    #expect(!text.contains("Resolved"))
  }
}

@Suite struct DevicePostTests {
  private func parts(
    _ quirks: [Quirk], method: String? = "Inform", body: String = "<x>Größe</x>",
    cookies: [String] = ["session=1"], coding: ContentCoding? = nil
  ) throws -> (head: String, body: [UInt8], isHeldBack: Bool) {
    let target = try #require(HTTPTarget("http://acs.test:7547/cwmp"))
    let parts = DevicePost(Quirks(quirks)).parts(
      .init(
        body: .init(bytes: method == nil ? [] : Array(body.utf8), charset: "utf-8"), method: method),
      to: target, cookies: cookies, authorization: "Basic x", coding: coding)
    var all = Array(parts.first.readableBytesView)
    if let rest = parts.afterContinue { all += rest.readableBytesView }
    let end = try #require(
      all.indices.first { all[$0...].starts(with: Array("\r\n\r\n".utf8)) })
    return (
      String(decoding: all[..<(end + 2)], as: UTF8.self), Array(all[(end + 4)...]),
      parts.afterContinue != nil
    )
  }

  @Test func theRegularForm() throws {
    let (head, body, isHeldBack) = try parts([])
    #expect(
      head
        == "POST /cwmp HTTP/1.1\r\nHost: acs.test:7547\r\nUser-Agent: cpesim\r\nCookie: session=1\r\nAuthorization: Basic x\r\nContent-Type: text/xml; charset=\"utf-8\"\r\nSOAPAction: \r\nContent-Length: 14\r\n"
    )
    #expect(body.count == 14)
    #expect(!isHeldBack)
    #expect(!(try parts([], method: nil)).head.contains("Content-Type"))
  }

  @Test(arguments: [
    (Quirk.cookieWithAttributes, "Cookie: session=1; Path=/\r\n"),
    (.cookieAttributeFirst, "Cookie: Path=/; session=1\r\n"),
    (.cookieQuoted, "Cookie: session=\"1\"\r\n"), (.contentTypeBare, "Content-Type: text/xml\r\n"),
    (.contentTypeHTML, "Content-Type: text/html\r\n"),
    (.contentTypeEncoding, "Content-Type: text/xml; encoding=utf-8\r\n"),
    (.soapActionMethod, "SOAPAction: cwmp:Inform\r\n"), (.lowerCaseFields, "\r\ncookie: session=1"),
    (.expectContinue, "Expect: 100-continue\r\n"), (.chunkedBody, "Transfer-Encoding: chunked\r\n"),
    (.gzip, "Content-Encoding: gzip\r\n"), (.deflate, "Content-Encoding: deflate\r\n"),
    (.contentLengthCharacters, "Content-Length: 12\r\n"),
  ])
  func fields(quirk: Quirk, expected: String) throws {
    #expect(try parts([quirk]).head.contains(expected))
  }

  @Test(arguments: [
    (Quirk.cookieNever, "Cookie"), (.contentTypeMissing, "Content-Type"),
    (.soapActionMissing, "SOAPAction"),
  ])
  func missingFields(quirk: Quirk, field: String) throws {
    #expect(!(try parts([quirk]).head.contains(field)))
  }

  @Test(arguments: [
    (Quirk.emptyPostContentType, "Content-Type: text/xml; charset=\"utf-8\"\r\n"),
    (.emptyPostBlankContentType, "Content-Type: \r\n"),
    (.emptyPostGzip, "Content-Encoding: gzip\r\n"),
  ])
  func emptyPosts(quirk: Quirk, expected: String) throws {
    let (head, body, _) = try parts([quirk], method: nil)
    #expect(head.contains(expected))
    #expect(head.contains("Content-Length: 0\r\n"))
    #expect(body.isEmpty)
  }

  @Test func bodies() throws {
    #expect(try parts([.expectContinue]).isHeldBack)
    #expect(
      String(decoding: try parts([.chunkedBody]).body, as: UTF8.self)
        == "e\r\n<x>Größe</x>\r\n0\r\n\r\n")
    #expect(try parts([.contentLengthCharacters]).body.count == 12)
    for (coding, name) in [(ContentCoding.gzip, "gzip"), (.deflate, "deflate")] {
      let (_, body, _) = try parts([], coding: coding)
      #expect(Compression.inflate(body, [name]) == Array("<x>Größe</x>".utf8))
    }
    #expect(Compression.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
  }

  @Test func nobodyAddsALine() throws {
    let (head, _, _) = try parts([], cookies: ["a=1\r\nX: y"])
    #expect(!head.contains("\r\nX: y"))
  }
}

@Suite struct QuirkBehaviourTests {
  private func session(_ quirk: Quirk, _ requests: [Request] = []) throws -> Transcript.Session {
    let behaviour = Behaviour(quirks: Quirks([quirk]))
    return Transcript.afterFirstSession(try Devices.complete("Device.", behaviour), requests).1
  }

  private func inform(_ quirk: Quirk) throws -> Inform { try #require(try session(quirk).inform) }

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

  @Test func eventsAreMissingAfterTheFirstContact() throws {
    var (transcript, _) = Transcript.afterFirstSession(
      try Devices.complete("Device.", Behaviour(quirks: Quirks([.noEvents]))))
    _ = transcript.waitForSession()
    #expect(transcript.session().inform?.events == [])
    _ = transcript.waitForSession()
    // It was taken nevertheless.
    #expect(transcript.cpe.pending.count == 1)
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
    let session = try session(.secondInform, [.getRPCMethods, .getRPCMethods])
    #expect(session.abandonments == 1)
    #expect(session.answers.count == 1)
  }

  @Test(arguments: [
    (Quirk.partialPathCrash, Request.get("Device.")), (.unknownNameCrash, .get("Device.X")),
    (.closesAfterSet, .set(("Device.X", "1", .string))),
    (
      .closesAfterDownload,
      .download(Download(commandKey: "", fileType: "", url: ""))
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

  @Test(arguments: [
    (
      Quirk.unknownNameEmptyList, Request.get("Device.X"), Message.response(.getParameterValues([]))
    ),
    (
      .partialPathObject, .get("Device.WiFi."),
      .response(.getParameterValues([ParameterValue(name: "Device.WiFi.", value: "")]))
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
    #expect(try session(quirk, [request]).answers == [expected])
  }

  @Test func whatIsNotMeantIsAnsweredAsAlways() throws {
    let values = Request.get("Device.WiFi.SSID.1.SSID", "Device.WiFi.SSID.2.SSID")
    let set = Request.set(("Device.WiFi.SSID.1.Enable", "1", .boolean))
    for quirk in [
      Quirk.unknownNameEmptyList, .partialPathObject, .partialPathCrash, .unknownNameCrash,
      .rootNamesOnly, .emptyPathRefused, .largeBatch9002, .booleanDigitsOnly, .noMilliseconds,
      .emptyTable9005, .attributesEmptyPost,
    ] {
      let session = try session(quirk, [values, set])
      #expect(session.answers.count == 2, "\(quirk)")
      #expect(session.answers.values.count == 2, "\(quirk)")
      #expect(session.answers.last == .response(.setParameterValues(.applied)), "\(quirk)")
    }
  }

  @Test(arguments: [(Quirk.largeBatch9002, 9002), (.largeBatch9004, 9004), (.largeBatch9005, 9005)])
  func largeBatches(quirk: Quirk, code: Int) throws {
    let names = (0..<17).map { _ in "Device.WiFi.SSID.1.SSID" }
    let session = try session(
      quirk, [.getParameterValues(names: names), .getParameterValues(names: names.dropLast())])
    #expect(session.answers.fault(0) == code)
    #expect(session.answers.fault(1) == nil)
  }

  @Test func allNamesAtOnce() throws {
    guard
      case .response(.getParameterNames(let names)) = try session(
        .allNamesAtOnce, [.getParameterNames(path: "Device.", nextLevel: true)]
      ).answers.first
    else {
      Issue.record("no names")
      return
    }
    #expect(names.count > 600)
  }

  @Test func anEmptyPostInsteadOfAnAnswer() throws {
    let session = try session(
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
    let session = try session(
      .parameterKeyForgotten,
      [.set(("Device.WiFi.SSID.1.SSID", "x", .string), key: "K"), .get(name)])
    #expect(session.answers.values[name] == "")
  }
}
