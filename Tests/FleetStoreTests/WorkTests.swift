import Fleet
import Testing

@testable import FleetStore

@Suite(.serialized) struct WorkTests {
  private static func contact(
    of device: DeviceRecord, session: Int64, reasons: Contact.Reasons = .periodic,
    commandKeys: [String] = [], version: String = "1.0"
  ) -> Contact {
    Contact(
      identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: reasons,
      reasonTexts: [],
      values: [
        ReportedValue(path: "Device.DeviceInfo.SoftwareVersion", value: version)
      ], commandKeys: commandKeys, session: session, address: "192.0.2.1",
      at: StoreFixture.start + Double(session))
  }

  /// Opens a session as a door does.
  private static func open(_ fixture: StoreFixture, _ contact: Contact) async throws
    -> AdmittedContact
  {
    let admitted = try await fixture.store.admit(contact, mayCreate: false)
    if admitted.hasOpenWork {
      try await fixture.store.observe(
        contact, of: admitted.deviceID, softwareVersion: admitted.softwareVersion)
    }
    return admitted
  }

  @Test func aTaskIsClaimedOnceAndRecordedBeforeItIsSent() async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      let task = try await fixture.store.createTask(
        for: device.identity.name, StoreFixture.request(.reboot), by: "tester"
      ).task
      let admitted = try await Self.open(fixture, Self.contact(of: device, session: 1))
      #expect(admitted.hasOpenWork)
      let claimed = try await fixture.store.claim(
        device.id, session: 1, now: StoreFixture.start + 1)
      #expect(claimed?.task.id == task.id)
      let stored = try await fixture.store.task(task.id, of: device.identity.name)?.task
      #expect(stored?.state == .running)
      #expect(stored?.attempts == 1)
      #expect(
        try await fixture.store.claim(device.id, session: 1, now: StoreFixture.start + 2) == nil)
    }
  }

  @Test func anOlderSessionGetsNoTask() async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      _ = try await fixture.store.createTask(
        for: device.identity.name, StoreFixture.request(.reboot), by: "tester")
      _ = try await Self.open(fixture, Self.contact(of: device, session: 1))
      _ = try await Self.open(fixture, Self.contact(of: device, session: 2))
      await #expect {
        _ = try await fixture.store.claim(device.id, session: 1, now: StoreFixture.start + 3)
      } throws: { ($0 as? StoreError)?.code == .superseded }
    }
  }

  @Test func aRebootWhoseAnswerWasLostIsDoneByItsBoot() async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      let task = try await fixture.store.createTask(
        for: device.identity.name, StoreFixture.request(.reboot), by: "tester"
      ).task
      _ = try await Self.open(fixture, Self.contact(of: device, session: 1))
      _ = try await fixture.store.claim(device.id, session: 1, now: StoreFixture.start + 1)
      // The server was killed; the device comes back from the reboot.
      _ = try await Self.open(
        fixture,
        Self.contact(of: device, session: 2, reasons: .boot, commandKeys: [task.commandKey]))
      #expect(try await fixture.store.task(task.id, of: device.identity.name)?.task.state == .done)
      #expect(try await fixture.hasOpenWork(device.id) == false)
    }
  }

  @Test func aTaskThatEndsLeavesNoWorkUnlessThereIsMore() async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      for _ in 1...2 {
        _ = try await fixture.store.createTask(
          for: device.identity.name, StoreFixture.request(.get(paths: ["Device.A"])), by: "tester")
      }
      _ = try await Self.open(fixture, Self.contact(of: device, session: 1))
      for left in [true, false] {
        let now = StoreFixture.start + 2
        let claimed = try #require(
          try await fixture.store.claim(device.id, session: 1, now: now))
        let ended = claimed.task.after(
          .done(OperationResult()), now: now, policy: claimed.policy, random: 0.5)
        try await fixture.store.commit(
          SessionWrite(deviceID: device.id, session: 1, tasks: [ended], at: now))
        #expect(try await fixture.hasOpenWork(device.id) == left)
      }
    }
  }

  @Test func devicesAreFoundWhenTheirWorkIsDue() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let now = StoreFixture.start
      let device = try await fixture.makeDevice(1)
      let other = try await fixture.makeDevice(2)
      for (number, due) in [(1, now + 10), (1, now + 12), (2, now + 100)] {
        _ = try await store.createTask(
          for: (number == 1 ? device : other).identity.name,
          StoreFixture.request(.reboot, due: due), by: "tester")
      }
      #expect(try await store.devicesWithDueWork(in: now...(now + 9), limit: 10).isEmpty)
      #expect(try await store.devicesWithDueWork(in: now...(now + 20), limit: 10) == [device.id])
      #expect(try await store.devicesWithDueWork(in: (now + 20)...(now + 99), limit: 10).isEmpty)
      #expect(try await store.devicesWithWorkLeft(now: now + 20, limit: 10) == [device.id])
      _ = try await Self.open(fixture, Self.contact(of: device, session: 11))
      _ = try await store.claim(device.id, session: 11, now: now + 11)
      // What a server that was killed left running is found by the next one.
      #expect(try await store.devicesWithWorkLeft(now: now, limit: 10) == [device.id])
    }
  }
}
