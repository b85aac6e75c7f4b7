import Fleet
import FleetStore
import Testing

@Suite struct SwitchesAndTracesTests {
  private static let now = StoreFixture.start

  private static func document(_ name: String, _ literal: String) -> String {
    """
    apiVersion: fairlead/v1
    kind: DeviceSwitches
    metadata: {name: \(name)}
    spec:
      selector: DeviceInfo.Manufacturer=Maker
      messages: {booleans: \(literal)}
    """
  }

  @Test func switchesAreAppliedChangedAndRemoved() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      func apply(_ name: String, _ literal: String, isDryRun: Bool = false) async throws
        -> FleetStore.SwitchesOutcome
      {
        try await store.applySwitches(
          named: name, document: Self.document(name, literal), isDryRun: isDryRun, by: "test")
      }
      func booleans() async throws -> DeviceSwitches.BooleanLiterals? {
        try await store.switchesTable().switches(
          for: DeviceIdentity(
            name: "n", manufacturer: "Maker", oui: "", productClass: "", serialNumber: ""),
          hardwareVersion: nil, softwareVersion: nil
        ).booleans
      }
      #expect(try await apply("a", "digits", isDryRun: true) == .created)
      #expect(try await store.switches().isEmpty)
      #expect(try await apply("a", "digits") == .created)
      #expect(try await apply("a", "digits") == .unchanged)
      #expect(try await booleans() == .digits)
      #expect(try await apply("a", "words", isDryRun: true) == .changed)
      #expect(try await booleans() == .digits)
      #expect(try await apply("a", "words") == .changed)
      #expect(try await booleans() == .words)
      #expect(try await store.switches().map(\.name) == ["a"])
      try await store.deleteSwitches(named: "a", by: "test")
      #expect(try await booleans() == nil)
      await #expect(throws: StoreError.self) {
        try await store.deleteSwitches(named: "a", by: "test")
      }
      #expect(
        try await store.auditLog(limit: 9).map(\.action)
          == ["switches.delete", "switches.apply", "switches.apply"])
    }
  }

  private static func message(_ device: Device.ID, _ text: String, at: Double = now)
    -> TraceMessage
  {
    TraceMessage(
      deviceID: device, at: at, session: 5, isInbound: true, peer: "192.0.2.1",
      head: "POST / HTTP/1.1\nX: \0", body: Array(text.utf8) + [0, 255], bodySize: 900)
  }

  /// Whoever says that he is a traced device must not push out what that has said.
  @Test func messagesOfThoseWhoAreTurnedAwayHaveAPartOfTheirOwn() async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      var limits = TraceLimits()
      limits.messages = 20
      try await fixture.store.append(
        (1...5).map { Self.message(device.id, "m\($0)") }, limits: limits)
      let claims = (1...50).map { number in
        var message = Self.message(device.id, "c\(number)")
        message.session = 0
        return message
      }
      try await fixture.store.append(claims, limits: limits)
      // However large the newest is, it stays.
      limits.bytes = 0
      func kept() async throws -> [String] {
        try await fixture.store.traceMessages(of: device.id, limit: 99).map {
          String(decoding: $0.body.dropLast(2), as: UTF8.self)
        }
      }
      #expect(try await kept() == ["m1", "m2", "m3", "m4", "m5", "c49", "c50"])
      try await fixture.store.append([Self.message(device.id, "m6")], limits: limits)
      #expect(try await kept() == ["c50", "m6"])
    }
  }

  @Test func messagesOfTracedDevicesAreKeptWithinLimits() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      let other = try await fixture.makeDevice(2)
      var limits = TraceLimits()
      limits.devices = 1
      limits.messages = 3
      func start(_ record: DeviceRecord, _ seconds: Double) async throws {
        try await store.startTrace(
          of: record.id, named: record.identity.name, until: Self.now + seconds, now: Self.now,
          limits: limits, by: "test")
      }
      try await start(device, 60)
      // Again is longer, not another one.
      try await start(device, 90)
      let refusal = await #expect(throws: StoreError.self) { try await start(other, 60) }
      #expect(refusal?.code == .conflict)
      let traced = try await store.tracedDevices(now: Self.now)
      #expect(traced.map(\.id) == [device.id])
      #expect(traced.map(\.name) == [device.identity.name])
      #expect(traced.map(\.until) == [Self.now + 90])
      #expect(try await store.tracedDevices(now: Self.now + 91).isEmpty)

      try await store.append(
        (1...5).map { Self.message(device.id, "m\($0)") } + [Self.message(other.id, "o")],
        limits: limits)
      let kept = try await store.traceMessages(of: device.id, limit: 10)
      #expect(
        kept.map { String(decoding: $0.body.dropLast(2), as: UTF8.self) } == ["m3", "m4", "m5"])
      #expect(kept[0].head == "POST / HTTP/1.1\nX: \u{FFFD}" && kept[0].bodySize == 900)
      #expect(
        try await store.traceMessages(of: device.id, after: kept[1].id, limit: 10) == [kept[2]])
      #expect(try await store.traceMessages(of: other.id, limit: 10).count == 1)
      // Four bytes each: two fit.
      limits.bytes = 8
      try await store.append([Self.message(device.id, "m6")], limits: limits)
      #expect(
        try await store.traceMessages(of: device.id, limit: 10).map {
          String(decoding: $0.body.dropLast(2), as: UTF8.self)
        } == ["m5", "m6"])

      try await store.removeOldTraces(now: Self.now + limits.retention + 1, limits: limits)
      #expect(try await store.traceMessages(of: device.id, limit: 10).isEmpty)
      try await store.stopTrace(of: device.id, named: device.identity.name, by: "test")
      #expect(try await store.tracedDevices(now: Self.now).isEmpty)
    }
  }
}
