import Fleet
import Postgres
import Testing

@testable import FleetStore

@Suite struct RolloutsTests {
  private static let now = StoreFixture.start
  private static let digest = String(repeating: "5a", count: 32)

  private static func spec(
    _ selector: String = "name=*", concurrency: Int = 2,
    maxFailures: FailureLimit = .count(0), deadline: Double? = nil
  ) throws -> RolloutSpec {
    RolloutSpec(
      selector: try Selector(parsing: selector),
      image: .init(file: "local.bin", version: "2.0", sha256: digest), concurrency: concurrency,
      maxFailures: maxFailures, deadline: deadline)
  }

  private static func makeFleet(_ count: Int, in fixture: StoreFixture, version: String = "1.0")
    async throws -> [Device.ID]
  {
    _ = try await fixture.store.addFile(
      sha256: digest, name: "fw", version: "2.0", size: 1, by: "tester")
    var ids: [Device.ID] = []
    for number in 1...count {
      ids.append(
        try await fixture.makeDevice(number, facts: [Facts.softwareVersion: version]).id)
    }
    return ids
  }

  /// Ends the open task of a device.
  private static func end(_ device: Device.ID, failing: Bool = false, in fixture: StoreFixture)
    async throws
  {
    let task = try #require(try await fixture.store.openTasks(of: device).first)
    let running = task.started(session: 1, now: now)
    let outcome: Outcome =
      failing
      ? .failed(OperationFault(code: "cwmp.9010", text: "no space"))
      : .done(OperationResult(version: "2.0"))
    try await fixture.commit([
      running.after(outcome, now: now, policy: .standard, random: 0)
    ])
  }

