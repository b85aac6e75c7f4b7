import CWMP
import Testing

@Suite struct EnvelopeDecoderTests {
  private func refusal(_ text: String, limits: EnvelopeDecoder.Limits = .init())
    -> CWMPError.Code?
  {
    let decoder = EnvelopeDecoder(limits: limits)
    do throws(CWMPError) {
      _ = try decoder.decode(Array(text.utf8))
      return nil
    } catch {
      return error.code
    }
  }

  private func values(_ count: Int, length: Int = 1) -> String {
    let value = String(repeating: "v", count: length)
    let entries = (0..<count).map {
      "<ParameterValueStruct><Name>A\($0)</Name><Value>\(value)</Value></ParameterValueStruct>"
    }
    return """
      <Envelope><Body><GetParameterValuesResponse><ParameterList>\(entries.joined())\
      </ParameterList></GetParameterValuesResponse></Body></Envelope>
      """
  }

  @Test func parameterLimit() {
    let limits = EnvelopeDecoder.Limits(parameters: 10)
    #expect(refusal(values(10), limits: limits) == nil)
    #expect(refusal(values(11), limits: limits) == .limitExceeded)
  }

  @Test func valueLengthLimit() {
    let limits = EnvelopeDecoder.Limits(valueLength: 100)
    #expect(refusal(values(1, length: 100), limits: limits) == nil)
    #expect(refusal(values(1, length: 101), limits: limits) == .limitExceeded)
  }

  @Test func byteLimit() {
    let text = values(3)
    #expect(refusal(text, limits: .init(bytes: text.utf8.count)) == nil)
    #expect(refusal(text, limits: .init(bytes: text.utf8.count - 1)) == .limitExceeded)
  }

  @Test func depthLimit() {
    func nested(_ depth: Int) -> String {
      let inner = depth - 2
      return "<Envelope><Body>" + String(repeating: "<X>", count: inner)
        + String(repeating: "</X>", count: inner) + "</Body></Envelope>"
    }
    let limits = EnvelopeDecoder.Limits(depth: 9)
    #expect(refusal(nested(9), limits: limits) == nil)
    #expect(refusal(nested(10), limits: limits) == .limitExceeded)
  }

  @Test(arguments: ["<html><body/></html>", "<Envelope/>", "<Envelope><Header/></Envelope>"])
  func whatIsNoSOAPIsRefused(text: String) {
    #expect(refusal(text) == .notSOAP)
  }

  @Test(arguments: ["", "{}", "<Envelope>", "<Envelope><Body></Envelope>"])
  func whatIsNoXMLIsRefused(text: String) {
    #expect(refusal(text) == .notXML)
  }

  @Test(arguments: [
    "<Inform/>", "<AddObjectResponse><Status>0</Status></AddObjectResponse>",
    "<AddObjectResponse><InstanceNumber>0</InstanceNumber></AddObjectResponse>",
    "<AddObjectResponse><InstanceNumber>x</InstanceNumber></AddObjectResponse>",
  ])
  func whatAMessageCannotDoWithoutIsMissed(body: String) {
    #expect(refusal("<Envelope><Body>\(body)</Body></Envelope>") == .invalidMessage)
  }

  @Test func afterARefusalTheDecoderIsAsNew() throws {
    let decoder = EnvelopeDecoder(limits: .init(parameters: 10))
    for _ in 0..<3 {
      #expect(throws: CWMPError.self) { try decoder.decode(Array("<Envelope><x>".utf8)) }
      #expect(throws: CWMPError.self) { try decoder.decode(Array(values(11).utf8)) }
      let envelope = try decoder.decode(Array(values(2).utf8))
      #expect(
        envelope.message
          == .response(
            .getParameterValues([
              ParameterValue(name: "A0", value: "v"), ParameterValue(name: "A1", value: "v"),
            ])))
    }
  }

  @Test func anEnvelopeThatIsNotFinishedIsForgotten() throws {
    let decoder = EnvelopeDecoder()
    decoder.begin()
    try Array("<Envelope><Header><ID>1</ID>".utf8).withUnsafeBytes { try decoder.feed($0) }
    let envelope = try decoder.decode(Array("<Envelope><Body/></Envelope>".utf8))
    #expect(envelope == Envelope(namespace: .v1_0, message: nil))
  }

  @Test func onlyTheFirstElementOfTheBodyIsTheMessage() throws {
    let text =
      "<Envelope><Body><Reboot><CommandKey>a</CommandKey></Reboot><FactoryReset/></Body></Envelope>"
    #expect(
      try EnvelopeDecoder().decode(Array(text.utf8)).message
        == .request(.reboot(commandKey: "a")))
  }

  @Test func errorsQuoteNoValues() {
    let decoder = EnvelopeDecoder()
    do throws(CWMPError) {
      _ = try decoder.decode(
        Array("<Envelope><Body><Download><Password>secret</Passw></Download>".utf8))
      Issue.record("the envelope was taken")
    } catch {
      #expect(!error.description.contains("secret"))
      #expect(error.description.contains("line 1"))
    }
  }
}
