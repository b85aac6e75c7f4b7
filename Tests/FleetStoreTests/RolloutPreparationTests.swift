import Fleet
import Postgres
import Testing

@testable import FleetStore

/// The stage of a rollout in which devices load the image ahead of their turns.
@Suite struct RolloutPreparationTests {
  private static let now = StoreFixture.start
  private static let within = 3_600.0
  private static let digest = String(repeating: "5a", count: 32)

  private static func run(
    devices: Int, preparing: Int = 2,
    _ body: (StoreFixture, [Device.ID]) async throws -> Void
  ) async throws {
    try await StoreFixture.run { fixture in
      _ = try await fixture.store.addFile(
        sha256: digest, name: "fw", version: "2.0", size: 1, by: "tester")
      var ids: [Device.ID] = []
      for number in 1...devices {
        ids.append(
          try await fixture.makeDevice(number, facts: [Facts.softwareVersion: "1.0"]).id)
      }
      let spec = RolloutSpec(
        selector: try Selector(parsing: "name=*"), image: .init(version: "2.0", sha256: digest),
        concurrency: 1, maxFailures: .count(0),
        prepare: .init(within: within, concurrency: preparing))
      _ = try await fixture.store.applyRollout(named: "r", spec, document: "d", by: "tester")
      try await fixture.store.pool.query(
        "UPDATE rollout SET created_at = $1", .timestamptz(now))
      try await body(fixture, ids)
    }
  }

  private static func task(of device: Device.ID, in fixture: StoreFixture) async throws
    -> (task: DeviceTask, stage: DownloadOrder.Stage)
  {
    let task = try #require(try await fixture.store.openTasks(of: device).first)
    guard case .download(let order) = task.operation else { throw NoDownload() }
    #expect(order.file == digest && order.expectedVersion == "2.0")
    return (task, order.stage)
  }

  private struct NoDownload: Error {}

  private static func end(_ device: Device.ID, _ outcome: Outcome, in fixture: StoreFixture)
    async throws
  {
    let running = try await task(of: device, in: fixture).task.started(session: 1, now: now)
    try await fixture.commit([
      running.after(outcome, now: now, policy: .standard, random: 0)
    ])
  }

  private static let unsupported = Outcome.failed(
    OperationFault(code: OperationFault.unsupportedCode, text: "can't only load it"))

  private static func counts(in fixture: StoreFixture) async throws -> RolloutCounts? {
    try await fixture.store.rollout(named: "r")?.counts
  }

  @Test func imagesAreLoadedAheadAndStartedOnTheirTurns() async throws {
    try await Self.run(devices: 3) { fixture, ids in
      let store = fixture.store
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[0], ids[1]])
      #expect(try await Self.counts(in: fixture) == RolloutCounts(pending: 1, preparing: 2))
      #expect(try await Self.task(of: ids[0], in: fixture).stage == .load)
      // One that can't load ahead is no failure of the rollout, which bears none.
      try await Self.end(ids[0], Self.unsupported, in: fixture)
      try await Self.end(ids[1], .done(OperationResult()), in: fixture)
      #expect(try await store.advanceRollouts(now: Self.now) == [ids[2]])
      #expect(
        try await Self.counts(in: fixture)
          == RolloutCounts(pending: 1, preparing: 1, prepared: 1))
      let target = try #require(
        try await store.rolloutTargets(of: "r", state: .pending, limit: 9).first)
      #expect(target.deviceID == ids[0] && target.detail == "can't only load it")
      // The turns wait for the last.
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      try await Self.end(ids[2], .done(OperationResult()), in: fixture)
      // Those that have the image come first.
      for (device, stage) in [
        (ids[1], DownloadOrder.Stage.start), (ids[2], .start), (ids[0], .whole),
      ] {
        #expect(try await store.advanceRollouts(now: Self.now) == [device])
        #expect(try await Self.task(of: device, in: fixture).stage == stage)
        try await Self.end(device, .done(OperationResult(version: "2.0")), in: fixture)
      }
      #expect(try await store.advanceRollouts(now: Self.now) == [])
      let record = try #require(try await store.rollout(named: "r"))
      #expect(record.state == .done && record.counts == RolloutCounts(done: 3))
    }
  }

  @Test func theTurnsWaitNoLongerThanTheyAreToWait() async throws {
    try await Self.run(devices: 3, preparing: 3) { fixture, ids in
      let store = fixture.store
      let over = Self.now + Self.within
      #expect(try await store.advanceRollouts(now: Self.now) == ids)
      let loading = try await Self.task(of: ids[0], in: fixture).task
        .started(session: 1, now: Self.now)
        .after(.accepted(.transfer), now: Self.now, policy: .standard, random: 0)
      try await fixture.commit([loading])
      #expect(try await store.advanceRollouts(now: over - 1) == [])
      #expect(try await Self.counts(in: fixture) == RolloutCounts(preparing: 3))
      // Those that have not begun are ordered the whole; the one that is at it is left alone until it has ended.
      let first = try await store.advanceRollouts(now: over)
      let second = try await store.advanceRollouts(now: over)
      #expect(first + second == [ids[1]])
      #expect(
        try await Self.counts(in: fixture) == RolloutCounts(pending: 1, preparing: 1, active: 1))
      #expect(try await Self.task(of: ids[1], in: fixture).stage == .whole)
      #expect(try await store.openTasks(of: ids[2]).isEmpty)
    }
  }

  @Test func aCancelledRolloutStartsNothing() async throws {
    try await Self.run(devices: 3, preparing: 2) { fixture, ids in
      let store = fixture.store
      _ = try await store.advanceRollouts(now: Self.now)
      try await Self.end(ids[0], .done(OperationResult()), in: fixture)
      try await store.pauseRollout(named: "r", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now + Self.within) == [])
      #expect(
        try await Self.counts(in: fixture)
          == RolloutCounts(pending: 1, preparing: 1, prepared: 1))
      try await store.cancelRollout(named: "r", by: "tester")
      #expect(try await store.advanceRollouts(now: Self.now + Self.within) == [])
      #expect(try await Self.counts(in: fixture) == RolloutCounts(cancelled: 3))
      for id in ids { #expect(try await store.openTasks(of: id).isEmpty) }
    }
  }

  /// The places of those that load ahead are not those of the upgraded.
  @Test func preparationsHavePlacesOfTheirOwn() async throws {
    try await Self.run(devices: 3, preparing: 2) { fixture, ids in
      let store = fixture.store
      let later = Self.now + fixture.store.settings.rolloutCallWithin + 1
      _ = try await store.advanceRollouts(now: Self.now)
      for id in ids.prefix(2) {
        try await store.pool.query(
          "UPDATE device_state SET session = 1 WHERE device_id = $1", .int8(id))
        // Late, but there are two places although one device is upgraded at a time.
        let task = try #require(try await store.claim(id, session: 1, now: later)?.task)
        try await fixture.commit([
          task.after(.accepted(.transfer), now: later, policy: .standard, random: 0)
        ])
      }
    }
  }
}
