/// What the items of a data model may be called (TR-106, 3.1 and A.2.1).
enum ItemName {
  /// Whether a name can be that of such an item: parts with dots between them, each a word or `{i}`, and at the end
  /// what tells the kind: a dot that may be missing (object), `()` (command), `!` (event), or nothing (parameter).
  static func isName(_ name: ArraySlice<UInt8>, of kind: ModelItem.Kind) -> Bool {
    var rest = name
    switch kind {
    case .command:
      guard rest.popLast() == UInt8(ascii: ")"), rest.popLast() == UInt8(ascii: "(") else {
        return false
      }
    case .event: guard rest.popLast() == UInt8(ascii: "!") else { return false }
    case _ where kind.isObject:
      if rest.last == UInt8(ascii: ".") { rest.removeLast() }
      if rest.elementsEqual("{i}".utf8) { return true }
      if rest.suffix(4).elementsEqual(".{i}".utf8) { rest.removeLast(4) }
    default: break
    }
    let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let last = parts.last, isWord(last) else { return false }
    return parts.dropLast().allSatisfy { isWord($0) || $0.elementsEqual("{i}".utf8) }
  }

  private static func isWord(_ part: ArraySlice<UInt8>) -> Bool {
    guard let first = part.first else { return false }
    return isLetter(first) && (first < 0x80 || beginsWithLetter(part))
      && part.dropFirst().allSatisfy {
        isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "-")
      }
  }

  /// A mark that is put on a letter is none.
  private static func beginsWithLetter(_ part: ArraySlice<UInt8>) -> Bool {
    switch String(decoding: part, as: UTF8.self).unicodeScalars.first?.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .letterNumber:
      true
    default: false
    }
  }

  /// Letters of all scripts are allowed as they are in names of XML.
  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
      || byte >= 0x80
  }

  static func form(of kind: ModelItem.Kind) -> String {
    switch kind {
    case .command: "the name of a command, such as “Reset()”"
    case .event: "the name of an event, such as “Boot!”"
    case _ where kind.isObject: "the name of an object, such as “Device.IP.Interface.{i}.”"
    default: "the name of a parameter, such as “Enable”"
    }
  }
}
