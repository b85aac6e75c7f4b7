import Testing
import XML

/// Documents made to hurt: each is refused, and what it costs until then is counted.
@Suite struct XMLHostileTests {
  /// Bytes that the parser may hold for any of these documents.
  private static let footprint = 128 << 10
  /// The length of the pieces in which endless documents come.
  private static let pieceLength = 64 << 10

  private func expectRefusal(
    _ document: String, _ code: XMLError.Code, elements: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let cost = ParsingCost(of: document)
    #expect(cost.refusal?.code == code, sourceLocation: sourceLocation)
    #expect(cost.elements <= elements, sourceLocation: sourceLocation)
    #expect(cost.peakFootprint <= Self.footprint, sourceLocation: sourceLocation)
  }

  /// What is allowed where a document has no end.
  private static let limits = XMLLimits(bytes: 1 << 20, textLength: 256 << 10, elements: 20_000)

  /// That text in pieces, over and over, a hundred megabytes of it, with the other before it.
  private func endless(_ text: String, after start: String) -> some Sequence<[UInt8]> {
    let piece = Array(
      String(repeating: text, count: max(1, Self.pieceLength / text.utf8.count)).utf8)
    let count = (100 << 20) / piece.count
    return (-1..<count).lazy.map { $0 < 0 ? Array(start.utf8) : piece }
  }

  // MARK: Document types and entities

  @Test(arguments: [
    "<!DOCTYPE a><a/>", "<!DOCTYPE a []><a/>", "<!DOCTYPE a SYSTEM 'http://192.0.2.1/x.dtd'><a/>",
    "<!DOCTYPE a PUBLIC '-//X' 'http://192.0.2.1/x.dtd'><a/>",
    "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://192.0.2.1/'>%x;]><a/>",
    "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>", "<?xml version='1.0'?><!DOCTYPE a><a/>",
  ])
  func documentTypes(document: String) {
    expectRefusal(document, .doctype)
    #expect(refusal(document, pieces: 1) == .doctype)
  }

  /// What is refused when it comes in pieces is refused whole.
  @Test(arguments: ["<a><!-->b--></a>", "<!--->b--><a/>", "<a/><!-->-->"])
  func commentsThatBeginWithTheirEnd(document: String) {
    for pieces in 1...document.utf8.count {
      #expect(refusal(document, pieces: pieces) != nil, "in pieces of \(pieces)")
    }
    #expect(refusal(document.replacing("<!--", with: "<!-- "), pieces: 1) == nil)
  }

  @Test func billionLaughs() {
    var entities = "<!ENTITY l0 \"lol\">"
    for level in 1..<10 {
      let references = String(repeating: "&l\(level - 1);", count: 10)
      entities += "<!ENTITY l\(level) \"\(references)\">"
    }
    expectRefusal("<!DOCTYPE a [\(entities)]><a>&l9;</a>", .doctype)
  }

  @Test func quadraticBlowUp() {
    let entity = String(repeating: "x", count: 50_000)
    let references = String(repeating: "&x;", count: 50_000)
    let cost = ParsingCost(of: "<!DOCTYPE a [<!ENTITY x '\(entity)'>]><a>\(references)</a>")
    #expect(cost.refusal != nil)
    #expect(cost.textBytes == 0)
    #expect(cost.peakFootprint <= Self.footprint)
  }

  @Test func undeclaredEntities() {
    expectRefusal("<a>&xxe;</a>", .undeclaredEntity, elements: 1)
    expectRefusal("<a b='&xxe;'/>", .undeclaredEntity)
  }

  @Test func aDocumentTypeWithoutAnEnd() {
    expectRefusal("<!DOCTYPE " + String(repeating: "x", count: 1 << 20), .limit(.tokenLength))
  }

  // MARK: Size in every direction

  @Test(arguments: [Int.max, 1_000])
  func twoHundredThousandLevels(pieces: Int) {
    let document = String(repeating: "<a>", count: 200_000)
    expectRefusal(document, .limit(.depth), elements: 64)
    #expect(refusal(document, pieces: pieces) == .limit(.depth))
  }

  @Test(arguments: ["<#/>", "<a #='1'/>", "<#:a/>", "<a>&#;</a>", "<?# x?><a/>", "<a></#>"])
  func namesOfAMegabyte(form: String) {
    let name = String(repeating: "n", count: 1 << 20)
    let document = form.replacing("#", with: name)
    let cost = ParsingCost(of: document)
    #expect(cost.refusal != nil)
    #expect(cost.elements <= 1)
    #expect(cost.peakFootprint <= Self.footprint)
    #expect(refusal(document, pieces: 100) != nil)
  }

