/// The ACS side of a CWMP session, from the Inform to the empty answer (TR-069 Amendment 6, 3.7).
///
/// A value without sockets, clock or store: every event is a method that says what must be done now.
/// It never has two requests outstanding, never acknowledges what is not yet committed, and always ends.
package struct Session: Sendable {
  /// The methods that this ACS answers to, as GetRPCMethods lists them.
  package static let methods = [
    "Inform", "GetRPCMethods", "TransferComplete", "AutonomousTransferComplete",
    "DUStateChangeComplete", "AutonomousDUStateChangeComplete", "RequestDownload", "Kicked",
  ]

  /// CWMP versions that can be offered in UseCWMPVersion, the best one first.
  package static let versions = ["1.4", "1.3", "1.2", "1.1", "1.0"]

  private struct Outstanding {
    var request: Request
    var id: String
  }

  /// A CPE request whose response waits for the store.
  private struct Notice {
    var envelope: Envelope
    var outstanding: Outstanding?
  }

  private enum State {
    /// Nothing but an Inform may come.
    case awaitingInform
    /// The contact is being stored; the InformResponse waits for it.
    case committingContact(Envelope)
    /// It is the CPE's turn and it owes no answer.
    case awaitingCPE
    /// It is the CPE's turn and it owes an answer.
    case awaitingAnswer(Outstanding)
    /// What the CPE tells is being stored; the response waits for it.
    case committingNotice(Notice)
    /// The environment looks for the next request.
    case choosing
    case over(unanswered: Request?)
  }

  private let limits: Limits
  private var state = State.awaitingInform
  private var namespace = Namespace.v1_0
  private var requestCount = 0
  private var messageCount = 0
  private var informRetryCount = 0
  private var latest: LatestExchange?
  /// Whether the connection broke after the CPE's latest message.
  private var hasBroken = false

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Whether the session has ended; every later event is refused or has no effect.
  package var isOver: Bool {
    if case .over = state { return true }
    return false
  }

  /// Whether an envelope begins another session in the midst of this one: an Inform that is not the one that began it, sent again.
  ///
  /// It is for the environment to open a session for it and to call ``superseded()`` on this one.
  package func isOtherInform(_ envelope: Envelope) -> Bool {
    guard case .request(.inform) = envelope.message else { return false }
    switch state {
    case .awaitingInform, .over: return false
    case .committingContact(let pending): return pending != envelope
    case .awaitingCPE, .awaitingAnswer, .committingNotice, .choosing:
      return !(latest?.isOf(.envelope(envelope)) ?? false)
    }
  }

  /// The request that the CPE has not answered; it can still be read when the session is over.
  package var outstanding: Request? {
    switch state {
    case .awaitingAnswer(let outstanding): outstanding.request
    case .committingNotice(let notice): notice.outstanding?.request
    case .over(let unanswered): unanswered
    case .awaitingInform, .committingContact, .awaitingCPE, .choosing: nil
    }
  }
}

// MARK: - What the CPE sends

extension Session {
  /// A POST of the CPE has arrived in full.
  ///
  /// - Returns: never ``Action/none``, except for a message that came again over a new connection while the answer to it is being made: that answer is then the answer to both.
  package mutating func received(_ input: Input) -> Action {
    let hasBroken = hasBroken
    self.hasBroken = false
    if let latest, latest.isOf(input), let action = receivedAgain(afterBreak: hasBroken) {
      return action
    }
    latest = nil
    let action = receivedAnew(input)
    if !isOver { latest = LatestExchange(input, action) }
    return action
  }

  private mutating func receivedAnew(_ input: Input) -> Action {
    switch input {
    case .malformed(let reason):
      return reject("malformed message: \(reason)")
    case .empty:
      return receivedEmpty()
    case .envelope(let envelope):
      switch envelope.message {
      case nil: return receivedEmpty()
      case .request(let request): return received(request, in: envelope)
      case .response(let response): return received(.response(response))
      case .fault(let fault): return received(.fault(fault))
      }
    }
  }

