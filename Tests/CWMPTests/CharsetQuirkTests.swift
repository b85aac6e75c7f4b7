import CWMP
import Testing

/// Bytes that are not what they are said to be; each test names the quirk, its title who has it.
@Suite struct CharsetQuirkTests {
  /// An envelope whose CommandKey is those bytes.
  private func reboot(_ key: [UInt8], declaration: String = "") -> [UInt8] {
    let text =
      declaration + QuirkEnvelope.text(body: "<c:Reboot><CommandKey>#</CommandKey></c:Reboot>")
    return Array(text.utf8).flatMap { $0 == UInt8(ascii: "#") ? key : [$0] }
  }

  private func expect(_ bytes: [UInt8], charset: String? = nil, toSay key: String) throws {
    #expect(
      try EnvelopeDecoder().decode(bytes, charset: charset).message
        == .request(.reboot(commandKey: key)))
  }

  private func declaration(_ encoding: String) -> String {
    "<?xml version=\"1.0\" encoding=\"\(encoding)\"?>"
  }

  @Test("Latin-1, named by HTTP (Thomson)", arguments: ["ISO-8859-1", "iso-8859-1", "latin1"])
  func latin1NamedByHTTP(charset: String) throws {
    try expect(reboot([0x63, 0xE9]), charset: charset, toSay: "cé")
  }

  @Test("Latin-1, named by HTTP, while the declaration says UTF-8: HTTP goes first")
  func latin1NamedByHTTPAndUTF8ByTheDeclaration() throws {
    try expect(
      reboot([0xC3, 0xA9], declaration: declaration("UTF-8")), charset: "iso-8859-1", toSay: "Ã©")
  }

  @Test("Latin-1, named by the declaration")
  func latin1NamedByTheDeclaration() throws {
    try expect(reboot([0xE9], declaration: declaration("ISO-8859-1")), toSay: "é")
  }

  @Test("Latin-1 that nobody names (genieacs xml-parser)")
  func latin1Undeclared() throws {
    try expect(reboot([0x63, 0xE9, 0x20, 0xB0]), toSay: "cé °")
  }

  @Test("Latin-1 in an envelope that says UTF-8")
  func latin1InAnEnvelopeThatSaysUTF8() throws {
    try expect(
      reboot([0xE9], declaration: declaration("UTF-8")), charset: "utf-8", toSay: "é")
  }

  @Test(
    "Chinese under any of its labels, in HTTP or in the declaration",
    arguments: ["GB2312", "gb2312", "GBK", "GB18030", "EUC-CN"])
  func chinese(label: String) throws {
    // 中文 is in GB2312, 镕 only in GBK, which devices send under the older name, too.
    let bytes: [UInt8] = [0xD6, 0xD0, 0xCE, 0xC4, 0xE9, 0x46]
    try expect(reboot(bytes, declaration: declaration(label)), toSay: "中文镕")
    try expect(reboot(bytes), charset: label, toSay: "中文镕")
  }

  @Test("Bytes that the declared encoding does not have cost those characters, not the message")
  func bytesThatTheEncodingDoesNotHave() throws {
    try expect(
      reboot([0x61, 0xFF, 0x62], declaration: declaration("GB2312")), toSay: "a\u{FFFD}b")
  }

  @Test("Labels that nobody knows", arguments: ["", "x-none", "none", "ISO-2022-CN-EXT", "\""])
  func unknownLabel(label: String) throws {
    try expect(reboot(Array("é".utf8)), charset: label, toSay: "é")
    try expect(reboot([0xE9]), charset: label, toSay: "é")
  }

  @Test("UTF-16 declared, UTF-8 sent")
  func utf16DeclaredAndUTF8Sent() throws {
    try expect(reboot(Array("é".utf8), declaration: declaration("utf-16")), toSay: "é")
    try expect(reboot(Array("é".utf8)), charset: "utf-16", toSay: "é")
  }

  @Test("Byte order marks, also before white space")
  func byteOrderMarks() throws {
    let text = String(
      decoding: reboot(Array("é中😀".utf8), declaration: declaration("UTF-8")), as: UTF8.self)
    try expect([0xEF, 0xBB, 0xBF] + Array(text.utf8), toSay: "é中😀")
    try expect([0xEF, 0xBB, 0xBF, 0x0D, 0x0A] + Array(text.utf8), toSay: "é中😀")
    let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    try expect([0xFF, 0xFE] + little, toSay: "é中😀")
    try expect([0xFE, 0xFF] + big, toSay: "é中😀")
    try expect(little, toSay: "é中😀")
    try expect(big, charset: "utf-8", toSay: "é中😀")
  }

  @Test("Control characters in values (set-top box, genieacs 76)")
  func controlCharactersInValues() throws {
    try expect(reboot([0x61, 0x02, 0x62]), toSay: "a\u{FFFD}b")
    try expect(
      reboot([0x61, 0x1F], declaration: declaration("ISO-8859-1")), toSay: "a\u{FFFD}")
    try expect(reboot([0x61, 0x02], declaration: declaration("GBK")), toSay: "a\u{FFFD}")
  }

  @Test(
    "References to characters that XML cannot carry",
    arguments: ["&#2;", "&#x1F;", "&#0;", "&#xFFFE;", "&#xD800;", "&#x110000;"])
  func referencesToControlCharacters(reference: String) throws {
    try expect(reboot(Array("a\(reference)b".utf8)), toSay: "a\u{FFFD}b")
  }

  @Test("Zero bytes within values and after the end, as C programs send them")
  func zeroBytes() throws {
    try expect(reboot([0x61, 0x00, 0x62]), toSay: "a\u{FFFD}b")
    try expect(reboot([0x61]) + [0x00], toSay: "a")
    try expect(reboot([0x61]) + [0x0D, 0x0A, 0x00, 0x00, 0x0A, 0x00], toSay: "a")
    #expect(QuirkEnvelope.refusal(reboot([0x61]) + [0x00, 0x78]) != nil)
  }

  @Test("Line ends of every kind")
  func lineEnds() throws {
    try expect(reboot(Array("a\r\nb\rc\nd&#13;e".utf8)), toSay: "a\nb\nc\nd\re")
  }
}
