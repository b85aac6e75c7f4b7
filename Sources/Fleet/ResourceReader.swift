import DeviceModel
import Yams

/// Reads the members of a YAML document and gathers all that is wrong with them.
struct ResourceReader {
  let file: String
  let lineOffset: Int
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String, lineOffset: Int) {
    self.file = file
    self.lineOffset = lineOffset
  }

  /// The members of a mapping by their names.
  struct Members {
    /// The mapping's own name, for example `spec.image`; empty for the document.
    let field: String
    let mark: Mark?
    fileprivate var values: [String: Node] = [:]
    fileprivate var keyMarks: [String: Mark] = [:]

    /// The place of the member, or of the mapping where it is missing.
    func mark(of name: String) -> Mark? { values[name]?.mark ?? mark }

    func has(_ name: String) -> Bool { values[name] != nil }

    fileprivate func path(_ name: String) -> String { field.isEmpty ? name : "\(field).\(name)" }
  }

  struct Text {
    var value: String
    var mark: Mark?
    var field: String
  }

  mutating func problem(
    _ message: String, hint: String? = nil, field: String = "", mark: Mark?
  ) {
    diagnostics.append(
      Diagnostic(
        message, hint: hint, field: field,
        location: Diagnostic.Location(
          file: file, line: (mark?.line ?? 1) + lineOffset, column: max(1, mark?.column ?? 1))))
  }

  mutating func problem(_ message: String, hint: String? = nil, at text: Text) {
    problem(message, hint: hint, field: text.field, mark: text.mark)
  }

  // MARK: - Mappings

  /// The members of a node that must be a mapping; unknown ones are told and left out.
  mutating func members(of node: Node, field: String, known: [String]) -> Members? {
    guard let mapping = node.mapping else {
      problem(
        "Here members are wanted: \(known.joined(separator: ", ")).",
        hint: "write each on a line of its own, indented, as in “\(known[0]): …”", field: field,
        mark: node.mark)
      return nil
    }
    var members = Members(field: field, mark: node.mark)
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        problem("The name of a member is a text.", field: field, mark: key.mark)
        continue
      }
      guard known.contains(name) else {
        problem(
          "There is no member “\(name.clipped(to: 64))” here.",
          hint: known.nearest(to: name).map { "did you mean “\($0)”?" }
            ?? "known are \(known.joined(separator: ", "))",
          field: field, mark: key.mark)
        continue
      }
      members.keyMarks[name] = key.mark
      if !value.isNull { members.values[name] = value }
    }
    return members
  }

  /// The members of a member; nil where it is missing, which is a problem if it is required.
  mutating func members(
    _ name: String, of parent: Members, known: [String], isRequired: Bool
  ) -> Members? {
    guard let node = parent.values[name] else {
      if isRequired { missing(name, of: parent, hint: nil) }
      return nil
    }
    return members(of: node, field: parent.path(name), known: known)
  }

  mutating func missing(_ name: String, of parent: Members, hint: String?) {
    problem(
      parent.keyMarks[name] == nil ? "“\(name)” is missing." : "“\(name)” is empty.", hint: hint,
      field: parent.field, mark: parent.keyMarks[name] ?? parent.mark)
  }

  // MARK: - Values

  /// The text of a scalar as it is written: `2.10` stays `2.10`.
  mutating func text(
    _ name: String, of parent: Members, isRequired: Bool = false, hint: String? = nil
  ) -> Text? {
    guard let node = parent.values[name] else {
      if isRequired { missing(name, of: parent, hint: hint) }
      return nil
    }
    return text(node, field: parent.path(name))
  }

  /// A text or a list of texts.
  mutating func texts(
    _ name: String, of parent: Members, isRequired: Bool = false, hint: String? = nil
  ) -> [Text]? {
    guard let node = parent.values[name] else {
      if isRequired { missing(name, of: parent, hint: hint) }
      return nil
    }
    guard let sequence = node.sequence else {
      return text(node, field: parent.path(name)).map { [$0] }
    }
    var texts: [Text] = []
    for (index, element) in sequence.enumerated() {
      if let text = text(element, field: "\(parent.path(name))[\(index)]") { texts.append(text) }
    }
    return texts.count == sequence.count ? texts : nil
  }

  mutating func integer(_ name: String, of parent: Members, in range: ClosedRange<Int>) -> Int? {
    guard let text = text(name, of: parent) else { return nil }
    guard let number = Int(text.value), range.contains(number) else {
      problem(
        "“\(text.value.clipped(to: 64))” is not a number from \(range.lowerBound) to"
          + " \(range.upperBound).", at: text)
      return nil
    }
    return number
  }

  mutating func flag(_ name: String, of parent: Members) -> Bool? {
    guard let text = text(name, of: parent) else { return nil }
    switch text.value {
    case "true": return true
    case "false": return false
    default:
      problem("“\(text.value.clipped(to: 64))” is neither true nor false.", at: text)
      return nil
    }
  }

  /// A word of several that are known.
  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, of parent: Members
  ) -> Word? where Word.RawValue == String {
    text(name, of: parent).flatMap { word($0) }
  }

  mutating func word<Word: RawRepresentable & CaseIterable>(_ text: Text) -> Word?
  where Word.RawValue == String {
    if let word = Word(rawValue: text.value) { return word }
    let known = Word.allCases.map(\.rawValue)
    problem(
      "“\(text.value.clipped(to: 64))” is not known.",
      hint: "write \(known.joined(separator: " or "))", at: text)
    return nil
  }

  mutating func duration(
    _ name: String, of parent: Members, in range: ClosedRange<Double>, isRequired: Bool = false
  ) -> Double? {
    guard let text = text(name, of: parent, isRequired: isRequired, hint: "write for example 10m")
    else { return nil }
    guard let seconds = DurationText.seconds(text.value) else {
      let isNumber = !text.value.isEmpty && text.value.utf8.allSatisfy(\.isASCIIDigit)
      problem(
        "“\(text.value.clipped(to: 64))” is not a span of time.",
        hint: isNumber
          ? "write the unit too, for example \(text.value.clipped(to: 12))s"
          : "write for example 45s, 10m or 1h30m", at: text)
      return nil
    }
    guard range.contains(seconds) else {
      problem(
        "“\(text.value)” is outside \(DurationText.text(seconds: range.lowerBound)) to"
          + " \(DurationText.text(seconds: range.upperBound)).", at: text)
      return nil
    }
    return seconds
  }

  private mutating func text(_ node: Node, field: String) -> Text? {
    guard let scalar = node.scalar else {
      problem("Here a single value is wanted.", field: field, mark: node.mark)
      return nil
    }
    if let control = scalar.string.unicodeScalars.first(where: { scalar in
      scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    }) {
      problem(
        "The text has the control character U+\(String(control.value, radix: 16)).", field: field,
        mark: node.mark)
      return nil
    }
    return Text(value: scalar.string, mark: node.mark, field: field)
  }
}

extension Node {
  /// Whether nothing is written, or a plain `null` or `~` (YAML 1.2, 10.2.1.1).
  fileprivate var isNull: Bool {
    guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }
}
