import CWMP
import Testing

/// Messages that come twice, and connections that break, as transcripts.
@Suite struct SessionRepetitionTests {
  private var session = Session()

  private static let inform = Inform(
    deviceID: DeviceID(manufacturer: "M", oui: "00040E", productClass: "P", serialNumber: "S"),
    events: [Event(Event.periodic)], currentTime: "2026-11-22T21:49:11Z", parameters: [])
  private static let get = Request.getParameterValues(names: ["Device."])
  private static let add = Request.addObject(name: "Device.A.", parameterKey: "")
  private static let set = Request.setParameterValues(SetParameterValues(parameters: []))
  private static let values = Response.getParameterValues([
    ParameterValue(name: "Device.A", value: "1")
  ])

  private static func cpe(_ message: Message, id: String? = "1") -> Session.Input {
    .envelope(Envelope(namespace: .v1_0, id: id, message: message))
  }

  private static func acs(_ message: Message, id: String? = "1") -> Session.Action {
    .reply(Envelope(namespace: .v1_0, id: id, message: message))
  }

  /// A session whose first empty POST was answered by that request.
  private mutating func begin(asking request: Request) {
    _ = session.received(Self.cpe(.request(.inform(Self.inform))))
    _ = session.contactCommitted()
    _ = session.received(.empty)
    _ = session.next(request)
  }

  @Test mutating func afterABreakAnEmptyPOSTGetsTheSameRequest() {
    begin(asking: Self.get)
    session.connectionBroke()
    #expect(session.received(.empty) == Self.acs(.request(Self.get)))
    #expect(session.received(Self.cpe(.response(Self.values))) == .deliver(.response(Self.values)))
    #expect(session.next(nil) == .finish)
  }

  @Test mutating func withoutABreakAnEmptyPOSTIsNoAnswer() {
    begin(asking: Self.get)
    #expect(session.received(.empty) == .deliver(.nothing))
  }

  @Test mutating func afterABreakAnAnswerGetsTheSameNextRequest() {
    begin(asking: Self.set)
    let answer = Self.cpe(.response(.setParameterValues(.applied)), id: nil)
    #expect(session.received(answer) == .deliver(.response(.setParameterValues(.applied))))
    #expect(session.next(Self.set) == Self.acs(.request(Self.set), id: "2"))
    session.connectionBroke()
    #expect(session.received(answer) == Self.acs(.request(Self.set), id: "2"))
    // Now it is the answer to the second.
    #expect(session.received(answer) == .deliver(.response(.setParameterValues(.applied))))
  }

  @Test mutating func afterABreakAFaultGetsTheSameNextRequest() {
    begin(asking: Self.add)
    let fault = Fault(code: 9005, text: "")
    _ = session.received(Self.cpe(.fault(fault), id: nil))
    _ = session.next(Self.get)
    session.connectionBroke()
    #expect(
      session.received(Self.cpe(.fault(fault), id: nil)) == Self.acs(.request(Self.get), id: "2"))
  }

  @Test mutating func afterABreakANewAnswerIsTaken() {
    begin(asking: Self.get)
    session.connectionBroke()
    #expect(session.received(Self.cpe(.response(Self.values))) == .deliver(.response(Self.values)))
  }

  @Test mutating func afterABreakAnInformIsAnsweredAgain() {
    let inform = Self.cpe(.request(.inform(Self.inform)))
    _ = session.received(inform)
    let reply = session.contactCommitted()
    session.connectionBroke()
    #expect(session.received(inform) == reply)
    #expect(session.received(.empty) == .askNext)
  }

  @Test mutating func aBreakDuringACommitLeavesOneAnswer() {
    let inform = Self.cpe(.request(.inform(Self.inform)))
    #expect(session.received(inform) != .none)
    session.connectionBroke()
    #expect(session.received(inform) == .none)
    #expect(session.contactCommitted() == Self.acs(.response(.inform)))
    let notice = Request.transferComplete(TransferComplete(commandKey: "k"))
    #expect(session.received(Self.cpe(.request(notice))) == .commitNotice(notice))
    session.connectionBroke()
    #expect(session.received(Self.cpe(.request(notice))) == .none)
    #expect(session.noticeCommitted(.transferComplete) == Self.acs(.response(.transferComplete)))
    #expect(session.received(.empty) == .askNext)
    session.connectionBroke()
    #expect(session.received(.empty) == .none)
    #expect(session.next(Self.get) == Self.acs(.request(Self.get)))
  }

  @Test mutating func aBreakDuringACommitExcusesNoOtherMessage() {
    _ = session.received(Self.cpe(.request(.inform(Self.inform))))
    session.connectionBroke()
    guard case .reject = session.received(.empty) else {
      Issue.record("an empty POST was taken before the InformResponse")
      return
    }
  }

  @Test mutating func anAnswerThatComesTwiceByAnotherMethodsNameIsARepetition() {
    begin(asking: Self.get)
    let answer = Self.cpe(.response(Self.values))
    _ = session.received(answer)
    #expect(session.next(Self.add) == Self.acs(.request(Self.add), id: "2"))
    #expect(session.received(answer) == Self.acs(.request(Self.add), id: "2"))
    // Once is enough: a device that goes on like this has no answer.
    #expect(session.received(answer) == .deliver(.nothing))
  }

  @Test mutating func theSameAnswerToTwoRequestsOfOneMethodIsNoRepetition() {
    begin(asking: Self.set)
    let answer = Self.cpe(.response(.setParameterValues(.applied)), id: nil)
    for _ in 0..<3 {
      #expect(session.received(answer) == .deliver(.response(.setParameterValues(.applied))))
      _ = session.next(Self.set)
    }
  }

  @Test mutating func theSameRequestGetsTheSameResponseAsOftenAsItComes() {
    begin(asking: Self.get)
    let call = Self.cpe(.request(.getRPCMethods), id: "m")
    let reply = session.received(call)
    for _ in 0..<3 { #expect(session.received(call) == reply) }
    #expect(session.outstanding == Self.get)
  }

  @Test mutating func repetitionsCountAsMessages() {
    session = Session(limits: .init(messages: 3))
    begin(asking: Self.get)
    for _ in 0..<3 {
      session.connectionBroke()
      #expect(session.received(.empty) == Self.acs(.request(Self.get)))
    }
    session.connectionBroke()
    #expect(session.received(.empty) == .reject(reason: "more than 3 messages in one session"))
  }

  @Test mutating func aBreakAfterTheEndChangesNothing() {
    begin(asking: Self.get)
    _ = session.timedOut()
    session.connectionBroke()
    #expect(session.received(.empty) == .reject(reason: "the session is over"))
  }
}
