/// What a rollout does next, told from how far its targets have come.
package struct RolloutPlan: Sendable, Equatable {
  package var spec: RolloutSpec
  package var counts: RolloutCounts
  /// The failures that were known when an operator let the paused rollout go on; they do not pause it again.
  package var acceptedFailures: Int
  /// Active targets that take no place at the moment, because their devices have not called for their task in time.
  package var absent: Int

  /// Absent targets beyond this many take places all the same, so that a fleet that is off is not ordered about as a whole.
  package var maxAbsent: Int

  package static let standardMaxAbsent = 10_000

  package enum Step: Sendable, Equatable {
    /// Give so many of the pending targets their task: at least 1.
    case start(count: Int)
    /// Start no more until an operator says so.
    case pause(reason: String)
    /// Every target has ended.
    case finish
    /// Nothing to do until a target ends.
    case wait
  }

  package init(
    spec: RolloutSpec, counts: RolloutCounts, acceptedFailures: Int = 0, absent: Int = 0,
    maxAbsent: Int = standardMaxAbsent
  ) {
    self.spec = spec
    self.counts = counts
    self.acceptedFailures = acceptedFailures
    self.absent = absent
    self.maxAbsent = maxAbsent
  }

  /// - Parameter now: Seconds since 1970.
  package func step(now: Double) -> Step {
    guard counts.pending > 0 else { return counts.active > 0 ? .wait : .finish }
    let failures = counts.failed - acceptedFailures
    let allowed = spec.maxFailures.allowed(of: counts.total)
    if failures > allowed {
      let accepted = acceptedFailures > 0 ? " since it was resumed" : ""
      return .pause(
        reason: "\(failures) of \(counts.total) devices failed\(accepted); at most \(allowed) may"
          + " (maxFailures: \(spec.maxFailures)).")
    }
    if let deadline = spec.deadline, now >= deadline {
      return .pause(
        reason: "The deadline has passed; \(counts.pending) of \(counts.total) devices were not"
          + " started.")
    }
    let room = spec.concurrency - (counts.active - min(absent, maxAbsent))
    return room > 0 ? .start(count: min(room, counts.pending)) : .wait
  }
}

/// How many targets of a rollout are in each state.
package struct RolloutCounts: Sendable, Equatable, Codable {
  package var pending: Int
  package var active: Int
  package var done: Int
  package var skipped: Int
  package var failed: Int
  package var cancelled: Int

  package init(
    pending: Int = 0, active: Int = 0, done: Int = 0, skipped: Int = 0, failed: Int = 0,
    cancelled: Int = 0
  ) {
    self.pending = pending
    self.active = active
    self.done = done
    self.skipped = skipped
    self.failed = failed
    self.cancelled = cancelled
  }

  package var total: Int { pending + active + done + skipped + failed + cancelled }

  package subscript(state: RolloutTarget.State) -> Int {
    get { self[keyPath: Self.keyPath(state)] }
    set { self[keyPath: Self.keyPath(state)] = newValue }
  }

  private static func keyPath(_ state: RolloutTarget.State) -> WritableKeyPath<RolloutCounts, Int> {
    switch state {
    case .pending: \.pending
    case .active: \.active
    case .done: \.done
    case .skipped: \.skipped
    case .failed: \.failed
    case .cancelled: \.cancelled
    }
  }
}
