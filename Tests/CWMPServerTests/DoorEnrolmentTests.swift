import CWMP
import Fleet
import FleetStore
import HTTPAuthentication
import NIOCore
import Postgres
import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorEnrolmentTests {
  private static func authorize(
    _ cpe: TestCPE, _ message: Message, username: String = DoorFixture.username,
    password: String = DoorFixture.password
  ) async throws -> TestResponse {
    let challenge = try await cpe.post(message)
    #expect(challenge.status == 401)
    var digest = DigestClient(username: username, password: password)
    let isUsable = digest.receive([try #require(challenge.header("WWW-Authenticate"))])
    #expect(isUsable)
    let made = digest.authorization(method: "POST", uri: "/")
    let header = try #require(made)
    return try await cpe.post(message, headers: ["Authorization: \(header)"])
  }

  @Test func theDefaultIsNotOpen() {
    guard case .shared = DoorSettings().enrolment else {
      Issue.record("the default lets devices in that show nothing")
      return
    }
  }

  @Test func theSharedCredentialLetsDevicesIn() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let cpe = try await door.connect()
      let response = try await Self.authorize(cpe, TestCPE.inform())
      #expect(response.message == .response(.inform))
      // From here on the cookie, or the connection, is enough.
      #expect(try await cpe.postNothing().status == 200)
    }
  }

  @Test func aWrongPasswordDoesNot() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let cpe = try await door.connect()
      let response = try await Self.authorize(cpe, TestCPE.inform(), password: "guess")
      #expect(response.status == 401)
      let other = try await door.connect()
      let unknown = try await Self.authorize(other, TestCPE.inform(), username: "nobody")
      #expect(unknown.status == 401)
      #expect(try await door.store.pool.query("SELECT FROM device").isEmpty)
    }
  }

  @Test func basicIsTakenWhereItIsConfigured() async throws {
    try await DoorFixture.run({
      $0.scheme = .either
      $0.takesBasicWithoutTLS = true
    }) { door in
      let cpe = try await door.connect()
      let header = Authorization.basicHeader(
        username: DoorFixture.username, password: DoorFixture.password)
      #expect(
        try await cpe.post(TestCPE.inform(), headers: ["Authorization: \(header)"]).status == 200)
    }
    try await DoorFixture.run({ _ in }) { door in
      let cpe = try await door.connect()
      let header = Authorization.basicHeader(
        username: DoorFixture.username, password: DoorFixture.password)
      #expect(
        try await cpe.post(TestCPE.inform(), headers: ["Authorization: \(header)"]).status == 401)
    }
  }

  @Test func knownDevicesOnly() async throws {
    try await DoorFixture.run({ $0.enrolment = .known }) { door in
      // The shared credential is not enough.
      let stranger = try await door.connect()
      let refused = try await Self.authorize(stranger, TestCPE.inform("1"))
      guard case .fault(let fault) = refused.message else {
        Issue.record("\(refused)")
        return
      }
      #expect(fault.detail.code == 8001)

      _ = try await door.store.createDevice(
        DeviceIdentity(
          name: "00D09E-Box-2", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
          serialNumber: "2"), tags: [], by: "test")
      _ = try await door.store.setCredential(
        NewCredentialRecord(
          username: "box2", password: "own", realm: "fairlead", deviceName: "00D09E-Box-2"),
        by: "test")
      let known = try await door.connect()
      let admitted = try await Self.authorize(
        known, TestCPE.inform("2"), username: "box2", password: "own")
      #expect(admitted.message == .response(.inform))
    }
  }

  @Test func aCredentialCoversItsOwnDeviceOnly() async throws {
    try await DoorFixture.run({ _ in }) { door in
      _ = try await door.store.setCredential(
        NewCredentialRecord(
          username: "box2", password: "own", realm: "fairlead", deviceName: "00D09E-Box-2"),
        by: "test")
      let impostor = try await door.connect()
      let response = try await Self.authorize(
        impostor, TestCPE.inform("3"), username: "box2", password: "own")
      guard case .fault(let fault) = response.message else {
        Issue.record("\(response)")
        return
      }
      #expect(fault.detail.code == 8001)
    }
  }
}
