import CWMP
import Fleet
import FleetStore
import Foundation
import Testing

@testable import CWMPServer

/// A connection that breaks in the midst of a session.
@Suite(.serialized) struct DoorBreakTests {
  @Test func anAnswerThatWasLostIsGivenAgainOverTheNextConnection() async throws {
    try await DoorFixture.run { door in
      let first = try await door.connect()
      let greeting = try await first.post(TestCPE.inform())
      let cookie = try #require(greeting.header("Set-Cookie")).prefix { $0 != ";" }
      let asked = try await first.postNothing()
      first.hangUp()
      while door.server.openConnections > 0 { try await Task.sleep(for: .milliseconds(2)) }
      // The device has not got the request, and says again that it is our turn.
      let second = try await door.connect()
      let answer = try await second.postNothing(headers: ["Cookie: \(cookie)"])
      #expect(answer.status == 200)
      #expect(answer.message == asked.message)
    }
  }

  /// A device that breaks on a request and begins anew at once must not get the same request for ever.
  @Test func whatABrokenSessionHasLearnedIsTakenOver() async throws {
    try await DoorFixture.run { door in
      let names = Message.response(
        .getParameterNames(
          ["A", "B", "C", "D"].map { ParameterInfo(name: "Device.\($0)", writable: true) }))
      let first = try await door.connect()
      _ = try await first.post(TestCPE.inform("1", [Event(Event.bootstrap)]))
      _ = try await first.postNothing()
      let all = try await first.post(names)
      #expect(
        all.message
          == .request(
            .getParameterValues(names: ["Device.A", "Device.B", "Device.C", "Device.D"])))
      first.hangUp()
      let second = try await door.connect()
      _ = try await second.post(TestCPE.inform("1", [Event(Event.bootstrap)]))
      _ = try await second.postNothing()
      let half = try await second.post(names)
      #expect(half.message == .request(.getParameterValues(names: ["Device.A", "Device.B"])))
    }
  }

  /// A proxy may let several devices share a connection.
  @Test func anotherDeviceOnTheSameConnectionProvesItself() async throws {
    try await DoorFixture.run({
      $0.enrolment = .shared
      $0.scheme = .basic
      $0.takesBasicWithoutTLS = true
    }) { door in
      let credential = Array("\(DoorFixture.username):\(DoorFixture.password)".utf8)
      let shown = ["Authorization: Basic \(Data(credential).base64EncodedString())"]
      let connection = try await door.connect()
      let first = try await connection.post(TestCPE.inform("1"), headers: shown)
      #expect(first.message == .response(.inform))
      // What the first device proved is not the second's.
      #expect(try await connection.post(TestCPE.inform("2")).status == 401)
      #expect(door.server.openSessions == 1)
      let second = try await connection.post(TestCPE.inform("2"), headers: shown)
      #expect(second.message == .response(.inform))
      // And the first goes on by its cookie.
      let cookie = try #require(first.header("Set-Cookie")).prefix { $0 != ";" }
      let asked = try await connection.postNothing(headers: ["Cookie: \(cookie)"])
      #expect(asked.status == 200)
    }
  }
}
