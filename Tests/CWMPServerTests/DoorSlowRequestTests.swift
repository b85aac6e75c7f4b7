import CWMP
import Fleet
import FleetStore
import Foundation
import NIOCore
import NIOPosix
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
      let body = TestCPE.body(
        .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: false)])))
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

  /// One who is turned away has no session whose patience he could use up.
  @Test func whoeverIsRefusedAndThenSaysNothingIsClosed() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .milliseconds(500)
      $0.sessionTimeout = .minutes(10)
    }) { door in
      let cpe = try await door.connect()
      guard case .fault(let fault) = try await cpe.post(TestCPE.inform("")).message else {
        Issue.record("a device without a serial number was let in")
        return
      }
      #expect(fault.detail.code == 8003)
      // Within the minute that this client waits, not after the ten of a session.
      #expect(try await cpe.receive() == nil)
    }
  }

  /// Half a head that comes while the answer to another request is being made is no silence of a session.
  @Test func halfAHeadBehindARequestIsGivenUp() async throws {
    try await DoorFixture.run { door in
      var settings = DoorSettings()
      settings.host = "127.0.0.1"
      settings.port = 0
      settings.enrolment = .open
      settings.provisionsCredential = false
      settings.requestTimeout = .milliseconds(500)
      settings.sessionTimeout = .minutes(10)
      let (asked, isAsked) = AsyncStream.makeStream(of: Void.self)
      let (gate, opening) = AsyncStream.makeStream(of: Void.self)
      let server = try await CWMPServer.start(
        settings: settings,
        environment: DoorEnvironment(
          store: door.store,
          source: { _, _ in
            isAsked.yield()
            for await _ in gate { break }
            return DownloadSource(url: "http://acs/files/x", size: 10)
          },
          credential: {
            ConnectionCredential(deviceName: $0, secret: Array(repeating: 7, count: 32))
          },
          now: { Date().timeIntervalSince1970 }), key: Array(repeating: 9, count: 32),
        group: MultiThreadedEventLoopGroup.singleton, logger: DoorFixture.silentLogger)
      let first = try await TestCPE(port: server.port)
      _ = try await first.post(TestCPE.inform())
      _ = try await first.postNothing()
      _ = try await first.post(
        .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: false)])))
      _ = try await first.post(
        .response(.getParameterValues([ParameterValue(name: "Device.A", value: "1")])))
      let file = String(repeating: "ab", count: 32)
      _ = try await door.store.addFile(
        sha256: file, name: "image.bin", version: "", size: 10, by: "test")
      _ = try await door.order(.download(DownloadOrder(file: file)), for: "1")
      let cpe = try await TestCPE(port: server.port)
      _ = try await cpe.post(TestCPE.inform())
      try await cpe.send("POST / HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n")
      for await _ in asked { break }
      // The answer waits for the file; whenever this comes, it is not forgotten.
      try await cpe.send("POST / HTTP/1.1\r\nHost: ac")
      try await Task.sleep(for: .milliseconds(200))
      opening.yield()
      guard case .request(.download) = try await cpe.receive()?.message else {
        Issue.record("the order was not sent")
        return
      }
      #expect(try await cpe.receive()?.status == 408)
      await server.stop(patience: 0)
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
