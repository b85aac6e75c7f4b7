import FileServer
import Testing

@Suite struct FileLinkTests {
  private let link = FileLink(key: Array(repeating: 7, count: 32))
  private let now: Int64 = 1_767_225_600

  private struct Parts {
    var digest: String
    var name: String
    var expires: String
    var signature: String

    init(path: String) throws {
      let halves = path.split(separator: "?")
      let segments = halves[0].split(separator: "/")
      try #require(segments.count == 3 && segments[0] == "files")
      digest = String(segments[1])
      name = try #require(segments[2].percentDecoded)
      let query = halves[1].split(separator: "&")
      expires = String(query[0].dropFirst("expires=".count))
      signature = String(query[1].dropFirst("signature=".count))
    }
  }

  private func check(_ parts: Parts, now: Int64? = nil) throws -> FileLink.Verdict {
    link.check(
      digest: try #require(ContentDigest(parts.digest)), name: parts.name, expires: parts.expires,
      signature: parts.signature, now: now ?? self.now)
  }

  private var digest: ContentDigest {
    get throws { try #require(ContentDigest(String(repeating: "0f", count: 32))) }
  }

  @Test(arguments: [
    "firmware.bin", "mit Leerzeichen & Ümlaut?.bin", "100%", "a/b", "..", "", "x\ny",
  ])
  func whatIsMadeIsValidUntilItExpires(name: String) throws {
    let path = link.path(to: try digest, name: name, expiresAt: now + 60)
    #expect(path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    let parts = try Parts(path: path)
    #expect(try check(parts) == .valid)
    #expect(try check(parts, now: now + 60) == .valid)
    #expect(try check(parts, now: now + 61) == .expired)
    #expect(!parts.name.contains("/") && parts.name != ".." && !parts.name.isEmpty)
  }

  @Test func whatIsAlteredIsForged() throws {
    let parts = try Parts(path: link.path(to: try digest, name: "a.bin", expiresAt: now + 60))
    var altered = parts
    altered.digest = String(repeating: "1f", count: 32)
    #expect(try check(altered) == .forged)
    altered = parts
    altered.name = "b.bin"
    #expect(try check(altered) == .forged)
    for expires in ["\(now + 61)", "0\(now + 60)", "+\(now + 60)", "", "x", "99999999999999999999"]
    {
      altered = parts
      altered.expires = expires
      #expect(try check(altered) == .forged)
    }
    for signature in [
      "", String(parts.signature.dropLast()), parts.signature + "A",
      "!" + parts.signature.dropFirst(),
    ] {
      altered = parts
      altered.signature = signature
      #expect(try check(altered) == .forged)
    }
    let other = FileLink(key: Array(repeating: 8, count: 32))
    #expect(
      other.check(
        digest: try digest, name: parts.name, expires: parts.expires, signature: parts.signature,
        now: now) == .forged)
  }

  @Test func theBaseMayEndWithASlash() throws {
    let url = link.url(
      base: "http://acs.example.net:7567/", to: try digest, name: "a", expiresAt: now)
    #expect(url.hasPrefix("http://acs.example.net:7567/files/0f0f"))
  }

  @Test(arguments: [
    "", "0f", String(repeating: "0g", count: 32), String(repeating: "0f", count: 33),
    "../" + String(repeating: "0f", count: 31) + "0", String(repeating: "०", count: 64),
  ])
  func onlyDigestsAreDigests(text: String) {
    #expect(ContentDigest(text) == nil)
  }

  @Test func aDigestIsLowerCase() {
    #expect(
      ContentDigest(String(repeating: "AB", count: 32))?.hexadecimal
        == String(repeating: "ab", count: 32))
  }

  @Test(arguments: [("a%20b", "a b"), ("%C3%9c", "Ü"), ("a+b", "a+b"), ("", "")])
  func percentEncodingIsUndone(encoded: String, text: String) {
    #expect(encoded.percentDecoded == text)
  }

  @Test(arguments: ["%", "%4", "%zz", "%ff", "%00", "a%"])
  func malformedPercentEncodingIsRefused(encoded: String) {
    #expect(encoded.percentDecoded == nil)
  }
}

@Suite struct ByteRangeTests {
  @Test(arguments: [
    ("bytes=0-0", ByteRange.part(0..<1)), ("bytes=0-99", .part(0..<100)),
    ("bytes=0-", .part(0..<100)), ("bytes=99-", .part(99..<100)), ("bytes=50-200", .part(50..<100)),
    ("bytes=-1", .part(99..<100)), ("bytes=-100", .part(0..<100)), ("bytes=-1000", .part(0..<100)),
    ("Bytes = 10-19", .part(10..<20)), ("bytes=100-", .unsatisfiable),
    ("bytes=100-200", .unsatisfiable), ("bytes=-0", .unsatisfiable),
    ("bytes=99999999999999999999-", .unsatisfiable),
    ("bytes=0-99999999999999999999", .part(0..<100)),
    ("bytes=20-10", .whole), ("bytes=0-1,5-6", .whole), ("lines=0-1", .whole), ("bytes", .whole),
    ("bytes=", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=--1", .whole),
    ("bytes=1-2-3", .whole), ("", .whole),
  ])
  func headersMean(header: String, range: ByteRange) {
    #expect(ByteRange(header: header, size: 100) == range)
  }

  @Test func nothingHasNoPart() {
    #expect(ByteRange(header: nil, size: 0) == .whole)
    #expect(ByteRange(header: "bytes=0-", size: 0) == .unsatisfiable)
    #expect(ByteRange(header: "bytes=-5", size: 0) == .unsatisfiable)
  }
}
