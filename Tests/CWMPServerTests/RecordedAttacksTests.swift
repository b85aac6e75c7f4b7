import CWMP
import FleetStore
import Foundation
import Postgres
import Testing

@testable import CWMPServer

/// The client that was made to attack honeypots, speaking to the door byte for byte.
@Suite(.serialized, .enabled(if: RecordedMessage.arePresent, RecordedMessage.absence))
struct RecordedAttacksTests {
  private static let folder = "cwmp-captures/mhils-honeyclient"
  private static let attacks = ["04-GetRPCMethods.txt", "05-RPCS_UNPARSED__then_GPV.txt"]

  private static func recorded(_ name: String) throws -> RecordedMessage {
    try #require(try RecordedMessage.all(below: folder).first { $0.name == name })
  }

  private func expectRefusal(_ response: TestResponse, _ name: String) {
    #expect(response.status == 400, "\(name)")
    #expect(response.body.isEmpty, "\(name)")
    #expect(response.header("Set-Cookie") == nil, "\(name)")
  }

  @Test(arguments: attacks)
  func entitiesAreRefusedOutsideASession(name: String) async throws {
    let attack = try Self.recorded(name)
    try await DoorFixture.run { door in
      expectRefusal(
        try await door.connect().post(attack.body, headers: attack.headers), name)
      #expect(door.server.openSessions == 0)
      #expect(try await door.store.pool.query("SELECT device_id FROM device").isEmpty)
    }
  }

  @Test(arguments: attacks)
  func entitiesEndTheSessionTheyComeIn(name: String) async throws {
    let inform = try Self.recorded("01-Inform_4VALUECHANGE+1Boot+0BOOTSTRAP.txt")
    let attack = try Self.recorded(name)
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let greeting = try await cpe.post(inform.body, headers: inform.headers)
      #expect(greeting.message == .response(.inform))
      expectRefusal(try await cpe.post(attack.body, headers: attack.headers), name)
      #expect(door.server.openSessions == 0)
      // The door goes on for others.
      let other = try await door.connect()
      #expect(
        try await other.post(inform.body, headers: inform.headers).message == .response(.inform))
    }
  }

  @Test func aMethodWithoutAnInformIsRefused() async throws {
    let call = try Self.recorded("03-GetRPCMethods.txt")
    try await DoorFixture.run { door in
      expectRefusal(
        try await door.connect().post(call.body, headers: call.headers), call.name)
    }
  }

  @Test func withinASessionItsHarmlessCallIsAnswered() async throws {
    let inform = try Self.recorded("01-Inform_4VALUECHANGE+1Boot+0BOOTSTRAP.txt")
    let call = try Self.recorded("03-GetRPCMethods.txt")
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(inform.body, headers: inform.headers)
      let answer = try await cpe.post(call.body, headers: call.headers)
      guard case .response(.getRPCMethods(let methods)) = answer.message else {
        Issue.record("GetRPCMethods was answered by \(answer.status)")
        return
      }
      #expect(methods.contains("Inform"))
    }
  }
}
