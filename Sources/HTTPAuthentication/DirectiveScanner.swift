/// A lenient reader of the `name=value` lists of HTTP authentication headers (RFC 9110, section 11).
///
/// CPEs leave out the commas, quote what need not be quoted and the other way round; all of that is read.
struct DirectiveScanner {
  enum Item {
    case directive(name: String, value: String)
    /// A word without a value: the scheme of the next challenge.
    case word(String)
  }

  enum Problem: Error { case malformed }

  private let bytes: [UInt8]
  private var index = 0

  init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
  }

  /// The next item, or `nil` at the end; names are in lower case, words as written.
  mutating func next() throws(Problem) -> Item? {
    skipSeparators()
    guard index < bytes.count else { return nil }
    let name = readWhile { !Self.isSpace($0) && $0 != Self.comma && $0 != Self.equals }
    guard !name.isEmpty else { throw .malformed }
    let afterName = index
    skipSpaces()
    guard index < bytes.count, bytes[index] == Self.equals else {
      index = afterName
      return .word(String(decoding: name, as: UTF8.self))
    }
    index += 1
    skipSpaces()
    let value = try readValue()
    // Names are ASCII; anything else stays as it is and matches nothing.
    let lowered = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return .directive(
      name: String(decoding: lowered, as: UTF8.self),
      value: String(decoding: value, as: UTF8.self))
  }

  private mutating func readValue() throws(Problem) -> [UInt8] {
    guard index < bytes.count, bytes[index] == Self.quote else {
      return Array(readWhile { !Self.isSpace($0) && $0 != Self.comma })
    }
    index += 1
    var value: [UInt8] = []
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case Self.quote: return value
      case Self.backslash where index < bytes.count:
        // Only what must be escaped is unescaped: some CPEs write DOMAIN\user as it is.
        if bytes[index] != Self.quote && bytes[index] != Self.backslash { value.append(byte) }
        value.append(bytes[index])
        index += 1
      default: value.append(byte)
      }
    }
    throw .malformed
  }

  private mutating func readWhile(_ accepts: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = index
    while index < bytes.count, accepts(bytes[index]) { index += 1 }
    return bytes[start..<index]
  }

  private mutating func skipSpaces() {
    while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
  }

  private mutating func skipSeparators() {
    while index < bytes.count, Self.isSpace(bytes[index]) || bytes[index] == Self.comma {
      index += 1
    }
  }

  private static let comma = UInt8(ascii: ",")
  private static let equals = UInt8(ascii: "=")
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

/// A value between quotes, as the header grammar wants it; line ends and other controls become spaces.
func quoted(_ value: String) -> String {
  var text = "\""
  for scalar in value.unicodeScalars {
    switch scalar {
    case "\"", "\\":
      text.unicodeScalars.append("\\")
      text.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += " "
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}
