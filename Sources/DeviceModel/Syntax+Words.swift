/// What values a parameter takes, in words for people.
extension Syntax {
  /// For example `unsignedInt from 1 to 65535, in seconds` or `list of at most 4 strings, each one of A, B`.
  package var words: String {
    guard let list else { return itemWords(isPlural: false) }
    var text = "comma-separated list"
    if !list.items.isOpen { text += " (\(list.items.words) items)" }
    text += Self.words(of: list.sizes, "characters")
    if itemList != nil { text += " of lists" }
    return text + " of " + itemWords(isPlural: true)
  }

  /// Bounds, and what they are of; nothing where any length is allowed.
  private static func words(of sizes: [SizeRange], _ unit: String) -> String {
    guard !sizes.isEmpty, !sizes.contains(where: \.isOpen) else { return "" }
    return " of \(sizes.map(\.words).joinedByOr) \(unit)"
  }

  private func itemWords(isPlural: Bool) -> String {
    var text = primitive.rawValue + (isPlural ? "s" : "")
    text += Self.words(of: sizes, primitive == .string ? "characters" : "bytes")
    if !ranges.isEmpty, !ranges.contains(where: \.isOpen) {
      text += " \(ranges.map(\.words).joinedByOr)"
    }
    let allowed = enumerations.filter(\.isWritable)
    if !allowed.isEmpty { text += ", \(isPlural ? "each " : "")\(Self.words(allowed))" }
    if let units, !units.isEmpty { text += ", in \(units)" }
    return text
  }

  /// The values of an enumeration that a person may choose.
  static func words(_ allowed: [Enumeration]) -> String {
    let named = allowed.filter { $0.status != .deleted && $0.status != .obsoleted }
    let values = named.prefix(maxValues).map { "“\($0.value)”" }
    let rest = named.count - values.count
    let text = values.joined(separator: ", ")
    guard named.count > 1 else { return text.isEmpty ? "any value that may be set" : text }
    return "one of \(text)" + (rest > 0 ? " and \(rest) more" : "")
  }

  /// More are not read by anybody in a message.
  private static let maxValues = 24
}

extension SizeRange {
  /// Whether it bounds nothing.
  var isOpen: Bool { (least ?? 0) == 0 && most == nil }

  package var words: String {
    switch (least, most) {
    case (nil, nil), (0?, nil): "any number of"
    case (let least?, nil): "at least \(least)"
    case (nil, let most?), (0?, let most?): "at most \(most)"
    case (let least?, let most?): least == most ? "\(least)" : "\(least) to \(most)"
    }
  }
}

extension NumberRange {
  /// Whether it bounds nothing.
  var isOpen: Bool { least == nil && most == nil && (step ?? "1") == "1" }

  package var words: String {
    let bounds =
      switch (least, most) {
      case (nil, nil): "any number"
      case (let least?, nil): "at least \(least)"
      case (nil, let most?): "at most \(most)"
      case (let least?, let most?): least == most ? least : "from \(least) to \(most)"
      }
    guard let step, step != "1" else { return bounds }
    return "\(bounds) in steps of \(step)"
  }
}

extension [String] {
  var joinedByOr: String {
    count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " or " + self[count - 1]
  }
}
