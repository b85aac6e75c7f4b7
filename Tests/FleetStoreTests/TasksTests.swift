import Fleet
import FleetStore
import Postgres
import Testing

@Suite struct TasksTests {
  private static let start = StoreFixture.start

  @Test func anOrderIsStoredAsItWasGiven() async throws {
    let operations: [Operation] = [
      .get(paths: ["Device.DeviceInfo."]),
      .set([
        Assignment(path: "Device.X", value: "“1”\n", type: .int),
        Assignment(path: "Device.Y", value: ""),
      ]),
      .add(object: "Device.NAT.PortMapping.", values: [Assignment(path: "Enable", value: "1")]),
      .delete(object: "Device.NAT.PortMapping.3."), .refresh(path: ""), .reboot, .factoryReset,
    ]
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      #expect(try await !fixture.hasOpenWork(device.id))
      for operation in operations {
        let record = try await store.createTask(
          for: device.identity.name, StoreFixture.request(operation), by: "tester")
        #expect(record.task.operation == operation)
        #expect(record.task.state == .queued)
        #expect(record.task.dueAt == Self.start)
        #expect(record.task.deadline == Self.start + 3600)
        #expect(record.task.maxAttempts == 3)
        #expect(record.orderedBy == "tester")
        #expect(record.deviceName == device.identity.name)
        #expect(try await store.task(record.task.id, of: device.identity.name) == record)
      }
      #expect(try await fixture.hasOpenWork(device.id))
      #expect(try await store.openTasks(of: device.id).map(\.operation) == operations)
      #expect(try await store.device(named: device.identity.name)?.openTasks == operations.count)
      await #expect {
        try await store.createTask(for: "nobody", StoreFixture.request(.reboot), by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
      #expect(
        try await fixture.auditedActions()
          == ["device.create"] + operations.map { _ in "task.create" })
    }
  }

  @Test func aDownloadNeedsItsFile() async throws {
    let digest = String(repeating: "ab", count: 32)
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      let request = StoreFixture.request(.download(DownloadOrder(file: digest)))
      await #expect {
        try await store.createTask(for: device.identity.name, request, by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
      #expect(try await !fixture.hasOpenWork(device.id))
      _ = try await store.addFile(sha256: digest, name: "f", version: "", size: 1, by: "tester")
      let record = try await store.createTask(for: device.identity.name, request, by: "tester")
      await #expect { try await store.deleteFile(sha256: digest, by: "tester") } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      _ = try await store.cancelTask(record.task.id, of: device.identity.name, by: "tester")
      try await store.deleteFile(sha256: digest, by: "tester")
      #expect(try await store.file(sha256: digest) == nil)
    }
  }

  @Test func tasksForManyAreMadeTogether() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      var ids: [Device.ID] = []
      for number in 1...5 { ids.append(try await fixture.makeDevice(number).id) }
      let created = try await store.createTasks(
        for: ids.reversed() + [999_999], StoreFixture.request(.reboot), selector: "name=*",
        by: "tester")
      #expect(created.map(\.device).sorted() == ids)
      for id in ids { #expect(try await fixture.hasOpenWork(id)) }
      var seen: [DeviceTask.ID] = []
      var before: DeviceTask.ID?
      for _ in 0..<3 {
        let page = try await store.tasks(before: before, limit: 2)
        seen += page.map(\.task.id)
        before = page.last?.task.id
      }
      #expect(seen == created.map(\.task).sorted(by: >))
      #expect(try await store.tasks(of: ids[2], limit: 10).map(\.task.deviceID) == [ids[2]])
    }
  }

  @Test func onlyWhatDoesNotRunIsTakenBack() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      let name = device.identity.name
      let first = try await store.createTask(for: name, StoreFixture.request(.reboot), by: "tester")
      let second = try await store.createTask(
        for: name, StoreFixture.request(.reboot), by: "tester")
      try await fixture.commit([first.task.started(session: 7, now: Self.start)])
      await #expect {
        try await store.cancelTask(first.task.id, of: name, by: "tester")
      } throws: { ($0 as? StoreError)?.code == .conflict }
      let cancelled = try await store.cancelTask(second.task.id, of: name, by: "tester")
      #expect(cancelled.task.state == .cancelled)
      #expect(cancelled.endedAt != nil)
      #expect(try await fixture.hasOpenWork(device.id))
      await #expect {
        try await store.cancelTask(second.task.id, of: name, by: "tester")
      } throws: { ($0 as? StoreError)?.code == .conflict }
      await #expect { try await store.cancelTask(999, of: name, by: "tester") } throws: {
        ($0 as? StoreError)?.code == .notFound
      }
      #expect(
        try await store.tasks(of: device.id, .open, limit: 9).map(\.task.id) == [first.task.id])
      #expect(
        try await store.tasks(of: device.id, .state(.cancelled), limit: 9).map(\.task.id)
          == [second.task.id])
    }
  }

  @Test func overdueTasksExpireInSlices() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      var ids: [Device.ID] = []
      for number in 1...7 { ids.append(try await fixture.makeDevice(number).id) }
      _ = try await store.createTasks(
        for: ids, StoreFixture.request(.reboot, lifetime: 10), selector: "name=*", by: "tester")
      let kept = try await store.createTask(
        for: "00D09E-Box-1", StoreFixture.request(.reboot, lifetime: 1000), by: "tester")
      #expect(try await store.expireTasks(now: Self.start + 9) == 0)
      #expect(try await store.expireTasks(now: Self.start + 10, slice: 3) == 7)
      #expect(try await store.expireTasks(now: Self.start + 10) == 0)
      #expect(try await store.openTasks(of: ids[0]).map(\.id) == [kept.task.id])
      #expect(try await fixture.hasOpenWork(ids[0]))
      #expect(try await !fixture.hasOpenWork(ids[1]))
      let expired = try await store.tasks(of: ids[1], limit: 1)[0]
      #expect(expired.task.state == .expired)
      #expect(expired.task.fault?.code == OperationFault.expiredCode)
      #expect(try await store.events(of: ids[1], limit: 5).map(\.kind) == ["task"])
    }
  }

  @Test func aDeviceThatIsBusyExpiresLater() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      _ = try await store.createTask(
        for: device.identity.name, StoreFixture.request(.reboot, lifetime: 10), by: "tester")
      let gate = Gate()
      let holder = Task {
        try await store.pool.transaction { connection in
          try connection.query(
            "SELECT FROM device_state WHERE device_id = $1 FOR UPDATE", .int8(device.id))
          gate.open()
          gate.waitUntilClosed()
        }
      }
      await gate.waitUntilOpen()
      #expect(try await store.expireTasks(now: Self.start + 100) == 0)
      gate.close()
      try await holder.value
      #expect(try await store.expireTasks(now: Self.start + 100) == 1)
    }
  }
}
