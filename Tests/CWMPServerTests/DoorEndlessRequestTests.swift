import CWMP
import FleetStore
import NIOCore
import Postgres
import Testing

@testable import CWMPServer

/// Messages, headers and chunks without end, and devices that never stop: what each of them may cost.
@Suite(.serialized) struct DoorEndlessRequestTests {
  @Test func chunksWithoutEndCostNoMoreThanTheLimit() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxFirstBody = 100_000
    }) { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = "1000\r\n" + String(repeating: "x", count: 4_096) + "\r\n"
      let response = try await cpe.sendUntilRefused(10_000, chunk)
      // The answer may be lost in the reset that ends the connection.
      #expect(response == nil || response?.status == 413)
      #expect(door.server.counts.refusedRequests == 1)
      #expect(door.server.arrivingBytes == 0)
      #expect(door.server.openSessions == 0)
      try await door.expectService()
    }
  }

  @Test func aChunkSizeWithoutEndIsRefused() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      let response = try await cpe.sendUntilRefused(
        100, String(repeating: "f", count: 100))
      #expect(response == nil || response?.status == 400)
      #expect(door.server.counts.refusedRequests == 1)
      try await door.expectService()
    }
  }

  @Test func aChunkExtensionWithoutEndIsNotKept() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .milliseconds(500)
    }) { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=")
      for _ in 0..<1_000 where door.server.counts.refusedRequests == 0 {
        try? await cpe.send(String(repeating: "x", count: 10_000))
        #expect(door.server.arrivingBytes == 0)
      }
      // It ends with the time that a request may take.
      let response = try? await cpe.receive()
      #expect(response == nil || response?.status == 408 || response?.status == 400)
      #expect(door.server.counts.refusedRequests == 1)
    }
  }

  @Test(arguments: [
    // One field without end, fields without end, a request line without end.
    ("POST / HTTP/1.1\r\nHost: a\r\nX: ", String(repeating: "x", count: 1_000), 1_000),
    ("POST / HTTP/1.1\r\nHost: a\r\n", "X-Field: 1\r\n", 10_000),
    ("POST /", String(repeating: "x", count: 1_000), 1_000),
    // The same behind the body.
    (
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-Field: 1\r\n",
      10_000
    ),
  ])
  func headersWithoutEndAreRefused(start: String, piece: String, pieces: Int) async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send(start)
      let response = try await cpe.sendUntilRefused(pieces, piece)
      #expect(response == nil || response?.status == 431 || response?.status == 400)
      #expect(door.server.counts.refusedRequests == 1)
      try await door.expectService()
    }
  }

  @Test func manyFieldsAndLongOnesAreBorne() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let many = (0..<90).map { "X-Field-\($0): \(String(repeating: "y", count: 100))" }
      #expect(try await cpe.post(TestCPE.inform(), headers: many).status == 200)
      let long = ["Cookie: other=" + String(repeating: "z", count: 12_000)]
      #expect(try await cpe.postNothing(headers: long).status == 200)
    }
  }

  @Test func aDeviceThatInformsForEverKeepsNobodyElse() async throws {
    try await DoorFixture.run { door in
      let other = try await door.connect()
      _ = try await other.post(TestCPE.inform("2"))
      for number in 0..<100 {
        let cpe = try await door.connect()
        // Every other time it does not even wait for the answer.
        if number.isMultiple(of: 2) {
          let body = TestCPE.body(TestCPE.inform("1"), id: "\(number)")
          try await cpe.send(
            Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
              + body)
          cpe.hangUp()
        } else {
          #expect(try await cpe.post(TestCPE.inform("1")).status != 503)
        }
      }
      // Each session of the device ends the one before, so that two are open.
      let isBounded = try await DoorFixture.eventually { door.server.openSessions <= 2 }
      #expect(isBounded, "\(door.server.openSessions)")
      #expect(try await other.postNothing().status == 200)
      #expect(try await door.store.pool.query("SELECT FROM device").count == 2)
    }
  }
}
