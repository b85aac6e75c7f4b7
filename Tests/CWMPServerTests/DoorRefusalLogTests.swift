import LogRecording
import Testing

@testable import CWMPServer

/// What a refusal leaves in the log.
@Suite(.serialized) struct DoorRefusalLogTests {
  @Test func aRefusalIsALineWithThePeerAndTheReason() async throws {
    let lines = LogLines()
    try await DoorFixture.run(
      {
        $0.enrolment = .open
        $0.refusalLinesPerPeer = 5
      }, logger: lines.logger()
    ) { door in
      let requests = [
        "GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      ]
      for request in requests {
        let cpe = try await door.connect()
        try await cpe.send(request)
        #expect(try await cpe.receive() != nil)
      }
      let told = lines.all.filter { $0.contains("peer=127.0.0.1") }
      #expect(told.count == requests.count, "\(lines.all)")
      for words in ["no HTTP", "no POST", "too large", "coding", "has to begin with an Inform"] {
        #expect(told.contains { $0.contains(words) }, "\(words)")
      }
      // From here on the peer has had its lines.
      for _ in 0..<50 {
        let cpe = try await door.connect()
        try await cpe.send("GARBAGE\r\n\r\n")
        #expect(try await cpe.receive()?.status == 400)
      }
      #expect(lines.all.filter { $0.contains("peer=127.0.0.1") }.count == requests.count)
      #expect(door.server.counts.refusedRequests >= 54)
    }
  }
}
