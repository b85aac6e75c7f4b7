import CWMP
import Testing

/// What devices were seen to answer; each test names the quirk, its title who has it.
@Suite struct AnswerQuirkTests {
  @Test("A ParameterValueStruct without Value (Cisco SPA122)")
  func parameterValueStructWithoutValueElement() throws {
    #expect(
      try QuirkEnvelope.decodeValues("<ParameterValueStruct><Name>A</Name></ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "")])
  }

  @Test("An entry without a Name names nothing")
  func parameterValueStructWithoutName() throws {
    #expect(
      try QuirkEnvelope.decodeValues(
        "<ParameterValueStruct><Value>x</Value></ParameterValueStruct>"
          + QuirkEnvelope.value("A", "1")) == [ParameterValue(name: "A", value: "1")])
  }

  @Test(
    "A Value without xsi:type, with an empty one, and with one that nobody knows",
    arguments: [
      "<Value>x</Value>", "<Value i:type=''>x</Value>", "<Value i:type='q:'>x</Value>",
      "<Value i:type='xsd:anySimpleType'>x</Value>", "<Value i:type=':string'>x</Value>",
    ])
  func valueWithoutAKnownType(value: String) throws {
    #expect(
      try QuirkEnvelope.decodeValues(
        "<ParameterValueStruct><Name>A</Name>\(value)</ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "x", type: .string)])
  }

  @Test(
    "Types under any prefix", arguments: ["xsd:boolean", "boolean", "xs:boolean", "q1:boolean"])
  func typesUnderAnyPrefix(type: String) throws {
    #expect(
      try QuirkEnvelope.decodeValues(QuirkEnvelope.value("A", "1", type: type))
        == [ParameterValue(name: "A", value: "1", type: .boolean)])
  }

