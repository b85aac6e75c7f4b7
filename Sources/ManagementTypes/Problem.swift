/// Why a request was refused or failed: the body of every answer with status 400 and above (RFC 9457).
package struct Problem: Codable, Sendable, Equatable, Error {
  /// `urn:fairlead:problem:` and the code.
  package var type: String
  /// The same for all problems with this code.
  package var title: String
  package var status: Int
  /// What was wrong with this request, in a sentence.
  package var detail: String?
  /// A word for programs, for example `not-found`; see ``Code``.
  package var code: String
  /// What was wrong at which place of a document or body, where there is more than one thing to say.
  package var diagnostics: [Diagnostic]?

  package init(
    code: Code, status: Int, title: String, detail: String? = nil,
    diagnostics: [Diagnostic]? = nil
  ) {
    self.type = Self.typePrefix + code.rawValue
    self.title = title
    self.status = status
    self.detail = detail
    self.code = code.rawValue
    self.diagnostics = diagnostics
  }

  package static let typePrefix = "urn:fairlead:problem:"

  /// The codes that this release uses; a client meets others from later releases.
  package enum Code: String, Sendable, CaseIterable {
    case badRequest = "bad-request"
    case invalidBody = "invalid-body"
    case invalidSelector = "invalid-selector"
    case invalidOperation = "invalid-operation"
    /// The operation is in order, and a device or its data model has something against it.
    case modelMismatch = "model-mismatch"
    case invalidDocument = "invalid-document"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case conflict = "conflict"
    case confirmationNeeded = "confirmation-needed"
    case alreadyExists = "already-exists"
    case preconditionFailed = "precondition-failed"
    case tooLarge = "too-large"
    case lengthRequired = "length-required"
    case unsupportedMediaType = "unsupported-media-type"
    case checksumMismatch = "checksum-mismatch"
    case tooManyMatches = "too-many-matches"
    case tooManyAttempts = "too-many-attempts"
    case internalError = "internal-error"
    case unavailable = "unavailable"
  }

  /// A place in a document that the sender should look at.
  package struct Diagnostic: Codable, Sendable, Equatable {
    /// `error` or `warning`.
    package var severity: String
    package var message: String
    /// From 1; nil where the problem has no single place.
    package var line: Int?
    package var column: Int?
    /// The document, where there are several.
    package var file: String?

    package init(
      severity: String, message: String, line: Int? = nil, column: Int? = nil, file: String? = nil
    ) {
      self.severity = severity
      self.message = message
      self.line = line
      self.column = column
      self.file = file
    }
  }
}