  /// The same message once more: the CPE has not got the answer.
  ///
  /// - Returns: nil where the message means something new.
  private mutating func receivedAgain(afterBreak: Bool) -> Action? {
    switch state {
    case .awaitingInform, .over: return nil
    case .committingContact, .committingNotice, .choosing: return afterBreak ? Action.none : nil
    case .awaitingCPE, .awaitingAnswer: break
    }
    let outstanding = outstanding
    guard let reply = latest?.replyAgain(afterBreak: afterBreak, outstanding: outstanding) else {
      return nil
    }
    messageCount += 1
    guard messageCount <= limits.messages else { return rejectForMessages() }
    return .reply(reply)
  }

  /// The connection over which the CPE spoke has broken, but the CPE may come back over another and go on.
  ///
  /// It need not have got the latest answer, and may send its latest message again. Where it cannot come back, because nothing else identifies the session, call ``connectionClosed()``.
  package mutating func connectionBroke() {
    hasBroken = true
  }

  private mutating func receivedEmpty() -> Action {
    switch state {
    case .awaitingInform:
      return reject("the session has to begin with an Inform")
    case .awaitingCPE:
      state = .choosing
      return .askNext
    case .awaitingAnswer:
      return received(.nothing)
    case .committingContact, .committingNotice, .choosing:
      return reject("a message came before the one before it was answered")
    case .over:
      return reject("the session is over")
    }
  }

  private mutating func received(_ answer: Answer) -> Action {
    switch state {
    case .awaitingInform:
      return reject("the session has to begin with an Inform")
    case .awaitingAnswer(let outstanding):
      state = .choosing
      // Order correlates, not the ID: devices leave it out or send a constant one.
      if case .response(let response) = answer, !response.answers(outstanding.request) {
        return .deliver(.nothing)
      }
      return .deliver(answer)
    case .awaitingCPE:
      // An answer to nothing: it counts as the CPE's word that it is our turn.
      state = .choosing
      return .askNext
    case .committingContact, .committingNotice, .choosing:
      return reject("a message came before the one before it was answered")
    case .over:
      return reject("the session is over")
    }
  }

  private mutating func received(_ request: Request, in envelope: Envelope) -> Action {
    let outstanding: Outstanding?
    switch state {
    case .awaitingInform:
      guard case .inform(let inform) = request else {
        return reject("the session has to begin with an Inform")
      }
      return received(inform, in: envelope)
    case .awaitingCPE:
      outstanding = nil
    case .awaitingAnswer(let request):
      outstanding = request
    case .committingContact, .committingNotice, .choosing:
      return reject("a message came before the one before it was answered")
    case .over:
      return reject("the session is over")
    }

    messageCount += 1
    guard messageCount <= limits.messages else { return rejectForMessages() }
    switch request {
    case .inform:
      return reject("a second Inform in one session")
    case .getRPCMethods:
      return .reply(answer(.response(.getRPCMethods(Self.methods)), to: envelope))
    case .transferComplete, .autonomousTransferComplete, .duStateChangeComplete,
      .autonomousDUStateChangeComplete, .requestDownload, .kicked:
      state = .committingNotice(Notice(envelope: envelope, outstanding: outstanding))
      return .commitNotice(request)
    default:
      return .reply(answer(.fault(Fault(.acsMethodNotSupported)), to: envelope))
    }
  }

  private mutating func received(_ inform: Inform, in envelope: Envelope) -> Action {
    namespace = envelope.namespace
    if !envelope.supportedVersions.isEmpty, Self.version(for: envelope) == nil {
      state = .over(unanswered: nil)
      return .reply(answer(.fault(Fault(.acsVersionIncompatible)), to: envelope))
    }
    state = .committingContact(envelope)
    return .commitContact(inform, envelope)
  }
}

