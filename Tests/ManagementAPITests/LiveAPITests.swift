import Foundation
import ManagementTypes
import Testing

@testable import ManagementAPI

@Suite struct LiveAPITests {
  @Test func aSocketServesTheAPI() async throws {
    try await APIFixture.run(configure: { $0.maximumFileSize = 1000 }) { fixture in
      let token = try #require(fixture.tokens[.admin])
      try await LiveServer.run({ fixture.api.application(onListening: $0) }) { port in
        func send(_ request: String) async throws -> RawClient.Answer {
          try await RawClient.exchange(port: port, request)
        }
        let me = try await send(
          "GET /api/v1/whoami HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n\r\n"
        )
        #expect(me.head.hasPrefix("HTTP/1.1 200"))
        #expect(try JSONDecoder().decode(WhoAmI.self, from: me.body).role == .admin)

        // A refused upload ends the connection instead of reading the rest.
        let refused = try await send(
          "POST /api/v1/files?name=a HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nabc")
        #expect(refused.head.hasPrefix("HTTP/1.1 401"))
        let large = try await send(
          "POST /api/v1/files?name=a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 900000\r\n\r\nabc"
        )
        #expect(large.head.hasPrefix("HTTP/1.1 413"))

        // A sender that asks whether it may go on is told so.
        let asked = try await send(
          "POST /api/v1/files?name=a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
        )
        #expect(asked.head.hasPrefix("HTTP/1.1 100"))
        #expect(String(decoding: asked.body, as: UTF8.self).hasPrefix("HTTP/1.1 201"))

        let chunked = try await send(
          "POST /api/v1/files?name=b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        #expect(chunked.head.hasPrefix("HTTP/1.1 201"))
        #expect(try JSONDecoder().decode(FileDetail.self, from: chunked.body).size == 5)
      }
    }
  }

  @Test func limitsOfAConnectionHold() async throws {
    try await APIFixture.run(configure: {
      $0.idleTimeout = 3
      $0.maximumHeaderSize = 2048
    }) { fixture in
      try await LiveServer.run({ fixture.api.application(onListening: $0) }) { port in
        // Who says nothing is cut off without an answer.
        await #expect {
          _ = try await RawClient.exchange(port: port, "")
        } throws: { ($0 as? RawClient.Failure)?.what == "answer" }
        await #expect {
          _ = try await RawClient.exchange(
            port: port, "GET /api/v1/version HTTP/1.1\r\nHost: x\r\n")
        } throws: { ($0 as? RawClient.Failure)?.what == "answer" }
        let large = try await RawClient.exchange(
          port: port,
          "GET /api/v1/version HTTP/1.1\r\nHost: x\r\nX-Large: \(String(repeating: "a", count: 4000))\r\n\r\n"
        )
        #expect(large.head.hasPrefix("HTTP/1.1 400") || large.head.hasPrefix("HTTP/1.1 431"))
      }
    }
  }
}
