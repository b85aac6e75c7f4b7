import Fleet
import Testing

@testable import FleetStore

@Suite(.serialized) struct DesiredAttributesTests {
  private static let now = StoreFixture.start + 10

  private static func contact(
    of device: DeviceRecord, session: Int64, _ reasons: Contact.Reasons = .periodic
  ) -> Contact {
    Contact(
      identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: reasons,
      reasonTexts: [], values: [], session: session, address: "192.0.2.1", at: now)
  }

  private static func run(_ body: (StoreFixture, DeviceRecord) async throws -> Void) async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      _ = try await fixture.store.admit(contact(of: device, session: 1), mayCreate: false)
      try await body(fixture, device)
    }
  }

  private static func take(
    _ changes: [AttributeChange], _ fixture: StoreFixture, _ device: DeviceRecord,
    at time: Double = now
  ) async throws {
    var write = SessionWrite(deviceID: device.id, session: 1, at: time)
    write.desiredAttributes = changes
    try await fixture.store.commit(write)
  }

  @Test func whatADeviceTookIsDesired() async throws {
    try await Self.run { fixture, device in
      try await Self.take(
        [
          AttributeChange(path: "Device.B", notification: .off),
          AttributeChange(path: "Device.A", notification: .active, accessList: ["Subscriber"]),
        ], fixture, device)
      try await Self.take(
        [
          AttributeChange(path: "Device.A", accessList: []),
          AttributeChange(path: "Device.B", notification: .passive),
          AttributeChange(path: "Device.B", accessList: ["X", "Y\"z"]),
        ], fixture, device, at: Self.now + 5)
      #expect(
        try await fixture.store.desiredAttributes(of: device.id) == [
          DesiredAttribute(
            change: AttributeChange(path: "Device.A", notification: .active, accessList: []),
            at: Self.now + 5),
          DesiredAttribute(
            change: AttributeChange(
              path: "Device.B", notification: .passive, accessList: ["X", "Y\"z"]),
            at: Self.now + 5),
        ])
      try await fixture.store.deleteDevice(named: device.identity.name, by: "tester")
      #expect(try await fixture.store.desiredAttributes(of: device.id).isEmpty)
    }
  }

  @Test func theNumberIsBoundedAndTheLatestStay() async throws {
    try await Self.run { fixture, device in
      try await Self.take(
        [AttributeChange(path: "Device.Old", notification: .off)], fixture, device)
      try await Self.take(
        (0..<FleetStore.maxDesiredAttributes).map {
          AttributeChange(path: "Device.P\($0)", notification: .passive)
        }, fixture, device, at: Self.now + 1)
      let kept = try await fixture.store.desiredAttributes(of: device.id)
      #expect(kept.count == FleetStore.maxDesiredAttributes)
      #expect(!kept.contains { $0.change.path == "Device.Old" })
    }
  }

  @Test func aDeviceThatHasForgottenIsToldAgainOnce() async throws {
    try await Self.run { fixture, device in
      let store = fixture.store
      #expect(
        try await !store.restoreDesiredAttributes(of: device.id, session: 1, now: Self.now))
      let changes = [
        AttributeChange(path: "Device.A", notification: .active, accessList: []),
        AttributeChange(path: "Device.B", notification: .off),
      ]
      try await Self.take(changes, fixture, device)
      #expect(try await store.restoreDesiredAttributes(of: device.id, session: 1, now: Self.now))
      #expect(try await store.restoreDesiredAttributes(of: device.id, session: 1, now: Self.now))
      let tasks = try await store.tasks(of: device.id, limit: 10)
      #expect(tasks.map(\.task.operation) == [.setAttributes(changes)])
      #expect(tasks.map(\.orderedBy) == ["desired state"])
      #expect(try await fixture.hasOpenWork(device.id))
      await #expect {
        _ = try await store.restoreDesiredAttributes(of: device.id, session: 9, now: Self.now)
      } throws: { ($0 as? StoreError)?.code == .superseded }
    }
  }

  @Test func attributesLieInTheTree() async throws {
    try await Self.run { fixture, device in
      let names = ["Device.", "Device.A", "Device.B"].map {
        ReportedName(path: $0, writable: true)
      }
      func learn(_ attributes: [ReportedAttributes], names: [ReportedName] = []) async throws {
        try await fixture.store.commit(
          SessionWrite(
            deviceID: device.id, session: 1,
            tree: TreeUpdate(names: names, attributes: attributes, at: Self.now), at: Self.now))
      }
      try await learn(
        [ReportedAttributes(path: "Device.B", notification: 2, accessList: [])], names: names)
      try await learn([
        ReportedAttributes(path: "Device.A", notification: 1, accessList: []),
        ReportedAttributes(path: "Device.B", notification: -1, accessList: []),
        ReportedAttributes(path: "Device.C", notification: 6, accessList: []),
      ])
      let tree = try await fixture.store.tree(of: device.id)
      #expect(tree.map(\.path) == ["Device.", "Device.A", "Device.B", "Device.C"])
      #expect(tree.map(\.notification) == [nil, 1, 2, 6])
      #expect(tree.map(\.writable) == [true, true, true, nil])
    }
  }
}
