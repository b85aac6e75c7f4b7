import ContentCoding
import NIOCore
import Testing

@testable import DeviceSimulator

/// How devices with quirks write their POSTs.
@Suite struct DevicePostTests {
  private func parts(
    _ quirks: [Quirk], method: String? = "Inform", body: String = "<x>Größe</x>",
    cookies: [String] = ["session=1"], coding: ContentCoding? = nil
  ) throws -> (head: String, body: [UInt8], isHeldBack: Bool) {
    let target = try #require(HTTPTarget("http://acs.test:7547/cwmp"))
    let parts = DevicePost(Quirks(quirks)).parts(
      .init(
        body: .init(bytes: method == nil ? [] : Array(body.utf8), charset: "utf-8"), method: method),
      to: target, cookies: cookies, authorization: "Basic x", coding: coding)
    var all = Array(parts.first.readableBytesView)
    if let rest = parts.afterContinue { all += rest.readableBytesView }
    let end = try #require(
      all.indices.first { all[$0...].starts(with: Array("\r\n\r\n".utf8)) })
    return (
      String(decoding: all[..<(end + 2)], as: UTF8.self), Array(all[(end + 4)...]),
      parts.afterContinue != nil
    )
  }

  @Test func theRegularForm() throws {
    let (head, body, isHeldBack) = try parts([])
    #expect(
      head
        == "POST /cwmp HTTP/1.1\r\nHost: acs.test:7547\r\nUser-Agent: cpesim\r\nCookie: session=1\r\nAuthorization: Basic x\r\nContent-Type: text/xml; charset=\"utf-8\"\r\nSOAPAction: \r\nContent-Length: 14\r\n"
    )
    #expect(body.count == 14)
    #expect(!isHeldBack)
    #expect(!(try parts([], method: nil)).head.contains("Content-Type"))
  }

  @Test(arguments: [
    (Quirk.cookieWithAttributes, "Cookie: session=1; Path=/\r\n"),
    (.cookieAttributeFirst, "Cookie: Path=/; session=1\r\n"),
    (.cookieQuoted, "Cookie: session=\"1\"\r\n"), (.contentTypeBare, "Content-Type: text/xml\r\n"),
    (.contentTypeHTML, "Content-Type: text/html\r\n"),
    (.contentTypeEncoding, "Content-Type: text/xml; encoding=utf-8\r\n"),
    (.soapActionMethod, "SOAPAction: cwmp:Inform\r\n"), (.lowerCaseFields, "\r\ncookie: session=1"),
    (.expectContinue, "Expect: 100-continue\r\n"), (.chunkedBody, "Transfer-Encoding: chunked\r\n"),
    (.gzip, "Content-Encoding: gzip\r\n"), (.deflate, "Content-Encoding: deflate\r\n"),
    (.contentLengthCharacters, "Content-Length: 12\r\n"), (.http10, "POST /cwmp HTTP/1.0\r\n"),
  ])
  func fields(quirk: Quirk, expected: String) throws {
    #expect(try parts([quirk]).head.contains(expected))
  }

  @Test(arguments: [
    (Quirk.cookieNever, "Cookie"), (.contentTypeMissing, "Content-Type"),
    (.soapActionMissing, "SOAPAction"),
  ])
  func missingFields(quirk: Quirk, field: String) throws {
    #expect(!(try parts([quirk]).head.contains(field)))
  }

  @Test(arguments: [
    (Quirk.emptyPostContentType, "Content-Type: text/xml; charset=\"utf-8\"\r\n"),
    (.emptyPostBlankContentType, "Content-Type: \r\n"),
    (.emptyPostGzip, "Content-Encoding: gzip\r\n"),
  ])
  func emptyPosts(quirk: Quirk, expected: String) throws {
    let (head, body, _) = try parts([quirk], method: nil)
    #expect(head.contains(expected))
    #expect(head.contains("Content-Length: 0\r\n"))
    #expect(body.isEmpty)
  }

  @Test func digestDirectivesInQuotes() {
    var draft = RequestDraft(
      fields: [("Authorization", "Digest username=\"u\", algorithm=MD5, qop=auth, nc=00000001")],
      body: [], method: "Inform")
    Quirk.digestQuoted.alter(&draft)
    #expect(
      draft["Authorization"]
        == "Digest username=\"u\",algorithm=\"MD5\",qop=\"auth\",nc=\"00000001\"")
  }

  @Test func bodies() throws {
    #expect(try parts([.expectContinue]).isHeldBack)
    #expect(
      String(decoding: try parts([.chunkedBody]).body, as: UTF8.self)
        == "e\r\n<x>Größe</x>\r\n0\r\n\r\n")
    #expect(try parts([.contentLengthCharacters]).body.count == 12)
    for (coding, name) in [(ContentCoding.gzip, "gzip"), (.deflate, "deflate")] {
      let (_, body, _) = try parts([], coding: coding)
      #expect(Compression.inflate(body, [name]) == Array("<x>Größe</x>".utf8))
    }
    #expect(Compression.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
  }

  @Test func nobodyAddsALine() throws {
    let (head, _, _) = try parts([], cookies: ["a=1\r\nX: y"])
    #expect(!head.contains("\r\nX: y"))
  }
}
