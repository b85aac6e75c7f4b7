import CWMP
import Testing

/// What the versions of CWMP ask for, as transcripts of texts: what the CPE posts, and what it gets.
@Suite struct VersionTests {
  private var session = Session()

  /// What the session says to a text, as the CPE reads it; the contact is committed at once.
  private mutating func post(_ text: String) throws -> Envelope {
    var action = session.received(.envelope(try QuirkEnvelope.decode(text)))
    if case .commitContact = action { action = session.contactCommitted() }
    return try sent(action)
  }

  private func sent(_ action: Session.Action) throws -> Envelope {
    guard case .reply(let envelope) = action else {
      throw CWMPError(.invalidMessage, "no reply but \(action)")
    }
    var bytes: [UInt8] = []
    EnvelopeEncoder().encode(envelope, into: &bytes)
    return try EnvelopeDecoder().decode(bytes)
  }

  private func inform(header: String = "", namespace: String = "urn:dslforum-org:cwmp-1-0")
    -> String
  {
    QuirkEnvelope.text(
      body: QuirkEnvelope.inform(), header: "<s:Header><c:ID>7</c:ID>\(header)</s:Header>",
      namespace: namespace)
  }

  // MARK: UseCWMPVersion

  @Test(
    "The best version of both sides is chosen, whatever the order and the spaces (icwmp)",
    arguments: [
      ("1.0", "1.0"), ("1.0,1.1,1.2,1.3,1.4", "1.4"), ("1.0, 1.1, 1.2, 1.3, 1.4", "1.4"),
      (" 1.2 ,1.0,", "1.2"), ("1.4,1.5,2.0", "1.4"), ("9.9,1.1", "1.1"),
    ])
  mutating func theBestVersion(offered: String, chosen: String) throws {
    let reply = try post(
      inform(header: "<c:SupportedCWMPVersions>\(offered)</c:SupportedCWMPVersions>"))
    #expect(reply.message == .response(.inform))
    #expect(reply.useVersion == chosen)
  }

  @Test(
    "A CPE that offers no versions is told none", arguments: ["", "<c:SupportedCWMPVersions/>"])
  mutating func noVersionsOffered(header: String) throws {
    let reply = try post(inform(header: header))
    #expect(reply.message == .response(.inform))
    #expect(reply.useVersion == nil)
  }

  @Test(
    "None of the offered versions: fault 8006, and the session is over",
    arguments: ["1.9", "2.0,3.0", "0.9"])
  mutating func incompatibleVersions(offered: String) throws {
    let reply = try post(
      inform(header: "<c:SupportedCWMPVersions>\(offered)</c:SupportedCWMPVersions>"))
    #expect(reply.message == .fault(Fault(.acsVersionIncompatible)))
    #expect(reply.id == "7")
    #expect(session.isOver)
  }

  @Test("Only the InformResponse names the version")
  mutating func theVersionIsNamedOnce() throws {
    _ = try post(
      inform(header: "<c:SupportedCWMPVersions>1.4</c:SupportedCWMPVersions>"))
    let reply = try post(QuirkEnvelope.text(body: "<c:GetRPCMethods/>"))
    #expect(reply.useVersion == nil)
    #expect(session.received(.empty) == .askNext)
    #expect(try sent(session.next(.factoryReset)).useVersion == nil)
  }

  // MARK: Namespaces

  @Test(
    "The CPE's namespace is mirrored, also one that does not exist yet (icwmp, easycwmp 138)",
    arguments: [
      "urn:dslforum-org:cwmp-1-0", "urn:dslforum-org:cwmp-1-1", "urn:dslforum-org:cwmp-1-2",
      "urn:dslforum-org:cwmp-1-3", "urn:dslforum-org:cwmp-1-4", "urn:dslforum-org:cwmp-1-9",
      "urn:dslforum-org:cwmp-1-65535", "urn:broadband-forum-org:cwmp-1-5",
      "urn:X-00D09E:cwmp-1-2", "urn:dslforum-org:cwmp-2-0", "urn:dslforum-org:cwmp-3-17",
      "urn:dslforum-org:cwmp-1-65536", "urn:dslforum-org:cwmp-1-00", "urn:dslforum-org:cwmp-1-x",
      "urn:dslforum-org:cwmp-1-", "URN:dslforum-org:cwmp-1-0", "urn:dslforum-org:cwmp-1-0:x",
      "http://example.com/cwmp-1-0", "urn:x:" + String(repeating: "a", count: 122),
    ])
  mutating func namespacesAreMirrored(uri: String) throws {
    #expect(try post(inform(namespace: uri)).namespace.uri == uri)
    _ = session.received(.empty)
    #expect(try sent(session.next(.factoryReset)).namespace.uri == uri)
  }

  @Test(
    "A namespace that is no URI, is too long, could be markup, or is another's is answered in that of CWMP 1.0",
    arguments: [
      "", "x", "cwmp-1-0", ":cwmp-1-0", "urn:", "1:x", "urn:a b:cwmp-1-0", "urn:é:cwmp-1-0",
      "urn:a&quot;b:cwmp-1-0", "urn:a&lt;b:cwmp-1-0", "urn:a>b:cwmp-1-0", "urn:a&amp;b:cwmp-1-0",
      "urn:a&apos;b:cwmp-1-0", "urn:a&#10;b:cwmp-1-0", "urn:a\\b:cwmp-1-0",
      "urn:x:" + String(repeating: "a", count: 123),
      "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2001/XMLSchema",
    ])
  mutating func otherNamespacesAreNotMirrored(uri: String) throws {
    let reply = try post(inform(namespace: uri.isEmpty ? "x" : uri))
    #expect(reply.namespace == .v1_0)
    #expect(reply.message == .response(.inform))
  }

