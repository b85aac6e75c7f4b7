import CWMP
import FleetStore
import NIOCore
import Testing

@testable import CWMPServer

/// How much is borne, and for how long.
@Suite(.serialized) struct DoorLimitTests {
  @Test func aBodyBeyondTheLimitIsRefusedBeforeItIsThere() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxBody = 1_000
    }) { door in
      let told = try await door.connect()
      try await told.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
      #expect(try await told.receive()?.status == 413)
      let untold = try await door.connect()
      try await untold.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
          + String(repeating: "x", count: 1_001))
      #expect(try await untold.receive()?.status == 413)
    }
  }

  @Test func moreConnectionsThanTheLimitAreTurnedAway() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxConnections = 2
    }) { door in
      let kept = [try await door.connect(), try await door.connect()]
      for cpe in kept { #expect(try await cpe.post(TestCPE.inform(cpe.serial)).status == 200) }
      let third = try await door.connect()
      try? await third.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
      #expect(try await third.receive() == nil)
    }
  }

  @Test func moreSessionsThanTheLimitAreToldToComeAgain() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxSessions = 1
    }) { door in
      let first = try await door.connect()
      #expect(try await first.post(TestCPE.inform("1")).status == 200)
      let second = try await door.connect()
      let busy = try await second.post(TestCPE.inform("2"))
      #expect(busy.status == 503)
      let delay = try #require(busy.header("Retry-After").flatMap { Int($0) })
      #expect((30...120).contains(delay))
      // A session under way is never refused.
      #expect(try await first.postNothing().status == 200)
    }
  }

  @Test func aHalfSentRequestIsGivenUp() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .milliseconds(500)
    }) { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
      #expect(try await cpe.receive()?.status == 408)
    }
  }

  @Test func aSessionThatGoesOnForTooLongIsOver() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxSessionLength = .milliseconds(1_500)
    }) { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      // A device that keeps talking, and never comes to an end.
      var status = 200
      for _ in 0..<1_200 where status == 200 {
        status = (try? await cpe.post(.request(.getRPCMethods)).status) ?? 0
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(status != 200)
      #expect(door.server.openSessions == 0)
    }
  }

  @Test func aDeviceIsToldToComeAgainWhereNothingCanBeStored() async throws {
    try await DoorFixture.run { door in
      await door.store.close()
      let cpe = try await door.connect()
      let response = try await cpe.post(TestCPE.inform())
      #expect(response.status == 503)
      #expect(response.header("Retry-After") != nil)
      #expect(door.server.openSessions == 0)
    }
  }

  @Test func anIdentityThatIsTooLongIsRefused() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let response = try await cpe.post(TestCPE.inform(String(repeating: "x", count: 257)))
      guard case .fault(let fault) = response.message else {
        Issue.record("\(response)")
        return
      }
      #expect(fault.detail.code == 8003)
      let next = try await door.connect()
      #expect(
        try await next.post(TestCPE.inform(String(repeating: "x", count: 256))).message
          == .response(.inform))
    }
  }

  @Test func aSilentSessionIsOver() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.sessionTimeout = .milliseconds(500)
    }) { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      for _ in 0..<1_200 where door.server.openSessions > 0 {
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(door.server.openSessions == 0)
    }
  }
}
