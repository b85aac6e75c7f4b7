import CWMP
import Fleet
import FleetStore
import Foundation
import HTTPAuthentication
import Testing

@testable import CWMPServer

/// What is kept of the messages of a device whose trace is switched on.
@Suite(.serialized) struct DoorTraceTests {
  private static func withTrace(
    _ door: DoorFixture, enrolment: DoorSettings.Enrolment = .open, claims: Int = 60,
    _ body: (_ port: Int, TraceRecorder) async throws -> Void
  ) async throws {
    var settings = DoorSettings()
    settings.host = "127.0.0.1"
    settings.port = 0
    settings.enrolment = enrolment
    settings.provisionsCredential = false
    var limits = TraceRecorder.Limits()
    limits.claims = claims
    let recorder = TraceRecorder(
      store: door.store, limits: limits, logger: DoorFixture.silentLogger)
    let server = try await DoorFixture.start(settings, store: door.store, traces: recorder)
    do {
      try await body(server.port, recorder)
    } catch {
      await server.stop(patience: 0)
      throw error
    }
    await server.stop(patience: 0)
  }

  /// Switches the trace of a known device on.
  private static func trace(_ serial: String, in door: DoorFixture, with recorder: TraceRecorder)
    async throws -> Device.ID
  {
    let device = try await door.device(serial)
    let now = Date().timeIntervalSince1970
    try await door.store.startTrace(
      of: device, named: "00D09E-Box-\(serial)", until: now + 600, now: now, by: "test")
    try await recorder.refresh(now: now)
    return device
  }

  /// What is kept, once there is so much of it.
  private static func messages(_ count: Int, of device: Device.ID, in door: DoorFixture)
    async throws -> [TraceMessage]
  {
    while true {
      let kept = try await door.store.traceMessages(of: device, limit: 20)
      if kept.count >= count { return kept }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func messagesOfTracedDevicesAreKeptWithoutTheirSecrets() async throws {
    try await DoorFixture.run { door in
      try await Self.withTrace(door) { port, recorder in
        // The device has to be known before it can be traced.
        for serial in ["1", "2"] {
          _ = try await TestCPE(port: port).post(TestCPE.inform(serial))
        }
        let device = try await Self.trace("1", in: door, with: recorder)
        let secret = ParameterValue(name: "Device.ManagementServer.Password", value: "hush")
        guard case .request(.inform(var inform)) = TestCPE.inform("1") else { return }
        inform.parameters.append(secret)
        let cpe = try await TestCPE(port: port)
        _ = try await cpe.post(
          .request(.inform(inform)), headers: ["Authorization: Basic c2VjcmV0"])
        _ = try await cpe.postNothing()
        _ = try await TestCPE(port: port).post(TestCPE.inform("2"))
        let kept = try await Self.messages(4, of: device, in: door)
        #expect(kept.map(\.isInbound) == [true, false, true, false])
        #expect(Set(kept.map(\.session)).count == 1)
        let all = kept.map { $0.head + String(decoding: $0.body, as: UTF8.self) }.joined()
        #expect(kept[0].head.hasPrefix("POST / HTTP/1.1\n"))
        #expect(all.contains("Device.DeviceInfo.SoftwareVersion"))
        #expect(all.contains("InformResponse"))
        #expect(!all.contains("hush") && !all.contains("c2VjcmV0"))
        #expect(kept[1].head.hasPrefix("HTTP/1.1 200 OK\n"))
        let others = try await door.store.traceMessages(of: try await door.device("2"), limit: 1)
        #expect(others.isEmpty)
      }
    }
  }

  /// Why a device does not get in is what a trace is asked for first.
  @Test func aDeviceThatIsTurnedAwayIsSeen() async throws {
    try await DoorFixture.run { door in
      _ = try await door.connect().post(TestCPE.inform("1"))
      try await Self.withTrace(door, enrolment: .shared) { port, recorder in
        let device = try await Self.trace("1", in: door, with: recorder)
        let cpe = try await TestCPE(port: port)
        #expect(try await cpe.post(TestCPE.inform("1")).status == 401)
        let wrong = "Authorization: Digest username=x, nonce=y, uri=/, response=z"
        #expect(try await cpe.post(TestCPE.inform("1"), headers: [wrong]).status == 401)
        // Nobody's, and another's.
        #expect(try await cpe.postNothing().status == 401)
        #expect(try await cpe.post(TestCPE.inform("2")).status == 401)
        let kept = try await Self.messages(4, of: device, in: door)
        #expect(kept.map(\.isInbound) == [true, false, true, false])
        #expect(String(decoding: kept[0].body, as: UTF8.self).contains("Inform"))
        #expect(kept[1].head.hasPrefix("HTTP/1.1 401 "))
        #expect(kept[2].head.contains("Authorization: Digest "))
        #expect(kept.allSatisfy { $0.session == 0 })
      }
    }
  }

  /// Anybody can be turned away as often as he likes.
  @Test func onlySoManyAMinuteAreSeen() async throws {
    try await DoorFixture.run { door in
      _ = try await door.connect().post(TestCPE.inform("1"))
      try await Self.withTrace(door, enrolment: .shared, claims: 2) { port, recorder in
        let device = try await Self.trace("1", in: door, with: recorder)
        let cpe = try await TestCPE(port: port)
        for _ in 0..<5 { #expect(try await cpe.post(TestCPE.inform("1")).status == 401) }
        let now = Date().timeIntervalSince1970
        #expect(!recorder.hasRoomForClaim(now: now))
        #expect(recorder.hasRoomForClaim(now: now + 61))
        #expect(try await Self.messages(4, of: device, in: door).count == 4)
      }
    }
  }

  @Test func aRefusedClaimIsSeen() async throws {
    try await DoorFixture.run { door in
      _ = try await door.connect().post(TestCPE.inform("1"))
      let device = try await door.device("1")
      _ = try await door.store.setCredential(
        NewCredentialRecord(
          username: "other", password: "secret", realm: "fairlead", deviceName: "00D09E-Box-9"),
        by: "test")
      try await Self.withTrace(door, enrolment: .shared) { port, recorder in
        _ = try await Self.trace("1", in: door, with: recorder)
        var client = DigestClient(username: "other", password: "secret")
        let cpe = try await TestCPE(port: port)
        let challenge = try await cpe.post(TestCPE.inform("1"))
        let isUsable = client.receive(
          challenge.headers.filter { $0.name == "WWW-Authenticate" }.map(\.value))
        try #require(isUsable)
        let authorization = client.authorization(method: "POST", uri: "/")
        let header = try #require(authorization)
        _ = try await cpe.post(TestCPE.inform("1"), headers: ["Authorization: \(header)"])
        let kept = try await Self.messages(4, of: device, in: door)
        #expect(kept.map(\.isInbound) == [true, false, true, false])
        #expect(String(decoding: kept[3].body, as: UTF8.self).contains("8001"))
      }
    }
  }
}
