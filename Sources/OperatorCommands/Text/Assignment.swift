import ManagementTypes

/// `path=value` or `path:type=value`, as written on the command line.
package enum Assignment {
  package static let types = [
    "string", "int", "unsignedInt", "long", "unsignedLong", "boolean", "dateTime", "base64",
    "hexBinary", "decimal",
  ]

  package struct Problem: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Reads one assignment.
  ///
  /// - Parameter defaultType: What a path without `:type` is; `nil` lets the server take it from the tree.
  package static func parse(_ text: String, defaultType: String? = nil) throws(Problem)
    -> TaskOrder.Value
  {
    guard let equals = text.firstIndex(of: "=") else {
      throw Problem(description: "“\(text)” is no assignment: write PATH=VALUE or PATH:TYPE=VALUE")
    }
    var path = text[..<equals]
    let value = String(text[text.index(after: equals)...])
    var type = try defaultType.map(Self.type)
    if let colon = path.lastIndex(of: ":") {
      type = try Self.type(String(path[path.index(after: colon)...]))
      path = path[..<colon]
    }
    guard !path.isEmpty else {
      throw Problem(description: "“\(text)” names no parameter before the “=”")
    }
    guard !path.hasSuffix(".") else {
      throw Problem(description: "“\(path)” is an object: only parameters have values")
    }
    return TaskOrder.Value(path: String(path), value: TypedValue(value), type: type)
  }

  /// The type of a name in any case.
  package static func type(_ name: String) throws(Problem) -> String {
    guard let type = types.first(where: { $0.lowercased() == name.lowercased() }) else {
      throw Problem(
        description: "“\(name)” is no type: write one of \(types.joined(separator: ", "))")
    }
    return type
  }
}

/// `+tag`, `-tag` and `tag-`, as written on the command line.
package struct TagChanges: Equatable, Sendable {
  package var added: [String] = []
  package var removed: [String] = []

  package init(_ words: [String]) throws(Assignment.Problem) {
    for word in words {
      switch (word.first, word.last) {
      case ("+", _) where word.count > 1: added.append(String(word.dropFirst()))
      case ("-", _) where word.count > 1: removed.append(String(word.dropFirst()))
      case (_, "-") where word.count > 1: removed.append(String(word.dropLast()))
      default:
        throw Assignment.Problem(
          description: "“\(word)” says not what to do: write +TAG to add or -TAG to remove")
      }
    }
    guard !words.isEmpty else {
      throw Assignment.Problem(description: "no tag given: write +TAG to add or -TAG to remove")
    }
  }

  /// The arguments of a command line with `-TAG` after `tag` rewritten as `TAG-`, which no parser takes for flags.
  package static func withoutDashes(_ arguments: [String]) -> [String] {
    guard arguments.first == "tag" else { return arguments }
    return arguments.map { word in
      guard word.hasPrefix("-"), !word.hasPrefix("--"), word.count > 2 else { return word }
      return word.dropFirst() + "-"
    }
  }
}

/// A length of time as written on the command line: `90`, `90s`, `5m`, `2h`, `1d`.
package struct DurationArgument: Sendable, Equatable {
  package let seconds: Double

  package init(seconds: Double) { self.seconds = seconds }

  package init?(_ text: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    var digits = text[...]
    var factor = 1.0
    if let last = text.last, let unit = units[last] {
      factor = unit
      digits = digits.dropLast()
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(digits), number <= 1_000_000_000
    else { return nil }
    seconds = Double(number) * factor
  }
}
