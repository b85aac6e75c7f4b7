import CWMP
import Testing

/// How devices were seen to wrap their messages; each test names the quirk, its title who has it.
@Suite struct EnvelopeQuirkTests {
  private func envelope(prefix: String, quote: String = "\"", declaration: String = "") -> String {
    let q = quote
    return """
      \(declaration)<\(prefix):Envelope xmlns:\(prefix)=\(q)http://schemas.xmlsoap.org/soap/envelope/\(q) \
      xmlns:cwmp=\(q)urn:dslforum-org:cwmp-1-0\(q)><\(prefix):Header>\
      <cwmp:ID \(prefix):mustUnderstand=\(q)1\(q)>7</cwmp:ID></\(prefix):Header><\(prefix):Body>\
      <cwmp:GetRPCMethods/></\(prefix):Body></\(prefix):Envelope>
      """
  }

  private func expectGetRPCMethods(_ text: String, id: String? = "7") throws {
    let envelope = try QuirkEnvelope.decode(text)
    #expect(envelope.id == id)
    #expect(envelope.message == .request(.getRPCMethods))
  }

  @Test(
    "Prefixes of easycwmp, icwmp, evcpe, netcwmp, Sagemcom, ZTE and SimulaTR69",
    arguments: ["soap_env", "SOAP-ENV", "soap-env", "soapenv", "soap", "env", "s", "SOAP.ENV"])
  func anySOAPPrefix(prefix: String) throws {
    try expectGetRPCMethods(envelope(prefix: prefix))
  }

  @Test("Attributes in single quotes (ZyXEL, Alcatel)")
  func singleQuotedAttributes() throws {
    try expectGetRPCMethods(envelope(prefix: "soap", quote: "'"))
  }

  @Test(
    "XML declarations of all kinds, or none (Thomson, AVM, most devices)",
    arguments: [
      "", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>", "<?xml version='1.0'?>",
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n\r\n", "\r\n \t<?xml version=\"1.0\"?>",
    ])
  func xmlDeclarations(declaration: String) throws {
    try expectGetRPCMethods(envelope(prefix: "soap", declaration: declaration))
  }

