import CWMP
import ContentCoding
import Testing

@testable import CWMPServer

@Suite(.serialized) struct DoorCompressionTests {
  private static func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    try #require(bytes.withUnsafeBytes { Gzip.compress($0) })
  }

  /// The deflate data in a gzip message (RFC 1952), with zlib's wrapping around it or without.
  private static func deflated(_ bytes: [UInt8], isWrapped: Bool) throws -> [UInt8] {
    let bare = try gzipped(bytes).dropFirst(10).dropLast(8)
    guard isWrapped else { return Array(bare) }
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    let sum = high << 16 | low
    return [0x78, 0x9C] + bare + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
  }

  @Test(arguments: ["gzip", "x-gzip", "GZIP", "deflate", "deflate bare"])
  func aSessionMayBeCompressed(coding: String) async throws {
    try await DoorFixture.run { door in
      func packed(_ message: Message) throws -> [UInt8] {
        let plain = TestCPE.body(message)
        return coding.hasPrefix("deflate")
          ? try Self.deflated(plain, isWrapped: coding == "deflate") : try Self.gzipped(plain)
      }
      let headers = ["Content-Encoding: \(coding.prefix { $0 != " " })"]
      let cpe = try await door.connect()
      let first = try await cpe.post(try packed(TestCPE.inform()), headers: headers)
      #expect(first.message == .response(.inform))
      // Some clients name the coding of the empty message as well.
      let names = try await cpe.postNothing(headers: headers)
      #expect(names.message == .request(.getParameterNames(path: "Device.", nextLevel: false)))
      let values = try await cpe.post(
        try packed(
          .response(.getParameterNames([ParameterInfo(name: "Device.A", writable: false)]))),
        headers: headers)
      #expect(values.message == .request(.getParameterValues(names: ["Device.A"])))
      #expect(values.header("Content-Encoding") == nil)
    }
  }

  @Test func aCompressedEmptyMessageIsEmpty() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      let packed = try #require([UInt8]().withUnsafeBytes { Gzip.compress($0) })
      #expect(try await cpe.post(packed, headers: ["Content-Encoding: gzip"]).status == 200)
    }
  }

  @Test func aCompressedMessageMayComeInChunks() async throws {
    try await DoorFixture.run { door in
      let packed = try Self.gzipped(TestCPE.body(TestCPE.inform()))
      let cpe = try await door.connect()
      try await cpe.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
      )
      for byte in packed { try await cpe.send(Array("1\r\n".utf8) + [byte, 13, 10]) }
      try await cpe.send("0\r\n\r\n")
      #expect(try await cpe.receive()?.message == .response(.inform))
    }
  }

  /// 400 KB that would become 384 MiB.
  private static func bomb() throws -> [UInt8] {
    let member = try gzipped(Array(repeating: 0, count: 64 << 20))
    return Array(repeatElement(member, count: 6).joined())
  }

  @Test func aBombIsRefusedAndTheServerGoesOn() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let bomb = try Self.bomb()
      #expect(bomb.count > 380_000 && bomb.count < 450_000)
      let response = try await cpe.post(bomb, headers: ["Content-Encoding: gzip"])
      #expect(response.status == 413)
      #expect(response.header("Connection") == "close")
      #expect(try await cpe.receive() == nil)
      #expect(door.server.counts.refusedRequests == 1)
      #expect(door.server.openSessions == 0)
      let next = try await door.connect()
      #expect(try await next.post(TestCPE.inform()).status == 200)
    }
  }

  @Test func aBombInASessionEndsIt() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxBody = 1 << 20
    }) { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      let packed = try Self.gzipped(Array(repeating: 65, count: 2 << 20))
      #expect(try await cpe.post(packed, headers: ["Content-Encoding: gzip"]).status == 413)
      #expect(door.server.openSessions == 0)
    }
  }

  @Test func whoeverShowsNoCredentialIsNotInflated() async throws {
    try await DoorFixture.run({ _ in }) { door in
      let cpe = try await door.connect()
      let response = try await cpe.post(try Self.bomb(), headers: ["Content-Encoding: gzip"])
      #expect(response.status == 401)
      #expect(door.server.counts.refusedRequests == 0)
    }
  }

  @Test(arguments: [
    ("gzip", Array("<soap>".utf8), 400), ("deflate", Array("<soap>".utf8), 400),
    ("gzip", [0x1F, 0x8B, 8, 0], 400), ("gzip", [0x1F], 400), ("deflate", [0x78], 400),
    ("br", [1, 2, 3], 415), ("zstd", [1], 415), ("gzip, gzip", [1], 415),
  ])
  func whatCannotBeInflatedIsRefused(coding: String, body: [UInt8], status: Int) async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let response = try await cpe.post(body, headers: ["Content-Encoding: \(coding)"])
      #expect(response.status == status)
      #expect(door.server.openSessions == 0)
    }
  }

  @Test func compressionCanBeTurnedOff() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.compression = .off
    }) { door in
      let packed = try Self.gzipped(TestCPE.body(TestCPE.inform()))
      let cpe = try await door.connect()
      #expect(try await cpe.post(packed, headers: ["Content-Encoding: gzip"]).status == 415)
      // The device then comes without (TR-069 Amendment 6, 3.4.7).
      let again = try await door.connect()
      #expect(try await again.post(TestCPE.inform()).status == 200)
      #expect(try await again.postNothing(headers: ["Content-Encoding: gzip"]).status == 200)
    }
  }

  @Test func answersAreCompressedForThoseWhoCompressThemselves() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.compression = .both
    }) { door in
      let packed = try Self.gzipped(TestCPE.body(TestCPE.inform()))
      let coded = ["Content-Encoding: gzip", "Accept-Encoding: gzip, deflate"]
      let able = try await door.connect()
      let first = try await able.post(packed, headers: coded)
      #expect(first.status == 200)
      let response = try await able.postNothing(headers: coded)
      #expect(response.header("Content-Encoding") == "gzip")
      #expect(response.header("Content-Length") == "\(response.body.count)")
      #expect(response.header("Transfer-Encoding") == nil)
      let inflater = Inflater(.gzip, limits: .init(size: 1 << 20, ratio: 1_000))
      var plain: [UInt8] = []
      try response.body.withUnsafeBytes {
        try inflater.inflate($0) { plain.append(contentsOf: $0) }
      }
      try inflater.finish()
      #expect(
        try EnvelopeDecoder().decode(plain).message
          == .request(.getParameterNames(path: "Device.", nextLevel: false)))

      // It says that it takes gzip, and has not shown that it knows what that is.
      let polite = try await door.connect()
      let answer = try await polite.post(
        TestCPE.inform("2"), headers: ["Accept-Encoding: gzip, deflate"])
      #expect(answer.header("Content-Encoding") == nil)
      #expect(answer.message == .response(.inform))
    }
  }
}
