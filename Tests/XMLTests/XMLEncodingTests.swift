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

  @Test(arguments: [1, 2, 3, 100])
  func bytesThatTheEncodingDoesNotHaveBecomeReplacementCharacters(pieces: Int) throws {
    let document =
      Array("<?xml version='1.0' encoding='GB2312'?><a>".utf8) + [0xFF, 0xD6, 0xD0, 0xFF, 0xFF]
      + Array("</a>".utf8)
    #expect(try events(document, pieces: pieces) == ["<a", "\u{FFFD}中\u{FFFD}\u{FFFD}", ">"])
  }

  @Test(arguments: [1, 2, 3, 100])
  func charactersOfFourBytesAreConverted(pieces: Int) throws {
    // U+1F600 in GB18030.
    let document = Array("<a>".utf8) + [0x94, 0x39, 0xFC, 0x36] + Array("</a>".utf8)
    #expect(try events(document, charset: "GB18030", pieces: pieces) == ["<a", "😀", ">"])
  }

  @Test(arguments: [1, 2, 3, 100])
  func halfASurrogatePairBecomesAReplacementCharacter(pieces: Int) throws {
    let units: [UInt16] = [0xFEFF] + Array("<a>x".utf16) + [0xD83D] + Array("y</a>".utf16)
    let bytes = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try events(bytes, pieces: pieces) == ["<a", "x\u{FFFD}y", ">"])
  }

  @Test(arguments: [
    "ISO-8859-2", "ISO-8859-15", "windows-1250", "windows-1252", "KOI8-R", "Big5", "Shift_JIS",
    "EUC-JP", "EUC-KR", "GBK",
  ])
  func everyKindOfListedEncodingIsKnownToTheConverter(label: String) throws {
    #expect(try events(Array("<a>x</a>".utf8), charset: label) == ["<a", "x", ">"])
  }

  @Test(arguments: [1, 2, 100])
  func charactersThatXMLForbidsBecomeReplacementCharacters(pieces: Int) throws {
    #expect(
      try events("<a>\u{1}x\u{8}y\u{1F}\u{FFFF}z</a>", pieces: pieces)
        == ["<a", "\u{FFFD}x\u{FFFD}y\u{FFFD}\u{FFFD}z", ">"])
  }

  @Test(arguments: [1, 2, 100])
  func zeroBytesAreKeptWithinAndDroppedAtTheEnd(pieces: Int) throws {
    #expect(
      try events("<a>\u{0}x\u{0}\u{0} \n<b/>\u{0}</a>\u{0}\n\u{0}", pieces: pieces)
        == ["<a", "\u{FFFD}x\u{FFFD}\u{FFFD} \n", "<b", ">", "\u{FFFD}", ">"])
  }
}