  @Test func attributesByTheHundredThousand() {
    let attributes = (0..<100_000).map { " a\($0)='1'" }.joined()
    expectRefusal("<a\(attributes)/>", .limit(.tokenLength))
    let fewer = (0..<1_500).map { " a\($0)=''" }.joined()
    expectRefusal("<a\(fewer)/>", .limit(.attributes))
    let namespaces = (0..<500).map { " xmlns:a\($0)='u\($0)'" }.joined()
    expectRefusal("<a\(namespaces)/>", .limit(.attributes))
  }

  @Test(arguments: [Int.max, 7])
  func attributeValuesOfAMegabyte(pieces: Int) {
    let document = "<a b='\(String(repeating: "v", count: 1 << 20))'/>"
    expectRefusal(document, .limit(.tokenLength))
    #expect(refusal(document, pieces: pieces) == .limit(.tokenLength))
  }

  @Test func aMegabyteOfWhiteSpace() {
    let space = String(repeating: " \t", count: (1 << 20) / 2)
    expectRefusal("<a" + space + "/>", .limit(.tokenLength))
    expectRefusal("<a/" + space + ">", .limit(.tokenLength))
    // Between elements it counts as text.
    expectRefusal("<a><b/>" + space + " <b/></a>", .limit(.textLength), elements: 2)
    // In pieces before the root element it is kept until it is known what follows, and so it may not go on for ever.
    let cost = ParsingCost(of: endless(" ", after: " \n"))
    #expect(cost.refusal?.code == .limit(.tokenLength))
    #expect(cost.bytes <= 2 * Self.pieceLength)
    #expect(cost.peakFootprint <= Self.footprint)
    // Otherwise, outside the root element, it costs nothing.
    for document in [space + "<a/>", "<a/>" + space] {
      let cost = ParsingCost(of: document)
      #expect(cost.refusal == nil)
      #expect(cost.texts == 0)
      #expect(cost.peakFootprint <= Self.footprint)
    }
  }

  @Test func namesThatAreNeverSeenAgain() {
    let strangers = (0..<40_000).map { "<n\($0)\(String(repeating: "y", count: 200))/>" }
    let cost = ParsingCost(of: "<a>" + strangers.joined() + "</a>")
    #expect(cost.refusal?.code == .limit(.memory))
    #expect(cost.peakFootprint <= 6 << 20)
  }

  @Test func namespacesThatAreNeverSeenAgain() {
    let strangers = (0..<40_000).map {
      "<a xmlns:n\($0)='u\($0)\(String(repeating: "y", count: 200))'/>"
    }
    let cost = ParsingCost(of: "<a>" + strangers.joined() + "</a>")
    #expect(cost.refusal?.code == .limit(.memory))
    #expect(cost.peakFootprint <= 6 << 20)
  }

  // MARK: A hundred megabytes

  @Test func aHundredMegabytesOfText() {
    let cost = ParsingCost(of: endless("x", after: "<a>"))
    #expect(cost.refusal?.code == .limit(.textLength))
    #expect(cost.textBytes <= XMLLimits().textLength)
    #expect(cost.bytes <= XMLLimits().textLength + 2 * Self.pieceLength)
    #expect(cost.peakFootprint <= Self.footprint)
  }

  @Test func aHundredMegabytesOfTextWhereTextsHaveNoLimit() {
    let cost = ParsingCost(of: endless("x", after: "<a>"), limits: XMLLimits(textLength: .max))
    #expect(cost.refusal?.code == .limit(.bytes))
    #expect(cost.bytes <= XMLLimits().bytes + Self.pieceLength)
    #expect(cost.peakFootprint <= Self.footprint)
  }

  @Test(arguments: [
    ("x", "<a><![CDATA["), ("&#120;", "<a>"), ("é", "<a>"), ("\u{2}", "<a>"), (" ", "<a>"),
    ("<![CDATA[x]]>", "<a>"), ("<!---->", "<a>x"), ("x", "<a><!--"), ("x", "<a><?p "),
    ("x", "<a b='"),
    ("<b/>", "<a>"), ("<b>x</b>", "<a>"), ("]", "<a><![CDATA["), ("-", "<a><!--"), ("\u{0}", ""),
    ("\u{0}", "<a>"), ("\u{0}", "<a/>"), (" ", ""), (" ", "<a/>"), ("<a/>", ""), ("<", "<a>"),
    ("&", "<a>"), ("&#", "<a>"), ("&lt;", "<a>"), ("\u{FFFE}", "<a>"), ("<?p?>", "<a>"),
    ("<?p?>", ""), ("</a>", "<a>"), ("\u{FEFF}", ""), (">", "<a>"),
  ])
  func anythingWithoutAnEnd(text: String, start: String) {
    let cost = ParsingCost(of: endless(text, after: start), limits: Self.limits)
    #expect(cost.refusal != nil)
    #expect(cost.bytes <= Self.limits.bytes + Self.pieceLength)
    #expect(cost.elements <= Self.limits.elements)
    // One byte may become the three of a replacement character.
    #expect(cost.textBytes <= Self.limits.bytes * 3)
    // What was decoded of one piece of the largest kind, and the piece itself.
    #expect(cost.peakFootprint <= 8 * Self.pieceLength)
  }

