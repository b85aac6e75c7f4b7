/// Takes a path apart.
struct InstancePathParser {

  private let scalars: [Unicode.Scalar]
  private let features: InstancePath.Features
  private var position = 0
  private var count = 0

  /// An alias has so many characters (TR-181, data type Alias).
  private static let maxAliasCharacters = 64
  /// Digits of a row's number.
  private static let maxDigits = 10
  /// Conditions of a search: a key has far fewer parameters.
  private static let maxComparisons = 32

  init(_ text: String, _ features: InstancePath.Features) {
    scalars = Array(text.unicodeScalars)
    self.features = features
  }

  mutating func path() throws(InstancePath.Flaw) -> InstancePath {
    guard !scalars.isEmpty else { throw flaw(.empty, "") }
    var parts: [InstancePath.Part] = []
    while true {
      parts.append(try part())
      count += 1
      if position == scalars.count { return try ended(parts) }
      guard take(".") else {
        if features.contains(.commandsAndEvents), let ending = commandOrEvent() {
          guard case .name? = parts.last else { throw flaw(.ending, rest(from: 0)) }
          return InstancePath(parts: parts, ending: ending)
        }
        throw flaw(.name, word(from: position))
      }
      if position == scalars.count { return InstancePath(parts: parts, ending: .object) }
    }
  }

  private func ended(_ parts: [InstancePath.Part]) throws(InstancePath.Flaw) -> InstancePath {
    switch parts.last {
    case .wildcard?: throw flaw(.trailingWildcard, "*")
    case .reference?: throw flaw(.reference, parts.last?.description ?? "")
    default: return InstancePath(parts: parts, ending: .parameter)
    }
  }

  private mutating func commandOrEvent() -> InstancePath.Ending? {
    let rest = String(String.UnicodeScalarView(scalars[position...]))
    switch rest {
    case "()": return .command
    case "!": return .event
    default: return nil
    }
  }

  // MARK: Parts

  private mutating func part() throws(InstancePath.Flaw) -> InstancePath.Part {
    guard let first = current, first != "." else {
      throw flaw(.nothingBetweenDots, "")
    }
    if first == "[" { return try bracketed() }
    let start = position
    if first == "*" || first == "{" || first.isDigit { return try row(at: start) }
    guard let name = name() else { throw flaw(.name, word(from: start)) }
    if features.contains(.references), let item = try reference() {
      return .reference(name, item: item)
    }
    // Something that no name has stands in it.
    if let next = current, next != ".", !isEndOfPath { throw flaw(.name, word(from: start)) }
    return .name(name)
  }

  /// Whether what follows is the mark of a command or an event.
  private var isEndOfPath: Bool {
    features.contains(.commandsAndEvents) && (current == "(" || current == "!")
  }

  /// A number, `*` or `{i}`.
  private mutating func row(at start: Int) throws(InstancePath.Flaw) -> InstancePath.Part {
    let text = word(from: start)
    position += text.unicodeScalars.count
    switch text {
    case "*":
      guard features.contains(.wildcards), count > 0 else { throw flaw(.wildcard, text) }
      return .wildcard
    case "{i}":
      guard features.contains(.placeholders), count > 0 else { throw flaw(.placeholder, text) }
      return .placeholder
    default:
      guard text.unicodeScalars.first?.isDigit == true else { throw flaw(.name, text) }
      guard count > 0, text.unicodeScalars.count <= Self.maxDigits,
        text.unicodeScalars.allSatisfy(\.isDigit), let number = UInt64(text)
      else { throw flaw(.number, text) }
      return .instance(number)
    }
  }

  private mutating func name() -> String? {
    let start = position
    guard let first = current, first == "_" || first.properties.isAlphabetic else { return nil }
    while let scalar = current, scalar.isInName { position += 1 }
    return String(String.UnicodeScalarView(scalars[start..<position]))
  }

