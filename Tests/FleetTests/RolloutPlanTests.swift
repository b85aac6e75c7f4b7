import Testing

@testable import Fleet

/// Transcripts: how far the targets have come, and what the rollout does next.
@Suite("Rollout plans")
struct RolloutPlanTests {
  static func spec(
    concurrency: Int = 10, maxFailures: FailureLimit = .share(hundredths: 500),
    deadline: Double? = nil
  ) -> RolloutSpec {
    RolloutSpec(
      selector: .all,
      image: RolloutSpec.Image(version: "2.0", sha256: ResourceFileTests.sum),
      concurrency: concurrency, maxFailures: maxFailures, deadline: deadline)
  }

  static let cases: [(title: String, counts: RolloutCounts, step: RolloutPlan.Step)] = [
    ("no targets", RolloutCounts(), .finish),
    ("the beginning", RolloutCounts(pending: 100), .start(count: 10)),
    ("fewer than may be started", RolloutCounts(pending: 3, active: 2), .start(count: 3)),
    ("room for some", RolloutCounts(pending: 50, active: 8), .start(count: 2)),
    ("no room", RolloutCounts(pending: 50, active: 10), .wait),
    ("more active than now allowed", RolloutCounts(pending: 50, active: 20), .wait),
    ("the last are active", RolloutCounts(active: 1, done: 99), .wait),
    ("all have ended", RolloutCounts(done: 90, skipped: 5, failed: 4, cancelled: 1), .finish),
    ("all have failed", RolloutCounts(failed: 100), .finish),
    (
      "as many failures as may be", RolloutCounts(pending: 50, done: 45, failed: 5),
      .start(count: 10)
    ),
    (
      "one more", RolloutCounts(pending: 50, active: 3, done: 41, failed: 6),
      .pause(reason: "6 of 100 devices failed; at most 5 may (maxFailures: 5%).")
    ),
    ("too many, but none left to start", RolloutCounts(active: 1, failed: 99), .wait),
    ("a small rollout bears one", RolloutCounts(pending: 3, failed: 1), .start(count: 3)),
    (
      "but not two", RolloutCounts(pending: 2, failed: 2),
      .pause(reason: "2 of 4 devices failed; at most 1 may (maxFailures: 5%).")
    ),
  ]

  @Test(arguments: cases.indices) func step(index: Int) {
    let (title, counts, step) = Self.cases[index]
    #expect(RolloutPlan(spec: Self.spec(), counts: counts).step(now: 0) == step, "\(title)")
  }

  @Test(arguments: [0, 1, RolloutPlan.standardMaxAbsent]) func absentDevicesTakeNoPlace(_ most: Int)
  {
    func step(_ active: Int, absent: Int) -> RolloutPlan.Step {
      RolloutPlan(
        spec: Self.spec(), counts: RolloutCounts(pending: 90_000, active: active), absent: absent,
        maxAbsent: most
      ).step(now: 0)
    }
    #expect(step(10, absent: 0) == .wait)
    #expect(step(10, absent: 4) == (most == 0 ? .wait : .start(count: min(4, most))))
    #expect(step(14, absent: min(4, most)) == .wait)
    #expect(step(most + 9, absent: most + 9) == .start(count: 1))
    #expect(step(most + 10, absent: most + 10) == .wait)
  }