  @Test("A partial path answered by the object itself (netcwmp)")
  func valueOfAnObject() throws {
    #expect(
      try QuirkEnvelope.decodeValues(
        "<ParameterValueStruct><Name>A.</Name><Value i:type=\"object\"/></ParameterValueStruct>")
        == [ParameterValue(name: "A.", value: "", type: .string)])
  }

  @Test("A Value with elements in it has no text")
  func valueWithElements() throws {
    #expect(
      try QuirkEnvelope.decodeValues(QuirkEnvelope.value("A", "x<Name>B</Name>y"))
        == [ParameterValue(name: "A", value: "")])
  }

  @Test("Value before Name")
  func valueBeforeName() throws {
    #expect(
      try QuirkEnvelope.decodeValues(
        "<ParameterValueStruct><Value>x</Value><Name>A</Name></ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "x")])
  }

  @Test("White space inside a value is the value's")
  func whiteSpaceInsideValuesIsKept() throws {
    #expect(
      try QuirkEnvelope.decodeValues(QuirkEnvelope.value("A", "\n x  y\t"))
        == [ParameterValue(name: "A", value: "\n x  y\t")])
  }

  @Test("CDATA, comments and references within one value")
  func valuesInCDATAAndWithComments() throws {
    #expect(
      try QuirkEnvelope.decodeValues(
        QuirkEnvelope.value("A", "a<!-- x --><![CDATA[<b>&amp;]]>c&#x2F;&apos;"))
        == [ParameterValue(name: "A", value: "a<b>&amp;c/'")])
  }

  @Test(
    "Values that were not to be found are an empty list (netcwmp), or no list at all",
    arguments: ["<ParameterList/>", "", "<ParameterList e:arrayType='c:X[0]'></ParameterList>"])
  func noValues(list: String) throws {
    #expect(
      try QuirkEnvelope.message(
        "<c:GetParameterValuesResponse>\(list)</c:GetParameterValuesResponse>")
        == .response(.getParameterValues([])))
  }

  @Test(
    "Dates that are none stay as they are",
    arguments: ["2019-03-05T11:54::14", "0000-00-00", "12:00", "2026-11-22T21:49:11.123456+0000"])
  func oddDateTimesAreKept(text: String) throws {
    #expect(
      try QuirkEnvelope.decodeValues(QuirkEnvelope.value("A", text, type: "xsd:dateTime"))
        == [ParameterValue(name: "A", value: text, type: .dateTime)])
  }

  @Test("Booleans and numbers that are none stay as they are", arguments: ["TRUE", "yes", "", "2"])
  func oddBooleansAreKept(text: String) throws {
    #expect(
      try QuirkEnvelope.decodeValues(QuirkEnvelope.value("A", text, type: "xsd:boolean"))
        == [ParameterValue(name: "A", value: text, type: .boolean)])
  }

  @Test("The names below the root: the root alone, or everything (most devices)")
  func namesBelowTheRoot() throws {
    func infos(_ names: [String]) throws -> Message? {
      let entries = names.map {
        """
        <ParameterInfoStruct><Name>\($0)</Name><Writable>false</Writable></ParameterInfoStruct>
        """
      }
      return try QuirkEnvelope.message(
        """
        <c:GetParameterNamesResponse><ParameterList>\(entries.joined())</ParameterList>\
        </c:GetParameterNamesResponse>
        """)
    }
    for names in [["Device."], ["", "Device.", "Device.DeviceInfo.", "Device.DeviceInfo.UpTime"]] {
      #expect(
        try infos(names)
          == .response(
            .getParameterNames(names.map { ParameterInfo(name: $0, writable: false) })))
    }
  }

  @Test("Three megabytes of names in one answer (SpeedTouch and others)")
  func manyNames() throws {
    let entries = (0..<24_000).map {
      """
      <ParameterInfoStruct><Name>InternetGatewayDevice.WANDevice.1.Entry.\($0).Enable</Name>\
      <Writable>1</Writable></ParameterInfoStruct>
      """
    }
    let text = QuirkEnvelope.text(
      body: """
        <c:GetParameterNamesResponse><ParameterList>\(entries.joined())</ParameterList>\
        </c:GetParameterNamesResponse>
        """)
    #expect(text.utf8.count > 3_000_000)
    guard case .response(.getParameterNames(let infos)) = try QuirkEnvelope.decode(text).message
    else {
      Issue.record("no names")
      return
    }
    #expect(infos.count == 24_000)
    #expect(infos.last?.name == "InternetGatewayDevice.WANDevice.1.Entry.23999.Enable")
  }

  @Test("Writable in every spelling", arguments: ["1", "true", "TRUE", " true ", "True"])
  func writableInEverySpelling(text: String) throws {
    let body = """
      <c:GetParameterNamesResponse><ParameterList><ParameterInfoStruct><Name>A</Name>\
      <Writable>\(text)</Writable></ParameterInfoStruct></ParameterList>\
      </c:GetParameterNamesResponse>
      """
    #expect(
      try QuirkEnvelope.message(body)
        == .response(.getParameterNames([ParameterInfo(name: "A", writable: true)])))
  }

  @Test(
    "Status 1 where the value is in effect later (easycwmp), and no Status at all",
    arguments: ["<Status>1</Status>", "", "<Status/>", "<Status>x</Status>", "<Status>7</Status>"])
  func statusThatPromisesNothing(status: String) throws {
    #expect(
      try QuirkEnvelope.message(
        "<c:SetParameterValuesResponse>\(status)</c:SetParameterValuesResponse>")
        == .response(.setParameterValues(.pending)))
    #expect(
      try QuirkEnvelope.message(
        "<c:AddObjectResponse><InstanceNumber> 3 </InstanceNumber>\(status)</c:AddObjectResponse>")
        == .response(.addObject(instance: 3, status: .pending)))
  }

  @Test(
    "A DownloadResponse with empty times, or none", arguments: ["<StartTime/><CompleteTime/>", ""])
  func downloadResponseWithoutTimes(times: String) throws {
    #expect(
      try QuirkEnvelope.message(
        "<c:DownloadResponse><Status>1</Status>\(times)</c:DownloadResponse>")
        == .response(.download(TransferStart(status: .pending))))
  }

  @Test("Methods that nobody knows are named")
  func unknownMethods() throws {
    #expect(
      try QuirkEnvelope.message("<c:X_00_Special><A><B/></A></c:X_00_Special>")
        == .request(.unknown(method: "X_00_Special")))
    #expect(
      try QuirkEnvelope.message("<c:X_00_SpecialResponse/>")
        == .response(.unknown(method: "X_00_Special")))
    #expect(try QuirkEnvelope.message("<Größe/>") == .request(.unknown(method: "Größe")))
    #expect(try QuirkEnvelope.message("<Response/>") == .response(.unknown(method: "")))
  }
}