  /// `+`, `#2+` or `#*+` behind a name.
  private mutating func reference() throws(InstancePath.Flaw) -> InstancePath.ReferenceItem? {
    if take("+") { return .only }
    let start = position
    guard take("#") else { return nil }
    if take("*") {
      guard take("+") else { throw flaw(.reference, word(from: start)) }
      return .all
    }
    let digits = scalars[position...].prefix(Self.maxDigits).prefix(while: \.isDigit)
    position += digits.count
    guard let number = UInt64(String(String.UnicodeScalarView(digits))), number > 0, take("+")
    else {
      throw flaw(.reference, word(from: start))
    }
    return .number(number)
  }

  // MARK: Brackets

  private mutating func bracketed() throws(InstancePath.Flaw) -> InstancePath.Part {
    let start = position
    position += 1
    guard count > 0 else { throw flaw(.alias, word(from: start)) }
    if features.contains(.searches) { return try search(from: start) }
    guard features.contains(.aliases), let alias = name(), take("]"),
      current == nil || current == ".", alias.count <= Self.maxAliasCharacters
    else { throw flaw(.alias, word(from: start)) }
    return .alias(alias)
  }

  private mutating func search(from start: Int) throws(InstancePath.Flaw) -> InstancePath.Part {
    var comparisons: [InstancePath.Comparison] = []
    repeat {
      guard comparisons.count < Self.maxComparisons, let comparison = try comparison() else {
        throw flaw(.search, rest(from: start))
      }
      comparisons.append(comparison)
    } while take("&&")
    guard take("]"), current == nil || current == "." else {
      throw flaw(.search, rest(from: start))
    }
    return .search(comparisons)
  }

  private mutating func comparison() throws(InstancePath.Flaw) -> InstancePath.Comparison? {
    var path: [InstancePath.Part] = []
    repeat {
      guard let name = name() else { return nil }
      if features.contains(.references), let item = try reference() {
        path.append(.reference(name, item: item))
      } else {
        path.append(.name(name))
      }
    } while take(".")
    guard case .name? = path.last else { return nil }
    skipBlanks()
    guard
      let relation = InstancePath.Comparison.Relation.allCases.first(where: { take($0.rawValue) })
    else { return nil }
    skipBlanks()
    let isText = current == "\""
    guard let value = isText ? quoted() : bare() else { return nil }
    skipBlanks()
    return InstancePath.Comparison(path: path, relation: relation, value: value, isText: isText)
  }

  private mutating func quoted() -> String? {
    position += 1
    let start = position
    while let scalar = current, scalar != "\"" { position += 1 }
    guard current == "\"" else { return nil }
    let text = String(String.UnicodeScalarView(scalars[start..<position]))
    position += 1
    return Self.decoded(text)
  }

  /// A number, a truth value or a time.
  private mutating func bare() -> String? {
    let start = position
    while let scalar = current, scalar.isASCII,
      scalar.properties.isAlphabetic || scalar.isDigit || "+-.:".unicodeScalars.contains(scalar)
    {
      position += 1
    }
    guard position > start else { return nil }
    return String(String.UnicodeScalarView(scalars[start..<position]))
  }

  /// `%22` for a quotation mark, `%25` for a percent sign.
  private static func decoded(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var decoded = ""
    var rest = text[...]
    while let character = rest.first {
      if rest.hasPrefix("%22") || rest.hasPrefix("%25") {
        decoded.append(rest.hasPrefix("%22") ? "\"" : "%")
        rest = rest.dropFirst(3)
      } else {
        decoded.append(character)
        rest = rest.dropFirst()
      }
    }
    return decoded
  }

  // MARK: Scalars

  private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func skipBlanks() {
    while current == " " { position += 1 }
  }

  /// What stands up to the next dot.
  private func word(from start: Int) -> String {
    String(String.UnicodeScalarView(scalars[start...].prefix { $0 != "." }))
  }

  private func rest(from start: Int) -> String {
    String(String.UnicodeScalarView(scalars[start...]))
  }

  private func flaw(_ kind: InstancePath.Flaw.Kind, _ part: String) -> InstancePath.Flaw {
    InstancePath.Flaw(kind: kind, part: part, isFirst: count == 0)
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { self >= "0" && self <= "9" }

  fileprivate var isInName: Bool {
    self == "_" || self == "-" || isDigit || properties.isAlphabetic
  }
}