  @Test func noFailureMayBe() {
    let plan = RolloutPlan(
      spec: Self.spec(maxFailures: .count(0)), counts: RolloutCounts(pending: 9, failed: 1))
    #expect(
      plan.step(now: 0)
        == .pause(reason: "1 of 10 devices failed; at most 0 may (maxFailures: 0)."))
  }

  @Test func resumedRolloutCountsNewFailures() {
    var plan = RolloutPlan(
      spec: Self.spec(), counts: RolloutCounts(pending: 50, done: 44, failed: 6),
      acceptedFailures: 6)
    #expect(plan.step(now: 0) == .start(count: 10))
    plan.counts = RolloutCounts(pending: 44, done: 44, failed: 12)
    #expect(
      plan.step(now: 0)
        == .pause(
          reason: "6 of 100 devices failed since it was resumed; at most 5 may (maxFailures: 5%)."))
  }

  @Test func deadline() {
    let spec = Self.spec(deadline: 1_000)
    let plan = RolloutPlan(spec: spec, counts: RolloutCounts(pending: 5, active: 1, done: 4))
    #expect(plan.step(now: 999) == .start(count: 5))
    #expect(
      plan.step(now: 1_000)
        == .pause(reason: "The deadline has passed; 5 of 10 devices were not started."))
    #expect(RolloutPlan(spec: spec, counts: RolloutCounts(active: 1)).step(now: 2_000) == .wait)
    #expect(RolloutPlan(spec: spec, counts: RolloutCounts(done: 1)).step(now: 2_000) == .finish)
  }

  /// Turns wait for those that load the image ahead, for a time; afterwards whoever is not at loading has its turn.
  static let preparations:
    [(
      title: String, counts: RolloutCounts, untried: Int, absent: Int, now: Double,
      step: RolloutPlan.Step
    )] = [
      ("the beginning", RolloutCounts(pending: 100), 100, 0, 0, .prepare(count: 20)),
      (
        "room", RolloutCounts(pending: 80, preparing: 15, prepared: 5), 80, 0, 9, .prepare(count: 5)
      ),
      ("no room", RolloutCounts(pending: 80, preparing: 20), 80, 0, 9, .wait),
      (
        "the absent take none", RolloutCounts(pending: 80, preparing: 20), 80, 3, 9,
        .prepare(count: 3)
      ),
      ("some could not", RolloutCounts(pending: 80, prepared: 20), 2, 0, 9, .prepare(count: 2)),
      ("the last are at it", RolloutCounts(pending: 7, preparing: 1, prepared: 2), 0, 0, 9, .wait),
      ("all have been asked", RolloutCounts(pending: 7, prepared: 2), 0, 0, 9, .start(count: 9)),
      ("the time is over", RolloutCounts(pending: 30, preparing: 9), 30, 0, 600, .start(count: 10)),
      ("only prepared ones", RolloutCounts(prepared: 30, active: 9), 0, 0, 600, .start(count: 1)),
      ("one is still at it", RolloutCounts(preparing: 1, done: 9), 0, 0, 600, .wait),
      ("and not active", RolloutCounts(preparing: 1, active: 1), 0, 0, 600, .wait),
      (
        "failures count as ever", RolloutCounts(prepared: 2, failed: 2), 0, 0, 600,
        .pause(reason: "2 of 4 devices failed; at most 1 may (maxFailures: 5%).")
      ),
    ]

  @Test(arguments: preparations.indices) func preparation(index: Int) {
    let (title, counts, untried, absent, now, step) = Self.preparations[index]
    var spec = Self.spec()
    let preparation = RolloutPlan.Preparation(began: 0, untried: untried, absent: absent)
    spec.prepare = RolloutSpec.Preparation(within: 600, concurrency: 20)
    #expect(
      RolloutPlan(spec: spec, counts: counts, preparation: preparation).step(now: now) == step,
      "\(title)")
  }

  @Test func whatCouldNotBePreparedHasItsTurn() {
    func end(_ state: DeviceTask.State) -> RolloutTarget.State? {
      var task = DeviceTaskTests.download()
      task.state = state
      return RolloutTarget.endOfPreparation(by: task)?.state
    }
    #expect(end(.waiting) == nil && end(.queued) == nil && end(.running) == nil)
    #expect(end(.done) == .prepared)
    #expect(end(.failed) == .pending && end(.expired) == .pending && end(.cancelled) == .pending)
  }

  /// Whole rollouts with devices that fail at random: never too many at once, never on after too many failures.
  @Test func wholeRollouts() {
    let seed: UInt64 = 9
    let rounds = 300
    var generator = SeededGenerator(defaultSeed: seed)
    var ends: [String: Int] = [:]
    for round in 0..<rounds {
      let targets = generator.pick(1...200)
      let spec = Self.spec(
        concurrency: generator.pick(1...30),
        maxFailures: generator.pick([.count(0), .count(3), .share(hundredths: 1_000)]))
      let failureRate = generator.pick([0, 0.05, 0.2, 1])
      var counts = RolloutCounts(pending: targets)
      var end = ""
      // Every step starts or ends a target, or is the last.
      for _ in 0...(2 * targets) where end.isEmpty {
        switch RolloutPlan(spec: spec, counts: counts).step(now: 0) {
        case .start(let count):
          #expect(count > 0 && counts.active + count <= spec.concurrency, "round \(round)")
          #expect(counts.failed <= spec.maxFailures.allowed(of: targets), "round \(round)")
          counts[.pending] -= count
          counts[.active] += count
        case .wait:
          #expect(counts.active > 0, "round \(round): nothing could end the wait")
          counts[.active] -= 1
          counts[Double.random(in: 0..<1, using: &generator) < failureRate ? .failed : .done] += 1
        case .pause:
          #expect(counts.failed > spec.maxFailures.allowed(of: targets), "round \(round)")
          end = "paused"
        case .prepare: Issue.record("round \(round): nothing is to be prepared")
        case .finish:
          #expect(counts.pending == 0 && counts.active == 0, "round \(round)")
          end = "finished"
        }
        #expect(counts.total == targets, "round \(round)")
      }
      #expect(!end.isEmpty, "seed \(generator.seed), round \(round): no end")
      ends[end, default: 0] += 1
    }
    #expect(ends["paused", default: 0] > 20 && ends["finished", default: 0] > 20, "\(ends)")
  }

  @Test func countsByState() {
    var counts = RolloutCounts()
    for (number, state) in RolloutTarget.State.allCases.enumerated() { counts[state] = number + 1 }
    #expect(
      counts
        == RolloutCounts(
          pending: 1, preparing: 2, prepared: 3, active: 4, done: 5, skipped: 6, failed: 7,
          cancelled: 8))
    #expect(counts.total == 36 && counts.waiting == 6)
  }

  // MARK: - Targets

  @Test func decisions() {
    func decide(_ facts: [String: String]) -> RolloutTarget.Decision {
      RolloutTarget.decide(Self.spec(), facts: facts)
    }
    #expect(decide([:]) == .start(fromVersion: nil))
    #expect(decide([Facts.softwareVersion: "1.0"]) == .start(fromVersion: "1.0"))
    #expect(decide([Facts.softwareVersion: "2.0.1"]) == .start(fromVersion: "2.0.1"))
    #expect(
      decide([Facts.softwareVersion: "2.0"]) == .skip(reason: "The device already runs 2.0."))
  }

  @Test func endsOfTargets() {
    func end(_ state: DeviceTask.State) -> (state: RolloutTarget.State, detail: String?)? {
      var task = AgendaTests.task(1, AgendaTests.download, state)
      task.fault = OperationFault(code: "cwmp.9010", text: "no route")
      return RolloutTarget.end(of: task)
    }
    for state: DeviceTask.State in [.queued, .running, .waiting] { #expect(end(state) == nil) }
    #expect(end(.done)?.state == .done)
    #expect(end(.done)?.detail == nil)
    #expect(end(.failed)?.state == .failed)
    #expect(end(.failed)?.detail == "no route")
    #expect(end(.expired)?.state == .failed)
    #expect(end(.expired)?.detail == "no route")
    #expect(end(.cancelled)?.state == .cancelled)
  }
}
