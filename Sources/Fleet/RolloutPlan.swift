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
  /// How far the image is loaded ahead of the turns; nil where that is not wanted.
  package var preparation: Preparation?

  package struct Preparation: Sendable, Equatable {
    /// When the rollout was applied, in seconds since 1970.
    package var began: Double
    /// Pending targets that have not been asked yet to load the image.
    package var untried: Int
    /// As ``RolloutPlan/absent``, of those that are to load the image.
    package var absent: Int

    package init(began: Double, untried: Int, absent: Int = 0) {
      self.began = began
      self.untried = untried
      self.absent = absent
    }
  }

  package static let standardMaxAbsent = 10_000

  package enum Step: Sendable, Equatable {
    /// Let so many of the targets that have not been asked yet load the image: at least 1.
    case prepare(count: Int)
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
    maxAbsent: Int = standardMaxAbsent, preparation: Preparation? = nil
  ) {
    self.spec = spec
    self.counts = counts
    self.acceptedFailures = acceptedFailures
    self.absent = absent
    self.maxAbsent = maxAbsent
    self.preparation = preparation
  }

  /// Whether the turns wait for targets that load the image: until each has been asked and has ended, but no longer than the
  /// specification allows. Once false it stays so.
  package func isPreparing(now: Double) -> Bool {
    guard let prepare = spec.prepare, let preparation, now < preparation.began + prepare.within
    else { return false }
    return preparation.untried > 0 || counts.preparing > 0
  }

  /// - Parameter now: Seconds since 1970.
  package func step(now: Double) -> Step {
    guard counts.waiting > 0 else { return counts.active > 0 ? .wait : .finish }
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
        reason: "The deadline has passed; \(counts.waiting) of \(counts.total) devices were not"
          + " started.")
    }
    if let prepare = spec.prepare, let preparation, isPreparing(now: now) {
      let taken = counts.preparing - min(preparation.absent, maxAbsent)
      let count = min(prepare.concurrency - taken, preparation.untried)
      return count > 0 ? .prepare(count: count) : .wait
    }
    // Who is at loading still has its turn afterwards.
    let startable = counts.pending + counts.prepared
    let room = spec.concurrency - (counts.active - min(absent, maxAbsent))
    return room > 0 && startable > 0 ? .start(count: min(room, startable)) : .wait
  }
}

/// How many targets of a rollout are in each state.
package struct RolloutCounts: Sendable, Equatable, Codable {
  package var pending: Int
  package var preparing: Int
  package var prepared: Int
  package var active: Int
  package var done: Int
  package var skipped: Int
  package var failed: Int
  package var cancelled: Int

  package init(
    pending: Int = 0, preparing: Int = 0, prepared: Int = 0, active: Int = 0, done: Int = 0,
    skipped: Int = 0, failed: Int = 0,
    cancelled: Int = 0
  ) {
    self.pending = pending
    self.preparing = preparing
    self.prepared = prepared
    self.active = active
    self.done = done
    self.skipped = skipped
    self.failed = failed
    self.cancelled = cancelled
  }

  /// Those that have their turn still to come.
  package var waiting: Int { pending + preparing + prepared }
  package var total: Int { waiting + active + done + skipped + failed + cancelled }

  package subscript(state: RolloutTarget.State) -> Int {
    get { self[keyPath: Self.keyPath(state)] }
    set { self[keyPath: Self.keyPath(state)] = newValue }
  }

  private static func keyPath(_ state: RolloutTarget.State) -> WritableKeyPath<RolloutCounts, Int> {
    switch state {
    case .pending: \.pending
    case .preparing: \.preparing
    case .prepared: \.prepared
    case .active: \.active
    case .done: \.done
    case .skipped: \.skipped
    case .failed: \.failed
    case .cancelled: \.cancelled
    }
  }
}
