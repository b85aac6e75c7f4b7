import Testing

@testable import STOMP

@Suite struct STOMPSessionTests {
  private static func configuration(_ destination: String = "/queue/own")
    -> STOMPSession.Configuration
  {
    var configuration = STOMPSession.Configuration(
      virtualHost: "usp", destination: destination, contentType: "application/vnd.bbf.usp.msg")
    configuration.login = "user"
    configuration.passcode = "pass:word"
    configuration.headers = [.init("endpoint-id", "os::A-1")]
    return configuration
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func texts(_ actions: [STOMPSession.Action]) -> [String] {
    actions.map {
      if case .send(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "\($0)" }
    }
  }

  /// A session in which everything is agreed on at time 0.
  private static func ready(
    _ configuration: STOMPSession.Configuration = configuration(), heartBeat: String = "0,0"
  ) -> STOMPSession {
    var session = STOMPSession(configuration)
    _ = session.begin(now: 0)
    _ = session.received(bytes("CONNECTED\nversion:1.2\nheart-beat:\(heartBeat)\n\n\0"), now: 0)
    _ = session.received(bytes("RECEIPT\nreceipt-id:subscribed-0\n\n\0"), now: 0)
    return session
  }

  @Test func wholeLife() {
    var session = STOMPSession(Self.configuration())
    #expect(
      Self.texts(session.begin(now: 0)) == [
        "STOMP\naccept-version:1.2\nhost:usp\nheart-beat:0,0\nlogin:user\npasscode:pass\\cword\nendpoint-id:os\\c\\cA-1\n\n\0"
      ])
    #expect(session.begin(now: 0).isEmpty)
    #expect(session.message([1], to: "/queue/controller", now: 0) == nil)
    #expect(
      Self.texts(session.received(Self.bytes("CONNECTED\nversion:1.2\n\n\0\n"), now: 1)) == [
        "SUBSCRIBE\nid:0\ndestination:/queue/own\nack:auto\nreceipt:subscribed-0\n\n\0"
      ])
    #expect(session.message([1], to: "/queue/controller", now: 1) == nil)
    #expect(
      session.received(Self.bytes("RECEIPT\nreceipt-id:subscribed-0\n\n\0"), now: 2) == [
        .ready(destination: "/queue/own")
      ])
    #expect(
      session.message([1, 0, 2], to: "/queue/controller", now: 3)
        == Self.bytes(
          "SEND\ncontent-length:3\ncontent-type:application/vnd.bbf.usp.msg\nreply-to-dest:/queue/own\ndestination:/queue/controller\n\n"
        ) + [1, 0, 2, 0])
    #expect(
      session.received(
        Self.bytes(
          "MESSAGE\nsubscription:0\nmessage-id:7\ndestination:/queue/own\nreply-to-dest:/queue/c\\c1\n"
            + "content-type:application/vnd.bbf.usp.msg\ncontent-length:2\n\n"
        ) + [0, 0, 0], now: 4) == [
          .message(
            .init(
              destination: "/queue/own", replyDestination: "/queue/c:1",
              contentType: "application/vnd.bbf.usp.msg", body: [0, 0]))
        ])
    #expect(session.nextTimer == nil)
    #expect(Self.texts(session.disconnect(now: 5)) == ["DISCONNECT\nreceipt:bye\n\n\0"])
    #expect(session.message([1], to: "/queue/controller", now: 5) == nil)
    // What was on its way is of no use any more.
    #expect(session.received(Self.bytes("MESSAGE\n\n\0"), now: 5).isEmpty)
    #expect(
      session.received(Self.bytes("RECEIPT\nreceipt-id:bye\n\n\0"), now: 6) == [
        .close(STOMPError(.closed, "the connection was ended by this side"))
      ])
    #expect(session.received(Self.bytes("MESSAGE\n\n\0"), now: 7).isEmpty)
    #expect(session.disconnect(now: 8).isEmpty)
  }

  @Test func withoutACredentialNoneIsSent() {
    var configuration = Self.configuration()
    configuration.login = ""
    configuration.passcode = ""
    var session = STOMPSession(configuration)
    #expect(!Self.texts(session.begin(now: 0))[0].contains("login"))
  }

  @Test func theServersDestinationComesFirst() {
    var configuration = Self.configuration()
    configuration.furtherDestinations = ["/queue/contact", "/queue/told"]
    var session = STOMPSession(configuration)
    _ = session.begin(now: 0)
    let actions = session.received(
      Self.bytes("CONNECTED\nversion:1.2\nsubscribe-dest:/queue/told\n\n\0"), now: 0)
    #expect(
      Self.texts(actions) == [
        "SUBSCRIBE\nid:0\ndestination:/queue/told\nack:auto\nreceipt:subscribed-0\n\n\0",
        "SUBSCRIBE\nid:1\ndestination:/queue/contact\nack:auto\nreceipt:subscribed-1\n\n\0",
      ])
    #expect(session.received(Self.bytes("RECEIPT\nreceipt-id:subscribed-1\n\n\0"), now: 0).isEmpty)
    // A message that comes before everything is agreed on is not lost.
    #expect(
      session.received(Self.bytes("MESSAGE\ndestination:/queue/contact\n\n\0"), now: 0).count == 1)
    #expect(
      session.received(Self.bytes("RECEIPT\nreceipt-id:subscribed-0\n\n\0"), now: 0) == [
        .ready(destination: "/queue/told")
      ])
  }

  @Test func withoutADestinationItEnds() {
    var session = STOMPSession(Self.configuration(""))
    _ = session.begin(now: 0)
    let actions = session.received(Self.bytes("CONNECTED\nversion:1.2\n\n\0"), now: 0)
    guard case .close(let error) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == .noDestination)
  }

  @Test(arguments: [
    ("CONNECTED\nversion:1.1\n\n\0", STOMPError.Code.version),
    ("CONNECTED\n\n\0", .version),
    ("MESSAGE\n\n\0", .unexpected),
    ("RECEIPT\nreceipt-id:subscribed-0\n\n\0", .unexpected),
    ("SEND\n\n\0", .unexpected),
    ("HTTP/1.1 400 Bad Request\r\n", .malformed),
    ("ERROR\nmessage:Bad CONNECT\n\nAccess refused\0", .refused),
  ])
  func whatComesInsteadOfConnectedEndsIt(text: String, code: STOMPError.Code) {
    var session = STOMPSession(Self.configuration())
    _ = session.begin(now: 0)
    let actions = session.received(Self.bytes(text), now: 0)
    guard case .close(let error) = actions.first, actions.count == 1 else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == code)
    #expect(session.nextTimer == nil)
    #expect(session.timerFired(now: 1000).isEmpty)
  }

  @Test func errorsAreToldOnOneLine() {
    var session = Self.ready()
    let long = String(repeating: "x", count: 1000)
    #expect(
      session.received(Self.bytes("ERROR\nmessage:a\\nb\u{9B}\(long)\n\n\0"), now: 0) == [
        .close(
          STOMPError(
            .refused, "the server says: a b \(String(repeating: "x", count: 196))"))
      ])
  }

  @Test(arguments: [
    (
      "ERROR\nmessage:Bad CONNECT\n\nVirtual host 'a' access denied\n\0",
      "Bad CONNECT: Virtual host 'a' access denied"
    ),
    ("ERROR\n\nAccess refused\0", "Access refused"),
    ("ERROR\nmessage: \n\n\0", ""),
  ])
  func whatIsWrongIsToldFromTheBody(text: String, told: String) {
    var session = Self.ready()
    #expect(
      session.received(Self.bytes(text), now: 0) == [
        .close(STOMPError(.refused, "the server says: \(told)"))
      ])
  }

  @Test func framesAfterTheEndAreNotTaken() {
    var session = Self.ready()
    let actions = session.received(Self.bytes("ERROR\n\n\0MESSAGE\n\n\0"), now: 0)
    #expect(actions.count == 1)
  }

  @Test func tooLongABodyEndsIt() {
    var configuration = Self.configuration()
    configuration.limits.bodyBytes = 10
    var session = Self.ready(configuration)
    let actions = session.received(Self.bytes("MESSAGE\ncontent-length:11\n\n"), now: 0)
    guard case .close(let error) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == .tooLarge)
  }

  // MARK: Heart-beats

  private static func beating(_ outgoing: Double, _ incoming: Double)
    -> STOMPSession.Configuration
  {
    var configuration = configuration()
    configuration.outgoingHeartBeat = outgoing
    configuration.incomingHeartBeat = incoming
    return configuration
  }

  @Test func heartBeatsOfBothSides() {
    // This side can send every 10 s and wants every 20 s; the server can send every 30 s and wants every 5 s.
    var session = STOMPSession(Self.beating(10, 20))
    #expect(Self.texts(session.begin(now: 0))[0].contains("\nheart-beat:10000,20000\n"))
    _ = session.received(Self.bytes("CONNECTED\nversion:1.2\nheart-beat:30000,5000\n\n\0"), now: 0)
    _ = session.received(Self.bytes("RECEIPT\nreceipt-id:subscribed-0\n\n\0"), now: 0)
    #expect(session.nextTimer == 8)
    #expect(session.timerFired(now: 7).isEmpty)
    #expect(session.timerFired(now: 8) == [.send([10])])
    #expect(session.nextTimer == 16)
    // Whatever is sent is as good as a heart-beat.
    #expect(session.message([], to: "/queue/x", now: 10) != nil)
    #expect(session.nextTimer == 18)
    #expect(session.timerFired(now: 18) == [.send([10])])
    // Whatever comes is as well, even within a frame.
    #expect(session.received(Self.bytes("\n"), now: 50).isEmpty)
    #expect(session.received(Self.bytes("MESS"), now: 59).isEmpty)
    #expect(session.timerFired(now: 118) == [.send([10])])
    #expect(
      session.timerFired(now: 119) == [
        .close(STOMPError(.silent, "the server has sent no heart-beat"))
      ])
  }

  @Test(arguments: ["0,0", "nonsense", "1", "1,2,3", "-5,-5", "x,y", ""])
  func withoutAgreementThereAreNone(header: String) {
    #expect(Self.ready(Self.beating(1, 1), heartBeat: header).nextTimer == nil)
  }

  @Test func whoWantsNoneGetsNone() {
    #expect(Self.ready(Self.beating(0, 0), heartBeat: "1000,1000").nextTimer == nil)
  }
}
