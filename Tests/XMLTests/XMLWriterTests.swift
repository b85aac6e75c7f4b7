import Testing
import XML

@Suite struct XMLWriterTests {
  private func escaped(_ text: String) -> String {
    var writer = XMLWriter()
    writer.text(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func specialsAreEscaped() {
    #expect(escaped("<a href=\"x\">&'</a>") == "&lt;a href=&quot;x&quot;&gt;&amp;'&lt;/a&gt;")
  }

  @Test func tabAndNewlineStayAndCarriageReturnBecomesAReference() {
    #expect(escaped("a\tb\nc\rd\r\ne") == "a\tb\nc&#13;d&#13;\ne")
  }

  @Test func charactersOutsideASCIIBecomeReferences() {
    #expect(escaped("é€😀\u{7F}\u{85}") == "&#233;&#8364;&#128512;&#127;&#133;")
  }

  @Test func charactersThatXMLCannotCarryBecomeReplacementCharacters() {
    #expect(
      escaped("a\u{0}b\u{2}c\u{1F}d\u{FFFE}e\u{FFFF}")
        == "a&#65533;b&#65533;c&#65533;d&#65533;e&#65533;")
  }

  @Test(arguments: [0, 7, -1, 10, 1234567890, Int.min, Int.max])
  func numbers(number: Int) {
    var writer = XMLWriter()
    writer.number(number)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == String(number))
  }

  @Test func aBufferIsUsedAgainAndItsContentIsGone() {
    var writer = XMLWriter(reusing: Array("old".utf8))
    writer.raw("<a/>")
    #expect(writer.bytes == Array("<a/>".utf8))
  }

  /// What is written can be read, whatever the text.
  @Test func everyAllowedCharacterComesBack() throws {
    let allowed =
      [0x9, 0xA, 0xD] + Array(0x20...0xD7FF) + Array(0xE000...0xFFFD) + Array(0x10000...0x10FFF)
    let text = String(String.UnicodeScalarView(allowed.compactMap { Unicode.Scalar($0) }))
    var writer = XMLWriter()
    writer.raw("<a>")
    writer.text(text)
    writer.raw("</a>")
    #expect(try events(writer.bytes) == ["<a", text, ">"])
  }
}
