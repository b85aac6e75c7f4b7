import Fleet
import Foundation
import Testing

@testable import FleetStore

@Suite(.serialized) struct ReportsTests {
  private static let now = StoreFixture.start + 10

  private static func run(_ body: (StoreFixture, DeviceRecord) async throws -> Void) async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      let contact = Contact(
        identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: .periodic,
        reasonTexts: [], values: [], session: 1, address: "192.0.2.1", at: now)
      _ = try await fixture.store.admit(contact, mayCreate: false)
      try await body(fixture, device)
    }
  }

  private static func events(_ kind: String, _ fixture: StoreFixture, _ device: DeviceRecord)
    async throws -> [EventRecord]
  {
    try await fixture.store.events(of: device.id, limit: 100).filter { $0.kind == kind }
  }

  @Test func aReportThatIsRepeatedIsOneEvent() async throws {
    try await Self.run { fixture, device in
      func tell(_ text: String, at time: Double) async throws {
        try await fixture.store.commit(
          SessionWrite(
            deviceID: device.id, session: 1,
            events: [
              DeviceEvent(
                "report", detail: ["text": .text(text), "n": .number(1)], repeatsWithin: 100),
              DeviceEvent("other", ["text": text]),
            ], at: time))
      }
      try await tell("a", at: Self.now)
      try await tell("a", at: Self.now + 50)
      try await tell("b", at: Self.now + 60)
      #expect(try await Self.events("report", fixture, device).count == 2)
      #expect(try await Self.events("other", fixture, device).count == 3)
      try await tell("a", at: Self.now + 101)
      #expect(try await Self.events("report", fixture, device).count == 3)
    }
  }

  @Test func whatADeviceTellsIsBounded() async throws {
    let many = (0..<10_000).map { number in
      EventDetail.object([
        "uuid": .text("u\(number)"), "text": .text(String(repeating: "x", count: 50_000)),
      ])
    }
    try await Self.run { fixture, device in
      try await fixture.store.commit(
        SessionWrite(
          deviceID: device.id, session: 1,
          events: [DeviceEvent("report", detail: ["results": .list(many), "key": .text("k")])],
          at: Self.now))
      let event = try #require(try await Self.events("report", fixture, device).first)
      #expect(event.detail.count < 2 * EventDetail.maxSize)
      let detail = try #require(
        try JSONSerialization.jsonObject(with: Data(event.detail)) as? [String: Any])
      #expect(detail["isCut"] as? Bool == true)
      #expect(detail["key"] as? String == "k")
      #expect((detail["results"] as? [Any])?.isEmpty == false)
    }
  }

  @Test func aTextIsCutBetweenItsCharacters() {
    let text = String(repeating: "é", count: EventDetail.maxTextSize)
    guard case .object(let members) = DeviceEvent("x", ["text": text]).detail,
      case .text(let cut)? = members["text"]
    else {
      Issue.record("no text")
      return
    }
    #expect(cut.utf8.count <= EventDetail.maxTextSize && cut.allSatisfy { $0 == "é" })
    #expect(members["isCut"] == .flag(true))
  }

  @Test func aTransferThatTheDeviceTookBackIsCancelled() async throws {
    try await Self.run { fixture, device in
      let name = device.identity.name
      let upload = try await fixture.store.createTask(
        for: name, StoreFixture.request(.upload(UploadOrder(fileType: "x"))), by: "tester"
      ).task
      let reboot = try await fixture.store.createTask(
        for: name, StoreFixture.request(.reboot), by: "tester"
      ).task
      var write = SessionWrite(deviceID: device.id, session: 1, at: Self.now)
      write.cancelledTransfers = [upload.id, reboot.id, 999]
      try await fixture.store.commit(write)
      #expect(try await fixture.store.task(upload.id, of: name)?.task.state == .cancelled)
      #expect(try await fixture.store.task(reboot.id, of: name)?.task.state == .queued)
      #expect(try await fixture.hasOpenWork(device.id))
      #expect(try await Self.events("task", fixture, device).count == 1)
      // It has ended already: nothing is told twice.
      try await fixture.store.commit(write)
      #expect(try await Self.events("task", fixture, device).count == 1)
    }
  }

  @Test func aDeviceThatMeasuresIsAskedToCall() async throws {
    try await Self.run { fixture, device in
      let request = StoreFixture.request(.diagnose(Diagnosis(.ping, host: "h")))
      _ = try await fixture.store.createTask(for: device.identity.name, request, by: "tester")
      let task = try #require(
        try await fixture.store.claim(device.id, session: 1, now: Self.now)?.task)
      try await fixture.commit([
        task.after(.accepted(.diagnosis), now: Self.now, policy: .standard, random: 0)
      ])
      let due = Self.now + FleetStore.diagnosisPause
      func devices(_ span: ClosedRange<Double>) async throws -> [Device.ID] {
        try await fixture.store.devicesWithDueWork(in: span, limit: 10)
      }
      #expect(try await devices(Self.now...(due - 1)).isEmpty)
      #expect(try await devices((due - 1)...due) == [device.id])
      #expect(try await devices(due...(due + 60)).isEmpty)
    }
  }

  /// It shows the results of an older measurement, and may show others once it is asked.
  @Test(arguments: [true, false])
  func aDeviceThatKeepsOlderResultsIsAskedToCall(areKnown: Bool) async throws {
    try await Self.run { fixture, device in
      let request = StoreFixture.request(.diagnose(Diagnosis(.ping, host: "h")))
      _ = try await fixture.store.createTask(for: device.identity.name, request, by: "tester")
      let task = try #require(
        try await fixture.store.claim(device.id, session: 1, now: Self.now)?.task)
      try await fixture.commit([
        task.remembering(olderResults: areKnown ? "digest" : nil)
          .after(.accepted(.diagnosisReport), now: Self.now, policy: .standard, random: 0)
      ])
      let due = Self.now + FleetStore.diagnosisPause
      func devices(_ span: ClosedRange<Double>) async throws -> [Device.ID] {
        try await fixture.store.devicesWithDueWork(in: span, limit: 10)
      }
      #expect(try await devices(Self.now...(due - 1)).isEmpty)
      // Where the older ones are not known, a call could tell nothing.
      #expect(try await devices((due - 1)...due) == (areKnown ? [device.id] : []))
      #expect(try await devices(due...(due + 60)).isEmpty)
    }
  }

  @Test func aResultThatIsReadyIsClaimed() async throws {
    try await Self.run { fixture, device in
      let request = StoreFixture.request(.diagnose(Diagnosis(.ping, host: "h")))
      _ = try await fixture.store.createTask(for: device.identity.name, request, by: "tester")
      let task = try #require(
        try await fixture.store.claim(device.id, session: 1, now: Self.now)?.task)
      try await fixture.commit([
        task.after(.accepted(.diagnosis), now: Self.now, policy: .standard, random: 0)
      ])
      let contact = Contact(
        identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: .periodic,
        reasonTexts: [], values: [], session: 2, address: "192.0.2.1", at: Self.now + 30)
      _ = try await fixture.store.admit(contact, mayCreate: false)
      try await fixture.store.observe(contact, of: device.id, softwareVersion: nil)
      let claimed = try await fixture.store.claim(device.id, session: 2, now: Self.now + 30)
      #expect(claimed?.task.id == task.id && claimed?.task.isReady == true)
      #expect(claimed?.task.attempts == 1)
    }
  }

  @Test func aFileForSoftwareIsHeld() async throws {
    let digest = String(repeating: "ab", count: 32)
    try await Self.run { fixture, device in
      let request = StoreFixture.request(
        .changeSoftware([.install(.stored(file: digest), uuid: "", environment: "")]))
      await #expect {
        _ = try await fixture.store.createTask(for: device.identity.name, request, by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
      _ = try await fixture.store.addFile(
        sha256: digest, name: "m.ipk", version: "", size: 1, by: "tester")
      _ = try await fixture.store.createTask(for: device.identity.name, request, by: "tester")
      await #expect { try await fixture.store.deleteFile(sha256: digest, by: "tester") } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      // What is fetched elsewhere needs no file here.
      _ = try await fixture.store.createTask(
        for: device.identity.name,
        StoreFixture.request(
          .download(DownloadOrder(file: "", remote: RemoteFile(url: "http://h/f")))), by: "tester")
    }
  }
}
