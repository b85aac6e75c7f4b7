import HTTPAuthentication
import Testing

/// What makes two answers to challenges the same.
@Suite struct FingerprintTests {
  private func fingerprint(_ nonce: String, nc: String? = "00000001", cnonce: String? = "a")
    throws -> Int64
  {
    var header = "Digest username=u, nonce=\(nonce), response=\(String(repeating: "0", count: 32))"
    if let nc { header += ", qop=auth, nc=\(nc)" }
    if let cnonce { header += ", cnonce=\(cnonce)" }
    return try #require(digest(header)).fingerprint
  }

  @Test func aNonceMayBeAnsweredAnew() throws {
    let first = try fingerprint("n")
    #expect(try fingerprint("n") == first)
    #expect(try fingerprint("N") == first)
    #expect(try fingerprint("m") != first)
    #expect(try fingerprint("n", nc: "00000002") != first)
    // nc=00000001 for ever, with a new cnonce each time.
    #expect(try fingerprint("n", cnonce: "b") != first)
  }

  @Test func partsDoNotRunIntoOneAnother() throws {
    #expect(try fingerprint("n", nc: "12", cnonce: "3") != fingerprint("n", nc: "1", cnonce: "23"))
    #expect(try fingerprint("n1", nc: "2") != fingerprint("n", nc: "12"))
    #expect(try fingerprint("n", cnonce: nil) != fingerprint("n", cnonce: ""))
  }

  @Test func withoutQopANonceIsGoodForOneAnswer() throws {
    let first = try fingerprint("n", nc: nil, cnonce: nil)
    // A directive that the response does not cover makes no new answer.
    #expect(try fingerprint("n", nc: nil, cnonce: "made up") == first)
    #expect(try fingerprint("m", nc: nil, cnonce: nil) != first)
  }
}
