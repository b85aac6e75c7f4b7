import CWMP
import Testing

/// What devices were seen to send that no standard allows; each test bears a quirk's name.
@Suite struct QuirkTests {
  private func envelope(
    body: String, header: String = "<s:Header><c:ID s:mustUnderstand=\"1\">1</c:ID></s:Header>",
    namespace: String = "urn:dslforum-org:cwmp-1-0",
    instance: String = "http://www.w3.org/2001/XMLSchema-instance"
  ) -> String {
    """
    <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="\(namespace)" \
    xmlns:i="\(instance)" xmlns:e="http://schemas.xmlsoap.org/soap/encoding/">\(header)\
    <s:Body>\(body)</s:Body></s:Envelope>
    """
  }

  private func decode(_ text: String) throws -> Envelope {
    try EnvelopeDecoder().decode(Array(text.utf8))
  }

  private func inform(
    event: String = "<Event/>", time: String = "2026-11-22T21:49:11Z", parameters: String = ""
  ) -> String {
    """
    <c:Inform><DeviceId><Manufacturer>M</Manufacturer><OUI>00040E</OUI>\
    <ProductClass>P</ProductClass><SerialNumber>S</SerialNumber></DeviceId>\(event)\
    <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>\(time)</CurrentTime><RetryCount>0</RetryCount>\
    <ParameterList>\(parameters)</ParameterList></c:Inform>
    """
  }

  private func decodeInform(_ text: String) throws -> Inform {
    guard case .request(.inform(let inform)) = try decode(text).message else {
      throw CWMPError(.invalidMessage, "no Inform")
    }
    return inform
  }

  private func decodeFault(_ body: String) throws -> Fault {
    guard case .fault(let fault) = try decode(envelope(body: body)).message else {
      throw CWMPError(.invalidMessage, "no fault")
    }
    return fault
  }

  private func decodeValues(_ list: String) throws -> [ParameterValue] {
    let body =
      "<c:GetParameterValuesResponse><ParameterList>\(list)</ParameterList></c:GetParameterValuesResponse>"
    guard case .response(.getParameterValues(let values)) = try decode(envelope(body: body)).message
    else { throw CWMPError(.invalidMessage, "no values") }
    return values
  }

  @Test func noSOAPHeader() throws {
    let envelope = try decode(envelope(body: "<c:GetRPCMethods/>", header: ""))
    #expect(envelope.id == nil)
    #expect(envelope.message == .request(.getRPCMethods))
  }

  @Test func headerWithoutID() throws {
    #expect(try decode(envelope(body: "<c:GetRPCMethods/>", header: "<s:Header/>")).id == nil)
  }

  @Test func emptyID() throws {
    let header = "<s:Header><c:ID/></s:Header>"
    #expect(try decode(envelope(body: "<c:GetRPCMethods/>", header: header)).id == "")
  }

  @Test func anyPrefixes() throws {
    let text = """
      <soap_env:Envelope xmlns:soap_env='http://schemas.xmlsoap.org/soap/envelope/' \
      xmlns='urn:dslforum-org:cwmp-1-1'><soap_env:Body><GetRPCMethods/></soap_env:Body>\
      </soap_env:Envelope>
      """
    let envelope = try decode(text)
    #expect(envelope.namespace == .v1_1)
    #expect(envelope.message == .request(.getRPCMethods))
  }

  @Test func undeclaredPrefixes() throws {
    let text = "<x:Envelope><x:Body><cwmp:GetRPCMethods/></x:Body></x:Envelope>"
    let envelope = try decode(text)
    #expect(envelope.namespace == .v1_0)
    #expect(envelope.message == .request(.getRPCMethods))
  }

