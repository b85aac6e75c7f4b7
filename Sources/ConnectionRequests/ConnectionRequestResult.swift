/// How one connection request ended.
package enum ConnectionRequestResult: Sendable, Equatable, CustomStringConvertible {
  /// The device said it will call (TR-069 Amendment 6, 3.2.2: 200 or 204).
  case accepted
  case failed(Failure, detail: String)

  package enum Failure: String, Sendable, Hashable, CaseIterable {
    /// The device is unknown, has told no ConnectionRequestURL, or its record cannot be read.
    case noTarget
    /// The URL or the address it leads to breaks the address rules.
    case addressNotAllowed
    /// The device refused our credential.
    case credentialRefused
    /// The device demands a scheme that is not spoken or not allowed, such as Basic.
    case challengeNotAnswerable
    /// 503, 409 and their like: in session, limiting, restarting.
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
      case .busy, .nameNotResolved, .connectionRefused, .unreachable, .timedOut, .connectionReset:
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
  /// Requests that devices accepted.
  package var accepted = 0
  /// Requests that ended without success, by the last attempt's failure.
  package var failed: [ConnectionRequestResult.Failure: Int] = [:]
  /// Exchanges with devices, retries included.
  package var attempts = 0
  /// Requests that joined one already on its way.
  package var coalesced = 0

  package mutating func count(_ result: ConnectionRequestResult) {
    switch result {
    case .accepted: accepted += 1
    case .failed(let failure, _): failed[failure, default: 0] += 1
    }
  }
}
