import Fleet
import Postgres
import Testing

@testable import FleetStore

/// Who has a place in a rollout, and who gets the next.
@Suite struct RolloutPlacesTests {
  private static let start = StoreFixture.start
  private static let digest = String(repeating: "5a", count: 32)
  private static let within = StoreFixture.settings.rolloutCallWithin
  /// When the places of those that have not called are free.
  private static let later = start + within + 1

  /// A rollout in which one device is under way at a time.
  private static func run(
    devices: Int, concurrency: Int = 1, _ body: (StoreFixture, [Device.ID]) async throws -> Void
  ) async throws {
    try await StoreFixture.run { fixture in
      _ = try await fixture.store.addFile(
        sha256: digest, name: "fw", version: "2.0", size: 1, by: "tester")
      var ids: [Device.ID] = []
      for number in 1...devices { ids.append(try await fixture.makeDevice(number).id) }
      let spec = RolloutSpec(
        selector: try Selector(parsing: "name=*"), image: .init(version: "2.0", sha256: digest),
        concurrency: concurrency, maxFailures: .count(0))
      _ = try await fixture.store.applyRollout(named: "r", spec, document: "d", by: "tester")
      #expect(
        try await fixture.store.advanceRollouts(now: start) == Array(ids.prefix(concurrency)))
      try await body(fixture, ids)
    }
  }

  /// The device calls and is given what it has to do.
  private static func call(
    _ device: Device.ID, at time: Double, session: Int64 = 1, in fixture: StoreFixture
  ) async throws -> DeviceTask? {
    try await fixture.store.pool.query(
      "UPDATE device_state SET session = $2 WHERE device_id = $1", .int8(device), .int8(session))
    return try await fixture.store.claim(device, session: session, now: time)?.task
  }

  private static func end(_ task: DeviceTask, at time: Double, in fixture: StoreFixture)
    async throws
  {
    try await fixture.commit([
      task.after(
        .done(OperationResult(version: "2.0")), now: time, policy: .standard, random: 0)
    ])
  }

  private static func task(of device: Device.ID, in fixture: StoreFixture) async throws
    -> DeviceTask
  {
    try #require(try await fixture.store.openTasks(of: device).first)
  }

  @Test func aDeviceThatDoesNotCallLeavesItsPlaceToAnother() async throws {
    try await Self.run(devices: 3) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      #expect(try await store.advanceRollouts(now: Self.later - 2) == [])
      #expect(try await store.advanceRollouts(now: Self.later) == [ids[1]])
      // One at a time, however many do not call.
      #expect(try await store.advanceRollouts(now: Self.later) == [])
      #expect(try await store.advanceRollouts(now: Self.later + Self.within + 1) == [ids[2]])
      for id in ids { #expect(try await Self.task(of: id, in: fixture).state == .queued) }
      #expect(
        try await store.rollout(named: "r")?.counts == RolloutCounts(active: 3))
    }
  }

  @Test func aDeviceThatIsUnderWayKeepsItsPlace() async throws {
    try await Self.run(devices: 2) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let task = try #require(try await Self.call(ids[0], at: Self.start + 1, in: fixture))
      #expect(try await fixture.store.advanceRollouts(now: Self.later) == [])
      // A fault that is worth another try does not cost it its place either.
      try await fixture.commit([
        task.after(
          .failed(OperationFault(code: "cwmp.9010", text: "busy", isTransient: true)),
          now: Self.later, policy: .standard, random: 0)
      ])
      #expect(try await fixture.store.advanceRollouts(now: Self.later + Self.within + 1) == [])
    }
  }

  @Test func aDeviceThatComesBackWaitsForAPlaceAndGetsTheNext() async throws {
    try await Self.run(devices: 3) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      #expect(try await store.advanceRollouts(now: Self.later) == [ids[1]])
      let running = try #require(try await Self.call(ids[1], at: Self.later + 1, in: fixture))
      // The place is taken: it is put off, and other work of it goes on.
      _ = try await store.createTask(
        for: "00D09E-Box-1", StoreFixture.request(.get(paths: ["Device."]), lifetime: 86_400),
        by: "tester")
      let other = try await Self.call(ids[0], at: Self.later + 2, in: fixture)
      #expect(other?.operation.kind == .get)
      let putOff = try await Self.task(of: ids[0], in: fixture)
      #expect(putOff.state == .queued && putOff.attempts == 0)
      #expect(putOff.dueAt == Self.later + 2 + FleetStore.placePause)
      #expect(putOff.fault?.code == OperationFault.noPlaceCode)
      #expect(
        putOff.fault?.text == "The places of the rollout are taken: 1 of 1.")
      let due = try await store.devicesWithDueWork(
        in: (putOff.dueAt - 1)...putOff.dueAt, limit: 9)
      #expect(due == [ids[0]])
      // While nothing is free, it is not asked to come.
      #expect(try await store.advanceRollouts(now: Self.later + 3) == [])
      #expect(try await Self.task(of: ids[0], in: fixture).dueAt == putOff.dueAt)
      // The next place is kept for it rather than given to one that has not been ordered yet.
      try await Self.end(running, at: Self.later + 3, in: fixture)
      #expect(try await store.advanceRollouts(now: Self.later + 4) == [ids[0]])
      #expect(try await Self.task(of: ids[0], in: fixture).dueAt == Self.later + 4)
      // It is asked once.
      #expect(try await store.advanceRollouts(now: Self.later + 5) == [])
      let task = try #require(
        try await Self.call(ids[0], at: Self.later + 6, session: 2, in: fixture))
      #expect(task.rolloutID != nil && task.attempts == 1)
      #expect(try await store.advanceRollouts(now: Self.later + 7) == [])
      try await Self.end(task, at: Self.later + 8, in: fixture)
      #expect(try await store.advanceRollouts(now: Self.later + 8) == [ids[2]])
    }
  }

  @Test func oneThatWasPutOffAndIsGoneAgainKeepsNobodyWaiting() async throws {
    try await Self.run(devices: 3) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      #expect(try await store.advanceRollouts(now: Self.later) == [ids[1]])
      let running = try #require(try await Self.call(ids[1], at: Self.later + 1, in: fixture))
      #expect(try await Self.call(ids[0], at: Self.later + 2, in: fixture) == nil)
      try await Self.end(running, at: Self.later + 3, in: fixture)
      #expect(try await store.advanceRollouts(now: Self.later + 4) == [ids[0]])
      let keptUntil = Self.later + 4 + Self.within
      #expect(try await store.advanceRollouts(now: keptUntil - 1) == [])
      #expect(try await store.advanceRollouts(now: keptUntil + 1) == [ids[2]])
    }
  }

  @Test func aPausedRolloutStartsNobodyThatComesBack() async throws {
    try await Self.run(devices: 2) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      #expect(try await fixture.store.advanceRollouts(now: Self.later) == [ids[1]])
      try await fixture.store.pauseRollout(named: "r", by: "tester")
      // Whose place is its own still goes on.
      #expect(try await Self.call(ids[1], at: Self.later + 1, in: fixture) != nil)
      #expect(try await Self.call(ids[0], at: Self.later + 1, in: fixture) == nil)
      #expect(
        try await Self.task(of: ids[0], in: fixture).fault?.text == "The rollout is paused.")
    }
  }

  @Test func neverMoreThanAllowedAreUnderWay() async throws {
    try await Self.run(devices: 12, concurrency: 3) {
      (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      var time = Self.later
      // Nobody has called: all are ordered, three at a time.
      for _ in 0..<3 {
        _ = try await store.advanceRollouts(now: time)
        time += Self.within + 1
      }
      #expect(try await store.rollout(named: "r")?.counts.active == 12)
      // All call at once, while the rollout goes on.
      let now = time
      let started = try await withThrowingTaskGroup(of: DeviceTask?.self) { group in
        for id in ids { group.addTask { try await Self.call(id, at: now, in: fixture) } }
        group.addTask {
          _ = try await store.advanceRollouts(now: now)
          return nil
        }
        return try await group.reduce(into: [DeviceTask]()) { if let task = $1 { $0.append(task) } }
      }
      #expect(started.count <= 3)
      // Some may have found the rollout busy; they come again, and in the end all have had their turn.
      var done = 0
      var running = started
      for _ in 0..<24 where done < ids.count {
        for task in running { try await Self.end(task, at: time, in: fixture) }
        done += running.count
        running = []
        time += FleetStore.placePause
        for id in ids {
          if let task = try await Self.call(id, at: time, session: 2, in: fixture) {
            running.append(task)
          }
        }
        #expect(running.count <= 3)
      }
      #expect(done == ids.count)
      _ = try await store.advanceRollouts(now: time)
      #expect(try await store.rollout(named: "r")?.state == .done)
    }
  }
}
