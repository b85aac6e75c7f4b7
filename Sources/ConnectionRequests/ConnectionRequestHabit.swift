import Fleet

/// What is remembered of a device between requests: which method made it call, and which refused our credential.
package struct ConnectionRequestHabit: Sendable, Equatable {
  private var lastSuccess: ConnectionMethod?
  /// Until when a method that refused the credential is left out, by method.
  private var refusals: [ConnectionMethod: Double] = [:]
  private var fingerprint = 0

  package init() {}

  /// The methods in the order in which they are tried: what worked last, then as configured.
  ///
  /// - Parameters:
  ///   - possible: in the configured order.
  ///   - fingerprint: A hash of address and credential; a refusal of others does not count.
  ///   - isInsisting: Whether a person asks, who may know better than a refusal.
  package mutating func order(
    _ possible: [ConnectionMethod], fingerprint: Int, isInsisting: Bool, now: Double
  ) -> [ConnectionMethod] {
    if fingerprint != self.fingerprint {
      self.fingerprint = fingerprint
      refusals = [:]
    }
    var methods = possible
    if !isInsisting { methods.removeAll { refusals[$0].map { now < $0 } ?? false } }
    if let lastSuccess, let index = methods.firstIndex(of: lastSuccess) {
      methods.insert(methods.remove(at: index), at: 0)
    }
    return methods
  }

  /// A request has ended.
  ///
  /// - Parameter refusalHold: Seconds for which a refused credential is not tried again.
  package mutating func note(
    _ attempts: [ConnectionRequestPlan.Attempt], _ ending: ConnectionRequestPlan.Ending,
    refusalHold: Double, now: Double
  ) {
    for attempt in attempts {
      switch attempt.result {
      case .failed(.credentialRefused, _), .failed(.challengeNotAnswerable, _):
        refusals[attempt.method] = now + refusalHold
      case .accepted, .failed:
        if lastSuccess == attempt.method { lastSuccess = nil }
      }
    }
    guard case .called(let method?) = ending else { return }
    lastSuccess = method
    refusals[method] = nil
  }
}
