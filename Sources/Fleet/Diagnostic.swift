/// A problem in something a person wrote: where it is and what to write instead.
package struct Diagnostic: Sendable, Equatable, Codable {
  package var severity: Severity
  package var message: String
  /// What to write instead, or what to do; nil where the message says it.
  package var hint: String?
  /// The member that is meant, for example `spec.image.version` or `values[2].path`; empty for the whole.
  package var field: String
  package var location: Location?

  package enum Severity: String, Sendable, Equatable, Codable {
    case error
    case warning
  }

  /// A place in a text; lines and columns start at 1.
  package struct Location: Sendable, Equatable, Codable {
    /// Empty where the text did not come from a file.
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String = "", line: Int, column: Int) {
      self.file = file
      self.line = line
      self.column = column
    }
  }

  package init(
    _ message: String, severity: Severity = .error, hint: String? = nil, field: String = "",
    location: Location? = nil
  ) {
    self.severity = severity
    self.message = message
    self.hint = hint
    self.field = field
    self.location = location
  }
}

extension Diagnostic: CustomStringConvertible {
  /// In the manner of compilers: `file:line:column: error: message; hint`.
  package var description: String {
    var text = ""
    if let location {
      if !location.file.isEmpty { text += "\(location.file):" }
      text += "\(location.line):\(location.column): "
    }
    text += "\(severity.rawValue): "
    if !field.isEmpty { text += "\(field): " }
    text += message
    if let hint { text += "; \(hint)" }
    return text
  }
}

extension Sequence where Element == Diagnostic {
  package var containsError: Bool { contains { $0.severity == .error } }
}
