import CWMP
import Fleet
import FleetStore
import Foundation
import NIOCore
import Postgres
import Testing

@testable import CWMPServer

/// Beyond its limits the door asks new sessions to come again, and goes on with those that it has.
@Suite(.serialized) struct DoorOverloadTests {
  private static func isPutOff(_ response: TestResponse) -> Bool {
    response.status == 503 && response.body.isEmpty
      && (30...120).contains(response.header("Retry-After").flatMap { Int($0) } ?? 0)
  }

  /// A session that goes on from its Inform to its end.
  private static func finish(_ cpe: TestCPE) async throws -> Bool {
    guard try await cpe.postNothing().status == 200 else { return false }
    let values = try await cpe.post(
      .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: false)])))
    guard values.status == 200 else { return false }
    return try await cpe.post(
      .response(.getParameterValues([ParameterValue(name: "Device.A", value: "1")]))
    ).status == 204
  }

  @Test func sessionsUnderWayGoOnWhenThereAreTooMany() async throws {
    let limit = 10
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxSessions = limit
    }) { door in
      var open: [TestCPE] = []
      for number in 0..<limit {
        let cpe = try await TestCPE(port: door.server.port, serial: "\(number)")
        #expect(try await cpe.post(TestCPE.inform(cpe.serial)).status == 200)
        open.append(cpe)
      }
      var delays: Set<String> = []
      for number in 0..<20 {
        let late = try await door.connect()
        let response = try await late.post(TestCPE.inform("late\(number)"))
        #expect(Self.isPutOff(response))
        delays.insert(response.header("Retry-After") ?? "")
      }
      #expect(delays.count > 3, "spread at random, or all would come again at once")
      #expect(door.server.counts.postponedSessions == 20)
      // Also over new connections, by their cookies.
      for cpe in open { #expect(try await Self.finish(cpe)) }
      #expect(door.server.openSessions == 0)
      // Nothing of those that were put off is known, and now they may come.
      #expect(try await door.store.pool.query("SELECT FROM device").count == limit)
      let late = try await door.connect()
      #expect(try await late.post(TestCPE.inform("late0")).status == 200)
    }
  }

  @Test func aDeviceThatBeginsAnewWhileAllIsFullReplacesItsOwnSession() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxSessions = 1
    }) { door in
      let cpe = try await door.connect()
      let first = try await cpe.post(TestCPE.inform())
      let cookie = try #require(first.header("Set-Cookie")).prefix { $0 != ";" }
      let again = try await cpe.post(
        TestCPE.inform("1", [Event(Event.boot)]), headers: ["Cookie: \(cookie)"])
      #expect(again.message == .response(.inform))
      #expect(door.server.openSessions == 1)
    }
  }

  @Test func messagesOfSessionsAreBoundedTogether() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxArrivingInSessions = 4_000
    }) { door in
      let cpe = try await door.connect()
      let first = try await cpe.post(TestCPE.inform())
      let cookie = ["Cookie: \(try #require(first.header("Set-Cookie")).prefix { $0 != ";" })"]
      // Half of a message waits for its rest, and holds its place.
      let head = "POST / HTTP/1.1\r\nHost: acs\r\nContent-Length: 9000\r\n\(cookie[0])\r\n\r\n"
      try await cpe.send(head + String(repeating: " ", count: 3_000))
      try await cpe.send(String(repeating: " ", count: 3_000))
      let refused = try #require(try await cpe.receive())
      #expect(refused.status == 503)
      #expect(refused.header("Retry-After") != nil)
      // What it held is free again, and others go on.
      let other = try await door.connect()
      #expect(try await other.post(TestCPE.inform("2")).status == 200)
      #expect(try await other.postNothing().status == 200)
    }
  }

  @Test func messagesOfSessionsAreTakenAlthoughTheQueueIsFull() async throws {
    // The queue takes nothing at all, as if the database had fallen behind after the sessions began.
    var settings = FleetStore.Settings()
    settings.connections = 2
    let database = try await TemporaryCluster.newDatabase()
    let store = try await FleetStore.open(
      database, settings: settings, logger: DoorFixture.silentLogger)
    let token: Int64 = 7
    let admitted = try await store.admit(
      Contact(
        identity: DeviceIdentity(
          name: "00D09E-Box-1", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
          serialNumber: "1"), protocolName: "cwmp", root: "Device.", reasons: [],
        reasonTexts: [], values: [], session: token, address: "192.0.2.1", at: 1_750_000_000),
      mayCreate: true)
    await store.close()

    settings.queueLimit = 0
    let full = try await FleetStore.open(
      database, settings: settings, logger: DoorFixture.silentLogger)
    await #expect {
      _ = try await full.admit(
        Contact(
          identity: DeviceIdentity(
            name: "00D09E-Box-2", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
            serialNumber: "2"), protocolName: "cwmp", root: "Device.", reasons: [],
          reasonTexts: [], values: [], session: 8, address: "192.0.2.1", at: 1_750_000_000),
        mayCreate: true)
    } throws: { ($0 as? StoreError)?.code == .overloaded }
    try await full.commit(
      SessionWrite(
        deviceID: admitted.deviceID, deviceName: "00D09E-Box-1", session: token,
        events: [DeviceEvent("kept")],
        at: 1_750_000_001))
    let events = try await full.events(of: admitted.deviceID, limit: 10)
    #expect(events.contains { $0.kind == "kept" })
    await full.close()
  }

  @Test func whoeverComesWhileTheServerStopsIsPutOff() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform("1"))
      let waiting = try await door.connect()
      // A first request, so that the connection is the server's before it stops to take any.
      #expect(try await waiting.post(TestCPE.inform("2")).status == 200)
      #expect(try await Self.finish(waiting))
      let stopping = Task { await door.server.stop(patience: 60) }
      var response = try await waiting.post(TestCPE.inform("2"))
      for _ in 0..<1_200 where response.status != 503 {
        // The stop may not have begun.
        _ = try await waiting.postNothing()
        response = try await waiting.post(TestCPE.inform("2", [Event(Event.boot)]))
      }
      #expect(Self.isPutOff(response))
      // The session under way comes to its end, and so does the stop.
      #expect(try await Self.finish(cpe))
      await stopping.value
    }
  }
}
