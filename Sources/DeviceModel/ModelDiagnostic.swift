/// A problem in a document: where it is, and what it makes of the item.
package struct ModelDiagnostic: Sendable, Equatable {
  package enum Severity: String, Sendable, Equatable {
    /// Something is left out, or the whole can't be used.
    case error
    /// Read in the one way that makes sense.
    case warning
  }

  package var severity: Severity
  /// The document's name.
  package var file: String
  /// From 1; 0 where unknown.
  package var line: Int
  package var message: String

  package init(_ severity: Severity, file: String, line: Int, _ message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.message = message
  }
}

extension ModelDiagnostic: CustomStringConvertible {
  /// In the manner of compilers.
  package var description: String {
    "\(file):\(line > 0 ? "\(line):" : "") \(severity.rawValue): \(message)"
  }
}
