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
    /// The device has broken down and does not know that there was a session.
    case crashed(String)
    /// The device begins another session without ending this one.
    case abandoned
  }

  private enum State: Sendable {
    case idle
    case informing(Envelope, retries: Int)
    case reporting(Envelope, Request, number: Int, retries: Int)
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
    cpe.quirkMemory.requestsInSession = 0
    let envelope = own(.inform(cpe.inform(now)))
    state = .informing(envelope, retries: 0)
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
    case .reporting(_, let request, _, _): return fail("an empty answer to \(request.method)")
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
    case .informing(let sent, let retries):
      switch envelope.message {
      case .response(.inform):
        cpe.informAcknowledged(now)
        return proceed(envelope, cpe)
      case .fault(let fault) where fault.detail.code == 8005 && retries < Self.maximumRetries:
        state = .informing(sent, retries: retries + 1)
        return .send(sent)
      case .fault(let fault): return fail("fault \(fault.detail.code) to the Inform")
      default: return fail("the Inform was not answered by an InformResponse")
      }
    case .reporting(let sent, let request, let number, let retries):
      switch envelope.message {
      case .response(let response) where response.answers(request):
        cpe.reportAcknowledged(number)
        return proceed(envelope, cpe)
      case .fault(let fault) where fault.detail.code == 8005 && retries < Self.maximumRetries:
        state = .reporting(sent, request, number: number, retries: retries + 1)
        return .send(sent)
      case .fault(let fault):
        // Only a fault to the Inform ends the session; the report is tried again in the next one,
        // unless the ACS does not know the method at all.
        if fault.detail.code == 8000 { cpe.reportAcknowledged(number) }
        state = .answering
        return .sendEmpty
      default: return fail("\(request.method) was not answered")
      }
    case .answering:
      guard case .request(let request) = envelope.message else {
        return fail("the ACS sent no request")
      }
      return answer(request, id: envelope.id, &cpe, now)
    }
  }

  private mutating func answer(
    _ request: Request, id: String?, _ cpe: inout SimulatedCPE, _ now: Duration
  ) -> Output {
    switch cpe.react(to: request, now) {
    case .answer(let message):
      answered += 1
      if case .fault = message { faults += 1 }
      let id = cpe.quirks.contains(.wrongIDInAnswers) ? "own-\(answered)" : id
      return .send(Envelope(namespace: Self.namespace, id: id, message: message))
    case .nothing: return .sendEmpty
    case .close(let reason): return fail(reason)
    case .crash(let reason):
      state = .over
      return .crashed(reason)
    case .otherSession:
      state = .over
      return .abandoned
    }
  }

  /// Sends the next report, or hands the word to the ACS.
  private mutating func proceed(_ answer: Envelope, _ cpe: SimulatedCPE) -> Output {
    if !answer.holdRequests, let (number, request) = cpe.nextReport {
      let envelope = own(request)
      state = .reporting(envelope, request, number: number, retries: 0)
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
