/// The items of a value that is a list (TR-106 3.2.3): comma-separated, with blanks around the commas, and with commas in brackets being the items' own.
package struct ListItems: Sendable, Equatable {
  /// As the device means them: without the percent encoding that commas and blanks in items have.
  package var texts: [String] = []
  /// Whether each bracket has its other one.
  package var isWellFormed = true

  package init(_ value: String) {
    var depth = 0
    var item = ""
    for character in value.unicodeScalars {
      switch character {
      case ",":
        if depth == 0 {
          texts.append(Self.decoded(item))
          item = ""
          continue
        }
      case "[": depth += 1
      case "]":
        depth -= 1
        if depth < 0 { isWellFormed = false }
      default: break
      }
      item.unicodeScalars.append(character)
    }
    if depth != 0 { isWellFormed = false }
    let last = Self.decoded(item)
    if !texts.isEmpty || !last.isEmpty { texts.append(last) }
  }

  /// The value of a list with items.
  package static func value(of items: [String]) -> String {
    items.map { $0.first == "[" && $0.last == "]" ? $0 : encoded($0) }.joined(separator: ",")
  }

  private static func encoded(_ item: String) -> String {
    var text = ""
    for scalar in item.unicodeScalars {
      switch scalar {
      case ",": text += "%2C"
      case " ": text += "%20"
      case "%": text += "%25"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func decoded(_ item: String) -> String {
    var bytes = Array(item.utf8)[...]
    func isBlank(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0x9 || byte == 0xA || byte == 0xD
    }
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
    var decoded: [UInt8] = []
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "%"), bytes.count >= 2, bytes.prefix(2).allSatisfy(\.isHexDigit),
        let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16)
      {
        decoded.append(value)
        bytes.removeFirst(2)
      } else {
        decoded.append(byte)
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }
}
