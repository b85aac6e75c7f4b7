import Foundation
import Testing

/// Requests that have no end, or never come to one.
extension HostileInputTests {
  @Test func chunksWithoutEndAreCutOff() async throws {
    let chunk = Array(("10000\r\n" + String(repeating: "x", count: 1 << 16) + "\r\n").utf8)
    try await server.withstands(
      "chunks without end", number: 20, atMost: 32, status: 413, reason: "too large"
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      // As much as 400 MB.
      try await connection.send(chunk, times: 6_400)
      return try await connection.receive()?.status
    }
  }

  enum Endless: Int, CaseIterable {
    case field = 21
    case fields, requestLine, trailer

    var start: String {
      switch self {
      case .field: "POST / HTTP/1.1\r\nHost: a\r\nX: "
      case .fields: "POST / HTTP/1.1\r\nHost: a\r\n"
      case .requestLine: "POST /"
      case .trailer: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
      }
    }

    var piece: String {
      switch self {
      case .field, .requestLine: String(repeating: "x", count: 8_192)
      case .fields, .trailer: String(repeating: "X-Field: 1\r\n", count: 700)
      }
    }
  }

  @Test(arguments: Endless.allCases) func headersWithoutEndAreCutOff(_ part: Endless) async throws {
    try await server.withstands(
      "\(part) without end", number: part.rawValue, atMost: 32, status: 431, reason: "no HTTP"
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      try await connection.send(part.start)
      // As much as 200 MB.
      try await connection.send(Array(part.piece.utf8), times: 25_000)
      return try await connection.receive()?.status
    }
  }

  @Test func slowRequestsAndThoseHalfSentEnd() async throws {
    let bodies = (1...20).map { "127.25.1.\($0)" }
    let heads = (1...20).map { "127.26.1.\($0)" }
    let silent = (1...20).map { "127.27.1.\($0)" }
    let logSize = try server.logSize()
    let device = PlainDevice(serial: "PATIENT")
    try await device.callHome(server.port)
    try await server.cost(of: "slow and half-sent requests", atMost: 32) {
      try await withThrowingTaskGroup(of: (Int?, Int?).self) { group in
        for (sources, sent, status) in [
          (bodies, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n<s:Env", 408),
          (heads, "POST / HTTP/1.1\r\nHost: a\r\nConte", 408), (silent, "", nil as Int?),
        ] {
          for source in sources {
            group.addTask { [port = server.port] in
              let connection = try await RawConnection.open(port, from: source)
              try await connection.send(sent)
              return (try await connection.receive()?.status, status)
            }
          }
        }
        try await device.callHome(server.port)
        for try await (status, expected) in group { #expect(status == expected) }
      }
    }
    let reason = "a request did not arrive in full in time"
    try await server.expectOneLine(about: bodies + heads, telling: reason, after: logSize)
    try await server.expectOneLine(about: silent, telling: nil, after: logSize)
  }

  @Test func nothingButZeros() async throws {
    let zeros = [UInt8](repeating: 0, count: 1_000_000)
    try await server.withstands(
      "NUL bytes as body", number: 30, atMost: 32, status: 400, reason: "XML"
    ) { try await RawConnection.open(server.port, from: $0).post(zeros)?.status }
    try await server.withstands(
      "NUL bytes as request", number: 31, atMost: 32, status: 400, reason: "no HTTP"
    ) {
      let connection = try await RawConnection.open(server.port, from: $0)
      try await connection.send(zeros)
      return try await connection.receive()?.status
    }
    try await server.withstands(
      "NUL bytes in a header", number: 32, atMost: 32, status: 400, reason: "no HTTP"
    ) {
      try await RawConnection.open(server.port, from: $0).post([], headers: ["X: a\0b"])?.status
    }
  }
}
