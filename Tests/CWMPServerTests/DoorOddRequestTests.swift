import CWMP
import Testing

@testable import CWMPServer

/// Requests that are not as the standards have them, and what is no request at all.
@Suite(.serialized) struct DoorOddRequestTests {
  @Test(arguments: [
    "content-type: text/xml\r\nsoapaction: \r\n", "Content-Type:\r\n", "Content-Type: \r\n",
    "CONTENT-TYPE: text/xml;charset\r\n", "Content-Type: text/xml; encoding=utf-8\r\n",
    "Content-Type: text/html\r\n", "Content-Type: ;;;===\r\n", "SOAPAction: cwmp:Inform\r\n",
    "Accept-Encoding: \r\nAccept: */*\r\n", "Connection: Keep-Alive, TE\r\n",
    "Cookie: \r\nCookie: session=\r\nCookie: a=b; c\r\n", "Content-Encoding: \r\n",
    "Content-Encoding: identity\r\n", "Expect: something\r\n", "Transfer-Encoding: identity\r\n",
  ])
  func oddHeadersAreBorne(fields: String) async throws {
    try await DoorFixture.run { door in
      let body = TestCPE.body(TestCPE.inform(), id: "1")
      let cpe = try await door.connect()
      try await cpe.send(
        Array(
          "POST /acs HTTP/1.1\r\nhost: a\r\ncontent-length: \(body.count)\r\n\(fields)\r\n".utf8)
          + body)
      let response = try await cpe.receive()
      // Whoever names a transfer coding that there is not any more can't be understood.
      if fields.hasPrefix("Transfer-Encoding") {
        #expect(response?.status == 400 || response?.status == 200)
      } else {
        #expect(response?.message == .response(.inform))
      }
      try await door.expectService()
    }
  }

  @Test(arguments: [
    "session=TOKEN", "session=TOKEN; Path=/", "Path=/; session=TOKEN", "session=\"TOKEN\"",
    "other=1, session=TOKEN", "$Version=1; session=TOKEN; $Path=/", "session=old; session=TOKEN",
    "session=TOKEN; Path=/; HttpOnly",
  ])
  func cookiesComeBackInManyForms(form: String) async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      let cookie = try #require(try await cpe.post(TestCPE.inform()).header("Set-Cookie"))
      let token = try #require(cookie.split(separator: ";").first?.dropFirst("session=".count))
      let other = try await door.connect()
      #expect(
        try await other.postNothing(
          headers: ["Cookie: first=1", "cookie: " + form.replacing("TOKEN", with: token)]
        ).status == 200)
    }
  }

  @Test(arguments: [
    "POST / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\u{0}\r\nContent-Length: 0\r\n\r\n",
    "POST /\u{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\n\u{0}: 1\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST / HTTP/9.9\r\nHost: a\r\n\r\n", "POST /\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}", "GARBAGE\r\n\r\n", "\r\n\r\n\r\nX",
  ])
  func whatIsNoHTTPIsRefused(request: String) async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send(request)
      let response = try await cpe.receive()
      #expect(response?.status == 400, "\(String(describing: response))")
      #expect(response?.header("Connection") == "close")
      #expect(try await cpe.receive() == nil)
      #expect(door.server.openSessions == 0)
      try await door.expectService()
    }
  }

  @Test func garbageBehindARequestEndsTheConnectionAndNoMore() async throws {
    try await DoorFixture.run { door in
      let body = TestCPE.body(TestCPE.inform(), id: "1")
      let head = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
      let garbled = try await door.connect()
      try await garbled.send(head + body + Array("\u{0}\u{1}garbage\r\n\r\n".utf8))
      // Whether the answer to the first is still seen is a matter of time; the connection ends.
      while try await garbled.receive() != nil {}
      // Two requests at once: which answer belongs to which?
      let hasty = try await door.connect()
      try await hasty.send(head + body + head + body)
      while try await hasty.receive() != nil {}
      try await door.expectService()
    }
  }

  @Test func aBodyThatIsLongerThanItSaysSpoilsItsOwnConnectionOnly() async throws {
    try await DoorFixture.run { door in
      let body = TestCPE.body(TestCPE.inform(), id: "1")
      let cpe = try await door.connect()
      // The length was counted in characters, not in bytes.
      try await cpe.send(
        Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count - 3)\r\n\r\n".utf8) + body
      )
      let first = try await cpe.receive()
      #expect(first == nil || first?.status == 400)
      #expect(door.server.openSessions == 0)
      try await door.expectService()
    }
  }

  @Test(arguments: [
    ("HTTP/1.0\r\n", false), ("HTTP/1.0\r\nConnection: keep-alive\r\n", true),
    ("HTTP/1.0\r\nConnection: Keep-Alive\r\n", true), ("HTTP/1.1\r\nHost: a\r\n", true),
    ("HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n", false),
  ])
  func connectionsAreKeptForThoseWhoWantIt(line: String, isKept: Bool) async throws {
    try await DoorFixture.run { door in
      let body = TestCPE.body(TestCPE.inform(), id: "1")
      let cpe = try await door.connect()
      try await cpe.send(
        Array("POST / \(line)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
      let response = try await cpe.receive()
      #expect(response?.message == .response(.inform))
      #expect(response?.header("Connection") == (isKept ? "keep-alive" : "close"))
      if isKept {
        #expect(try await cpe.postNothing().status == 200)
      } else {
        #expect(try await cpe.receive() == nil)
        // The session goes on with its cookie.
        let cookie = try #require(response?.header("Set-Cookie")?.split(separator: ";").first)
        let next = try await door.connect()
        #expect(try await next.postNothing(headers: ["Cookie: \(cookie)"]).status == 200)
      }
    }
  }

  @Test func oldClientsGetNoInterimResponse() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n")
      #expect(try await cpe.receive()?.status == 400)
    }
  }
}
