extension EffectiveConfiguration {
  /// All values as YAML, each with its origin in a comment; passwords are masked.
  package func rendered() -> String {
    var lines: [(text: String, origin: String)] = []
    var section = ""
    for setting in SettingTable.all {
      let parts = setting.path.split(separator: ".").map(String.init)
      let name = parts.last ?? setting.path
      let parent = parts.count > 1 ? parts[0] : ""
      if parent != section {
        section = parent
        if !parent.isEmpty { lines.append(("\(parent):", "")) }
      }
      let indent = parent.isEmpty ? "" : "  "
      lines.append(
        ("\(indent)\(name): \(shown(setting))", origin(of: setting.path).description))
    }
    let width = min(lines.map(\.text.count).max() ?? 0, 56)
    return lines.map { line in
      guard !line.origin.isEmpty else { return line.text + "\n" }
      let padding = String(repeating: " ", count: max(0, width - line.text.count))
      return "\(line.text)\(padding)  # \(line.origin)\n"
    }.joined()
  }

  private func shown(_ setting: Setting) -> String {
    let value = setting.read(settings)
    switch (value, setting.kind) {
    case (.list(let elements), _):
      return "[\(elements.map(Self.scalar).joined(separator: ", "))]"
    case (.text(let text), _):
      return Self.scalar(setting.isSecret ? ConnectionString.masked(text) : text)
    default:
      return value.text(as: setting.kind)
    }
  }

  /// A text as a YAML scalar; quoted unless it is plainly a word.
  private static func scalar(_ text: String) -> String {
    let isWord =
      text.first.map { $0.isASCII && ($0.isLetter || $0 == "/" || $0 == ".") } ?? false
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
      && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
    return isWord ? text : "'\(text.replacing("'", with: "''"))'"
  }
}
