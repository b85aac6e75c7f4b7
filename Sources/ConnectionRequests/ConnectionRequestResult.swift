import Fleet

/// How one exchange of a connection request ended.
package enum ConnectionRequestResult: Sendable, Equatable, CustomStringConvertible {
  /// The device said it will call (TR-069 Amendment 6, 3.2.2: 200 or 204).
  case accepted
  case failed(Failure, detail: String)

  package enum Failure: String, Sendable, Hashable, CaseIterable {
    /// The device is unknown, has told no way to ask it, or its record cannot be read.
    case noTarget
    /// A request was accepted or sent, but the device did not call in time.
    case noSession
    /// The URL, the JID, or the address it leads to breaks the address rules.
    case addressNotAllowed
    /// The device refused our credential.
    case credentialRefused
    /// The device demands a scheme that is not spoken or not allowed, such as Basic.
    case challengeNotAnswerable
    /// 503, 409, service-unavailable and their like: in session, limiting, restarting.
    case busy
    case nameNotResolved
    case connectionRefused
    case unreachable
    case timedOut
    case connectionReset
    /// Any other status, or an answer that is not HTTP.
    case unexpectedAnswer
    /// More requests are waiting than the limits allow.
    case overloaded
    case shutDown

    /// Whether the same request may succeed a little later.
    package var isTransient: Bool {
      switch self {
      case .noSession, .busy, .nameNotResolved, .connectionRefused, .unreachable, .timedOut,
        .connectionReset:
        true
      case .noTarget, .addressNotAllowed, .credentialRefused, .challengeNotAnswerable,
        .unexpectedAnswer, .overloaded, .shutDown:
        false
      }
    }
  }

  package var description: String {
    switch self {
    case .accepted: "accepted"
    case .failed(let failure, let detail): "\(failure.rawValue): \(detail)"
    }
  }
}

/// What a requester has done since it was made.
package struct ConnectionRequestCounters: Sendable, Equatable {
  /// Requests after which the device called, by the last method that was used.
  package var called: [ConnectionMethod: Int] = [:]
  /// Requests that ended without a session, by the most telling failure.
  package var failed: [ConnectionRequestResult.Failure: Int] = [:]
  /// Exchanges with devices, retries included.
  package var attempts: [ConnectionMethod: Int] = [:]
  /// Requests that joined one already on its way.
  package var coalesced = 0

  package mutating func count(_ ending: ConnectionRequestPlan.Ending) {
    switch ending {
    case .called(let method?): called[method, default: 0] += 1
    case .called(nil): break
    case .failed(let failure, _): failed[failure, default: 0] += 1
    }
  }
}
