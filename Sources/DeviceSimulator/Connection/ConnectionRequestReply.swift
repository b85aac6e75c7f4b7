import HTTPAuthentication

/// What a device says to a connection request.
enum ConnectionRequestAnswer: Sendable, Equatable {
  case accepted
  /// The value of WWW-Authenticate.
  case challenge(String)
  /// In a session already, or switched off.
  case unavailable
  case conflict
  case forbidden
  /// It closes the connection and says nothing.
  case silence

  static let realm = "cpesim"
}

/// An answer and how it goes out.
struct ConnectionRequestReply: Sendable, Equatable {
  var answer: ConnectionRequestAnswer
  var hasLength = true
  /// Whether the connection is reset behind it.
  var resets = false
  /// Milliseconds before it goes out.
  var delay: Int64 = 0
}

/// How a device treats connection requests.
struct ConnectionRequestManner: Sendable {
  private let quirks: Quirks

  init(_ quirks: Quirks) {
    self.quirks = quirks
  }

  /// What is said before credentials are looked at; nil where they are.
  func refusal(authorization: String?) -> ConnectionRequestAnswer? {
    if quirks.contains(.requestBusy) { return .unavailable }
    if quirks.contains(.requestConflict), authorization == nil { return .conflict }
    return nil
  }

  /// Whether the scheme is spelled as the device wants it.
  func takes(_ authorization: String) -> Bool {
    !quirks.contains(.requestExactScheme) || authorization.hasPrefix("Digest ")
  }

  var takesBasic: Bool { quirks.contains(.requestBasic) }

  var forbids: Bool { quirks.contains(.requestForbidden) }

  var closesOnce: Bool { quirks.contains(.requestClosesOnce) }

  /// The value of WWW-Authenticate.
  func challenge(nonce: String, stale: Bool) -> String {
    let realm = ConnectionRequestAnswer.realm
    if quirks.contains(.requestBasic) { return Challenge.basic(realm: realm).headerValue }
    if quirks.contains(.requestNoCommas) {
      return "Digest qop=\"auth\" nonce=\"\(nonce)\" opaque=\"\" realm=\"\(realm)\""
    }
    if quirks.contains(.requestNoQop) {
      return "Digest realm=\"\(realm)\", domain=\"/\", nonce=\"\(nonce)\", algorithm=\"MD5\""
    }
    return Challenge.digest(realm: realm, nonce: nonce, stale: stale).headerValue
  }

  /// How an answer goes out.
  func reply(_ answer: ConnectionRequestAnswer) -> ConnectionRequestReply {
    var reply = ConnectionRequestReply(answer: answer)
    switch answer {
    case .challenge: reply.hasLength = !quirks.contains(.requestNoLength)
    case .accepted:
      reply.resets = quirks.contains(.requestReset)
      reply.delay = quirks.contains(.requestLateAnswer) ? 300 : 0
    default: break
    }
    return reply
  }
}
