/// Why the domain refused something.
package struct FleetError: Error, Sendable, Equatable, CustomStringConvertible {
  package var code: Code
  package var diagnostics: [Diagnostic]

  package enum Code: String, Sendable, Equatable {
    /// The arguments of an operation are not the JSON that its kind asks for.
    case operationArguments
    case selector
    case resourceFile
  }

  package init(_ code: Code, _ diagnostics: [Diagnostic]) {
    self.code = code
    self.diagnostics = diagnostics
  }

  package var description: String {
    diagnostics.map(\.description).joined(separator: "\n")
  }
}
