/// The life of the connection requests to one device: when to begin a round, when to wait, when
/// to give up.
///
/// Time is in seconds of any one clock; nothing here looks at a clock or sleeps.
package struct ConnectionRequestBackoff: Sendable {
  package struct Policy: Sendable {
    /// Rounds through the possible methods for one request, the first included.
    package var maximumAttempts = 4
    /// Seconds before the second attempt; doubled for each further one.
    package var firstDelay: Double = 5
    package var maximumDelay: Double = 60
    /// Seconds between the end of one request and the next to the same device.
    package var minimumInterval: Double = 5
    /// Seconds for which a refused credential is not tried again, unless a person asks or it changes.
    package var refusalHold: Double = 600

    package init() {}

    /// Seconds to wait after a failed attempt (1…), from 50 % to 150 % of the exponential value.
    ///
    /// - Parameter random: From 0 to 1.
    package func delay(afterAttempt attempt: Int, random: Double) -> Double {
      var delay = firstDelay
      for _ in 1..<max(attempt, 1) where delay < maximumDelay { delay *= 2 }
      return min(delay, maximumDelay) * (0.5 + random)
    }
  }

  package enum Action: Sendable, Equatable {
    case none
    case send
    case wait(until: Double)
    /// The request has ended.
    case end
    /// The device refused this credential not long ago; nothing is sent.
    case reject
  }

  private enum State: Sendable {
    case idle(notBefore: Double)
    /// A round is in the queue, on the wire, or waiting for the session.
    case sending(attempt: Int)
    case waiting(attempt: Int, until: Double)
    case refused(until: Double)
  }

  private let policy: Policy
  private var state = State.idle(notBefore: -.infinity)

  package init(policy: Policy) {
    self.policy = policy
  }

  /// Somebody wants the device to call; joins a request that is already on its way.
  package mutating func request(now: Double) -> Action {
    switch state {
    case .sending, .waiting: return .none
    case .refused(let until) where now < until: return .reject
    case .idle(let notBefore) where now < notBefore:
      state = .waiting(attempt: 1, until: notBefore)
      return .wait(until: notBefore)
    case .idle, .refused:
      state = .sending(attempt: 1)
      return .send
    }
  }

  /// A person wants an answer now; neither the interval nor a refusal holds it back.
  package mutating func requestNow() -> Action {
    if case .sending = state { return .none }
    state = .sending(attempt: 1)
    return .send
  }

  package mutating func timerFired(now: Double) -> Action {
    guard case .waiting(let attempt, let until) = state else { return .none }
    guard now >= until else { return .wait(until: until) }
    state = .sending(attempt: attempt)
    return .send
  }

  /// A round ended.
  ///
  /// - Parameter random: From 0 to 1, for the spread of the next attempt.
  package mutating func finished(
    _ ending: ConnectionRequestPlan.Ending, now: Double, random: Double
  ) -> Action {
    guard case .sending(let attempt) = state else { return .none }
    switch ending {
    case .called:
      state = .idle(notBefore: -.infinity)
      return .end
    case .failed(.credentialRefused, _), .failed(.challengeNotAnswerable, _):
      state = .refused(until: now + policy.refusalHold)
      return .end
    case .failed(let failure, _) where failure.isTransient && attempt < policy.maximumAttempts:
      let until = now + policy.delay(afterAttempt: attempt, random: random)
      state = .waiting(attempt: attempt + 1, until: until)
      return .wait(until: until)
    case .failed:
      state = .idle(notBefore: now + policy.minimumInterval)
      return .end
    }
  }

  /// The device has called: whatever was waiting is no longer needed, and the next request need not wait.
  ///
  /// - Returns: Whether a wait was called off.
  package mutating func deviceCalled() -> Bool {
    switch state {
    case .waiting:
      state = .idle(notBefore: -.infinity)
      return true
    case .idle:
      state = .idle(notBefore: -.infinity)
      return false
    case .sending, .refused:
      return false
    }
  }

  /// The credential has changed: a refusal no longer counts.
  package mutating func credentialChanged() {
    if case .refused = state { state = .idle(notBefore: -.infinity) }
  }

  /// Whether the record says nothing that a new one would not say.
  package func isForgettable(now: Double) -> Bool {
    switch state {
    case .idle(let notBefore): now >= notBefore
    case .refused(let until): now >= until
    case .sending, .waiting: false
    }
  }
}
