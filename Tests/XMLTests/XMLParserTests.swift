import Testing
import XML

@Suite struct XMLParserTests {
  @Test func elementsAndTextArriveInOrder() throws {
    #expect(try events("<a><b>x</b>y</a>") == ["<a", "<b", "x", ">", "y", ">"])
  }

  @Test(arguments: [1, 2, 3, 5, 7, 64])
  func piecesOfAnyLengthGiveTheSame(pieces: Int) throws {
    let document = """
      <?xml version="1.0" encoding="UTF-8" standalone="no"?>
      <a:b xmlns:a="urn:x" a:c="d &amp; e"><!-- no --><f/>grüße &#x20AC;<![CDATA[<raw>]]></a:b>
      """
    let whole = try events(document)
    #expect(whole == ["<b", "<f", ">", "grüße €<raw>", ">"])
    #expect(try events(document, pieces: pieces) == whole)
  }

  @Test func theFivePredefinedEntitiesAndCharacterReferencesAreExpanded() throws {
    #expect(
      try events("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>") == ["<a", "<>&\"'AB", ">"])
  }

  @Test func aWordOfTheVocabularyIsRecognisedInEveryDocument() throws {
    let parser = XMLParser(
      handler: RecordingHandler(), vocabulary: ["type", "known", "other"])
    for _ in 0..<3 {
      parser.handler = RecordingHandler()
      try parser.parse("<known type='1'><stranger/><p:other xmlns:p='u' p:type='2'/></known>")
      #expect(parser.handler.words == [1, nil, 2])
      #expect(parser.handler.attributes == ["1", "2"])
      #expect(parser.handler.namespaces == [nil, nil, "u"])
    }
  }

  @Test func wordsAreRecognisedAfterTheContextWasMadeAnew() throws {
    let parser = XMLParser(handler: RecordingHandler(), vocabulary: ["type", "known"])
    for round in 0..<8 {
      // Names that are never seen again fill the dictionary.
      let strangers = (0..<2_000).map {
        "<n\(round)x\($0)\(String(repeating: "y", count: 50))/>"
      }
      parser.handler = RecordingHandler()
      try parser.parse("<known>" + strangers.joined() + "</known>")
      #expect(parser.handler.words.first == .some(1))
    }
  }

  @Test func anUndeclaredPrefixIsNoFailure() throws {
    #expect(try events("<x:a><x:b x:c='1'/></x:a>") == ["<a", "<b", ">", ">"])
  }

  @Test func theHandlerCanStop() {
    let parser = XMLParser(handler: RecordingHandler(stopsAt: "b"))
    #expect(throws: XMLError.self) { try parser.parse("<a><b/><c/></a>") }
    #expect(parser.handler.events == ["<a", "<b"])
  }

  @Test func aFailureIsRepeatedAndTheNextDocumentIsFree() throws {
    let parser = XMLParser(handler: RecordingHandler())
    parser.begin()
    let bad = Array("<a></b>".utf8)
    var first: XMLError?
    do { try bad.withUnsafeBytes { try parser.feed($0) } } catch { first = error as? XMLError }
    let failure = try #require(first)
    #expect(failure.code == .malformed)
    #expect(throws: failure) { try bad.withUnsafeBytes { try parser.feed($0) } }
    #expect(throws: failure) { try parser.finish() }
    parser.handler = RecordingHandler()
    try parser.parse("<a/>")
    #expect(parser.handler.events == ["<a", ">"])
  }

  @Test func errorsTellLineColumnAndCause() {
    let parser = XMLParser(handler: RecordingHandler())
    do throws(XMLError) {
      try parser.parse("<a>\n  <b></c>\n</a>")
      Issue.record("the document was taken")
    } catch {
      #expect(error.code == .malformed)
      #expect(error.line == 2)
      #expect(error.column > 1)
      #expect(error.message.contains("b"))
    }
  }

  @Test(arguments: ["", "   ", "<a>", "<a", "<a><b></b>", "<a><![CDATA[x", "<a><!-- "])
  func aDocumentThatEndsEarlyIsIncompleteOrMalformed(document: String) {
    let code = refusal(document)
    #expect(code == .incomplete || code == .malformed)
  }

  @Test(arguments: ["text", "<a/><b/>", "<a b='1' b='2'/>", "<a b=1/>", "<1a/>", "<a>&</a>"])
  func whatIsNotWellFormedIsRefused(document: String) {
    #expect(refusal(document) != nil)
  }

  @Test func theParserOutsideADocumentRefuses() {
    let parser = XMLParser(handler: RecordingHandler())
    #expect(throws: XMLError.self) { try parser.finish() }
    #expect(throws: XMLError.self) {
      try [UInt8](repeating: 0, count: 1).withUnsafeBytes { try parser.feed($0) }
    }
  }
}