  @Test func applyingIsIdempotentByName() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let ids = try await Self.makeFleet(3, in: fixture)
      let spec = try Self.spec()
      let dry = try await store.applyRollout(
        named: "r", spec, document: "d", isDryRun: true, by: "tester")
      #expect(dry == RolloutApplication(outcome: .created, targets: 3, isImageStored: true))
      #expect(try await store.rollout(named: "r") == nil)
      let first = try await store.applyRollout(named: "r", spec, document: "d", by: "tester")
      #expect(first.outcome == .created && first.targets == 3)
      // A device that comes later is no target.
      try await fixture.makeDevice(9)
      var moved = spec
      moved.image.file = "elsewhere.bin"
      let again = try await store.applyRollout(named: "r", moved, document: "x", by: "tester")
      #expect(again == RolloutApplication(outcome: .unchanged, targets: 3, isImageStored: true))
      await #expect {
        try await store.applyRollout(
          named: "r", try Self.spec(concurrency: 5), document: "d", by: "tester")
      } throws: { ($0 as? StoreError)?.code == .conflict }
      let record = try #require(try await store.rollout(named: "r"))
      #expect(record.counts == RolloutCounts(pending: 3))
      #expect(record.document == "d" && record.state == .running && record.appliedBy == "tester")
      #expect(try await store.rolloutTargets(of: "r", limit: 9).map(\.deviceID) == ids)
      #expect(
        try await store.rolloutTargets(of: "r", after: ids[0], limit: 1).map(\.deviceID) == [ids[1]]
      )
      #expect(try await fixture.auditedActions().filter { $0 == "rollout.create" }.count == 1)
    }
  }

  @Test func whatCanNotStartIsRefusedAndLeavesNothing() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      try await fixture.makeDevice(1)
      let spec = try Self.spec()
      #expect(
        try await store.applyRollout(
          named: "r", spec, document: "d", isDryRun: true, by: "tester"
        ).isImageStored == false)
      await #expect {
        try await store.applyRollout(named: "r", spec, document: "d", by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
      _ = try await store.addFile(
        sha256: Self.digest, name: "fw", version: "2.0", size: 1, by: "tester")
      await #expect {
        try await store.applyRollout(
          named: "r", try Self.spec("tag=none"), document: "d", by: "tester")
      } throws: { ($0 as? StoreError)?.code == .invalid }
      #expect(try await store.rollouts(limit: 9).isEmpty)
      #expect(try await fixture.auditedActions().contains("rollout.create") == false)
    }
  }

  @Test func itGoesInSlicesToItsEnd() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let ids = try await Self.makeFleet(5, in: fixture)
      try await fixture.setFacts([Facts.softwareVersion: "2.0"], of: ids[1])
      _ = try await store.applyRollout(named: "r", try Self.spec(), document: "d", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[0], ids[2]])
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      let task = try #require(try await store.tasks(of: ids[0], limit: 1).first)
      #expect(task.orderedBy == "rollout r" && task.rolloutName == "r")
      #expect(task.task.maxAttempts == RolloutSpec.defaultRetries + 1)
      #expect(
        task.task.operation
          == .download(DownloadOrder(file: Self.digest, expectedVersion: "2.0")))
      #expect(try await store.policy(for: task.task).maxAttempts == RolloutSpec.defaultRetries + 1)
      await #expect { try await store.deleteFile(sha256: Self.digest, by: "tester") } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      try await Self.end(ids[0], in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[3]])
      try await Self.end(ids[2], in: fixture)
      try await Self.end(ids[3], in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[4]])
      try await Self.end(ids[4], in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      let record = try #require(try await store.rollout(named: "r"))
      #expect(record.state == .done && record.endedAt != nil)
      #expect(record.counts == RolloutCounts(done: 4, skipped: 1))
      let targets = try await store.rolloutTargets(of: "r", limit: 9)
      #expect(targets.map(\.state) == [.done, .skipped, .done, .done, .done])
      #expect(targets.map(\.fromVersion) == ["1.0", "2.0", "1.0", "1.0", "1.0"])
      #expect(targets[1].detail?.contains("2.0") == true)
      try await store.deleteFile(sha256: Self.digest, by: "tester")
    }
  }

  @Test func manyThatHaveNothingToDoArePassedOverInOneRun() async throws {
    try await StoreFixture.run { fixture in
      let ids = try await Self.makeFleet(30, in: fixture, version: "2.0")
      try await fixture.setFacts([Facts.softwareVersion: "1.0"], of: ids[29])
      _ = try await fixture.store.applyRollout(
        named: "r", try Self.spec(concurrency: 1), document: "d", by: "tester")
      #expect(try await fixture.store.advanceRollouts(now: Self.now) == [ids[29]])
      #expect(
        try await fixture.store.rollout(named: "r")?.counts == RolloutCounts(active: 1, skipped: 29)
      )
    }
  }

  @Test func tooManyFailuresPauseItUntilItIsResumed() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let ids = try await Self.makeFleet(4, in: fixture)
      _ = try await store.applyRollout(
        named: "r", try Self.spec(concurrency: 1), document: "d", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[0]])
      try await Self.end(ids[0], failing: true, in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      let paused = try #require(try await store.rollout(named: "r"))
      #expect(paused.state == .paused)
      #expect(paused.reason?.contains("1 of 4 devices failed") == true)
      #expect(
        try await store.rolloutTargets(of: "r", state: .failed, limit: 9).map(\.detail)
          == ["no space"])
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      try await store.resumeRollout(named: "r", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[1]])
      try await Self.end(ids[1], failing: true, in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      #expect(try await store.rollout(named: "r")?.state == .paused)
    }
  }

  @Test func aPausedOneStartsNothingButSettles() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let ids = try await Self.makeFleet(3, in: fixture)
      _ = try await store.applyRollout(named: "r", try Self.spec(), document: "d", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[0], ids[1]])
      try await store.pauseRollout(named: "r", by: "tester")
      try await store.pauseRollout(named: "r", by: "tester")
      try await Self.end(ids[0], in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      #expect(
        try await store.rollout(named: "r")?.counts == RolloutCounts(pending: 1, active: 1, done: 1)
      )
      try await store.resumeRollout(named: "r", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[2]])
      #expect(
        try await fixture.auditedActions().filter { $0.hasPrefix("rollout") }
          == ["rollout.create", "rollout.pause", "rollout.resume"])
    }
  }

  @Test func cancellingLeavesThoseUnderWay() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let ids = try await Self.makeFleet(4, in: fixture)
      _ = try await store.applyRollout(named: "r", try Self.spec(), document: "d", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[0], ids[1]])
      let running = try #require(try await store.openTasks(of: ids[0]).first)
        .started(session: 1, now: Self.now)
      try await fixture.commit([running])
      try await store.cancelRollout(named: "r", by: "tester")
      #expect(try await store.openTasks(of: ids[1]).isEmpty)
      #expect(try await !fixture.hasOpenWork(ids[1]))
      #expect(
        try await store.rollout(named: "r")?.counts == RolloutCounts(active: 1, cancelled: 3))
      await #expect { try await store.deleteRollout(named: "r", by: "tester") } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      try await fixture.commit([
        running.after(
          .done(OperationResult(version: "2.0")), now: Self.now, policy: .standard, random: 0)
      ])
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      let record = try #require(try await store.rollout(named: "r"))
      #expect(record.counts == RolloutCounts(done: 1, cancelled: 3))
      #expect(record.state == .cancelled)
      for action in [store.pauseRollout, store.resumeRollout, store.cancelRollout] {
        await #expect { try await action("r", "tester") } throws: {
          ($0 as? StoreError)?.code == .conflict
        }
      }
      try await store.deleteRollout(named: "r", by: "tester")
      #expect(try await store.rollout(named: "r") == nil)
      #expect(try await store.tasks(of: ids[0], limit: 1).first?.rolloutName == nil)
    }
  }

  @Test func nodesThatAdvanceTogetherStartEachDeviceOnce() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let ids = try await Self.makeFleet(12, in: fixture)
      _ = try await store.applyRollout(
        named: "r", try Self.spec(concurrency: 12), document: "d", by: "tester")
      let started = try await withThrowingTaskGroup(of: [Device.ID].self) { group in
        for _ in 0..<4 { group.addTask { try await store.advanceRollouts(now: Self.now) } }
        return try await group.reduce(into: [Device.ID]()) { $0 += $1 }
      }
      #expect(started.sorted() == ids)
      #expect(try await store.tasks(limit: 100).count == 12)
    }
  }
}
