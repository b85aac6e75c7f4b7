import CWMP

/// The CPE's side of one session, from the Inform to the ACS's empty answer (TR-069 Amendment 6, 3.7.1).
///
/// A value without sockets: what the ACS answered goes in, what the next POST carries comes out.
package struct CPESession: Sendable {
  /// What one HTTP answer carried.
  package enum Input: Sendable, Equatable {
    case envelope(Envelope)
    /// 204, or 200 without a body.
    case empty
    /// A body that is no CWMP envelope, and why.
    case malformed(String)
    /// Any status but 200 and 204.
    case status(Int)
  }

  /// What happens now.
  package enum Output: Sendable, Equatable {
    case send(Envelope)
    case sendEmpty
    case finished
    case failed(String)
  }

  private enum State: Sendable {
    case idle
    case informing(Envelope, events: [Event], retries: Int)
    case reporting(Envelope, number: Int, retries: Int)
    /// The CPE has nothing more to say of its own.
    case answering
    case over
  }

  /// How often the same request is sent again after fault 8005 (TR-069 Amendment 6, 3.7.1.4).
  package static let maximumRetries = 3

  package static let namespace = Namespace.v1_2

  private var state = State.idle
  private var idCount = 0

  package init() {}

  /// The requests of the ACS that were answered, and how many of them with a fault.
  package private(set) var answered = 0
  package private(set) var faults = 0

  package var isOver: Bool {
    if case .over = state { return true }
    return false
  }

  /// The first message of the session.
  package mutating func start(_ cpe: inout SimulatedCPE, at now: Duration) -> Output {
    guard case .idle = state else { return fail("the session was started twice") }
    let inform = cpe.inform(now)
    let envelope = own(.inform(inform))
    state = .informing(envelope, events: inform.events, retries: 0)
    return .send(envelope)
  }

  /// Takes the ACS's answer to the latest POST.
  package mutating func receive(_ input: Input, _ cpe: inout SimulatedCPE, at now: Duration)
    -> Output
  {
    switch input {
    case .malformed(let reason): return fail("malformed answer: \(reason)")
    case .status(let code): return fail("HTTP status \(code)")
    case .empty: return receiveEmpty()
    case .envelope(let envelope): return receive(envelope, &cpe, now)
    }
  }

  private mutating func receiveEmpty() -> Output {
    switch state {
    case .informing: return fail("an empty answer to the Inform")
    case .reporting: return fail("an empty answer to TransferComplete")
    case .answering:
      state = .over
      return .finished
    case .idle, .over: return fail("an answer out of turn")
    }
  }

  private mutating func receive(
    _ envelope: Envelope, _ cpe: inout SimulatedCPE, _ now: Duration
  ) -> Output {
    switch state {
    case .idle, .over: return fail("an answer out of turn")
    case .informing(let sent, let events, let retries):
      switch envelope.message {
      case .response(.inform):
        cpe.informAcknowledged(events)
        return proceed(envelope, cpe)
      case .fault(let fault) where fault.detail.code == 8005 && retries < Self.maximumRetries:
        state = .informing(sent, events: events, retries: retries + 1)
        return .send(sent)
      case .fault(let fault): return fail("fault \(fault.detail.code) to the Inform")
      default: return fail("the Inform was not answered by an InformResponse")
      }
    case .reporting(let sent, let number, let retries):
      switch envelope.message {
      case .response(.transferComplete):
        cpe.reportAcknowledged(number)
        return proceed(envelope, cpe)
      case .fault(let fault) where fault.detail.code == 8005 && retries < Self.maximumRetries:
        state = .reporting(sent, number: number, retries: retries + 1)
        return .send(sent)
      case .fault:
        // Only a fault to the Inform ends the session; the report is tried again in the next one.
        state = .answering
        return .sendEmpty
      default: return fail("TransferComplete was not answered")
      }
    case .answering:
      guard case .request(let request) = envelope.message else {
        return fail("the ACS sent no request")
      }
      let message = cpe.answer(request, now)
      answered += 1
      if case .fault = message { faults += 1 }
      return .send(
        Envelope(namespace: Self.namespace, id: envelope.id, message: message))
    }
  }

  /// Sends the next report, or hands the word to the ACS.
  private mutating func proceed(_ answer: Envelope, _ cpe: SimulatedCPE) -> Output {
    if !answer.holdRequests, let (number, transfer) = cpe.nextReport {
      let envelope = own(.transferComplete(transfer))
      state = .reporting(envelope, number: number, retries: 0)
      return .send(envelope)
    }
    state = .answering
    return .sendEmpty
  }

  private mutating func own(_ request: Request) -> Envelope {
    idCount += 1
    return Envelope(
      namespace: Self.namespace, id: String(idCount), message: .request(request))
  }

  private mutating func fail(_ reason: String) -> Output {
    state = .over
    return .failed(reason)
  }
}
