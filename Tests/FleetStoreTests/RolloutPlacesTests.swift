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
    devices: Int, concurrency: Int = 1,
    configure: (inout FleetStore.Settings) -> Void = { _ in },
    _ body: (StoreFixture, [Device.ID]) async throws -> Void
  ) async throws {
    var settings = StoreFixture.settings
    // Tests that are not about these must not fail because the machine is busy.
    settings.rolloutPlaceWait = 600
    settings.rolloutTurnWait = 600
    configure(&settings)
    try await StoreFixture.run(settings: settings) { fixture in
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
      #expect(putOff.dueAt == Self.later + 2 + StoreFixture.settings.rolloutPlacePause)
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

  @Test func aPlaceThatIsKeptIsNobodyElses() async throws {
    try await Self.run(devices: 4) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      var time = Self.later
      // The first two do not call in time.
      for id in ids[1...2] {
        #expect(try await store.advanceRollouts(now: time) == [id])
        time += Self.within + 1
      }
      let running = try #require(try await Self.call(ids[2], at: time - 10, in: fixture))
      #expect(try await Self.call(ids[0], at: time, in: fixture) == nil)
      try await Self.end(running, at: time + 1, in: fixture)
      #expect(try await store.advanceRollouts(now: time + 2) == [ids[0]])
      #expect(try await Self.task(of: ids[0], in: fixture).fault == nil)
      // The other one calls before it.
      #expect(try await Self.call(ids[1], at: time + 3, in: fixture) == nil)
      #expect(
        try await Self.task(of: ids[1], in: fixture).fault?.text
          == "The places of the rollout are taken: 1 of 1.")
      #expect(try await store.advanceRollouts(now: time + 4) == [])
      let kept = try await Self.call(ids[0], at: time + 5, session: 2, in: fixture)
      #expect(kept?.rolloutID != nil)
      // The same holds for one that is not asked because it is behind a NAT, and comes at the end of its time.
      try await Self.end(try #require(kept), at: time + 6, in: fixture)
      #expect(try await store.advanceRollouts(now: time + 7) == [ids[1]])
      let last = try await Self.call(
        ids[1], at: time + 7 + Self.within - 1, session: 2, in: fixture)
      #expect(last?.rolloutID != nil)
    }
  }

  @Test func oneThatWasPutOffAndDoesNotComeBackIsAbsent() async throws {
    try await Self.run(devices: 3) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      #expect(try await store.advanceRollouts(now: Self.later) == [ids[1]])
      let running = try #require(try await Self.call(ids[1], at: Self.later + 1, in: fixture))
      #expect(try await Self.call(ids[0], at: Self.later + 2, in: fixture) == nil)
      let asked = try await Self.task(of: ids[0], in: fixture).dueAt
      // Its pause is over; it holds no place, but is the first for whom one is kept, until it has had its time.
      for time in [asked + 1, asked + Self.within - 1] {
        let places = try await Self.places(at: time, in: fixture)
        #expect(places.taken == 1 && places.postponed == 1 && places.absent == 0)
      }
      let places = try await Self.places(at: asked + Self.within, in: fixture)
      #expect(places.taken == 1 && places.postponed == 0 && places.absent == 1)
      try await Self.end(running, at: asked + Self.within, in: fixture)
      #expect(try await store.advanceRollouts(now: asked + Self.within) == [ids[2]])
    }
  }

  private static func places(at time: Double, in fixture: StoreFixture) async throws
    -> FleetStore.Places
  {
    let store = fixture.store
    return try await store.pool.transaction { connection in
      let id = try connection.query("SELECT rollout_id FROM rollout")[0].int64(0)
      return try store.places(of: id, now: time, on: connection)
    }
  }

  @Test func manyAbsentDevicesAreLeftAlone() async throws {
    try await Self.run(devices: 4, configure: { $0.rolloutMaxAbsent = 2 }) {
      (fixture: StoreFixture, ids: [Device.ID]) async throws in
      var time = Self.later
      for expected in [[ids[1]], [ids[2]], [], []] {
        #expect(try await fixture.store.advanceRollouts(now: time) == expected)
        time += Self.within + 1
      }
    }
  }

  // MARK: - Rollouts that are busy

  /// A transaction that holds the row of the rollout.
  private struct Holder {
    let gate: Gate
    let transaction: Task<Void, any Error>

    func letGo() async throws {
      gate.close()
      try await transaction.value
    }
  }

  private static func hold(in fixture: StoreFixture) async throws -> Holder {
    let gate = Gate()
    let transaction = Task {
      try await fixture.store.pool.transaction { connection in
        _ = try connection.query("SELECT FROM rollout FOR UPDATE")
        gate.open()
        gate.waitUntilClosed()
      }
    }
    await gate.waitUntilOpen()
    return Holder(gate: gate, transaction: transaction)
  }

  /// Returns once a transaction waits for a lock.
  private static func waitForWaiter(in fixture: StoreFixture) async throws {
    var isWaiting = false
    while !isWaiting {
      isWaiting = try await !fixture.store.pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      ).isEmpty
    }
  }

  /// Runs something while the row of the rollout is held, and lets go of the row once that waits for it.
  private static func whileHeld<Result: Sendable>(
    in fixture: StoreFixture, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let holder = try await hold(in: fixture)
    let waiter = Task { try await body() }
    try await waitForWaiter(in: fixture)
    try await holder.letGo()
    return try await waiter.value
  }

  @Test func aBusyRolloutKeepsNobodyFromAPlaceThatIsFree() async throws {
    try await Self.run(devices: 2) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let task = try await Self.whileHeld(in: fixture) {
        try await Self.call(ids[0], at: Self.later, in: fixture)
      }
      #expect(task?.rolloutID != nil && task?.state == .running)
    }
  }

  @Test func aRolloutThatStaysBusyPutsNobodyOff() async throws {
    try await Self.run(devices: 2, configure: { $0.rolloutPlaceWait = 0.3 }) {
      (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let before = try await Self.task(of: ids[0], in: fixture)
      let holder = try await Self.hold(in: fixture)
      await #expect {
        _ = try await Self.call(ids[0], at: Self.later, in: fixture)
      } throws: { ($0 as? StoreError)?.code == .unavailable }
      try await holder.letGo()
      #expect(try await Self.task(of: ids[0], in: fixture) == before)
      #expect(try await Self.call(ids[0], at: Self.later, session: 2, in: fixture) != nil)
    }
  }

  @Test func whoFindsNoPlaceNeedNotWaitForTheRollout() async throws {
    try await Self.run(devices: 3) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      #expect(try await fixture.store.advanceRollouts(now: Self.later) == [ids[1]])
      #expect(try await Self.call(ids[1], at: Self.later + 1, in: fixture) != nil)
      let holder = try await Self.hold(in: fixture)
      #expect(try await Self.call(ids[0], at: Self.later + 2, in: fixture) == nil)
      try await holder.letGo()
      #expect(
        try await Self.task(of: ids[0], in: fixture).fault?.text
          == "The places of the rollout are taken: 1 of 1.")
    }
  }

  /// How many transactions wait for a lock.
  private static func waiters(in fixture: StoreFixture) async throws -> Int {
    try await fixture.store.pool.query(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )[0].int(0)
  }

  /// Many are back at once, and places are free.
  @Test func ofACrowdOneAtATimeStandsInLine() async throws {
    try await Self.run(devices: 8, concurrency: 8) {
      (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let holder = try await Self.hold(in: fixture)
      let crowd = Task {
        try await withThrowingTaskGroup(of: DeviceTask?.self) { group in
          for id in ids {
            group.addTask { try await Self.call(id, at: Self.later, in: fixture) }
          }
          return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
      }
      try await Self.waitForWaiter(in: fixture)
      for _ in 0..<50 { #expect(try await Self.waiters(in: fixture) <= 1) }
      try await holder.letGo()
      #expect(try await crowd.value == ids.count)
    }
  }

  @Test func turnsAreTakenAndGivenBack() {
    let turns = RolloutTurns()
    let (one, other) = (RolloutTurns.Holder(turns), RolloutTurns.Holder(turns))
    #expect(one.take(1))
    #expect(one.take(1))
    #expect(!other.take(1))
    #expect(other.take(2))
    one.giveBack()
    #expect(other.take(1))
    #expect(!one.take(2))
    one.giveBack()
    #expect(!one.take(2))
  }

  /// A lock that has nothing to do with rollouts.
  @Test func onlyTheRolloutsOwnLockMakesItBusy() async throws {
    try await Self.run(devices: 2, configure: { $0.rolloutPlaceWait = 0.2 }) {
      (fixture: StoreFixture, ids: [Device.ID]) async throws in
      try await fixture.store.pool.query(
        """
        CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'another lock' USING ERRCODE = '55P03'; END $$
        """)
      try await fixture.store.pool.query(
        "CREATE TRIGGER give_up BEFORE UPDATE ON task EXECUTE FUNCTION give_up()")
      await #expect {
        _ = try await Self.call(ids[0], at: Self.later, in: fixture)
      } throws: {
        let error = $0 as? StoreError
        return error?.code == .unavailable && error?.message.contains("rollout") == false
      }
    }
  }

  @Test func aShortWaitForOneLockIsNoneForTheNext() async throws {
    try await StoreFixture.run { fixture in
      let waits = try await fixture.store.pool.transaction { connection in
        let inside = try FleetStore.querySoon(
          Statement("SHOW lock_timeout"), within: 70, on: connection)
        let after = try connection.query("SHOW lock_timeout")
        return [try inside[0].string(0), try after[0].string(0)]
      }
      #expect(waits == ["70ms", "10s"])
    }
  }

  @Test func beingPutOffAgainIsNoNews() async throws {
    try await Self.run(devices: 3) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      func told() async throws -> Int {
        try await store.events(of: ids[0], limit: 99).count { $0.kind == "task" }
      }
      #expect(try await store.advanceRollouts(now: Self.later) == [ids[1]])
      let running = try #require(try await Self.call(ids[1], at: Self.later + 1, in: fixture))
      var time = Self.later + 2
      let before = try await told()
      for _ in 0..<3 {
        #expect(try await Self.call(ids[0], at: time, in: fixture) == nil)
        #expect(
          try await Self.task(of: ids[0], in: fixture).dueAt
            == time + StoreFixture.settings.rolloutPlacePause)
        time += StoreFixture.settings.rolloutPlacePause
      }
      #expect(try await told() == before + 1)
      // That it is its turn is news.
      try await Self.end(running, at: time, in: fixture)
      #expect(try await Self.call(ids[0], at: time, session: 2, in: fixture) != nil)
      #expect(try await told() == before + 2)
    }
  }

  @Test func devicesThatAreGivenPlacesKeepTheRolloutFromNoTurn() async throws {
    try await Self.run(devices: 2) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      let started = try await Self.whileHeld(in: fixture) {
        try await store.advanceRollouts(now: Self.later)
      }
      #expect(started == [ids[1]])
    }
  }

  @Test func oneNodeAtATimeTakesARolloutFurther() async throws {
    try await Self.run(devices: 2) { (fixture: StoreFixture, ids: [Device.ID]) async throws in
      let store = fixture.store
      let holder = try await Self.hold(in: fixture)
      let first = Task { try await store.advanceRollouts(now: Self.later) }
      try await Self.waitForWaiter(in: fixture)
      // Had it waited as well, the first would have given up before it.
      #expect(try await store.advanceRollouts(now: Self.later) == [])
      try await holder.letGo()
      #expect(try await first.value == [ids[1]])
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
      #expect(started.count == 3)
      // The others found no place, whatever the rollout was busy with; they come again, and in the end all have had their turn.
      for id in ids where !started.contains(where: { $0.deviceID == id }) {
        #expect(
          try await Self.task(of: id, in: fixture).fault?.text
            == "The places of the rollout are taken: 3 of 3.")
      }
      var done = 0
      var running = started
      for _ in 0..<24 where done < ids.count {
        for task in running { try await Self.end(task, at: time, in: fixture) }
        done += running.count
        running = []
        time += StoreFixture.settings.rolloutPlacePause
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
