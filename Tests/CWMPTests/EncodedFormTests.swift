import CWMP
import Testing

/// The very texts that devices get to see.
@Suite struct EncodedFormTests {
  private func body(_ message: Message, style: EnvelopeEncoder.Style = .init()) -> String {
    var buffer: [UInt8] = []
    EnvelopeEncoder(style: style).encode(
      Envelope(namespace: .v1_0, id: "7", message: message), into: &buffer)
    let text = String(decoding: buffer, as: UTF8.self)
    let parts = text.split(separator: "soap-env:Body>", omittingEmptySubsequences: false)
    return parts.count == 3 ? String(parts[1].dropLast(2)) : text
  }

  @Test func theEnvelope() {
    var buffer: [UInt8] = []
    EnvelopeEncoder(style: .init(xmlDeclaration: true)).encode(
      Envelope(
        namespace: Namespace(minor: 3), id: "a<b", message: .response(.inform), useVersion: "1.4"),
      into: &buffer)
    #expect(
      String(decoding: buffer, as: UTF8.self) == """
        <?xml version="1.0" encoding="UTF-8"?>
        <soap-env:Envelope xmlns:soap-enc="http://schemas.xmlsoap.org/soap/encoding/" \
        xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" \
        xmlns:xsd="http://www.w3.org/2001/XMLSchema" \
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
        xmlns:cwmp="urn:dslforum-org:cwmp-1-3"><soap-env:Header>\
        <cwmp:ID soap-env:mustUnderstand="1">a&lt;b</cwmp:ID>\
        <cwmp:UseCWMPVersion soap-env:mustUnderstand="1">1.4</cwmp:UseCWMPVersion>\
        </soap-env:Header><soap-env:Body><cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes>\
        </cwmp:InformResponse></soap-env:Body></soap-env:Envelope>
        """)
  }

  @Test func setParameterValuesHasNoWhiteSpaceInValues() {
    let set = SetParameterValues(
      parameters: [
        ParameterValue(name: "Device.A", value: "1", type: .boolean),
        ParameterValue(name: "Device.B", value: "é", type: .string),
      ], parameterKey: "pk")
    let expected = """
      <cwmp:SetParameterValues><ParameterList soap-enc:arrayType="cwmp:ParameterValueStruct[2]">\
      <ParameterValueStruct><Name>Device.A</Name><Value xsi:type="xsd:boolean">1</Value>\
      </ParameterValueStruct><ParameterValueStruct><Name>Device.B</Name>\
      <Value xsi:type="xsd:string">&#233;</Value></ParameterValueStruct></ParameterList>\
      <ParameterKey>pk</ParameterKey></cwmp:SetParameterValues>
      """
    #expect(body(.request(.setParameterValues(set))) == expected)
    #expect(
      body(.request(.setParameterValues(set)), style: .init(booleans: .words))
        == expected.replacing("boolean\">1<", with: "boolean\">true<"))
  }

  @Test func changeDUStateUsesOneWrapperElement() {
    let change = ChangeDUState(
      operations: [.install(.init(url: "u")), .uninstall(.init(uuid: "x"))], commandKey: "k")
    #expect(
      body(.request(.changeDUState(change))) == """
        <cwmp:ChangeDUState><Operations><InstallOpStruct><URL>u</URL></InstallOpStruct>\
        <UninstallOpStruct><UUID>x</UUID></UninstallOpStruct></Operations>\
        <CommandKey>k</CommandKey></cwmp:ChangeDUState>
        """)
  }

  @Test func aFaultNamesWhoseMistakeItWas() {
    #expect(
      body(.fault(Fault(.acsMethodNotSupported))) == """
        <soap-env:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring>\
        <detail><cwmp:Fault><FaultCode>8000</FaultCode>\
        <FaultString>Method not supported</FaultString></cwmp:Fault></detail></soap-env:Fault>
        """)
    #expect(body(.fault(Fault(.acsInvalidArguments))).contains("<faultcode>Client</faultcode>"))
  }

  @Test(
    "A method's name is an XML name, whatever is asked for (found by the fuzzer)",
    arguments: [
      ("É00x", "_00x"), ("", "_"), ("é", "_"), ("-a", "_-a"), ("_9", "_9"), ("a.b", "a.b"),
    ])
  func aMethodNameIsAnXMLName(method: String, written: String) {
    #expect(body(.request(.unknown(method: method))) == "<cwmp:\(written)></cwmp:\(written)>")
  }

  @Test(
    "So is that of a response (found by the fuzzer)",
    arguments: [("", "Response"), ("é", "Response"), ("0", "_0Response"), ("X_Y", "X_YResponse")])
  func aResponsesNameIsAnXMLName(method: String, written: String) {
    #expect(body(.response(.unknown(method: method))) == "<cwmp:\(written)></cwmp:\(written)>")
  }

  @Test func aMethodNameCannotBreakOut() {
    #expect(
      body(.request(.unknown(method: "X><evil a='1'/><Y"))) == "<cwmp:Xevila1Y></cwmp:Xevila1Y>")
  }
}