// MARK: - What the environment tells

extension Session {
  /// The contact is stored, so that the Inform may be acknowledged.
  package mutating func contactCommitted() -> Action {
    guard case .committingContact(let envelope) = state else { return .none }
    state = .awaitingCPE
    var reply = answer(.response(.inform), to: envelope)
    reply.useVersion = Self.version(for: envelope)
    latest?.reply = reply
    return .reply(reply)
  }

  /// The Inform is answered by a fault, and the session ends; after 8005 the CPE may repeat the Inform.
  package mutating func contactRefused(_ fault: Fault) -> Action {
    guard case .committingContact(let envelope) = state else { return .none }
    if fault.detail.code == FaultDetail.acsRetryRequest.code,
      informRetryCount < limits.informRetries
    {
      informRetryCount += 1
      state = .awaitingInform
      latest = nil
    } else {
      state = .over(unanswered: nil)
    }
    return .reply(answer(.fault(fault), to: envelope))
  }

  /// What the CPE told is stored, so that it may be acknowledged by that response.
  package mutating func noticeCommitted(_ response: Response) -> Action {
    guard case .committingNotice(let notice) = state else { return .none }
    resume(after: notice)
    let reply = answer(.response(response), to: notice.envelope)
    latest?.reply = reply
    return .reply(reply)
  }

  /// What the CPE told is answered by a fault; the session goes on.
  package mutating func noticeRefused(_ fault: Fault) -> Action {
    guard case .committingNotice(let notice) = state else { return .none }
    resume(after: notice)
    let reply = answer(.fault(fault), to: notice.envelope)
    // After 8005 the very same request comes again, and then it is not a repetition.
    if fault.detail.code == FaultDetail.acsRetryRequest.code {
      latest = nil
    } else {
      latest?.reply = reply
    }
    return .reply(reply)
  }

  /// The environment's answer to ``Action/askNext`` and ``Action/deliver(_:)``: the next request, or nil when nothing is left to do.
  ///
  /// Where the limit of requests is reached, the request is not sent and the session finishes.
  package mutating func next(_ request: Request?) -> Action {
    guard case .choosing = state else { return .none }
    guard let request, requestCount < limits.requests else {
      state = .over(unanswered: nil)
      return .finish
    }
    requestCount += 1
    let id = String(requestCount)
    state = .awaitingAnswer(Outstanding(request: request, id: id))
    let envelope = Envelope(namespace: namespace, id: id, message: .request(request))
    latest?.reply = envelope
    return .reply(envelope)
  }

  /// The CPE will not come back over the connection that identifies the session.
  package mutating func connectionClosed() -> Action {
    abandon()
  }

  /// The CPE has been silent for too long.
  package mutating func timedOut() -> Action {
    abandon()
  }

  /// The CPE has begun a newer session and has given up on this one.
  package mutating func superseded() -> Action {
    abandon()
  }
}

// MARK: - Steps

extension Session {
  private mutating func abandon() -> Action {
    if isOver { return .none }
    let unanswered = outstanding
    state = .over(unanswered: unanswered)
    return .abandoned(outstanding: unanswered)
  }

  private mutating func reject(_ reason: String) -> Action {
    state = .over(unanswered: outstanding)
    return .reject(reason: reason)
  }

  private mutating func resume(after notice: Notice) {
    state = notice.outstanding.map(State.awaitingAnswer) ?? .awaitingCPE
  }

  private mutating func rejectForMessages() -> Action {
    reject("more than \(limits.messages) messages in one session")
  }

  private func answer(_ message: Message, to envelope: Envelope) -> Envelope {
    Envelope(namespace: namespace, id: envelope.id, message: message)
  }

  /// The best version that both sides know; nil where the CPE offered none or only others.
  private static func version(for envelope: Envelope) -> String? {
    versions.first(where: envelope.supportedVersions.contains)
  }
}
