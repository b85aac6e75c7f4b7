import CWMP
import Testing

/// What faults do to a session, as transcripts.
@Suite struct SessionFaultTests {
  private var session = Session()

  private static let inform = Inform(
    deviceID: DeviceID(manufacturer: "M", oui: "00040E", productClass: "P", serialNumber: "S"),
    events: [Event(Event.periodic)], currentTime: "", parameters: [])
  private static let download = Request.download(
    Download(commandKey: "k", fileType: "1 Firmware Upgrade Image", url: "http://h/"))

  private static func cpe(_ message: Message, id: String? = "1") -> Session.Input {
    .envelope(Envelope(namespace: .v1_0, id: id, message: message))
  }

  private static func acs(_ message: Message, id: String? = "1") -> Session.Action {
    .reply(Envelope(namespace: .v1_0, id: id, message: message))
  }

  private mutating func begin() {
    _ = session.received(Self.cpe(.request(.inform(Self.inform))))
    _ = session.contactCommitted()
  }

  @Test(arguments: [9000, 9001, 9002, 9003, 9004, 9005, 9010, 9799, 9800, 8005, 0, -1])
  mutating func anyFaultOfTheCPEEndsTheOperationAndNotTheSession(code: Int) {
    begin()
    _ = session.received(.empty)
    _ = session.next(Self.download)
    let fault = Fault(code: code, text: "no")
    #expect(session.received(Self.cpe(.fault(fault))) == .deliver(.fault(fault)))
    #expect(!session.isOver)
    #expect(session.next(.factoryReset) == Self.acs(.request(.factoryReset), id: "2"))
  }

  @Test mutating func anOperationIsTriedAgainInTheSameSession() {
    begin()
    _ = session.received(.empty)
    for attempt in 1...3 {
      #expect(session.next(Self.download) == Self.acs(.request(Self.download), id: "\(attempt)"))
      let busy = Fault(code: 9004, text: "Resources exceeded")
      #expect(session.received(Self.cpe(.fault(busy))) == .deliver(.fault(busy)))
    }
    #expect(session.next(nil) == .finish)
  }

  @Test mutating func aFaultOutOfTheBlueCountsAsAnEmptyPOST() {
    begin()
    #expect(session.received(Self.cpe(.fault(Fault(code: 9002, text: "")))) == .askNext)
  }

  @Test mutating func afterAFaultToItsInformTheCPEIsGone() {
    _ = session.received(Self.cpe(.request(.inform(Self.inform))))
    _ = session.contactRefused(Fault(.acsInternalError))
    #expect(session.isOver)
    #expect(session.received(.empty) == .reject(reason: "the session is over"))
  }

  @Test mutating func aFaultToANoticeLeavesTheRequestOutstanding() {
    begin()
    _ = session.received(.empty)
    _ = session.next(Self.download)
    let notice = Request.requestDownload(RequestDownload(fileType: "1", arguments: []))
    #expect(session.received(Self.cpe(.request(notice), id: "n")) == .commitNotice(notice))
    let fault = Fault(.acsRequestDenied)
    #expect(session.noticeRefused(fault) == Self.acs(.fault(fault), id: "n"))
    #expect(session.outstanding == Self.download)
    let start = Response.download(TransferStart(status: .pending))
    #expect(session.received(Self.cpe(.response(start))) == .deliver(.response(start)))
  }

  @Test mutating func anUnknownMethodWhileARequestIsOutstanding() {
    begin()
    _ = session.received(.empty)
    _ = session.next(Self.download)
    #expect(
      session.received(Self.cpe(.request(.unknown(method: "X_00_Foo")), id: "x"))
        == Self.acs(.fault(Fault(.acsMethodNotSupported)), id: "x"))
    #expect(session.outstanding == Self.download)
  }
}
