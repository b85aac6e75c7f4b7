import Testing
import XML

@Suite struct XMLEncodingTests {
  private static let latin1 = Array("<a>caf".utf8) + [0xE9] + Array("</a>".utf8)

  @Test func theCharsetOfTheTransportGoesBeforeTheDeclaration() throws {
    let document =
      Array("<?xml version='1.0' encoding='UTF-8'?>".utf8) + Array("<a>".utf8) + [0xC3, 0xA9]
      + Array("</a>".utf8)
    #expect(try events(document, charset: "ISO-8859-1") == ["<a", "Ã©", ">"])
    #expect(try events(document, charset: "utf-8") == ["<a", "é", ">"])
  }

  @Test(arguments: [1, 3, 100])
  func theDeclarationIsObeyed(pieces: Int) throws {
    let document = Array("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>".utf8) + Self.latin1
    #expect(try events(document, pieces: pieces) == ["<a", "café", ">"])
  }

  @Test(arguments: [1, 4, 100])
  func gb2312IsConverted(pieces: Int) throws {
    let document =
      Array("<?xml version='1.0' encoding='GB2312'?><a>".utf8) + [0xD6, 0xD0, 0xCE, 0xC4]
      + Array("</a>".utf8)
    #expect(try events(document, pieces: pieces) == ["<a", "中文", ">"])
    #expect(
      try events(Array(document.drop { $0 != UInt8(ascii: ">") }.dropFirst()), charset: "gb2312")
        == ["<a", "中文", ">"])
  }

  @Test(arguments: [1, 100])
  func latin1InADocumentWithoutALabelIsTakenAsSuch(pieces: Int) throws {
    #expect(try events(Self.latin1, pieces: pieces) == ["<a", "café", ">"])
  }

  @Test func anUnknownLabelFallsBackToTheNextSource() throws {
    #expect(try events(Self.latin1, charset: "x-none") == ["<a", "café", ">"])
    let declared = Array("<?xml version='1.0' encoding='ISO-2022-CN-EXT'?>".utf8) + Self.latin1
    #expect(try events(declared) == ["<a", "café", ">"])
  }

  @Test(arguments: [1, 2, 100])
  func byteOrderMarksAreRead(pieces: Int) throws {
    let utf8 = [0xEF, 0xBB, 0xBF] + Array("<a>é</a>".utf8)
    #expect(try events(utf8, pieces: pieces) == ["<a", "é", ">"])
    let little: [UInt8] =
      [0xFF, 0xFE] + "<a>é</a>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try events(little, pieces: pieces) == ["<a", "é", ">"])
    let big: [UInt8] = "<a>é</a>".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    #expect(try events(big, pieces: pieces) == ["<a", "é", ">"])
  }

  @Test func whiteSpaceBeforeTheDeclarationIsSkipped() throws {
    #expect(try events("\r\n <?xml version='1.0'?><a/>") == ["<a", ">"])
  }

  @Test func overlongFormsAndSurrogatesBecomeLatin1NotTheirMeaning() throws {
    let overlong = Array("<a>".utf8) + [0xC0, 0xBC] + Array("</a>".utf8)
    #expect(try events(overlong) == ["<a", "À¼", ">"])
    let surrogate = Array("<a>".utf8) + [0xED, 0xA0, 0x80] + Array("</a>".utf8)
    #expect(try events(surrogate) == ["<a", "í\u{A0}\u{80}", ">"])
  }

  @Test func bytesThatTheEncodingDoesNotHaveAreRefused() {
    let document =
      Array("<?xml version='1.0' encoding='GB2312'?><a>".utf8) + [0xFF, 0xFF, 0xFF]
      + Array("</a>".utf8)
    #expect(refusal(document) != nil)
  }
}
