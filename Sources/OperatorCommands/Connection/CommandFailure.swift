import ManagementTypes

/// Why a command ended without success, and the exit code that says so to scripts.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
  package enum Kind: Int32, Sendable, CaseIterable {
    /// The operation failed on a device, or the server could not do it.
    case failed = 1
    /// The command line, a file or an argument is wrong.
    case usage = 2
    /// The server does not answer.
    case unreachable = 3
    /// The token is missing, unknown, or its role does not allow this.
    case unauthorized = 4
    case notFound = 5
    /// The operation had not ended when the time to wait was over; it goes on.
    case timedOut = 6
  }

  package let kind: Kind
  /// What a person should read; may have several lines.
  package let message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  package var description: String { message }

  /// The failure that an error answer of the server means.
  ///
  /// - Parameter file: The name of the file that was sent, for diagnostics with a place.
  package init(_ problem: Problem, file: String? = nil) {
    let kind: Kind
    switch problem.status {
    case 401, 403: kind = .unauthorized
    case 404: kind = .notFound
    case 503: kind = .unreachable
    case 400, 411, 413, 415, 422: kind = .usage
    default: kind = .failed
    }
    var lines: [String] = []
    let diagnostics = problem.diagnostics ?? []
    let detail = problem.detail ?? problem.title
    // A diagnostic that says the same, and where, says it better.
    if diagnostics.isEmpty
      || problem.detail != nil && !diagnostics.contains(where: { detail.contains($0.message) })
    {
      lines.append(detail)
    }
    lines += diagnostics.map { Self.line($0, file: file) }
    if problem.code == Problem.Code.modelMismatch.rawValue {
      lines.append("If the device is known to take it all the same, --force sends it.")
    }
    if problem.status == 401 {
      lines.append(
        """
        On the server's machine, run acsctl where .fairlead lies or set FAIRLEAD_DATA_DIRECTORY, and it finds the first token. \
        Elsewhere give one with --token, FAIRLEAD_TOKEN or a context (acsctl config set-context).
        """)
    }
    self.init(kind, lines.map(DisplayText.escaped).joined(separator: "\n"))
  }

  /// A diagnostic as compilers write it: `file:line:column: severity: message`.
  package static func line(_ diagnostic: Problem.Diagnostic, file: String?) -> String {
    var place = diagnostic.file ?? file ?? ""
    if let line = diagnostic.line {
      place += (place.isEmpty ? "line " : ":") + String(line)
      if let column = diagnostic.column { place += ":\(column)" }
    }
    return (place.isEmpty ? "" : place + ": ") + "\(diagnostic.severity): \(diagnostic.message)"
  }
}
