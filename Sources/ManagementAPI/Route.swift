import HTTPTypes
import Hummingbird
import ManagementTypes

/// A route of the API: what is needed to serve it and to describe it.
struct Route: Sendable {
  /// Who may use it.
  enum Access: Sendable, Equatable {
    case anyone
    case atLeast(Role)
  }

  typealias Handler = @Sendable (Request, APIContext) async throws -> Response

  let method: HTTPRequest.Method
  /// Below `/api/v1`, with variable segments in braces.
  let path: String
  let access: Access
  let summary: String
  /// The names that its query may have; others are refused, as a misspelt option must not pass unnoticed.
  let query: [String]
  /// The name of the body's schema, or a media type.
  let body: String?
  /// The status of success and the name of the answer's schema, or a media type.
  let answers: [(status: Int, schema: String?)]
  /// Whether the answer is a stream of server-sent events, each with data of the schema.
  let isStream: Bool
  let handler: Handler

  init(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String,
    query: [String] = [], body: String? = nil, answers: [(status: Int, schema: String?)],
    isStream: Bool = false, _ handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.summary = summary
    self.query = query
    self.body = body
    self.answers = answers
    self.isStream = isStream
    self.handler = handler
  }

  static let prefix = "/api/v1"

  /// Whether the route's path, in whatever method, is that of a request.
  func matches(path: String) -> Bool {
    let own = (Self.prefix + self.path).split(separator: "/", omittingEmptySubsequences: false)
    let other = path.split(separator: "/", omittingEmptySubsequences: false)
    return own.count == other.count
      && zip(own, other).allSatisfy { $0 == $1 || ($0.first == "{" && !$1.isEmpty) }
  }
}
