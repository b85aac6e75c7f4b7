import Fleet
import FleetStore
import Postgres
import Testing

/// Events as a reader follows them while they are written.
@Suite struct FollowedEventsTests {
  private static let insert: SQL =
    "INSERT INTO event (device_id, at, kind, detail) VALUES ($1, now(), $2, '{}')"

  private static func note(_ kind: String, of device: Device.ID, in store: FleetStore) async throws
  {
    try await store.pool.query(insert, .int8(device), .text(kind))
  }

  /// Waits until so many events are visible: transactions of other tests in the same cluster hold them back.
  private static func follow(
    _ mark: EventRecord.Mark, until count: Int, in store: FleetStore
  ) async throws -> FollowedEvents {
    while true {
      let followed = try await store.events(after: mark, limit: 100)
      if followed.events.count >= count { return followed }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func anEventThatCommitsLateIsNotPassedOver() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1).id
      let start = try await store.eventMark()
      // The earlier transaction is still open when the later one has ended.
      let gate = Gate()
      defer { gate.close() }
      async let early: Void = store.pool.transaction { connection in
        _ = try connection.query(Statement(Self.insert, .int8(device), .text("early")))
        gate.open()
        gate.waitUntilClosed()
      }
      await gate.waitUntilOpen()
      try await Self.note("late", of: device, in: store)
      let between = try await store.events(after: start, limit: 10)
      #expect(between.events.isEmpty)
      gate.close()
      try await early
      for mark in [between.mark, start] {
        let all = try await Self.follow(mark, until: 2, in: store)
        #expect(all.events.map(\.record.kind) == ["early", "late"])
        #expect(try await store.events(after: all.mark, limit: 10).events.isEmpty)
        #expect(
          try await store.events(after: all.events[0].mark, limit: 10).events.map(\.record.kind)
            == ["late"])
      }
    }
  }

  @Test func pagesAndFiltersLoseNothing() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let first = try await fixture.makeDevice(1).id
      let second = try await fixture.makeDevice(2).id
      var mark = try await store.eventMark()
      let start = mark
      for number in 0..<7 {
        try await Self.note(number % 2 == 0 ? "boot" : "task", of: first, in: store)
        try await Self.note("boot", of: second, in: store)
      }
      _ = try await Self.follow(start, until: 14, in: store)
      var seen = 0
      while true {
        let page = try await store.events(after: mark, limit: 4)
        seen += page.events.count
        mark = page.mark
        #expect(page.hasMore == (page.events.count == 4))
        if !page.hasMore { break }
      }
      #expect(seen == 14)
      let boots = try await store.events(
        after: start, devices: [first], kinds: ["boot"], limit: 100)
      #expect(boots.events.count == 4)
      // What was not wanted need not be looked at again.
      #expect(boots.mark.transaction > (boots.events.last?.mark.transaction ?? .max))
      let none = try await store.events(after: start, devices: [first], kinds: ["x"], limit: 100)
      #expect(none.events.isEmpty && none.mark.transaction >= boots.mark.transaction)
    }
  }

  @Test func aMarkIsReadBackFromItsText() {
    let mark = EventRecord.Mark(transaction: 812, id: 44)
    #expect(EventRecord.Mark("\(mark)") == mark)
    for text in ["", "1", "1.", ".1", "1.2.3", "-1.2", "1.-2", "a.b", "18446744073709551616.1"] {
      #expect(EventRecord.Mark(text) == nil)
    }
  }
}
