import CWMP
import Testing

@testable import DeviceSimulator

/// How devices with quirks write their envelopes.
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

  @Test func namespacesTypesAndTags() {
    let plain = text(write(Self.inform, .defaultNamespace))
    #expect(plain.contains("<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" "))
    #expect(plain.contains("</Body></Envelope>"))
    #expect(plain.contains("soap-env:mustUnderstand"))
    let typed = text(write(Self.inform, .typesEverywhere))
    #expect(typed.contains("<OUI xsi:type=\"xsd:string\">02FA1E</OUI>"))
    #expect(typed.contains("<CommandKey xsi:type=\"xsd:string\"></CommandKey>"))
    #expect(typed.contains("<DeviceId><Manufacturer"))
    #expect(!text(write(Self.inform, .arrayCountMissing)).contains("arrayType"))
    #expect(text(write(Self.inform, .selfClosing)).contains("<CommandKey/>"))
    #expect(text(write(Self.inform, .standaloneDeclaration)).contains(" standalone=\"no\"?>"))
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
