import CWMP
import NIOCore
import Testing

@testable import CWMPServer

/// Requests that come slowly, in part, or not at all.
@Suite(.serialized) struct DoorSlowRequestTests {
  @Test func halfSentRequestsHoldNoSession() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxSessions = 2
    }) { door in
      var stuck: [TestCPE] = []
      for number in 0..<20 {
        let cpe = try await door.connect()
        try await cpe.send(
          number.isMultiple(of: 2)
            ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n<soap"
            : "POST / HTTP/1.1\r\nHost: a\r\nX-Fie")
        stuck.append(cpe)
      }
      #expect(door.server.openSessions == 0)
      try await door.expectService()
      #expect(door.server.openSessions == 1)
      stuck.removeAll()
    }
  }

  @Test func whatArrivesOutsideOfSessionsIsBoundedTogether() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxFirstBody = 10_000
      $0.maxArriving = 25_000
    }) { door in
      // A session under way is not touched by what others do.
      let inSession = try await door.connect()
      _ = try await inSession.post(TestCPE.inform("1"))
      var stuck: [TestCPE] = []
      for _ in 0..<2 {
        let cpe = try await door.connect()
        try await cpe.send(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
            + String(repeating: "x", count: 9_999))
        stuck.append(cpe)
      }
      let isThere = try await DoorFixture.eventually { door.server.arrivingBytes == 19_998 }
      #expect(isThere)
      let third = try await door.connect()
      try await third.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
          + String(repeating: "x", count: 9_999))
      let response = try #require(try await third.receive())
      #expect(response.status == 503)
      #expect(response.header("Retry-After") != nil)
      let large = String(repeating: " ", count: 100_000)
      #expect(try await inSession.post(Array(large.utf8)).status != 503)
      // Those who give up give back.
      for cpe in stuck { cpe.hangUp() }
      let isFree = try await DoorFixture.eventually { door.server.arrivingBytes == 0 }
      #expect(isFree)
    }
  }

  @Test func aMessageOfASessionMayTakeItsTime() async throws {
    // A thousand values over a slow line take longer than a request may be silent.
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .seconds(4)
      $0.sessionTimeout = .seconds(4)
    }) { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(
          namespace: .v1_0, id: "17",
          message: .response(
            .getParameterNames([ParameterInfo(name: "Device.A", writable: false)]))),
        into: &body)
      let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n"
      // Twice as long as either time-out in all.
      try await cpe.send(Array(head.utf8) + body, inPiecesOf: body.count / 10, pause: 0.8)
      #expect(
        try await cpe.receive()?.message == .request(.getParameterValues(names: ["Device.A"])))
    }
  }

  @Test func whoeverSaysNothingIsClosed() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .milliseconds(500)
    }) { door in
      let cpe = try await door.connect()
      #expect(try await cpe.receive() == nil)
    }
  }

  /// Connections that say nothing; the limit holds for any number of them, so a few stand for the 20,000 of the default.
  private static let idleConnections = 300

  @Test func idleConnectionsAreBounded() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxConnections = Self.idleConnections
    }) { door in
      let inSession = try await door.connect()
      _ = try await inSession.post(TestCPE.inform("1"))
      var idle: [TestCPE] = []
      for _ in 0..<(Self.idleConnections + 50) { idle.append(try await door.connect()) }
      let isCounted = try await DoorFixture.eventually {
        door.server.counts.refusedConnections == 51
      }
      #expect(isCounted, "\(door.server.counts)")
      #expect(door.server.openConnections == Self.idleConnections)
      #expect(try await inSession.postNothing().status == 200)
      for cpe in idle { cpe.hangUp() }
      let isFree = try await DoorFixture.eventually { door.server.openConnections == 1 }
      #expect(isFree)
      try await door.expectService()
    }
  }
}
