import Fleet
import Postgres
import Testing

@testable import FleetStore

@Suite(.serialized) struct UploadsTests {
  private static let digest = String(repeating: "ab", count: 32)
  private static let other = String(repeating: "cd", count: 32)
  private static let now = StoreFixture.start + 10

  private static func contact(of device: DeviceRecord, session: Int64) -> Contact {
    Contact(
      identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: .periodic,
      reasonTexts: [], values: [], session: session, address: "192.0.2.1", at: now)
  }

  /// A device in a session that runs an upload.
  private static func run(
    _ order: UploadOrder = UploadOrder(fileType: "3 Vendor Configuration File 1"),
    _ body: (StoreFixture, DeviceRecord, DeviceTask) async throws -> Void
  ) async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      _ = try await fixture.store.createTask(
        for: device.identity.name, StoreFixture.request(.upload(order)), by: "tester")
      let contact = contact(of: device, session: 1)
      _ = try await fixture.store.admit(contact, mayCreate: false)
      let task = try await fixture.store.claim(device.id, session: 1, now: now)?.task
      try await body(fixture, device, try #require(task))
    }
  }

  private static func record(
    _ fixture: StoreFixture, _ task: DeviceTask, _ digest: String = digest, at time: Double = now
  ) async throws -> UploadReceipt {
    try await fixture.store.recordUpload(
      sha256: digest, size: 5, for: task.id, of: task.deviceID, now: time)
  }

  /// Brings home what the device answered.
  private static func answered(
    _ outcome: Outcome, _ fixture: StoreFixture, _ task: DeviceTask
  ) async throws {
    try await fixture.store.commit(
      SessionWrite(
        deviceID: task.deviceID, session: 1,
        tasks: [task.after(outcome, now: now, policy: .standard, random: 0)], at: now))
  }

  private static func stored(_ fixture: StoreFixture, _ task: DeviceTask) async throws -> DeviceTask
  {
    try #require(try await fixture.store.task(task.id, of: "00D09E-Box-1")).task
  }

  private static func report(
    _ fixture: StoreFixture, _ task: DeviceTask, fault: OperationFault? = nil
  ) async throws {
    try await fixture.store.observe(
      TransferReport(commandKey: task.commandKey, fault: fault), of: task.deviceID, session: 1,
      softwareVersion: nil, now: now, random: 0)
  }

  @Test(arguments: [Outcome.accepted(.transfer), .done(OperationResult())])
  func aFileThatComesBeforeTheAnswerEndsTheTaskWithTheAnswer(outcome: Outcome) async throws {
    try await Self.run { fixture, _, task in
      _ = try await Self.record(fixture, task)
      #expect(try await Self.stored(fixture, task).state == .running)
      try await Self.answered(outcome, fixture, task)
      let done = try await Self.stored(fixture, task)
      #expect(done.state == .done && done.result?.file == Self.digest)
      #expect(try await !fixture.hasOpenWork(task.deviceID))
      // The report comes all the same, and changes nothing.
      try await Self.report(fixture, task, fault: OperationFault(code: "cwmp.9011", text: "x"))
      #expect(try await Self.stored(fixture, task) == done)
    }
  }

  @Test func aFileThatComesBetweenAnswerAndReportEndsTheTask() async throws {
    try await Self.run { fixture, _, task in
      try await Self.answered(.accepted(.transfer), fixture, task)
      let receipt = try await Self.record(fixture, task)
      #expect(receipt.file.createdBy == "device 00D09E-Box-1")
      #expect(
        receipt.file.name
          == "00D09E-Box-1_3-Vendor-Configuration-File-1_\(task.commandKey)")
      #expect(!receipt.isReplacement)
      #expect(try await Self.stored(fixture, task).result?.file == Self.digest)
      #expect(try await !fixture.hasOpenWork(task.deviceID))
      #expect(try await fixture.auditedActions().last == "file.create")
    }
  }

  @Test func aFileThatComesAfterTheReportEndsTheTask() async throws {
    try await Self.run { fixture, _, task in
      try await Self.answered(.accepted(.transfer), fixture, task)
      try await Self.report(fixture, task)
      #expect(try await Self.stored(fixture, task).state == .waiting)
      _ = try await Self.record(fixture, task, at: Self.now + 30)
      #expect(try await Self.stored(fixture, task).state == .done)
    }
  }

  @Test func aFileThatNeverComesFailsTheTask() async throws {
    try await Self.run { fixture, _, task in
      try await Self.answered(.accepted(.transfer), fixture, task)
      try await Self.report(fixture, task)
      let end = Self.now + TaskPolicy.standard.fileWithin
      #expect(try await fixture.store.expireTasks(now: end - 1) == 0)
      #expect(try await fixture.store.expireTasks(now: end) == 1)
      let failed = try await Self.stored(fixture, task)
      #expect(failed.state == .failed && failed.fault?.code == OperationFault.noFileCode)
      await #expect { _ = try await Self.record(fixture, task, at: end) } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
    }
  }

  @Test func aFileOfASessionThatBrokeEndsTheTaskAtTheNextCall() async throws {
    try await Self.run { fixture, device, task in
      _ = try await Self.record(fixture, task)
      let contact = Self.contact(of: device, session: 2)
      let admitted = try await fixture.store.admit(contact, mayCreate: false)
      #expect(admitted.hasOpenWork)
      try await fixture.store.observe(contact, of: device.id, softwareVersion: nil)
      #expect(try await Self.stored(fixture, task).state == .done)
      #expect(try await fixture.store.claim(device.id, session: 2, now: Self.now) == nil)
    }
  }

  @Test func theLinkIsGoodUntilTheTaskHasEnded() async throws {
    try await Self.run { fixture, _, task in
      let store = fixture.store
      func isAwaited() async throws -> Bool {
        try await store.awaitsUpload(for: task.id, of: task.deviceID, now: Self.now)
      }
      #expect(try await isAwaited())
      #expect(try await !store.awaitsUpload(for: task.id, of: task.deviceID + 1, now: Self.now))
      #expect(try await !store.awaitsUpload(for: task.id, of: task.deviceID, now: task.deadline))
      _ = try await Self.record(fixture, task)
      // The device has lost the answer and sends again.
      #expect(try await isAwaited())
      #expect(try await Self.record(fixture, task, Self.other).isReplacement)
      try await Self.answered(.accepted(.transfer), fixture, task)
      #expect(try await Self.stored(fixture, task).result?.file == Self.other)
      #expect(try await !isAwaited())
    }
  }

  @Test func aDeviceThatSendsOnAndOnIsStopped() async throws {
    try await Self.run { fixture, _, task in
      for _ in 0..<FleetStore.maxArrivals { _ = try await Self.record(fixture, task) }
      await #expect { _ = try await Self.record(fixture, task) } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
    }
  }

  @Test func whatGoesToAnotherServerIsNotTakenHere() async throws {
    let order = UploadOrder(fileType: "x", remote: RemoteFile(url: "http://elsewhere/"))
    try await Self.run(order) { fixture, _, task in
      let isAwaited = try await fixture.store.awaitsUpload(
        for: task.id, of: task.deviceID, now: Self.now)
      #expect(!isAwaited)
    }
  }

  @Test func aKnownFileKeepsItsName() async throws {
    try await Self.run { fixture, _, task in
      _ = try await fixture.store.addFile(
        sha256: Self.digest, name: "firmware.bin", version: "1", size: 5, by: "tester")
      let receipt = try await Self.record(fixture, task)
      #expect(receipt.file.name == "firmware.bin" && receipt.file.createdBy == "tester")
    }
  }

  @Test func uploadsGoWithTheirFileTheirTaskAndTheirDevice() async throws {
    try await Self.run { fixture, device, task in
      func count() async throws -> Int {
        try await fixture.store.pool.query("SELECT FROM upload").count
      }
      _ = try await Self.record(fixture, task)
      #expect(try await count() == 1)
      try await fixture.store.deleteFile(sha256: Self.digest, by: "tester")
      #expect(try await count() == 0)
      _ = try await Self.record(fixture, task)
      try await Self.answered(.accepted(.transfer), fixture, task)
      var retention = Retention()
      retention.endedTasks = -86_400
      _ = try await fixture.store.pool.query("UPDATE task SET ended_at = to_timestamp(0)")
      let report = try await fixture.store.keepHouse(now: Self.now, retention: retention)
      #expect(report.removedTasks == 1)
      #expect(try await count() == 0)
      try await fixture.store.deleteDevice(named: device.identity.name, by: "tester")
      #expect(try await fixture.store.file(sha256: Self.digest) != nil)
    }
  }
}