  @Test func anotherEncodingWithoutAnEnd() {
    for charset in ["GB18030", "ISO-8859-1", "UTF-8"] {
      let piece = [UInt8](repeating: 0xFF, count: Self.pieceLength)
      let pieces = (-1..<1_600).lazy.map { $0 < 0 ? Array("<a>".utf8) : piece }
      let cost = ParsingCost(of: pieces, charset: charset, limits: Self.limits)
      #expect(cost.refusal?.code == .limit(.textLength))
      #expect(cost.peakFootprint <= 8 * Self.pieceLength)
    }
  }

  // MARK: Characters

  @Test func controlCharactersOutsideValuesAreNoMarkup() {
    #expect(refusal("<a\u{2}/>") == nil)
    #expect(refusal("<a \u{2}b='1'/>") == nil)
    #expect(refusal("<\u{2}a>") != nil)
    #expect(refusal("<a>\u{0}<b/></a>") == nil)
    #expect(refusal("\u{0}<a/>") != nil)
    #expect(refusal("\u{0}\u{0}\u{0}\u{0}\u{0}") != nil)
  }

  @Test func referencesToForbiddenCharactersAreBorneAThousandTimes() throws {
    func document(_ count: Int) -> String {
      "<a>\(String(repeating: "&#2;", count: count))</a>"
    }
    let text = try events(document(1_000))
    #expect(text == ["<a", String(repeating: "\u{FFFD}", count: 1_000), ">"])
    #expect(refusal(document(1_001)) == .forbiddenCharacter)
  }

  @Test func afterAReferenceToAForbiddenCharacterAllElseIsStillRefused() {
    for rest in ["<b>", "&x;", "</b>", "<b c='1' c='2'/>", "<!DOCTYPE a>", "&", "<b c='&#3;'", "<"]
    {
      #expect(refusal("<a>&#2;\(rest)</a>") != nil, "\(rest)")
    }
    #expect(refusal("<a>&#2;</a><b/>") != nil)
    #expect(refusal("<a>&#2;") != nil)
    #expect(refusal("<a>&#2;<b c='&#3;'/></a>") == nil)
  }

  @Test func aLabelFromOutsideLoadsNoConverterThatIsNotListed() {
    for label in ["UTF-7", "HZ", "ISO-2022-JP", "IBM037", "TSCII", "../../x", "UTF-8//TRANSLIT"] {
      let charset = try? events(Array("<a>+ADw-b/+AD4-</a>".utf8), charset: label)
      #expect(charset == ["<a", "+ADw-b/+AD4-", ">"], "\(label)")
    }
    for label in ["UTF-7", "HZ", "ISO-2022-JP", "IBM037", "TSCII"] {
      let declared = try? events("<?xml version='1.0' encoding='\(label)'?><a>+ADw-b/+AD4-</a>")
      #expect(declared == ["<a", "+ADw-b/+AD4-", ">"], "\(label)")
    }
  }

  @Test func markupCannotHideInAnotherEncoding() throws {
    // A lead byte swallows no markup: what follows it is no trail byte.
    let bytes = Array("<a>".utf8) + [0x81] + Array("<b/></a>".utf8)
    #expect(try events(bytes, charset: "GBK") == ["<a", "\u{FFFD}", "<b", ">", ">"])
    #expect(try events(bytes) == ["<a", "\u{81}", "<b", ">", ">"])
  }

  // MARK: What is said about it

  @Test(arguments: [
    "<a>&b#</a>", "<a><b#></a>", "<a b#='1' b#='2'/>", "<a>#</b>", "<a><?xml #?></a>",
  ])
  func messagesAreShortAndCarryNoControlCharacters(form: String) throws {
    let name = "\u{1}\u{7F}" + String(repeating: "é", count: 900)
    let cost = ParsingCost(of: form.replacing("#", with: name))
    let error = try #require(cost.refusal)
    #expect(error.description.utf8.count <= 260)
    #expect(error.description.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
  }
}
