/// Something wrong or doubtful in the configuration: where it stands, what it is, what to write instead.
package struct ConfigurationDiagnostic: Sendable, Equatable, CustomStringConvertible {
  package var severity: Severity
  package var origin: Origin
  package var message: String
  package var suggestion: String?

  package enum Severity: String, Sendable {
    case error, warning
  }

  /// One line, for example `acsd.yaml:3:9: error: cwmp.port is out of range: 70000; it may be 0 to 65535`.
  package var description: String {
    "\(origin): \(severity.rawValue): \(message)" + (suggestion.map { "; \($0)" } ?? "")
  }
}

/// Where a value comes from.
package enum Origin: Sendable, Equatable, CustomStringConvertible {
  case builtIn
  /// A default that follows from the named setting.
  case derived(from: String)
  /// Line and column count from 1.
  case file(name: String, line: Int, column: Int)
  case environment(String)
  case flag(String)

  package var description: String {
    switch self {
    case .builtIn: "default"
    case .derived(let path): "default, from \(path)"
    case .file(let name, let line, let column): "\(name):\(line):\(column)"
    case .environment(let name): name
    case .flag(let name): "--\(name)"
    }
  }
}

/// The configuration cannot be used: all reasons at once, and warnings that may explain them.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  package var diagnostics: [ConfigurationDiagnostic]

  package var description: String {
    diagnostics.map(\.description).joined(separator: "\n")
  }
}
