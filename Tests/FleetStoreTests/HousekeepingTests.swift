import Fleet
import FleetStore
import Postgres
import Testing

@Suite struct HousekeepingTests {
  private static let now = StoreFixture.start + 3600
  private static let day = 86_400.0

  private static func insertEvent(_ device: Device.ID, at time: Double, in store: FleetStore)
    async throws
  {
    try await store.pool.query(
      "INSERT INTO event (device_id, at, kind, detail) VALUES ($1, $2, 'boot', '{\"a\": \"b\"}')",
      .int8(device), .timestamptz(time))
  }

  private static func partitions(of store: FleetStore) async throws -> [String] {
    try await store.pool.query(
      """
      SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'event'::regclass ORDER BY c.relname
      """
    ).map { try $0.string(0) }
  }

  @Test func partitionsComeAndGo() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      // Events that came before their partition move into it.
      try await Self.insertEvent(device.id, at: Self.now - 10, in: store)
      try await Self.insertEvent(device.id, at: Self.now - 3 * Self.day, in: store)
      let first = try await store.keepHouse(now: Self.now)
      #expect(first.madePartitions == 3)
      #expect(
        try await Self.partitions(of: store)
          == ["event_20260101", "event_20260102", "event_20260103", "event_default"])
      #expect(try await store.pool.query("SELECT count(*) FROM event_20260101")[0].int(0) == 1)
      #expect(try await store.keepHouse(now: Self.now).madePartitions == 0)
      try await Self.insertEvent(device.id, at: Self.now, in: store)
      #expect(try await store.events(of: device.id, limit: 9).count == 3)

      var retention = Retention()
      retention.eventDays = 2
      let second = try await store.keepHouse(now: Self.now + 4 * Self.day, retention: retention)
      #expect(second.madePartitions == 3)
      // Days before the third are gone, that of the third is kept.
      #expect(second.droppedPartitions == 2)
      #expect(
        try await Self.partitions(of: store) == [
          "event_20260103", "event_20260105", "event_20260106", "event_20260107", "event_default",
        ])
      #expect(try await store.events(of: device.id, limit: 9).isEmpty)
    }
  }

  private static func takeAnswer(in store: FleetStore) async throws {
    try await store.pool.query(
      "INSERT INTO taken_answer (answer, until) VALUES (1, $1)", .timestamptz(now - 1))
  }

  private static func takenAnswers(of store: FleetStore) async throws -> Int {
    try await store.pool.query("SELECT count(*) FROM taken_answer")[0].int(0)
  }

  /// A newer release has ordered it.
  @Test func aTaskThatCanNotBeReadKeepsNothingFromItsEnd() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      var tasks: [DeviceTask.ID] = []
      for number in 1...5 {
        let device = try await fixture.makeDevice(number)
        tasks.append(
          try await store.createTask(
            for: device.identity.name,
            StoreFixture.request(.reboot, lifetime: Double(number)), by: "tester"
          ).task.id)
      }
      // The ones that are first in line.
      for task in tasks.prefix(2) {
        try await store.pool.query(
          "UPDATE task SET kind = 'teleport' WHERE task_id = $1", .int8(task))
      }
      try await Self.takeAnswer(in: store)
      let report = try await store.keepHouse(now: Self.now, slice: 2)
      #expect(report.expiredTasks == 3 && report.unreadableTasks == 2)
      #expect(report.madePartitions == 3)
      #expect(try await Self.takenAnswers(of: store) == 0)
      let open = try await store.pool.query(
        "SELECT task_id FROM task WHERE state = 'queued' ORDER BY task_id"
      ).map { try $0.int64(0) }
      #expect(open == Array(tasks.prefix(2)))
    }
  }

  @Test func aStepThatFailsKeepsNoneOfTheOthers() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      try await Self.takeAnswer(in: store)
      try await store.pool.query("ALTER TABLE task RENAME TO task_away")
      await #expect(throws: StoreError.self) { try await store.keepHouse(now: Self.now) }
      #expect(try await Self.takenAnswers(of: store) == 0)
      #expect(try await Self.partitions(of: store).count == 4)
    }
  }

  @Test func endedTasksAreRemovedAfterTheirTime() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      let name = device.identity.name
      let ended = try await store.createTask(for: name, StoreFixture.request(.reboot), by: "tester")
      let open = try await store.createTask(
        for: name, StoreFixture.request(.reboot, lifetime: 1e9), by: "tester")
      _ = try await store.cancelTask(ended.task.id, of: name, by: "tester")
      let end = try #require(try await store.task(ended.task.id, of: name)?.endedAt)
      var retention = Retention()
      retention.endedTasks = 100
      #expect(try await store.keepHouse(now: end + 99, retention: retention).removedTasks == 0)
      #expect(try await store.keepHouse(now: end + 101, retention: retention).removedTasks == 1)
      #expect(try await store.tasks(of: device.id, limit: 9).map(\.task.id) == [open.task.id])
    }
  }

  @Test func eventsComeInPagesNewestFirst() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      let other = try await fixture.makeDevice(2)
      // Two at the same moment: the key decides.
      for time in [0.0, 1.5, 1.5, 2.000001] {
        try await Self.insertEvent(device.id, at: Self.now + time, in: store)
      }
      try await Self.insertEvent(other.id, at: Self.now, in: store)
      var seen: [EventRecord] = []
      var before: EventRecord.Position?
      for _ in 0..<4 {
        let page = try await store.events(of: device.id, before: before, limit: 1)
        seen += page
        before = page.last?.position
      }
      #expect(seen.map { (($0.at - Self.now) * 1e6).rounded() / 1e6 } == [2.000001, 1.5, 1.5, 0])
      #expect(Set(seen.map(\.id)).count == 4)
      #expect(try await store.events(of: device.id, before: before, limit: 1).isEmpty)
      #expect(String(decoding: seen[0].detail, as: UTF8.self) == "{\"a\": \"b\"}")
    }
  }
}
