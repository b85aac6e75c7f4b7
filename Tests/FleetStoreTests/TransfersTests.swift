import Fleet
import Postgres
import Testing

@testable import FleetStore

/// Which transfers may be taken back.
@Suite struct TransfersTests {
  private static let name = "00D09E-Box-1"
  private static let now = StoreFixture.start
  private static let order = Operation.upload(UploadOrder(fileType: UploadOrder.logFile))

  private static func cancel(_ key: String, in fixture: StoreFixture) async throws -> TaskRecord {
    try await fixture.store.createTask(
      for: name, StoreFixture.request(.cancelTransfer(commandKey: key)), by: "tester")
  }

  private static func refusal(_ key: String, in fixture: StoreFixture) async throws -> StoreError? {
    do {
      _ = try await cancel(key, in: fixture)
      return nil
    } catch let error as StoreError {
      return error
    }
  }

  /// A device in a session, and a transfer that it has taken.
  private static func run(_ body: (StoreFixture, DeviceTask) async throws -> Void) async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      let task = try await fixture.store.createTask(
        for: name, StoreFixture.request(order), by: "tester"
      ).task
      try await fixture.store.pool.query(
        "UPDATE device_state SET session = 1 WHERE device_id = $1", .int8(device.id))
      try await body(fixture, task)
    }
  }

  private static func accept(_ task: DeviceTask, in fixture: StoreFixture) async throws
    -> DeviceTask
  {
    let waiting = task.started(session: 1, now: now)
      .after(.accepted(.transfer), now: now, policy: .standard, random: 0)
    try await fixture.commit([waiting])
    return waiting
  }

  @Test func whatIsNoOpenTransferIsRefused() async throws {
    try await Self.run { (fixture: StoreFixture, task: DeviceTask) async throws in
      #expect(try await Self.refusal("fl-999", in: fixture)?.code == .notFound)
      let reboot = try await fixture.store.createTask(
        for: Self.name, StoreFixture.request(.reboot), by: "tester"
      ).task
      #expect(try await Self.refusal(reboot.commandKey, in: fixture)?.code == .conflict)
      let waiting = try await Self.accept(task, in: fixture)
      #expect(try await Self.refusal(task.commandKey, in: fixture) == nil)
      try await fixture.makeDevice(2)
      await #expect {
        _ = try await fixture.store.createTask(
          for: "00D09E-Box-2",
          StoreFixture.request(.cancelTransfer(commandKey: task.commandKey)), by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
      let done = try #require(
        waiting.observing(uploaded: String(repeating: "ab", count: 32), session: 2))
      try await fixture.commit([done])
      let ended = try await Self.refusal(task.commandKey, in: fixture)
      #expect(ended?.code == .conflict)
      #expect(ended?.message == "the transfer of task \(task.id) has ended: done")
    }
  }

  @Test func transfersOfOthersHaveToBeListedFirst() async throws {
    try await Self.run { (fixture: StoreFixture, task: DeviceTask) async throws in
      let unknown = try await Self.refusal("other", in: fixture)
      #expect(unknown?.code == .notFound && unknown?.message.contains("list its transfers") == true)
      for (keys, isRefused) in [(["else"], true), (["else", "other"], false), ([], true)] {
        let list = try await fixture.store.createTask(
          for: Self.name, StoreFixture.request(.listTransfers(onlyOrdered: false)), by: "tester"
        ).task
        let transfers = keys.map { PendingTransfer(commandKey: $0, state: .notStarted) }
        try await fixture.commit([
          list.started(session: 1, now: Self.now).after(
            .done(OperationResult(transfers: transfers)), now: Self.now, policy: .standard,
            random: 0)
        ])
        let code = try await Self.refusal("other", in: fixture)?.code
        #expect(code == (isRefused ? .notFound : nil), "\(keys)")
      }
    }
  }

  @Test func severalDevicesHaveNoTransferInCommon() async throws {
    try await Self.run { (fixture: StoreFixture, task: DeviceTask) async throws in
      for key in [task.commandKey, "another server's", ""] {
        await #expect {
          _ = try await fixture.store.createTasks(
            for: [task.deviceID], StoreFixture.request(.cancelTransfer(commandKey: key)),
            selector: "name=*", by: "tester")
        } throws: { ($0 as? StoreError)?.code == .invalid }
      }
      #expect(try await fixture.store.openTasks(of: task.deviceID).map(\.id) == [task.id])
    }
  }

  @Test func aTransferThatEndsBeforeItIsTakenBackIsTold() async throws {
    try await Self.run { (fixture: StoreFixture, task: DeviceTask) async throws in
      let waiting = try await Self.accept(task, in: fixture)
      let cancel = try await Self.cancel(task.commandKey, in: fixture).task
      let read = try await fixture.store.createTask(
        for: Self.name, StoreFixture.request(.get(paths: ["Device."])), by: "tester"
      ).task
      let done = try #require(
        waiting.observing(uploaded: String(repeating: "ab", count: 32), session: 2))
      try await fixture.commit([done])
      // The device is not asked, and goes on with the next.
      let next = try await fixture.store.claim(task.deviceID, session: 1, now: Self.now)?.task
      #expect(next?.id == read.id)
      let failed = try #require(try await fixture.store.task(cancel.id, of: Self.name)).task
      #expect(failed.state == .failed)
      #expect(failed.fault?.code == OperationFault.transferEndedCode)
    }
  }

  @Test func aTransferThatGoesOnIsTakenBack() async throws {
    try await Self.run { (fixture: StoreFixture, task: DeviceTask) async throws in
      _ = try await Self.accept(task, in: fixture)
      let cancel = try await Self.cancel(task.commandKey, in: fixture).task
      let next = try await fixture.store.claim(task.deviceID, session: 1, now: Self.now)?.task
      #expect(next?.id == cancel.id && next?.state == .running)
    }
  }
}
