import DeviceModel

extension Selector: CustomStringConvertible, Codable {
  /// - Throws: ``FleetError`` with ``FleetError/Code/selector`` and all that is wrong with the text; the locations count
  ///   Unicode scalars of the text.
  package init(parsing text: String, limits: SelectorLimits = .standard) throws(FleetError) {
    var parser = SelectorParser(text, limits: limits)
    let terms = parser.parse()
    guard parser.problems.isEmpty else { throw FleetError(.selector, parser.problems) }
    self.init(terms: terms)
    // Quotes are added where they were left out; what is stored must be readable again.
    let bytes = description.utf8.count
    guard bytes <= limits.maxBytes else {
      throw FleetError(
        .selector,
        [
          Diagnostic(
            "The selector has \(bytes) bytes when it is written out; at most \(limits.maxBytes) are"
              + " taken.")
        ])
    }
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    try self.init(parsing: text)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// The text that is read back as the same selector.
  package var description: String {
    terms.map(\.description).joined(separator: ",")
  }
}

extension Selector.Term: CustomStringConvertible {
  package var description: String {
    switch test {
    case .exists: "\(subject)"
    case .isAbsent: "!\(subject)"
    case .isAny(let patterns): Self.text(subject, "=", "in", patterns)
    case .isNone(let patterns): Self.text(subject, "!=", "notin", patterns)
    }
  }

  private static func text(
    _ subject: Selector.Subject, _ sign: String, _ word: String, _ patterns: [Selector.Pattern]
  ) -> String {
    let values = patterns.map(\.description).joined(separator: ",")
    return patterns.count == 1 ? "\(subject)\(sign)\(values)" : "\(subject) \(word) (\(values))"
  }
}

extension Selector.Subject: CustomStringConvertible {
  package var description: String {
    switch self {
    case .name: "name"
    case .tag: "tag"
    case .online: "online"
    // A parameter directly below the root could be taken for something else without it.
    case .fact(let name): name.contains(".") ? name : "Device.\(name)"
    }
  }
}

extension Selector.Pattern: CustomStringConvertible {
  package var description: String {
    if exact == "" { return #""""# }
    return pieces.map(Self.quoted).joined(separator: "*")
  }

  private static func quoted(_ piece: String) -> String {
    let isPlain = piece.utf8.allSatisfy { byte in
      byte.isASCIILetter || byte.isASCIIDigit || "-._:/%+@".utf8.contains(byte)
    }
    if isPlain { return piece }
    var text = "\""
    for scalar in piece.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text + "\""
  }
}
