import CWMP
import Testing

/// Sessions as transcripts: what happens, and what must be done then.
@Suite struct SessionTests {
  private var session = Session()

  private static let inform = Inform(
    deviceID: DeviceID(manufacturer: "M", oui: "00040E", productClass: "P", serialNumber: "S"),
    events: [Event(Event.periodic)], currentTime: "2026-11-22T21:49:11Z", parameters: [])

  private static let informEnvelope = cpe(.request(.inform(inform)), id: "inf")
  private static let transferComplete = TransferComplete(commandKey: "dl")
  private static let get = Request.getParameterValues(names: ["Device."])
  private static let values = Response.getParameterValues([
    ParameterValue(name: "Device.A", value: "1")
  ])

  private static func cpe(_ message: Message?, id: String? = "1") -> Envelope {
    Envelope(namespace: Namespace(minor: 1), id: id, message: message)
  }

  private static func acs(_ message: Message, id: String?) -> Envelope {
    Envelope(namespace: Namespace(minor: 1), id: id, message: message)
  }

  /// The session after its Inform was acknowledged.
  private mutating func begin() {
    _ = session.received(.envelope(Self.informEnvelope))
    _ = session.contactCommitted()
  }

  /// The session with a GetParameterValues outstanding.
  private mutating func beginAndAsk() {
    begin()
    _ = session.received(.empty)
    _ = session.next(Self.get)
  }

