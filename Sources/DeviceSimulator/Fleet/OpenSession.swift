import CWMP
import ContentCoding
import HTTPAuthentication
import NIOCore

/// A session on the wire, which may outlive a TCP connection.
struct OpenSession {
  var session = CPESession()
  var target: HTTPTarget
  var credentials: SessionCredentials
  var cookies = SessionCookies()
  /// What the latest POST carried, for repeating it with credentials.
  var contents = DevicePost.Contents()
  /// What waits for `100 Continue`.
  var heldBack: ByteBuffer?
  var isAwaitingResponse = false
  var requestCount = 0
  var redirections = 0
  /// How bodies are compressed, as the ACS has set it.
  var coding: ContentCoding?
  /// Answers until the connection is dropped on purpose.
  var dropAfter: Int?
}

extension Envelope {
  /// The element in the Body; nil for an empty one.
  var method: String? {
    switch message {
    case .request(let request): request.method
    case .response(let response): response.method + "Response"
    case .fault: "Fault"
    case nil: nil
    }
  }
}