  @Test("The prefix soap bound to the encoding namespace (MikroTik, Thomson, Alcatel)")
  func soapPrefixBoundToTheEncodingNamespace() throws {
    let text = """
      <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:soap="http://schemas.xmlsoap.org/soap/encoding/" \
      xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soapenv:Body><cwmp:GetParameterNamesResponse>\
      <ParameterList soap:arrayType="cwmp:ParameterInfoStruct[1]"><ParameterInfoStruct>\
      <Name>Device.</Name><Writable>0</Writable></ParameterInfoStruct></ParameterList>\
      </cwmp:GetParameterNamesResponse></soapenv:Body></soapenv:Envelope>
      """
    #expect(
      try QuirkEnvelope.decode(text).message
        == .response(.getParameterNames([ParameterInfo(name: "Device.", writable: false)])))
  }

  @Test("CWMP as the default namespace (evcpe)")
  func defaultNamespace() throws {
    let text = """
      <soap_env:Envelope xmlns:soap_env='http://schemas.xmlsoap.org/soap/envelope/' \
      xmlns='urn:dslforum-org:cwmp-1-1'><soap_env:Body><GetRPCMethods/></soap_env:Body>\
      </soap_env:Envelope>
      """
    #expect(try QuirkEnvelope.decode(text).namespace == .v1_1)
    try expectGetRPCMethods(text, id: nil)
  }

  @Test("SOAP as the default namespace, children qualified with it")
  func soapAsDefaultNamespace() throws {
    let text = """
      <Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header>\
      <ID xmlns="urn:dslforum-org:cwmp-1-2">7</ID></Header><Body>\
      <m:GetRPCMethods xmlns:m="urn:dslforum-org:cwmp-1-2"/></Body></Envelope>
      """
    #expect(try QuirkEnvelope.decode(text).namespace == .v1_2)
    try expectGetRPCMethods(text)
  }

  @Test("Prefixes that nothing declares")
  func undeclaredPrefixes() throws {
    let text = "<x:Envelope><x:Body><cwmp:GetRPCMethods/></x:Body></x:Envelope>"
    #expect(try QuirkEnvelope.decode(text).namespace == .v1_0)
    try expectGetRPCMethods(text, id: nil)
  }

  @Test("Arguments qualified with the CWMP prefix, against the schema")
  func qualifiedChildren() throws {
    let body = "<c:Reboot><c:CommandKey>k</c:CommandKey></c:Reboot>"
    #expect(try QuirkEnvelope.message(body) == .request(.reboot(commandKey: "k")))
  }

  @Test("XML Schema namespaces of 1999 and xsi:type on every element (netcwmp)")
  func xmlSchemaNamespacesOf1999AndTypesOnEveryElement() throws {
    let value = """
      <ParameterValueStruct i:type="c:ParameterValueStruct"><Name i:type="xsd:string">A</Name>\
      <Value i:type="xsd:unsignedInt">7</Value></ParameterValueStruct>
      """
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.text(
        body: QuirkEnvelope.inform(parameters: value),
        instance: "http://www.w3.org/1999/XMLSchema-instance"))
    #expect(inform.parameters == [ParameterValue(name: "A", value: "7", type: .unsignedInt)])
  }

  @Test(
    "Array counts that are wrong, padded, empty or absent (genieacs-sim 16 for 6, TEWA-1000G, ZyXEL, Broadcom, Thomson)",
    arguments: [
      "[16]", "[0010]", "[64]", "[0008]", "[01]", "[0]", "[]", "", "[-1]", "[99999999999]",
      "[2,2]",
    ])
  func wrongArrayTypeCount(count: String) throws {
    let event = """
      <Event e:arrayType="cwmp:EventStruct\(count)"><EventStruct>\
      <EventCode>1 BOOT</EventCode><CommandKey/></EventStruct><EventStruct>\
      <EventCode>2 PERIODIC</EventCode><CommandKey/></EventStruct></Event>
      """
    let inform = try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(event: event))
    #expect(inform.events == [Event(Event.boot), Event(Event.periodic)])
  }

  @Test("No arrayType at all")
  func missingArrayType() throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(event: QuirkEnvelope.events(["1 BOOT"])))
    #expect(inform.events == [Event(Event.boot)])
  }

  @Test("xsi:type=\"SOAP-ENC:Array\" on lists (Sagemcom, icwmp)")
  func arrayWithATypeOfItsOwn() throws {
    let event = """
      <Event i:type="SOAP-ENC:Array" e:arrayType="c:EventStruct[1]"><EventStruct>\
      <EventCode>1 BOOT</EventCode></EventStruct></Event>
      """
    let inform = try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(event: event))
    #expect(inform.events == [Event(Event.boot)])
  }

  @Test("No SOAP Header (MikroTik, Motorola VAP)")
  func noSOAPHeader() throws {
    try expectGetRPCMethods(QuirkEnvelope.text(body: "<c:GetRPCMethods/>", header: ""), id: nil)
  }

  @Test("A Header without cwmp:ID")
  func headerWithoutID() throws {
    try expectGetRPCMethods(
      QuirkEnvelope.text(body: "<c:GetRPCMethods/>", header: "<s:Header/>"), id: nil)
  }

  @Test("An empty cwmp:ID (femto cell 48BF74)", arguments: ["<c:ID/>", "<c:ID></c:ID>"])
  func emptyID(id: String) throws {
    try expectGetRPCMethods(
      QuirkEnvelope.text(body: "<c:GetRPCMethods/>", header: "<s:Header>\(id)</s:Header>"),
      id: "")
  }

  @Test("IDs that are no numbers (Thomson), or 0", arguments: ["3_THOM_TR69_ID", "0", " 1 "])
  func idsOfAnyText(id: String) throws {
    try expectGetRPCMethods(
      QuirkEnvelope.text(
        body: "<c:GetRPCMethods/>", header: "<s:Header><c:ID>\(id)</c:ID></s:Header>"), id: id)
  }

  @Test("An ID whose text is markup comes back as text")
  func idThatIsItselfMarkup() throws {
    let header = "<s:Header><c:ID>&lt;/c:ID&gt;&lt;evil a='&amp;'/&gt;\"]]&gt;</c:ID></s:Header>"
    let request = try QuirkEnvelope.decode(
      QuirkEnvelope.text(body: "<c:GetRPCMethods/>", header: header))
    #expect(request.id == "</c:ID><evil a='&'/>\"]]>")
    var reply: [UInt8] = []
    EnvelopeEncoder().encode(
      Envelope(namespace: .v1_0, id: request.id, message: .response(.inform)), into: &reply)
    #expect(!String(decoding: reply, as: UTF8.self).contains("<evil"))
    let read = try EnvelopeDecoder().decode(reply)
    #expect(read.id == request.id)
    #expect(read.message == .response(.inform))
  }

  @Test("An ID with elements in it has no text")
  func idWithElements() throws {
    let header = "<s:Header><c:ID>a<Body><c:FactoryReset/></Body>b</c:ID></s:Header>"
    try expectGetRPCMethods(
      QuirkEnvelope.text(body: "<c:GetRPCMethods/>", header: header), id: "")
  }

  @Test("Self-closing and empty elements are the same")
  func selfClosingTags() throws {
    for body in [
      "<c:RebootResponse/>", "<c:RebootResponse></c:RebootResponse>",
      "<c:RebootResponse >\n</c:RebootResponse >",
    ] {
      #expect(try QuirkEnvelope.message(body) == .response(.reboot))
    }
  }

  @Test("Pretty-printed envelopes with comments and processing instructions")
  func prettyPrinted() throws {
    let text = """
      <?xml version="1.0"?>
      <!-- made by hand -->
      <?stylesheet none?>
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
        <s:Body>
          <!-- the method -->
          <c:Reboot xmlns:c="urn:dslforum-org:cwmp-1-0">
            <CommandKey>k</CommandKey>
          </c:Reboot>
        </s:Body>
      </s:Envelope>

      """
    #expect(try QuirkEnvelope.decode(text).message == .request(.reboot(commandKey: "k")))
  }

  @Test("Elements that nobody knows are skipped")
  func unknownElementsAreSkipped() throws {
    let body =
      "<c:Reboot><X><CommandKey>no</CommandKey></X><CommandKey>yes</CommandKey><Y/></c:Reboot>"
    #expect(try QuirkEnvelope.message(body) == .request(.reboot(commandKey: "yes")))
  }

  @Test("Unknown header entries are skipped, even those that must be understood")
  func unknownHeaderEntries() throws {
    let header = """
      <s:Header><c:ID>7</c:ID><w:Security xmlns:w="urn:w" s:mustUnderstand="1"><ID>x</ID>\
      </w:Security></s:Header>
      """
    try expectGetRPCMethods(QuirkEnvelope.text(body: "<c:GetRPCMethods/>", header: header))
  }

  @Test(
    "A Content-Length that counts UTF-16 cuts the body (genieacs-sim); it is refused as incomplete")
  func contentLengthInUTF16CutsTheBodyShort() throws {
    let text = QuirkEnvelope.text(
      body: "<c:Reboot><CommandKey>\u{e9}\u{e9}</CommandKey></c:Reboot>")
    let cut = Array(Array(text.utf8).prefix(text.utf16.count))
    let error = try #require(QuirkEnvelope.refusal(cut))
    #expect(error.code == .notXML)
    #expect(!error.description.contains("\u{e9}"))
  }

  @Test("Bodies that break off at any byte are refused, or say the same as the whole")
  func truncatedBodies() throws {
    let text = Array(
      QuirkEnvelope.text(
        body: QuirkEnvelope.inform(parameters: QuirkEnvelope.value("A", "1"))
      ).utf8)
    for length in 0..<text.count {
      let error = try #require(QuirkEnvelope.refusal(Array(text[..<length])), "\(length)")
      #expect(error.code == .notXML || error.code == .notSOAP)
    }
  }
}
