import Testing
import XML

/// Documents made to hurt; each is refused long before it costs anything.
@Suite struct XMLHostileTests {
  /// No document here may take longer than this; each takes some milliseconds.
  private static let patience = Duration.seconds(2)

  private func refusalInTime(_ document: String, pieces: Int = .max) -> XMLError.Code? {
    let bytes = Array(document.utf8)
    var code: XMLError.Code?
    let time = ContinuousClock().measure { code = refusal(bytes, pieces: pieces) }
    #expect(time < Self.patience)
    return code
  }

  @Test func billionLaughs() {
    var entities = "<!ENTITY l0 \"lol\">"
    for level in 1..<10 {
      let references = String(repeating: "&l\(level - 1);", count: 10)
      entities += "<!ENTITY l\(level) \"\(references)\">"
    }
    #expect(refusalInTime("<!DOCTYPE a [\(entities)]><a>&l9;</a>") == .doctype)
  }

  @Test func externalEntity() {
    let document =
      "<?xml version=\"1.0\"?><!DOCTYPE a [ <!ENTITY xxe SYSTEM \"file:///etc/passwd\"> ]><a>&xxe;</a>"
    #expect(refusalInTime(document) == .doctype)
    #expect(refusalInTime(document, pieces: 1) == .doctype)
  }

  @Test func externalSubset() {
    #expect(refusalInTime("<!DOCTYPE a SYSTEM 'http://192.0.2.1/x.dtd'><a/>") == .doctype)
  }

  @Test func undeclaredEntity() {
    #expect(refusalInTime("<a>&xxe;</a>") == .undeclaredEntity)
    #expect(refusalInTime("<a b='&xxe;'/>") == .undeclaredEntity)
  }

  @Test func twoHundredThousandLevels() {
    let document = String(repeating: "<a>", count: 200_000)
    #expect(refusalInTime(document) == .limit(.depth))
  }

  @Test func megabyteNames() {
    let name = String(repeating: "n", count: 1 << 20)
    #expect(refusalInTime("<\(name)/>") == .limit(.tokenLength))
    #expect(refusalInTime("<a \(name)='1'/>") == .limit(.tokenLength))
    #expect(refusalInTime("<a>&\(name);</a>") != nil)
    #expect(refusalInTime("<\(name)/>", pieces: 100) == .limit(.tokenLength))
  }

  @Test func attributesByTheThousand() {
    let attributes = (0..<100_000).map { " a\($0)='1'" }.joined()
    #expect(refusalInTime("<a\(attributes)/>") == .limit(.tokenLength))
    let fewer = (0..<1_500).map { " a\($0)=''" }.joined()
    #expect(refusalInTime("<a\(fewer)/>") == .limit(.attributes))
  }

  @Test func endlessDoctypeWithoutAnEnd() {
    #expect(
      refusalInTime("<!DOCTYPE " + String(repeating: "x", count: 1 << 20)) == .limit(.tokenLength))
  }

  @Test func aMegabyteAttributeInTinyPieces() {
    let value = String(repeating: "v", count: 1 << 20)
    #expect(refusalInTime("<a b='\(value)'/>", pieces: 7) == .limit(.tokenLength))
  }

  @Test func controlCharactersThatXMLForbids() {
    #expect(refusalInTime("<a>x\u{2}y</a>") == .forbiddenCharacter)
    #expect(refusalInTime("<a>&#2;</a>") == .forbiddenCharacter)
    #expect(refusalInTime("<a>&#xFFFE;</a>") == .forbiddenCharacter)
  }

  @Test func zeroBytes() {
    #expect(refusalInTime("<a>x\u{0}y</a>") != nil)
    #expect(refusalInTime("\u{0}\u{0}\u{0}\u{0}\u{0}") != nil)
  }

  @Test func messagesAreShortAndCarryNoControlCharacters() {
    let parser = XMLParser(handler: RecordingHandler())
    let name = "\n" + String(repeating: "é", count: 900)
    do throws(XMLError) {
      try parser.parse("<a>&b\(name)</a>")
      Issue.record("the document was taken")
    } catch {
      #expect(error.message.utf8.count <= 210)
      #expect(error.message.utf8.allSatisfy { $0 >= 0x20 })
    }
  }
}
