import Fleet

/// One request to one device: the methods that are possible, tried in turn until the device calls.
///
/// An accepted request counts for nothing until a session follows; a CPE has 30 seconds to begin it (TR-069
/// Amendment 6, 3.2.2). Time is in seconds of any one clock; nothing here looks at a clock or sends.
package struct ConnectionRequestPlan: Sendable {
  package struct Patience: Sendable {
    /// Seconds to wait for the session after a device has said that it will call.
    package var confirmed: Double = 30
    /// The same after a request of which nobody knows whether it has arrived.
    package var unconfirmed: Double = 10

    package init() {}
  }

  /// What became of one method.
  package struct Attempt: Sendable, Equatable {
    package var method: ConnectionMethod
    /// `accepted` where no session followed in time.
    package var result: ConnectionRequestResult
    /// From the first byte to the end of the wait.
    package var seconds: Double

    package init(
      method: ConnectionMethod, result: ConnectionRequestResult, seconds: Double
    ) {
      self.method = method
      self.result = result
      self.seconds = seconds
    }
  }

  package enum Ending: Sendable, Equatable {
    /// The device began a session; the method is the last that was used before, nil if none was yet.
    case called(by: ConnectionMethod?)
    case failed(ConnectionRequestResult.Failure, detail: String)
  }

  package enum Action: Sendable, Equatable {
    case none
    case send(ConnectionMethod)
    case wait(until: Double)
    case end(Ending)
  }

  private enum State: Sendable {
    /// The device's record is being looked up.
    case preparing
    case sending(ConnectionMethod, since: Double)
    case awaiting(ConnectionMethod, since: Double, until: Double)
    case over
  }

  private let patience: Patience
  private var state = State.preparing
  private var remaining: [ConnectionMethod] = []
  /// The methods that were tried in vain, in their order.
  package private(set) var attempts: [Attempt] = []

  package init(patience: Patience) {
    self.patience = patience
  }

  /// - Parameter methods: those that are possible, the most promising first.
  package mutating func start(_ methods: [ConnectionMethod], now: Double) -> Action {
    guard case .preparing = state else { return .none }
    remaining = methods
    return next(now)
  }

  /// Nothing can be sent at all.
  package mutating func fail(_ failure: ConnectionRequestResult.Failure, detail: String) -> Action {
    guard case .preparing = state else { return .none }
    state = .over
    return .end(.failed(failure, detail: detail))
  }

  /// The method on the wire has its result.
  package mutating func finished(_ result: ConnectionRequestResult, now: Double) -> Action {
    guard case .sending(let method, let since) = state else { return .none }
    guard result == .accepted else {
      attempts.append(Attempt(method: method, result: result, seconds: now - since))
      return next(now)
    }
    let until = now + (method.isConfirmed ? patience.confirmed : patience.unconfirmed)
    state = .awaiting(method, since: since, until: until)
    return .wait(until: until)
  }

  package mutating func timerFired(now: Double) -> Action {
    guard case .awaiting(let method, let since, let until) = state else { return .none }
    guard now >= until else { return .wait(until: until) }
    attempts.append(Attempt(method: method, result: .accepted, seconds: now - since))
    return next(now)
  }

  /// The device has begun a session, which may be before its answer is here.
  package mutating func deviceCalled() -> Action {
    let method: ConnectionMethod?
    switch state {
    case .over: return .none
    case .preparing: method = nil
    case .sending(let current, _), .awaiting(let current, _, _): method = current
    }
    state = .over
    return .end(.called(by: method))
  }

  private mutating func next(_ now: Double) -> Action {
    guard !remaining.isEmpty else {
      state = .over
      return .end(failure)
    }
    let method = remaining.removeFirst()
    state = .sending(method, since: now)
    return .send(method)
  }

  /// The failure that says most about whether another try makes sense, with all that was seen.
  private var failure: Ending {
    let failures = attempts.map { attempt -> ConnectionRequestResult.Failure in
      switch attempt.result {
      case .accepted: .noSession
      case .failed(let failure, _): failure
      }
    }
    let telling =
      failures.first { $0 == .noSession } ?? failures.first(where: \.isTransient)
      ?? failures.first ?? .noTarget
    let details = attempts.map { "\($0.method.rawValue): \(Self.detail(of: $0))" }
    return .failed(
      telling,
      detail: details.isEmpty
        ? "the device has told no way to ask it" : details.joined(separator: "; "))
  }

  private static func detail(of attempt: Attempt) -> String {
    switch attempt.result {
    case .accepted:
      let wait = "no session followed within \(Int(attempt.seconds.rounded())) s"
      return attempt.method.isConfirmed ? "the device accepted, but \(wait)" : wait
    case .failed(_, let detail): return detail
    }
  }
}
