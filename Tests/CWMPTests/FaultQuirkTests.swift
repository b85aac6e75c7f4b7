import CWMP
import Testing

/// How devices were seen to report failures and outcomes; each test names the quirk, its title who has it.
@Suite struct FaultQuirkTests {
  @Test("The detail within the faultstring (netcwmp)")
  func malformedFaultNesting() throws {
    let fault = try QuirkEnvelope.decodeFault(
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

  @Test("A fault in an envelope without a Header (Cisco SPA122)")
  func faultEnvelopeWithoutHeader() throws {
    let body = """
      <s:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail>\
      <c:Fault><FaultCode>9002</FaultCode></c:Fault></detail></s:Fault>
      """
    let envelope = try QuirkEnvelope.decode(QuirkEnvelope.text(body: body, header: ""))
    #expect(envelope.id == nil)
    #expect(envelope.message == .fault(Fault(code: 9002, text: "")))
  }

  @Test("FaultStruct in place of Fault (icwmp)")
  func faultWithFaultStructInPlaceOfFault() throws {
    let fault = try QuirkEnvelope.decodeFault(
      """
      <s:Fault><detail><FaultStruct><FaultCode> 9005 </FaultCode><FaultString>n</FaultString>\
      </FaultStruct></detail></s:Fault>
      """)
    #expect(fault == Fault(code: 9005, text: "n"))
  }

  @Test("A SOAP fault without a CWMP fault counts as the device's internal error")
  func soapFaultWithoutCWMPFault() throws {
    let fault = try QuirkEnvelope.decodeFault(
      """
      <s:Fault><faultcode>s:Client</faultcode><faultstring>Method not implemented</faultstring>\
      </s:Fault>
      """)
    #expect(fault == Fault(code: 9002, text: "Method not implemented"))
    #expect(try QuirkEnvelope.decodeFault("<s:Fault/>") == Fault(code: 9002, text: ""))
  }

  @Test("FaultCode and FaultString straight below the SOAP fault")
  func faultWithoutAnyWrapper() throws {
    #expect(
      try QuirkEnvelope.decodeFault(
        "<s:Fault><FaultCode>9001</FaultCode><FaultString>d</FaultString></s:Fault>")
        == Fault(code: 9001, text: "d"))
  }

  @Test(
    "Fault codes of vendors, of the future, and such as are none",
    arguments: [("9801", 9801), ("9799", 9799), ("0", 0), ("x", 9002), ("", 9002)])
  func faultCodes(text: String, code: Int) throws {
    #expect(
      try QuirkEnvelope.decodeFault(
        "<s:Fault><detail><c:Fault><FaultCode>\(text)</FaultCode></c:Fault></detail></s:Fault>"
      ).detail.code == code)
  }

