import NIOCore
import Testing

@testable import DeviceSimulator

@Suite struct HTTPResponseParserTests {
  private func parse(_ text: String, pieces: Int = 1) throws -> [HTTPResponse] {
    var parser = HTTPResponseParser()
    var responses: [HTTPResponse] = []
    let bytes = Array(text.utf8)
    let size = max(1, bytes.count / pieces)
    for start in stride(from: 0, to: bytes.count, by: size) {
      var buffer = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
      parser.append(&buffer)
      while let response = try parser.next() { responses.append(response) }
    }
    if let last = parser.finish() { responses.append(last) }
    return responses
  }

  private static let text =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nset-cookie: session=a1; Path=/\r\nSet-Cookie: x=2\r\nContent-Length:  5 \r\n\r\nhelloHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"

  @Test(arguments: [1, 3, 17, 1000])
  func responsesComeInAnyPieces(pieces: Int) throws {
    let responses = try parse(Self.text, pieces: pieces)
    #expect(responses.map(\.status) == [200, 204])
    #expect(responses[0].cookies == ["session=a1; Path=/", "x=2"])
    #expect(String(buffer: responses[0].body) == "hello")
    #expect(!responses[0].closes)
    #expect(responses[1].closes)
  }

  @Test(arguments: [1, 5, 200])
  func chunkedBodies(pieces: Int) throws {
    let responses = try parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
      pieces: pieces)
    #expect(responses.map { String(buffer: $0.body) } == ["abc0123456789"])
  }

  @Test func bodiesUntilTheConnectionCloses() throws {
    let responses = try parse("HTTP/1.0 200 OK\n\nabc", pieces: 4)
    #expect(responses.map { String(buffer: $0.body) } == ["abc"])
    #expect(responses[0].closes)
  }

  @Test func challenges() throws {
    let responses = try parse(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\nwww-authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n"
    )
    #expect(responses[0].challenges == ["Digest realm=\"a\", nonce=\"b\"", "Basic realm=\"a\""])
  }

  @Test(arguments: [
    "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func nonsenseIsRefused(text: String) {
    #expect(throws: SimulatorError.self) { try parse(text) }
  }

  @Test func endlessHeadsAreRefused() {
    let text =
      "HTTP/1.1 200 OK\r\nX: "
      + String(repeating: "a", count: HTTPResponseParser.maximumHeadLength)
    #expect(throws: SimulatorError.self) { try parse(text) }
  }
}

@Suite struct FileReceiverTests {
  private func receive(_ text: String, pieces: Int) -> DownloadOutcome {
    var receiver = FileReceiver()
    let bytes = Array(text.utf8)
    let size = max(1, bytes.count / pieces)
    for start in stride(from: 0, to: bytes.count, by: size) {
      var buffer = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
      if case .done(let outcome) = receiver.receive(&buffer) { return outcome }
    }
    return receiver.close()
  }

  private static let image = "FAIRLEAD-IMAGE model=Box version=2\nabc"
  private static let expected = DownloadOutcome.received(
    size: UInt64(image.utf8.count), sha256: FirmwareImage.checksum(Array(image.utf8)),
    image: FirmwareImage(model: "Box", version: "2"))

  @Test(arguments: [1, 7, 1000])
  func filesWithALength(pieces: Int) {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: \(Self.image.utf8.count)\r\n\r\n\(Self.image)"
    #expect(receive(text, pieces: pieces) == Self.expected)
  }

  @Test(arguments: [1, 7, 1000])
  func filesInChunks(pieces: Int) {
    let half = Self.image.prefix(20)
    let rest = Self.image.dropFirst(20)
    let text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n\(half)\r\n\(String(rest.count, radix: 16))\r\n\(rest)\r\n0\r\n\r\n"
    #expect(receive(text, pieces: pieces) == Self.expected)
  }

  @Test func filesUntilTheConnectionCloses() {
    #expect(receive("HTTP/1.1 200 OK\r\n\r\n\(Self.image)", pieces: 3) == Self.expected)
  }

  @Test(arguments: [
    "Content-Length: 100\r\n\r\n", "X: y\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n64\r\n",
  ])
  func filesBeyondTheLimitAreRefused(head: String) {
    for (limit, isTaken) in [(99 as UInt64, false), (100, true)] {
      var receiver = FileReceiver(maximumSize: limit)
      let end = head.hasPrefix("T") ? "\r\n0\r\n\r\n" : ""
      var buffer = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\n" + head + String(repeating: "a", count: 100) + end)
      let outcome: DownloadOutcome
      switch receiver.receive(&buffer) {
      case .done(let ended): outcome = ended
      default: outcome = receiver.close()
      }
      #expect((outcome != .interrupted) == isTaken)
    }
  }

  @Test func endlessChunkSizesAreRefused() {
    let text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      + String(repeating: "1", count: 5000)
    var receiver = FileReceiver()
    var buffer = ByteBuffer(string: text)
    #expect(receiver.receive(&buffer) == .done(.interrupted))
  }

  @Test func whatGoesWrong() {
    #expect(
      receive("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc", pieces: 2) == .interrupted)
    #expect(
      receive("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", pieces: 1)
        == .refused(status: 302))
    #expect(receive("nonsense\r\n\r\n", pieces: 1) == .interrupted)
  }
}

@Suite struct HTTPTargetTests {
  @Test(arguments: [
    ("http://127.0.0.1:7547/", "127.0.0.1", 7547, "/", "127.0.0.1:7547"),
    ("http://acs.test", "acs.test", 80, "/", "acs.test"),
    ("HTTP://[::1]:8/a?b=c#d", "::1", 8, "/a?b=c", "[::1]:8"),
    ("http://a?x=1", "a", 80, "/?x=1", "a"),
  ])
  func urls(url: String, host: String, port: Int, path: String, header: String) throws {
    let target = try #require(HTTPTarget(url))
    #expect(target.host == host)
    #expect(target.port == port)
    #expect(target.path == path)
    #expect(target.hostHeader == header)
  }

  @Test(arguments: [
    "httpx://a/", "https://", "http://", "http://u:p@a/", "http://a:0/", "http://a:99999/",
    "http://a:b/",
    "http://a /", "http://a/\r\nX: y", "ftp://a/", "",
  ])
  func refused(url: String) {
    #expect(HTTPTarget(url) == nil)
  }
}

@Suite struct SessionCookiesTests {
  @Test func theLatestOfEachNameCounts() {
    var cookies = SessionCookies()
    cookies.receive(["a=1", "b=2"])
    cookies.receive(["a=3"])
    #expect(cookies.pairs == ["b=2", "a=3"])
  }

  @Test func attributesAreNotKept() {
    let received = ["a=1; Path=/; HttpOnly", "b=2", "c=3; path=/x"]
    var cookies = SessionCookies()
    cookies.receive(received)
    #expect(cookies.pairs == ["a=1", "b=2", "c=3"])
    var picky = SessionCookies()
    picky.receive(received, needsPath: true)
    #expect(picky.pairs == ["a=1"])
  }
}
