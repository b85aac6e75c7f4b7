extension Session {
  /// What one HTTP POST of the CPE carried.
  package enum Input: Sendable, Equatable {
    case envelope(Envelope)
    /// An empty body.
    case empty
    /// A body that is no CWMP envelope, and why.
    case malformed(String)
  }

  /// What became of the request that was outstanding.
  package enum Answer: Sendable, Equatable {
    case response(Response)
    case fault(Fault)
    /// An empty POST, or the response to another method, came in place of an answer.
    case nothing
  }

  /// What the environment must do now.
  package enum Action: Sendable, Equatable {
    /// Commit the contact, then call ``Session/contactCommitted()`` or ``Session/contactRefused(_:)``.
    case commitContact(Inform, Envelope)
    /// Commit what the CPE tells, then call ``Session/noticeCommitted(_:)`` or ``Session/noticeRefused(_:)``.
    case commitNotice(Request)
    /// Call ``Session/next(_:)`` with the next request for the CPE, or nil.
    case askNext
    /// Store the outcome of the request that was outstanding, then call ``Session/next(_:)``.
    case deliver(Answer)
    /// Send the envelope with status 200; ``Session/isOver`` says whether the session ends with it.
    case reply(Envelope)
    /// Send an empty answer with status 204; the session is over.
    case finish
    /// Answer with status 400 and no body; the session is over.
    case reject(reason: String)
    /// The session is over and nobody is left to answer; the request has got no answer.
    case abandoned(outstanding: Request?)
    /// Nothing is to be done; see ``Session/received(_:)`` for a message that has this answer.
    case none
  }

  /// How long a session may become, and what this ACS is able to do.
  package struct Limits: Sendable, Equatable {
    /// Requests to the CPE; a further one is not sent, the session finishes in its place.
    package var requests: Int
    /// Messages of the CPE, answers not counted; the next one is rejected.
    package var messages: Int
    /// How often the CPE may repeat its Inform after fault 8005 (TR-069 3.7.2.4 says three).
    package var informRetries: Int

    package init(requests: Int = 10_000, messages: Int = 10_000, informRetries: Int = 3) {
      self.requests = requests
      self.messages = messages
      self.informRetries = informRetries
    }
  }
}