  @Test("TransferComplete with its members in any order (easycwmp, genieacs-sim)")
  func transferCompleteElementOrder() throws {
    let parts = [
      "<CommandKey>k</CommandKey>", "<StartTime>s</StartTime>", "<CompleteTime>c</CompleteTime>",
      "<FaultStruct><FaultString>t</FaultString><FaultCode>9018</FaultCode></FaultStruct>",
    ]
    let expected = TransferComplete(
      commandKey: "k", fault: FaultDetail(code: 9018, text: "t"), startTime: "s",
      completeTime: "c")
    for shift in parts.indices {
      let body = (parts[shift...] + parts[..<shift]).joined()
      #expect(
        try QuirkEnvelope.message("<c:TransferComplete>\(body)</c:TransferComplete>")
          == .request(.transferComplete(expected)))
    }
  }

  @Test(
    "TransferComplete without a FaultStruct, with code 0, and with unknown times (genieacs-sim)",
    arguments: [
      "", "<FaultStruct/>", "<FaultStruct><FaultCode>0</FaultCode></FaultStruct>",
      "<FaultStruct><FaultCode>0</FaultCode><FaultString></FaultString></FaultStruct>"
        + "<StartTime/><CompleteTime>0001-01-01T00:00:00Z</CompleteTime>",
    ])
  func transferCompleteThatSaysLittle(body: String) throws {
    #expect(
      try QuirkEnvelope.message(
        "<c:TransferComplete><CommandKey>k</CommandKey>\(body)</c:TransferComplete>")
        == .request(.transferComplete(TransferComplete(commandKey: "k"))))
  }

  @Test("DU results with FaultStruct in place of Fault and without mandatory members (icwmp)")
  func duStateChangeResultsWithFaultStruct() throws {
    let body = """
      <c:DUStateChangeComplete><CommandKey>k</CommandKey><Results><OpResultStruct>\
      <UUID>u</UUID><CurrentState>Failed</CurrentState><FaultStruct><FaultCode>9026</FaultCode>\
      <FaultString>d</FaultString></FaultStruct></OpResultStruct></Results>\
      </c:DUStateChangeComplete>
      """
    #expect(
      try QuirkEnvelope.message(body)
        == .request(
          .duStateChangeComplete(
            DUStateChangeComplete(
              results: [
                DeploymentUnitResult(
                  uuid: "u", currentState: "Failed", fault: FaultDetail(code: 9026, text: "d"))
              ], commandKey: "k"))))
  }

  @Test(
    "DU operations as repeated elements with a type (the schema) and in one wrapper (everyone)",
    arguments: [
      """
      <Operations i:type="c:InstallOpStruct"><URL>http://h/</URL></Operations>\
      <Operations i:type="UninstallOpStruct"><UUID>u</UUID></Operations>
      """,
      """
      <Operations e:arrayType="c:OperationStruct[1]"><InstallOpStruct><URL>http://h/</URL>\
      </InstallOpStruct><UninstallOpStruct><UUID>u</UUID></UninstallOpStruct></Operations>
      """,
    ])
  func duStateOperations(operations: String) throws {
    #expect(
      try QuirkEnvelope.message(
        "<c:ChangeDUState>\(operations)<CommandKey>k</CommandKey></c:ChangeDUState>")
        == .request(
          .changeDUState(
            ChangeDUState(
              operations: [.install(.init(url: "http://h/")), .uninstall(.init(uuid: "u"))],
              commandKey: "k"))))
  }

  @Test(
    "DU results as repeated elements (the schema) and in one wrapper (everyone)",
    arguments: [
      """
      <Results><UUID>a</UUID><CurrentState>Installed</CurrentState>\
      <Fault><FaultCode>0</FaultCode><FaultString/></Fault></Results><Results><UUID>b</UUID>\
      <CurrentState>Uninstalled</CurrentState></Results>
      """,
      """
      <Results e:arrayType="c:OpResultStruct[9]"><OpResultStruct><UUID>a</UUID>\
      <CurrentState>Installed</CurrentState></OpResultStruct><OpResultStruct><UUID>b</UUID>\
      <CurrentState>Uninstalled</CurrentState></OpResultStruct></Results>
      """,
    ])
  func duStateResults(results: String) throws {
    #expect(
      try QuirkEnvelope.message(
        "<c:DUStateChangeComplete>\(results)</c:DUStateChangeComplete>")
        == .request(
          .duStateChangeComplete(
            DUStateChangeComplete(
              results: [
                DeploymentUnitResult(uuid: "a", currentState: "Installed"),
                DeploymentUnitResult(uuid: "b", currentState: "Uninstalled"),
              ], commandKey: ""))))
  }

  @Test(
    "DU results of operations that nobody ordered, repeated or wrapped",
    arguments: ["<AutonOpResultStruct>#</AutonOpResultStruct>", "#"])
  func autonomousDUStateResults(wrapper: String) throws {
    let result = """
      <UUID>a</UUID><CurrentState>Installed</CurrentState>\
      <OperationPerformed>Install</OperationPerformed>
      """
    let body = wrapper.replacing("#", with: result)
    #expect(
      try QuirkEnvelope.message(
        """
        <c:AutonomousDUStateChangeComplete><Results>\(body)</Results>\
        </c:AutonomousDUStateChangeComplete>
        """)
        == .request(
          .autonomousDUStateChangeComplete(
            AutonomousDUStateChangeComplete(results: [
              DeploymentUnitResult(
                uuid: "a", currentState: "Installed", operationPerformed: "Install")
            ]))))
  }

  @Test("Attacks with entities in place of a message (honeyclient)")
  func attacksWithEntities() throws {
    let text = """
      <?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>\
      <s:Envelope><s:Body><GetRPCMethodsResponse>&x;</GetRPCMethodsResponse></s:Body></s:Envelope>
      """
    let error = try #require(QuirkEnvelope.refusal(Array(text.utf8)))
    #expect(error.code == .notXML)
    #expect(error.description.contains("DOCTYPE"))
    #expect(!error.description.contains("passwd"))
  }
}
