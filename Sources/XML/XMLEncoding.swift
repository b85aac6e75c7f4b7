/// How a document's bytes stand for characters.
package enum XMLEncoding: Sendable, Equatable {
  /// Also US-ASCII, and everything of which nothing better is known.
  case utf8
  case latin1
  /// One that iconv converts, under the name by which it knows it.
  case converted(String)

  /// An encoding, and how many bytes at the document's start are a mark or white space, not content.
  struct Recognised {
    var encoding: XMLEncoding
    var skipped: Int
  }

  /// A declaration that is longer than this is not searched for an encoding.
  private static let declarationLength = 256

  /// The encoding of a document by its first bytes: byte order mark, then `charset`, then its declaration, then UTF-8.
  ///
  /// White space before a declaration, which XML forbids and some devices send, is skipped.
  ///
  /// - Returns: nil where more bytes are needed, which never happens with `atEnd`.
  static func recognise(_ bytes: UnsafeRawBufferPointer, charset: String?, atEnd: Bool)
    -> Recognised?
  {
    guard bytes.count >= 4 || atEnd else { return nil }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      guard let start = bytes.dropFirst(3).firstIndex(where: { !isSpace($0) }) else {
        return atEnd ? Recognised(encoding: .utf8, skipped: bytes.count) : nil
      }
      return Recognised(encoding: .utf8, skipped: start)
    }
    if bytes.starts(with: [0xFE, 0xFF]) {
      return Recognised(encoding: .converted("UTF-16BE"), skipped: 2)
    }
    if bytes.starts(with: [0xFF, 0xFE]) {
      return Recognised(encoding: .converted("UTF-16LE"), skipped: 2)
    }
    if bytes.starts(with: [0x00, 0x3C, 0x00]) {
      return Recognised(encoding: .converted("UTF-16BE"), skipped: 0)
    }
    if bytes.starts(with: [0x3C, 0x00]) {
      return Recognised(encoding: .converted("UTF-16LE"), skipped: 0)
    }

    guard let start = bytes.firstIndex(where: { !isSpace($0) }) else {
      return atEnd ? Recognised(encoding: .utf8, skipped: bytes.count) : nil
    }
    if let encoding = charset.flatMap(XMLEncoding.init(labelOfASCII:)) {
      return Recognised(encoding: encoding, skipped: start)
    }
    let head = bytes[start...].prefix(declarationLength)
    let mark = Array("<?xml".utf8)
    guard head.starts(with: mark) else {
      if head.count < mark.count, mark.starts(with: head), !atEnd { return nil }
      return Recognised(encoding: .utf8, skipped: start)
    }
    guard let end = head.firstIndex(of: 0x3E) else {
      return atEnd || head.count == declarationLength
        ? Recognised(encoding: .utf8, skipped: start) : nil
    }
    return Recognised(
      encoding: declaredLabel(in: bytes[start...end]).flatMap(XMLEncoding.init(labelOfASCII:))
        ?? .utf8,
      skipped: start)
  }

  /// What is quoted after `encoding=`, without regard for white space.
  private static func declaredLabel(in declaration: Slice<UnsafeRawBufferPointer>) -> String? {
    let isQuote = { (byte: UInt8) in byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
    let parts = declaration.split(omittingEmptySubsequences: false, whereSeparator: isQuote)
    for (key, value) in zip(parts, parts.dropFirst())
    where key.filter({ !isSpace($0) }).suffix(9).elementsEqual("encoding=".utf8) {
      return String(decoding: value, as: UTF8.self)
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// The encoding of a document whose first bytes are ASCII, so that a label that says UTF-16 is wrong.
  private init?(labelOfASCII label: String) {
    self.init(label: label)
    if case .converted(let name) = self, name.hasPrefix("UTF-16") { self = .utf8 }
  }

  /// An encoding by its label; nil for those that this server does not read.
  ///
  /// A list, because a label from outside must not choose which converter modules are loaded.
  init?(label: String) {
    let bytes = label.utf8.lazy.filter { !Self.isSpace($0) }
    let name = String(
      decoding: bytes.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
    switch name {
    case "UTF-8", "UTF8", "US-ASCII", "ASCII", "ANSI_X3.4-1968":
      self = .utf8
    case "ISO-8859-1", "ISO8859-1", "ISO_8859-1", "LATIN1", "LATIN-1", "L1":
      self = .latin1
    case "ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7",
      "ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14", "ISO-8859-15",
      "ISO-8859-16", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253",
      "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258", "KOI8-R",
      "KOI8-U", "BIG5", "SHIFT_JIS", "EUC-JP", "EUC-KR", "UTF-16LE", "UTF-16BE":
      self = .converted(name)
    case "GB2312", "GB_2312-80", "EUC-CN", "GBK", "CP936", "GB18030":
      // Each is part of the next, and devices name one and send another.
      self = .converted("GB18030")
    case "UTF-16":
      self = .converted("UTF-16BE")
    default:
      return nil
    }
  }
}
