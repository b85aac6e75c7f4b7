/// The text, scalar by scalar.
extension SelectorParser {
  var isAtEnd: Bool { position >= text.count }
  var current: Unicode.Scalar? { position < text.count ? text[position] : nil }
  var next: Unicode.Scalar? { position + 1 < text.count ? text[position + 1] : nil }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() {
    while let scalar = current, scalar.properties.isWhitespace { position += 1 }
  }

  mutating func word() -> String {
    let start = position
    while let scalar = current, !scalar.properties.isWhitespace,
      !",()\"".unicodeScalars.contains(scalar)
    {
      position += 1
    }
    return string(start..<position)
  }

  /// Goes to the next comma that is in neither quotes nor parentheses.
  mutating func skipTerm() {
    var isQuoted = false
    var depth = 0
    while let scalar = current {
      switch scalar {
      case "\\" where isQuoted: position += 1
      case "\"": isQuoted.toggle()
      case "(" where !isQuoted: depth += 1
      case ")" where !isQuoted: depth = max(0, depth - 1)
      case "," where !isQuoted && depth == 0: return
      default: break
      }
      position += 1
    }
  }

  func string(_ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(text[range]))
  }
}
