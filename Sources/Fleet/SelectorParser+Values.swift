/// Values with stars and quotes, and lists of them in parentheses.
extension SelectorParser {
  mutating func list() throws(Unreadable) -> [Selector.Pattern] {
    skipSpace()
    guard skip("(") else {
      throw Unreadable(
        message: "Here the values in parentheses are wanted.", hint: "write for example in (a,b)",
        position: position)
    }
    var patterns: [Selector.Pattern] = []
    while true {
      if patterns.count == limits.maxValues {
        throw Unreadable(
          message: "There are more than \(limits.maxValues) values.", hint: "use a tag instead",
          position: position)
      }
      patterns.append(try value(isInList: true))
      if skip(")") { break }
      guard skip(",") else {
        throw Unreadable(
          message: "The parenthesis is not closed.", hint: "write ) after the last value",
          position: position)
      }
    }
    skipSpace()
    return patterns
  }

  /// Leaves the position after the value and the space behind it.
  mutating func value(isInList: Bool) throws(Unreadable) -> Selector.Pattern {
    skipSpace()
    let start = position
    var pieces = [""]
    var isQuoted = false
    var space = ""
    var wasQuote = false
    while let scalar = current, scalar != ",", !(isInList && scalar == ")") {
      if scalar.properties.isWhitespace {
        space.unicodeScalars.append(scalar)
        position += 1
        continue
      }
      if !space.isEmpty, wasQuote || scalar == "\"" {
        throw Unreadable(
          message: "There is text beside the quotes.", hint: "put the whole value in quotes",
          position: position)
      }
      wasQuote = scalar == "\""
      if scalar == "\"" {
        pieces[pieces.count - 1] += try quotedText()
        isQuoted = true
        continue
      }
      if !scalar.isPlain || (position == start && "=<>~!'".unicodeScalars.contains(scalar)) {
        throw Unreadable(
          message: "“\(scalar.escaped)” has no place here.",
          hint: "put the value in double quotes if it is part of it", position: position)
      }
      if let control = space.unicodeScalars.first(where: { $0.isControl }) {
        throw Unreadable(
          message: "“\(control.escaped)” is a control character, which no value has.", hint: nil,
          position: position - 1)
      }
      pieces[pieces.count - 1] += space
      space = ""
      if scalar == "*" {
        pieces.append("")
      } else {
        pieces[pieces.count - 1].unicodeScalars.append(scalar)
      }
      position += 1
    }
    guard pieces != [""] || isQuoted else {
      throw Unreadable(
        message: "The value is missing.",
        hint: #"write "" for an empty value; a name without = asks whether there is one"#,
        position: start)
    }
    let pattern = Selector.Pattern(pieces: pieces)
    guard pattern.pieces.count - 1 <= limits.maxStars else {
      throw Unreadable(
        message: "The value has more than \(limits.maxStars) stars.", hint: nil, position: start)
    }
    guard pattern.pieces.reduce(0, { $0 + $1.unicodeScalars.count }) <= limits.maxValueCharacters
    else {
      throw Unreadable(
        message: "The value is longer than \(limits.maxValueCharacters) characters.", hint: nil,
        position: start)
    }
    return pattern
  }

  private mutating func quotedText() throws(Unreadable) -> String {
    let start = position
    position += 1
    var text = ""
    while let scalar = current {
      position += 1
      switch scalar {
      case "\"": return text
      case "\\":
        guard let escaped = current, escaped == "\"" || escaped == "\\" else {
          throw Unreadable(
            message: "A backslash stands only before a quote or a backslash.",
            hint: #"write \\ for a backslash"#, position: position - 1)
        }
        text.unicodeScalars.append(escaped)
        position += 1
      default:
        guard !scalar.isControl else {
          throw Unreadable(
            message: "“\(scalar.escaped)” is a control character, which no value has.", hint: nil,
            position: position - 1)
        }
        text.unicodeScalars.append(scalar)
      }
    }
    throw Unreadable(
      message: "The quotes are not closed.", hint: "write \" after the value", position: start)
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { properties.generalCategory == .control }

  /// Whether it may stand in a value without quotes.
  fileprivate var isPlain: Bool { !isControl && !"()\\".unicodeScalars.contains(self) }

  fileprivate var escaped: String { isControl ? "U+\(String(value, radix: 16))" : String(self) }
}