  @Test mutating func aPeriodicSessionWithNothingToDo() {
    #expect(
      session.received(.envelope(Self.informEnvelope))
        == .commitContact(Self.inform, Self.informEnvelope))
    #expect(session.contactCommitted() == .reply(Self.acs(.response(.inform), id: "inf")))
    #expect(session.received(.empty) == .askNext)
    #expect(session.next(nil) == .finish)
    #expect(session.isOver)
  }

  @Test mutating func aSessionWithTwoRequests() {
    begin()
    #expect(session.received(.empty) == .askNext)
    #expect(session.next(Self.get) == .reply(Self.acs(.request(Self.get), id: "1")))
    #expect(session.outstanding == Self.get)
    #expect(
      session.received(.envelope(Self.cpe(.response(Self.values))))
        == .deliver(.response(Self.values)))
    #expect(session.outstanding == nil)
    let reboot = Request.reboot(commandKey: "rb")
    #expect(session.next(reboot) == .reply(Self.acs(.request(reboot), id: "2")))
    let fault = Fault(code: 9001, text: "denied")
    #expect(
      session.received(.envelope(Self.cpe(.fault(fault), id: "2"))) == .deliver(.fault(fault)))
    #expect(session.next(nil) == .finish)
  }

  @Test mutating func transferCompleteIsAcknowledgedOnlyAfterItsCommit() {
    begin()
    let request = Request.transferComplete(Self.transferComplete)
    #expect(
      session.received(.envelope(Self.cpe(.request(request), id: "tc"))) == .commitNotice(request))
    #expect(
      session.noticeCommitted(.transferComplete)
        == .reply(Self.acs(.response(.transferComplete), id: "tc")))
    #expect(session.received(.empty) == .askNext)
    #expect(session.next(nil) == .finish)
  }

  @Test mutating func aNoticeThatIsRefusedDoesNotEndTheSession() {
    begin()
    let request = Request.kicked(Kicked(command: "c"))
    #expect(session.received(.envelope(Self.cpe(.request(request)))) == .commitNotice(request))
    let fault = Fault(.acsRequestDenied)
    #expect(session.noticeRefused(fault) == .reply(Self.acs(.fault(fault), id: "1")))
    #expect(session.received(.empty) == .askNext)
  }

  @Test mutating func afterRetryRequestTheSameNoticeIsCommittedAgain() {
    begin()
    let request = Request.transferComplete(Self.transferComplete)
    let envelope = Self.cpe(.request(request), id: "tc")
    #expect(session.received(.envelope(envelope)) == .commitNotice(request))
    #expect(
      session.noticeRefused(Fault(.acsRetryRequest))
        == .reply(Self.acs(.fault(Fault(.acsRetryRequest)), id: "tc")))
    #expect(session.received(.envelope(envelope)) == .commitNotice(request))
  }

  @Test mutating func severalTransferCompletesWithOneConstantID() {
    begin()
    for key in ["a", "b", "c"] {
      let request = Request.transferComplete(TransferComplete(commandKey: key))
      #expect(session.received(.envelope(Self.cpe(.request(request)))) == .commitNotice(request))
      #expect(
        session.noticeCommitted(.transferComplete)
          == .reply(Self.acs(.response(.transferComplete), id: "1")))
    }
  }

  @Test mutating func getRPCMethodsIsAnsweredAtOnce() {
    begin()
    #expect(
      session.received(.envelope(Self.cpe(.request(.getRPCMethods), id: "0")))
        == .reply(Self.acs(.response(.getRPCMethods(Session.methods)), id: "0")))
  }

  @Test(arguments: [
    Request.unknown(method: "X_Foo"), .reboot(commandKey: ""), .getParameterValues(names: []),
  ])
  mutating func whatTheACSDoesNotKnowIsAnsweredByFault8000(request: Request) {
    begin()
    #expect(
      session.received(.envelope(Self.cpe(.request(request))))
        == .reply(Self.acs(.fault(Fault(.acsMethodNotSupported)), id: "1")))
    #expect(session.received(.empty) == .askNext)
  }

  @Test mutating func aCPEWithoutIDsIsAnsweredWithoutThem() {
    let envelope = Self.cpe(.request(.inform(Self.inform)), id: nil)
    _ = session.received(.envelope(envelope))
    #expect(session.contactCommitted() == .reply(Self.acs(.response(.inform), id: nil)))
    _ = session.received(.empty)
    #expect(session.next(Self.get) == .reply(Self.acs(.request(Self.get), id: "1")))
    #expect(
      session.received(.envelope(Self.cpe(.response(Self.values), id: nil)))
        == .deliver(.response(Self.values)))
  }

  @Test mutating func aDifferentIDInTheAnswerIsBorne() {
    beginAndAsk()
    #expect(
      session.received(.envelope(Self.cpe(.response(Self.values), id: "nonsense")))
        == .deliver(.response(Self.values)))
  }

  @Test mutating func anEmptyPOSTInPlaceOfAnAnswer() {
    beginAndAsk()
    #expect(session.received(.empty) == .deliver(.nothing))
    #expect(session.next(.factoryReset) == .reply(Self.acs(.request(.factoryReset), id: "2")))
  }

  @Test mutating func anEmptyBodyCountsAsAnEmptyPOST() {
    beginAndAsk()
    #expect(session.received(.envelope(Self.cpe(nil))) == .deliver(.nothing))
  }

  @Test mutating func theResponseToAnotherMethodIsNoAnswer() {
    beginAndAsk()
    #expect(session.received(.envelope(Self.cpe(.response(.reboot)))) == .deliver(.nothing))
    #expect(session.next(nil) == .finish)
  }

  @Test mutating func anAnswerToNothingCountsAsAnEmptyPOST() {
    begin()
    #expect(session.received(.envelope(Self.cpe(.response(Self.values)))) == .askNext)
  }

  @Test mutating func aRequestOfTheCPEInTheMiddleLeavesOursOutstanding() {
    beginAndAsk()
    #expect(
      session.received(.envelope(Self.cpe(.request(.getRPCMethods), id: "m")))
        == .reply(Self.acs(.response(.getRPCMethods(Session.methods)), id: "m")))
    #expect(session.outstanding == Self.get)
    let notice = Request.transferComplete(Self.transferComplete)
    #expect(session.received(.envelope(Self.cpe(.request(notice)))) == .commitNotice(notice))
    #expect(session.outstanding == Self.get)
    #expect(
      session.noticeCommitted(.transferComplete)
        == .reply(Self.acs(.response(.transferComplete), id: "1")))
    #expect(
      session.received(.envelope(Self.cpe(.response(Self.values))))
        == .deliver(.response(Self.values)))
  }

  @Test mutating func anInformThatIsRepeatedGetsTheSameResponse() {
    begin()
    #expect(
      session.received(.envelope(Self.informEnvelope))
        == .reply(Self.acs(.response(.inform), id: "inf")))
    #expect(session.received(.empty) == .askNext)
  }

  @Test mutating func aTransferCompleteThatIsRepeatedIsCommittedOnce() {
    begin()
    let envelope = Self.cpe(.request(.transferComplete(Self.transferComplete)), id: "tc")
    _ = session.received(.envelope(envelope))
    let reply = session.noticeCommitted(.transferComplete)
    #expect(session.received(.envelope(envelope)) == reply)
  }

  @Test mutating func aSecondInformThatDiffersIsRejected() {
    begin()
    var other = Self.inform
    other.retryCount = 1
    #expect(
      session.received(.envelope(Self.cpe(.request(.inform(other)))))
        == .reject(reason: "a second Inform in one session"))
    #expect(session.isOver)
  }

  @Test(arguments: [
    Session.Input.empty, .malformed("x"),
    .envelope(SessionTests.cpe(.request(.getRPCMethods))),
    .envelope(SessionTests.cpe(.response(.inform))),
    .envelope(SessionTests.cpe(.fault(Fault(code: 9000, text: "")))),
    .envelope(SessionTests.cpe(nil)),
  ])
  mutating func aSessionBeginsWithAnInformOrNotAtAll(input: Session.Input) {
    guard case .reject = session.received(input) else {
      Issue.record("\(input) was not rejected")
      return
    }
    #expect(session.isOver)
  }

  @Test(arguments: [Session.Input.empty, .envelope(SessionTests.informEnvelope)])
  mutating func aMessageBeforeTheCommitIsRejected(input: Session.Input) {
    _ = session.received(.envelope(Self.informEnvelope))
    guard case .reject = session.received(input) else {
      Issue.record("\(input) was not rejected")
      return
    }
    #expect(session.contactCommitted() == .none)
  }

  @Test mutating func malformedXMLEndsTheSessionAndTellsWhatWasOutstanding() {
    beginAndAsk()
    #expect(
      session.received(.malformed("no XML")) == .reject(reason: "malformed message: no XML"))
    #expect(session.isOver)
    #expect(session.outstanding == Self.get)
  }

  @Test mutating func theBestCommonVersionIsChosen() {
    var envelope = Self.informEnvelope
    envelope.supportedVersions = ["1.0", "1.2", "1.1"]
    _ = session.received(.envelope(envelope))
    var reply = Self.acs(.response(.inform), id: "inf")
    reply.useVersion = "1.2"
    #expect(session.contactCommitted() == .reply(reply))
  }

  @Test mutating func noCommonVersionIsFault8006() {
    var envelope = Self.informEnvelope
    envelope.supportedVersions = ["2.0"]
    #expect(
      session.received(.envelope(envelope))
        == .reply(Self.acs(.fault(Fault(.acsVersionIncompatible)), id: "inf")))
    #expect(session.isOver)
  }

  @Test mutating func aRefusedContactEndsTheSession() {
    _ = session.received(.envelope(Self.informEnvelope))
    let fault = Fault(.acsRequestDenied)
    #expect(session.contactRefused(fault) == .reply(Self.acs(.fault(fault), id: "inf")))
    #expect(session.isOver)
  }

  @Test mutating func afterRetryRequestTheInformMayComeThreeTimesMore() {
    let fault = Fault(.acsRetryRequest)
    for attempt in 1...4 {
      #expect(
        session.received(.envelope(Self.informEnvelope))
          == .commitContact(Self.inform, Self.informEnvelope))
      #expect(session.contactRefused(fault) == .reply(Self.acs(.fault(fault), id: "inf")))
      #expect(session.isOver == (attempt == 4))
    }
  }

  @Test mutating func aConnectionThatClosesTellsWhatWasOutstanding() {
    beginAndAsk()
    #expect(session.connectionClosed() == .abandoned(outstanding: Self.get))
    #expect(session.connectionClosed() == .none)
  }

  @Test mutating func silenceEndsTheSession() {
    begin()
    #expect(session.timedOut() == .abandoned(outstanding: nil))
    #expect(session.isOver)
  }

  @Test mutating func aNewerSessionEndsThisOneEvenInTheMiddleOfACommit() {
    beginAndAsk()
    _ = session.received(
      .envelope(Self.cpe(.request(.transferComplete(Self.transferComplete)))))
    #expect(session.superseded() == .abandoned(outstanding: Self.get))
    #expect(session.noticeCommitted(.transferComplete) == .none)
  }

  @Test mutating func afterTheEndNothingHappens() {
    begin()
    _ = session.received(.empty)
    _ = session.next(nil)
    #expect(session.received(.empty) == .reject(reason: "the session is over"))
    #expect(
      session.received(.envelope(Self.informEnvelope)) == .reject(reason: "the session is over"))
    #expect(session.next(Self.get) == .none)
    #expect(session.contactCommitted() == .none)
    #expect(session.contactRefused(Fault(.acsRequestDenied)) == .none)
    #expect(session.noticeCommitted(.transferComplete) == .none)
    #expect(session.noticeRefused(Fault(.acsRequestDenied)) == .none)
    #expect(session.timedOut() == .none)
    #expect(session.superseded() == .none)
  }

  @Test mutating func theLimitOfRequestsFinishesTheSession() {
    session = Session(limits: .init(requests: 2))
    begin()
    _ = session.received(.empty)
    for _ in 0..<2 {
      _ = session.next(Self.get)
      #expect(
        session.received(.envelope(Self.cpe(.response(Self.values))))
          == .deliver(.response(Self.values)))
    }
    #expect(session.next(Self.get) == .finish)
    #expect(session.outstanding == nil)
  }

  @Test mutating func theLimitOfMessagesRejects() {
    session = Session(limits: .init(messages: 3))
    begin()
    for id in ["a", "b", "c"] {
      guard
        case .reply = session.received(.envelope(Self.cpe(.request(.getRPCMethods), id: id)))
      else {
        Issue.record("GetRPCMethods was not answered")
        return
      }
    }
    #expect(
      session.received(.envelope(Self.cpe(.request(.getRPCMethods), id: "d")))
        == .reject(reason: "more than 3 messages in one session"))
  }
}
