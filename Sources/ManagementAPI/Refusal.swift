import Fleet
import FleetStore
import Foundation
import HTTPTypes
import Hummingbird
import ManagementTypes
import Postgres

/// A request that is not carried out: a problem with the header fields that go with it.
struct Refusal: Error, Sendable {
  var problem: Problem
  var retryAfter: Int?
  var allow: String?

  init(
    _ code: Problem.Code, _ detail: String, retryAfter: Int? = nil, allow: String? = nil,
    diagnostics: [Problem.Diagnostic]? = nil
  ) {
    let (status, title) = Self.meaning(of: code)
    problem = Problem(
      code: code, status: status, title: title, detail: detail, diagnostics: diagnostics)
    self.retryAfter = retryAfter
    self.allow = allow
  }

  /// The problem that an error amounts to. What only an administrator of the server should read goes to the log instead.
  init(_ error: any Error) {
    switch error {
    case let refusal as Refusal: self = refusal
    case let error as StoreError: self.init(error)
    case let error as PostgresError:
      self =
        switch error.code {
        case .unavailable, .timedOut, .queueFull, .closed, .cancelled, .serialization,
          .insufficientResources, .refused:
          Refusal(.unavailable, "The database is not available.", retryAfter: 2)
        default: Refusal(.internalError, "The server failed; its log says more.")
        }
    case let error as HTTPError where error.status == .contentTooLarge:
      self.init(.tooLarge, "The body is larger than this route takes.")
    case let error as HTTPError where error.status == .notFound:
      self.init(.notFound, "There is no such route.")
    default: self.init(.internalError, "The server failed; its log says more.")
    }
  }

  private init(_ error: StoreError) {
    let sentence = error.message.prefix(1).uppercased() + error.message.dropFirst() + "."
    switch error.code {
    case .notFound, .unknownDevice: self.init(.notFound, sentence)
    case .conflict, .superseded, .unproven, .replayed: self.init(.conflict, sentence)
    case .invalid: self.init(.badRequest, sentence)
    case .unavailable, .overloaded: self.init(.unavailable, sentence, retryAfter: 2)
    case .damaged, .database: self.init(.internalError, "The server failed; its log says more.")
    }
  }

  var response: Response {
    var headers: HTTPFields = [.contentType: "application/problem+json"]
    if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"fairlead\"" }
    if let retryAfter { headers[.retryAfter] = String(max(1, retryAfter)) }
    if let allow { headers[.allow] = allow }
    let body = (try? APIJSON.encode(problem)) ?? Data()
    return Response(
      status: .init(code: problem.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }

  private static func meaning(of code: Problem.Code) -> (Int, String) {
    switch code {
    case .badRequest: (400, "The request makes no sense")
    case .invalidBody: (400, "The body is not what this route takes")
    case .invalidSelector: (400, "The selector can't be read")
    case .invalidOperation: (422, "The operation can't be sent to a device")
    case .modelMismatch: (422, "The device or its data model has something against it")
    case .invalidDocument: (422, "The document has errors")
    case .unauthorized: (401, "A valid token is needed")
    case .forbidden: (403, "The token does not allow this")
    case .notFound: (404, "There is no such thing")
    case .methodNotAllowed: (405, "The route has no such method")
    case .conflict: (409, "The state of things does not allow this")
    case .confirmationNeeded: (409, "It has to be confirmed")
    case .alreadyExists: (409, "It is there already")
    case .preconditionFailed: (412, "It has been changed by somebody else")
    case .tooLarge: (413, "The body is too large")
    case .lengthRequired: (411, "The length has to be told")
    case .unsupportedMediaType: (415, "The body has another type than this route takes")
    case .checksumMismatch: (422, "The content is not what it was said to be")
    case .tooManyMatches: (409, "The selector matches more devices than the limit")
    case .tooManyAttempts: (429, "Too many failed attempts")
    case .internalError: (500, "The server failed")
    case .unavailable: (503, "The server can't do this at the moment")
    }
  }
}

extension Problem.Diagnostic {
  init(_ diagnostic: Diagnostic) {
    var message = diagnostic.field.isEmpty ? "" : "\(diagnostic.field): "
    message += diagnostic.message
    if let hint = diagnostic.hint { message += " – \(hint)" }
    self.init(
      severity: diagnostic.severity.rawValue, message: message, line: diagnostic.location?.line,
      column: diagnostic.location?.column)
  }
}