  @Test func qualifiedChildren() throws {
    let body = "<c:Reboot><c:CommandKey>k</c:CommandKey></c:Reboot>"
    #expect(
      try decode(envelope(body: body)).message == .request(.reboot(commandKey: "k")))
  }

  @Test func xmlSchemaNamespacesOf1999AndTypesOnEveryElement() throws {
    let value = """
      <ParameterValueStruct i:type="c:ParameterValueStruct"><Name i:type="xsd:string">A</Name>\
      <Value i:type="xsd:unsignedInt">7</Value></ParameterValueStruct>
      """
    let inform = try decodeInform(
      envelope(
        body: inform(parameters: value), instance: "http://www.w3.org/1999/XMLSchema-instance"))
    #expect(inform.parameters == [ParameterValue(name: "A", value: "7", type: .unsignedInt)])
  }

  @Test(arguments: [0, 1, 2, 3, 4, 17])
  func anyCWMPNamespaceNumber(minor: UInt16) throws {
    let envelope = try decode(
      envelope(body: "<c:GetRPCMethods/>", namespace: "urn:dslforum-org:cwmp-1-\(minor)"))
    #expect(envelope.namespace == Namespace(minor: minor))
    #expect(envelope.namespace.uri == "urn:dslforum-org:cwmp-1-\(minor)")
  }

  @Test(arguments: [
    "", "urn:dslforum-org:cwmp-1-", "urn:dslforum-org:cwmp-1-x", "urn:dslforum-org:cwmp-1-65536",
    "urn:dslforum-org:cwmp-1-0x", "urn:dslforum-org:cwmp-1-+1", "URN:dslforum-org:cwmp-1-0",
  ])
  func otherNamespacesAreNotMirrored(uri: String) throws {
    #expect(Namespace(uri: uri) == nil)
  }

  @Test(arguments: ["[16]", "[0010]", "[64]", "[01]", "[0]", "[]", "", "[-1]", "[99999999999]"])
  func wrongArrayTypeCount(count: String) throws {
    let event = """
      <Event e:arrayType="cwmp:EventStruct\(count)" i:type="e:Array"><EventStruct>\
      <EventCode>1 BOOT</EventCode><CommandKey/></EventStruct><EventStruct>\
      <EventCode>2 PERIODIC</EventCode><CommandKey/></EventStruct></Event>
      """
    let inform = try decodeInform(envelope(body: inform(event: event)))
    #expect(inform.events == [Event(Event.boot), Event(Event.periodic)])
  }

  @Test func emptyEventList() throws {
    #expect(try decodeInform(envelope(body: inform())).events.isEmpty)
    #expect(try decodeInform(envelope(body: inform(event: ""))).events.isEmpty)
  }

  @Test func vendorEventCodesAreKept() throws {
    let event =
      "<Event><EventStruct><EventCode>X CT-COM BIND</EventCode></EventStruct></Event>"
    #expect(
      try decodeInform(envelope(body: inform(event: event))).events == [Event("X CT-COM BIND")])
  }

  @Test func currentTimeThatIsGarbageIsKept() throws {
    let inform = try decodeInform(envelope(body: inform(time: "2019-03-05T11:54::14")))
    #expect(inform.currentTime == "2019-03-05T11:54::14")
  }

  @Test func emptyOUIAndManufacturer() throws {
    let body = """
      <c:Inform><DeviceId><Manufacturer/><OUI/><ProductClass/><SerialNumber>S</SerialNumber>\
      </DeviceId></c:Inform>
      """
    let inform = try decodeInform(envelope(body: body))
    #expect(
      inform.deviceID
        == DeviceID(manufacturer: "", oui: "", productClass: "", serialNumber: "S"))
    #expect(inform.parameters.isEmpty)
    #expect(inform.retryCount == 0)
  }

  @Test func parameterNamesWithSurroundingWhitespace() throws {
    let values = try decodeValues(
      "<ParameterValueStruct><Name>\n  Device.A.LongEnoughToBeKept \t</Name><Value> v </Value></ParameterValueStruct>"
    )
    #expect(values == [ParameterValue(name: "Device.A.LongEnoughToBeKept", value: " v ")])
  }

  @Test func sameParameterTwice() throws {
    let entry =
      "<ParameterValueStruct><Name>A</Name><Value>1</Value></ParameterValueStruct>"
    #expect(try decodeValues(entry + entry).count == 2)
  }

  @Test func parameterValueStructWithoutValueElement() throws {
    #expect(
      try decodeValues("<ParameterValueStruct><Name>A</Name></ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "")])
  }

  @Test func valueWithoutXSIType() throws {
    #expect(
      try decodeValues(
        "<ParameterValueStruct><Name>A</Name><Value>x</Value></ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "x", type: .string)])
  }

  @Test func valueWithXSITypeObject() throws {
    #expect(
      try decodeValues(
        "<ParameterValueStruct><Name>A.</Name><Value i:type=\"object\"/></ParameterValueStruct>")
        == [ParameterValue(name: "A.", value: "", type: .string)])
  }

  @Test func valueBeforeName() throws {
    #expect(
      try decodeValues(
        "<ParameterValueStruct><Value>x</Value><Name>A</Name></ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "x")])
  }

  @Test func whiteSpaceInsideValuesIsKept() throws {
    #expect(
      try decodeValues(
        "<ParameterValueStruct><Name>A</Name><Value>\n x  y\t</Value></ParameterValueStruct>")
        == [ParameterValue(name: "A", value: "\n x  y\t")])
  }

  @Test func valuesInCDATAAndWithComments() throws {
    #expect(
      try decodeValues(
        "<ParameterValueStruct><Name>A</Name><Value>a<!-- x --><![CDATA[<b>&]]>c</Value></ParameterValueStruct>"
      ) == [ParameterValue(name: "A", value: "a<b>&c")])
  }

  @Test func malformedFaultNesting() throws {
    let fault = try decodeFault(
      """
      <s:Fault><faultcode>Client</faultcode><faultstring>
      <detail><c:Fault><FaultCode>9003</FaultCode><FaultString>Invalid arguments</FaultString>
      <SetParameterValuesFault><ParameterName>A</ParameterName><FaultCode>9008</FaultCode>
      <FaultString>ro</FaultString></SetParameterValuesFault></c:Fault></detail>
      </faultstring></s:Fault>
      """)
    #expect(
      fault
        == Fault(
          code: 9003, text: "Invalid arguments",
          parameterFaults: [
            ParameterFault(name: "A", detail: FaultDetail(code: 9008, text: "ro"))
          ]))
  }

  @Test func faultEnvelopeWithoutHeader() throws {
    let body =
      "<s:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault><FaultCode>9002</FaultCode></c:Fault></detail></s:Fault>"
    let envelope = try decode(envelope(body: body, header: ""))
    #expect(envelope.id == nil)
    #expect(envelope.message == .fault(Fault(code: 9002, text: "")))
  }

  @Test func faultWithFaultStructInPlaceOfFault() throws {
    let fault = try decodeFault(
      "<s:Fault><detail><FaultStruct><FaultCode> 9005 </FaultCode><FaultString>n</FaultString></FaultStruct></detail></s:Fault>"
    )
    #expect(fault == Fault(code: 9005, text: "n"))
  }

  @Test func soapFaultWithoutCWMPFaultCountsAsInternalError() throws {
    let fault = try decodeFault(
      "<s:Fault><faultcode>s:Client</faultcode><faultstring>Method not implemented</faultstring></s:Fault>"
    )
    #expect(fault == Fault(code: 9002, text: "Method not implemented"))
  }

  @Test func transferCompleteElementOrder() throws {
    let parts = [
      "<CommandKey>k</CommandKey>", "<StartTime>s</StartTime>", "<CompleteTime>c</CompleteTime>",
      "<FaultStruct><FaultString>t</FaultString><FaultCode>9018</FaultCode></FaultStruct>",
    ]
    let expected = TransferComplete(
      commandKey: "k", fault: FaultDetail(code: 9018, text: "t"), startTime: "s",
      completeTime: "c")
    for shift in parts.indices {
      let body = (parts[shift...] + parts[..<shift]).joined()
      let envelope = try decode(
        envelope(body: "<c:TransferComplete>\(body)</c:TransferComplete>"))
      #expect(envelope.message == .request(.transferComplete(expected)))
    }
  }

  @Test func downloadResponseWithEmptyTimes() throws {
    let body =
      "<c:DownloadResponse><Status>1</Status><StartTime></StartTime><CompleteTime/></c:DownloadResponse>"
    #expect(
      try decode(envelope(body: body)).message
        == .response(.download(TransferStart(status: .pending))))
  }

  @Test func aMissingStatusPromisesNoMoreThanPending() throws {
    #expect(
      try decode(envelope(body: "<c:SetParameterValuesResponse/>")).message
        == .response(.setParameterValues(.pending)))
  }

  @Test func duStateChangeResultsWithFaultStructAndWithoutMandatoryMembers() throws {
    let body = """
      <c:DUStateChangeComplete><CommandKey>k</CommandKey><Results><OpResultStruct>\
      <UUID>u</UUID><CurrentState>Failed</CurrentState><FaultStruct><FaultCode>9026</FaultCode>\
      <FaultString>d</FaultString></FaultStruct></OpResultStruct></Results>\
      </c:DUStateChangeComplete>
      """
    #expect(
      try decode(envelope(body: body)).message
        == .request(
          .duStateChangeComplete(
            DUStateChangeComplete(
              results: [
                DeploymentUnitResult(
                  uuid: "u", currentState: "Failed", fault: FaultDetail(code: 9026, text: "d"))
              ], commandKey: "k"))))
  }

  @Test func duStateOperationsAndResultsAsRepeatedElements() throws {
    let change = """
      <c:ChangeDUState><Operations i:type="c:InstallOpStruct"><URL>http://h/</URL></Operations>\
      <Operations i:type="UninstallOpStruct"><UUID>u</UUID></Operations>\
      <CommandKey>k</CommandKey></c:ChangeDUState>
      """
    #expect(
      try decode(envelope(body: change)).message
        == .request(
          .changeDUState(
            ChangeDUState(
              operations: [.install(.init(url: "http://h/")), .uninstall(.init(uuid: "u"))],
              commandKey: "k"))))
    let complete = """
      <c:DUStateChangeComplete><Results><UUID>a</UUID><CurrentState>Installed</CurrentState>\
      <Fault><FaultCode>0</FaultCode><FaultString/></Fault></Results><Results><UUID>b</UUID>\
      <CurrentState>Uninstalled</CurrentState></Results></c:DUStateChangeComplete>
      """
    guard
      case .request(.duStateChangeComplete(let result)) = try decode(envelope(body: complete))
        .message
    else {
      Issue.record("no DUStateChangeComplete")
      return
    }
    #expect(result.results.map(\.uuid) == ["a", "b"])
    #expect(result.results.allSatisfy { $0.fault == nil })
  }

  @Test func supportedCWMPVersionsWithSpaces() throws {
    let header =
      "<s:Header><c:ID>1</c:ID><c:SupportedCWMPVersions>1.0, 1.1, 1.2 ,</c:SupportedCWMPVersions><c:SessionTimeout>40</c:SessionTimeout></s:Header>"
    let envelope = try decode(envelope(body: inform(), header: header))
    #expect(envelope.supportedVersions == ["1.0", "1.1", "1.2"])
    #expect(envelope.sessionTimeout == 40)
  }

  @Test func noMoreRequestsOfTheFirstEditionIsRead() throws {
    let header = "<s:Header><c:NoMoreRequests>1</c:NoMoreRequests></s:Header>"
    #expect(try decode(envelope(body: "", header: header)).noMoreRequests)
  }

  @Test func unknownMethodsAreNoFailure() throws {
    #expect(
      try decode(envelope(body: "<c:X_00_Special><A><B/></A></c:X_00_Special>")).message
        == .request(.unknown(method: "X_00_Special")))
    #expect(
      try decode(envelope(body: "<c:X_00_SpecialResponse/>")).message
        == .response(.unknown(method: "X_00_Special")))
  }

  @Test func unknownElementsAreSkipped() throws {
    let body =
      "<c:Reboot><X><CommandKey>no</CommandKey></X><CommandKey>yes</CommandKey><Y/></c:Reboot>"
    #expect(
      try decode(envelope(body: body)).message == .request(.reboot(commandKey: "yes")))
  }

  @Test func latin1ValuesInAnEnvelopeThatSaysUTF8() throws {
    let text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      + envelope(body: "<c:Reboot><CommandKey>caf#</CommandKey></c:Reboot>")
    let bytes = Array(text.utf8).map { $0 == UInt8(ascii: "#") ? 0xE9 : $0 }
    #expect(
      try EnvelopeDecoder().decode(bytes).message == .request(.reboot(commandKey: "café")))
    #expect(
      try EnvelopeDecoder().decode(bytes, charset: "ISO-8859-1").message
        == .request(.reboot(commandKey: "café")))
  }

  @Test func whiteSpaceBeforeTheXMLDeclaration() throws {
    #expect(
      try decode("\r\n<?xml version=\"1.0\"?>" + envelope(body: "<c:GetRPCMethods/>")).message
        == .request(.getRPCMethods))
  }

  @Test func controlCharactersInValuesAreRefusedAsNoXML() {
    #expect {
      try decode(envelope(body: "<c:Reboot><CommandKey>\u{2}</CommandKey></c:Reboot>"))
    } throws: {
      ($0 as? CWMPError)?.code == .notXML
    }
  }

  @Test func contentLengthInUTF16CutsTheBodyShort() {
    let text = envelope(body: "<c:Reboot><CommandKey>\u{e9}\u{e9}</CommandKey></c:Reboot>")
    #expect {
      try EnvelopeDecoder().decode(Array(Array(text.utf8).prefix(text.utf16.count)))
    } throws: {
      ($0 as? CWMPError)?.code == .notXML
    }
  }

  @Test func valuesThatAreNotThereAreAnEmptyList() throws {
    #expect(
      try decode(envelope(body: "<c:GetParameterValuesResponse/>")).message
        == .response(.getParameterValues([])))
  }
}