  @Test("A message in no namespace takes that of a header, where it can't be anything but CWMP's")
  func aHeadersNamespaceIsTheSecondBest() throws {
    for (uri, expected) in [
      ("urn:dslforum-org:cwmp-2-1", "urn:dslforum-org:cwmp-2-1"),
      ("urn:example:security", "urn:dslforum-org:cwmp-1-0"),
      ("http://example.com/cwmp-1-0", "urn:dslforum-org:cwmp-1-0"),
    ] {
      let text = """
        <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="\(uri)">\
        <s:Header><a:ID>1</a:ID></s:Header><s:Body><GetRPCMethods/></s:Body></s:Envelope>
        """
      #expect(try QuirkEnvelope.decode(text).namespace.uri == expected)
    }
  }

  @Test("The message's own namespace counts, not that of a header")
  func theMessagesNamespaceCounts() throws {
    let text = """
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:a="urn:dslforum-org:cwmp-1-0" xmlns:b="urn:dslforum-org:cwmp-1-2"><s:Header>\
      <a:ID>1</a:ID></s:Header><s:Body><b:GetRPCMethods/></s:Body></s:Envelope>
      """
    #expect(try QuirkEnvelope.decode(text).namespace == .v1_2)
  }

  @Test("The session keeps the namespace of its Inform")
  mutating func theNamespaceOfTheInformIsKept() throws {
    _ = try post(inform(namespace: "urn:dslforum-org:cwmp-1-2"))
    let reply = try post(
      QuirkEnvelope.text(body: "<c:GetRPCMethods/>", namespace: "urn:dslforum-org:cwmp-1-0"))
    #expect(reply.namespace == .v1_2)
  }

  // MARK: Headers

  @Test("SessionTimeout is read, with or without white space", arguments: ["40", " 40 ", "040"])
  func sessionTimeout(text: String) throws {
    let envelope = try QuirkEnvelope.decode(
      inform(header: "<c:SessionTimeout s:mustUnderstand=\"0\">\(text)</c:SessionTimeout>"))
    #expect(envelope.sessionTimeout == 40)
  }

  @Test(
    "NoMoreRequests and HoldRequests of a CPE change nothing (Alcatel)",
    arguments: ["NoMoreRequests", "HoldRequests"])
  mutating func headersOfTheFirstEdition(name: String) throws {
    for text in ["1", "true"] {
      session = Session()
      let reply = try post(inform(header: "<c:\(name)>\(text)</c:\(name)>"))
      #expect(reply.message == .response(.inform))
      #expect(!reply.holdRequests && !reply.noMoreRequests)
      #expect(session.received(.empty) == .askNext)
      let request = try sent(session.next(.factoryReset))
      #expect(request.message == .request(.factoryReset))
      #expect(!request.holdRequests && !request.noMoreRequests)
      let answer = QuirkEnvelope.text(
        body: "<c:FactoryResetResponse/>", header: "<s:Header><c:\(name)>1</c:\(name)></s:Header>")
      #expect(
        session.received(.envelope(try QuirkEnvelope.decode(answer)))
          == .deliver(.response(.factoryReset)))
      #expect(session.next(nil) == .finish)
    }
  }

  // MARK: Methods of other versions

  @Test(
    "A method that the ACS does not know is answered by 8000, and the session goes on",
    arguments: [
      "<c:X_00D09E_Special><Argument>1</Argument></c:X_00D09E_Special>", "<c:InformNew/>",
      "<Größe xmlns='urn:x'/>", "<c:SetParameterValues/>",
    ])
  mutating func unknownMethods(body: String) throws {
    _ = try post(inform())
    let reply = try post(QuirkEnvelope.text(body: body))
    #expect(reply.message == .fault(Fault(.acsMethodNotSupported)))
    #expect(reply.id == "1")
    #expect(session.received(.empty) == .askNext)
    #expect(session.next(nil) == .finish)
  }

  @Test("An unknown method is named, not malformed")
  func unknownMethodsAreNamed() throws {
    #expect(
      try QuirkEnvelope.message("<c:X_00D09E_Special/>")
        == .request(.unknown(method: "X_00D09E_Special")))
  }

  @Test("What this ACS answers to is what it says it does")
  mutating func methods() throws {
    _ = try post(inform())
    let reply = try post(QuirkEnvelope.text(body: "<c:GetRPCMethods/>"))
    guard case .response(.getRPCMethods(let methods)) = reply.message else {
      Issue.record("no methods")
      return
    }
    for required in ["Inform", "GetRPCMethods", "TransferComplete", "AutonomousTransferComplete"] {
      #expect(methods.contains(required))
    }
    for method in methods where method != "Inform" {
      let request = try QuirkEnvelope.message("<c:\(method)/>")
      #expect(request != .request(.unknown(method: method)))
    }
  }
}
