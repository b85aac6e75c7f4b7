import CWMP
import Fleet
import FleetStore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Postgres
import Testing

@testable import CWMPServer

/// What the door bears, and what each of it may cost.
@Suite(.serialized) struct DoorRobustnessTests {
  /// Waits for something that another thread does.
  private static func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1_200 {
      if try await holds() { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  /// That a device which behaves is served as if nothing were.
  private static func expectService(_ door: DoorFixture, serial: String = "99") async throws {
    let cpe = try await door.connect()
    #expect(try await cpe.post(TestCPE.inform(serial)).message == .response(.inform))
  }

  /// Sends pieces until the server answers or closes, or all are sent.
  private static func sendUntilRefused(_ cpe: TestCPE, _ pieces: Int, _ piece: String)
    async throws -> TestResponse?
  {
    for _ in 0..<pieces {
      do {
        try await cpe.send(piece)
      } catch is TestError {
        // The server has closed; its answer may still be there.
        break
      }
    }
    return try? await cpe.receive()
  }

  // MARK: - Without end

  @Test func chunksWithoutEndCostNoMoreThanTheLimit() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxFirstBody = 100_000
    }) { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = "1000\r\n" + String(repeating: "x", count: 4_096) + "\r\n"
      let response = try await Self.sendUntilRefused(cpe, 10_000, chunk)
      // The answer may be lost in the reset that ends the connection.
      #expect(response == nil || response?.status == 413)
      #expect(door.server.counts.refusedRequests == 1)
      #expect(door.server.arrivingBytes == 0)
      #expect(door.server.openSessions == 0)
      try await Self.expectService(door)
    }
  }

  @Test func aChunkSizeWithoutEndIsRefused() async throws {
    try await DoorFixture.run { door in
      let cpe = try await door.connect()
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      let response = try await Self.sendUntilRefused(
        cpe, 100, String(repeating: "f", count: 100))
      #expect(response == nil || response?.status == 400)
      #expect(door.server.counts.refusedRequests == 1)
      try await Self.expectService(door)
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
      let response = try await Self.sendUntilRefused(cpe, pieces, piece)
      #expect(response == nil || response?.status == 431 || response?.status == 400)
      #expect(door.server.counts.refusedRequests == 1)
      try await Self.expectService(door)
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

  // MARK: - Slow and half-sent

  @Test func halfSentRequestsHoldNoSession() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxSessions = 2
    }) { door in
      var stuck: [TestCPE] = []
      for number in 0..<20 {
        let cpe = try await door.connect()
        try await cpe.send(
          number.isMultiple(of: 2)
            ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n<soap"
            : "POST / HTTP/1.1\r\nHost: a\r\nX-Fie")
        stuck.append(cpe)
      }
      #expect(door.server.openSessions == 0)
      try await Self.expectService(door)
      #expect(door.server.openSessions == 1)
      stuck.removeAll()
    }
  }

  @Test func whatArrivesOutsideOfSessionsIsBoundedTogether() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxFirstBody = 10_000
      $0.maxArriving = 25_000
    }) { door in
      // A session under way is not touched by what others do.
      let inSession = try await door.connect()
      _ = try await inSession.post(TestCPE.inform("1"))
      var stuck: [TestCPE] = []
      for _ in 0..<2 {
        let cpe = try await door.connect()
        try await cpe.send(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
            + String(repeating: "x", count: 9_999))
        stuck.append(cpe)
      }
      let isThere = try await Self.eventually { door.server.arrivingBytes == 19_998 }
      #expect(isThere)
      let third = try await door.connect()
      try await third.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
          + String(repeating: "x", count: 9_999))
      let response = try #require(try await third.receive())
      #expect(response.status == 503)
      #expect(response.header("Retry-After") != nil)
      let large = String(repeating: " ", count: 100_000)
      #expect(try await inSession.post(Array(large.utf8)).status != 503)
      // Those who give up give back.
      for cpe in stuck { cpe.hangUp() }
      let isFree = try await Self.eventually { door.server.arrivingBytes == 0 }
      #expect(isFree)
    }
  }

  @Test func aMessageOfASessionMayTakeItsTime() async throws {
    // A thousand values over a slow line take longer than a request may be silent.
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .seconds(2)
      $0.sessionTimeout = .seconds(2)
    }) { door in
      let cpe = try await door.connect()
      _ = try await cpe.post(TestCPE.inform())
      _ = try await cpe.postNothing()
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(
          namespace: .v1_0, id: "17",
          message: .response(
            .getParameterNames([ParameterInfo(name: "Device.A", writable: false)]))),
        into: &body)
      try await cpe.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
      // Twice as long as either time-out in all.
      let piece = body.count / 8 + 1
      for start in stride(from: 0, to: body.count, by: piece) {
        try await cpe.send(Array(body[start..<min(start + piece, body.count)]))
        try await Task.sleep(for: .milliseconds(500))
      }
      #expect(
        try await cpe.receive()?.message == .request(.getParameterValues(names: ["Device.A"])))
    }
  }

  @Test func whoeverSaysNothingIsClosed() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.requestTimeout = .milliseconds(500)
    }) { door in
      let cpe = try await door.connect()
      #expect(try await cpe.receive() == nil)
    }
  }

  /// Connections that say nothing; the limit holds for any number of them, so a few stand for the 20,000 of the default.
  private static let idleConnections = 300

  @Test func idleConnectionsAreBounded() async throws {
    try await DoorFixture.run({
      $0.enrolment = .open
      $0.maxConnections = Self.idleConnections
    }) { door in
      let inSession = try await door.connect()
      _ = try await inSession.post(TestCPE.inform("1"))
      var idle: [TestCPE] = []
      for _ in 0..<(Self.idleConnections + 50) { idle.append(try await door.connect()) }
      let isCounted = try await Self.eventually {
        door.server.counts.refusedConnections == 51
      }
      #expect(isCounted, "\(door.server.counts)")
      #expect(door.server.openConnections == Self.idleConnections)
      #expect(try await inSession.postNothing().status == 200)
      for cpe in idle { cpe.hangUp() }
      let isFree = try await Self.eventually { door.server.openConnections == 1 }
      #expect(isFree)
      try await Self.expectService(door)
    }
  }

  // MARK: - Odd headers

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
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(namespace: .v1_0, id: "1", message: TestCPE.inform()), into: &body)
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
      try await Self.expectService(door)
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
      try await Self.expectService(door)
    }
  }

  @Test func garbageBehindARequestEndsTheConnectionAndNoMore() async throws {
    try await DoorFixture.run { door in
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(namespace: .v1_0, id: "1", message: TestCPE.inform()), into: &body)
      let head = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
      let garbled = try await door.connect()
      try await garbled.send(head + body + Array("\u{0}\u{1}garbage\r\n\r\n".utf8))
      // Whether the answer to the first is still seen is a matter of time; the connection ends.
      while try await garbled.receive() != nil {}
      // Two requests at once: which answer belongs to which?
      let hasty = try await door.connect()
      try await hasty.send(head + body + head + body)
      while try await hasty.receive() != nil {}
      try await Self.expectService(door)
    }
  }

  @Test func aBodyThatIsLongerThanItSaysSpoilsItsOwnConnectionOnly() async throws {
    try await DoorFixture.run { door in
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(namespace: .v1_0, id: "1", message: TestCPE.inform()), into: &body)
      let cpe = try await door.connect()
      // The length was counted in characters, not in bytes.
      try await cpe.send(
        Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count - 3)\r\n\r\n".utf8) + body
      )
      let first = try await cpe.receive()
      #expect(first == nil || first?.status == 400)
      #expect(door.server.openSessions == 0)
      try await Self.expectService(door)
    }
  }

  @Test(arguments: [
    ("HTTP/1.0\r\n", false), ("HTTP/1.0\r\nConnection: keep-alive\r\n", true),
    ("HTTP/1.0\r\nConnection: Keep-Alive\r\n", true), ("HTTP/1.1\r\nHost: a\r\n", true),
    ("HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n", false),
  ])
  func connectionsAreKeptForThoseWhoWantIt(line: String, isKept: Bool) async throws {
    try await DoorFixture.run { door in
      var body: [UInt8] = []
      EnvelopeEncoder().encode(
        Envelope(namespace: .v1_0, id: "1", message: TestCPE.inform()), into: &body)
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

  // MARK: - Too often

  @Test func aDeviceThatInformsForEverKeepsNobodyElse() async throws {
    try await DoorFixture.run { door in
      let other = try await door.connect()
      _ = try await other.post(TestCPE.inform("2"))
      for number in 0..<100 {
        let cpe = try await door.connect()
        // Every other time it does not even wait for the answer.
        if number.isMultiple(of: 2) {
          var body: [UInt8] = []
          EnvelopeEncoder().encode(
            Envelope(namespace: .v1_0, id: "\(number)", message: TestCPE.inform("1")), into: &body)
          try await cpe.send(
            Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
              + body)
          cpe.hangUp()
        } else {
          #expect(try await cpe.post(TestCPE.inform("1")).status != 503)
        }
      }
      // Each session of the device ends the one before, so that two are open.
      let isBounded = try await Self.eventually { door.server.openSessions <= 2 }
      #expect(isBounded, "\(door.server.openSessions)")
      #expect(try await other.postNothing().status == 200)
      #expect(try await door.store.pool.query("SELECT FROM device").count == 2)
    }
  }

  // MARK: - Logging

  /// Gathers the lines of a log.
  private final class Lines: Sendable {
    private let content = NIOLockedValueBox<[String]>([])

    var all: [String] { content.withLockedValue { $0 } }

    var logger: Logger {
      var logger = Logger(label: "test") { _ in Handler(lines: self) }
      logger.logLevel = .notice
      return logger
    }

    private struct Handler: LogHandler {
      let lines: Lines
      var metadata: Logger.Metadata = [:]
      var logLevel = Logger.Level.notice

      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }

      func log(event: LogEvent) {
        let text =
          "\(event.message) "
          + (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
          .joined(separator: " ")
        lines.content.withLockedValue { $0.append(text) }
      }
    }
  }

  @Test func aRefusalIsALineWithThePeerAndTheReason() async throws {
    let lines = Lines()
    try await DoorFixture.run(
      {
        $0.enrolment = .open
        $0.refusalLinesPerPeer = 5
      }, logger: lines.logger
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
