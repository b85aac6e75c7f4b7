import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RecordExchange {
  mutating func sendInSession(_ payload: Data, now: Double, into events: inout [Event]) {
    let segments = segments(of: payload)
    if mayHaveRestarted || session?.hasNumbers(for: segments.count) != true {
      beginSession(now: now)
    }
    for (index, segment) in segments.enumerated() {
      let state: USPSessionContextRecord.PayloadSARState =
        segments.count == 1
        ? .none : index == 0 ? .begin : index == segments.count - 1 ? .complete : .inprocess
      emitInSession(segment, state, now: now, into: &events)
    }
  }

  private mutating func emitInSession(
    _ payload: Data, _ state: USPSessionContextRecord.PayloadSARState = .none, now: Double,
    into events: inout [Event]
  ) {
    guard let context = session?.outgoing(payload, state, now: now),
      let bytes = emit(.sessionContext(context), into: &events)
    else { return }
    session?.keep(bytes, sequence: context.sequenceID)
  }

  /// As many bytes in each as the size of a Record leaves them.
  private func segments(of payload: Data) -> [Data] {
    guard configuration.maxRecordSize > 0 else { return [payload] }
    var longest = USPSessionContextRecord()
    longest.sessionID = .max
    longest.sequenceID = .max
    longest.expectedID = .max
    longest.retransmitID = .max
    longest.payloadSarState = .complete
    longest.payloadrecSarState = .complete
    guard let overhead = record(.sessionContext(longest)).map({ RecordCodec.encode($0).count })
    else { return [payload] }
    // The lengths of the payload and of what holds it; a signature in DER may be longer another time.
    let spare = 10 + (configuration.signer == nil ? 0 : 8)
    let size = max(configuration.maxRecordSize - overhead - spare, 64)
    guard payload.count > size else { return [payload] }
    return stride(from: 0, to: payload.count, by: size).map { start in
      let first = payload.startIndex + start
      return payload[first..<min(first + size, payload.endIndex)]
    }
  }

  private mutating func beginSession(now: Double) {
    leftSession = session?.id ?? leftSession
    var id = configuration.sessionID()
    while id < 2 || id == leftSession { id = id &+ 1 }
    session = SessionContext(id: id, isOurs: true, limits: configuration.limits, now: now)
    usesSession = true
    restart = nil
    mayHaveRestarted = false
  }

  mutating func receivedInSession(
    _ record: USPRecord, _ context: USPSessionContextRecord, now: Double, into events: inout [Event]
  ) {
    guard configuration.sessionMode != .forbid else {
      let fault = USPFault(.sessionContextNotAllowed, "no session context is allowed")
      emitDisconnect(fault.text, fault.code, into: &events)
      events.append(.refused(fault, isUndecodable: false))
      return
    }
    guard record.payloadSecurity == .plaintext else {
      let fault = USPFault(.secureSessionNotSupported, "payloads in TLS are not supported")
      emitDisconnect(fault.text, fault.code, into: &events)
      events.append(.refused(fault, isUndecodable: false))
      return
    }
    guard context.sessionID > 0, context.sequenceID > 0 else {
      let fault = USPFault(.invalidRecordValue, "a session ID or a sequence ID of zero")
      answerRefused(record, fault, now: now, into: &events)
      events.append(.refused(fault, isUndecodable: false))
      return
    }
    guard enter(context, now: now) else {
      events += refuse(.sessionContextTerminated, "a Record of a session context that was left")
      return
    }
    usesSession = true
    restart = nil
    mayHaveRestarted = false
    guard let outcome = session?.received(context, now: now) else { return }
    for message in outcome.messages { received(message: message, now: now, into: &events) }
    for bytes in outcome.again { events.append(.send(bytes)) }
    if let failure = outcome.failure {
      let response = outcome.tooLong.flatMap {
        MessageCodec.responseID(inBeginning: $0, limits: configuration.limits)
      }
      fail(failure, response: response, now: now, into: &events)
    }
  }

  /// Another session ID is another context, which begins anew (R-E2E.4, R-E2E.6).
  ///
  /// - Returns: false where the Record belongs to none that goes on.
  private mutating func enter(_ context: USPSessionContextRecord, now: Double) -> Bool {
    if let session, session.id == context.sessionID {
      guard mayHaveRestarted, context.sequenceID == 1, context.expectedID <= 1 else { return true }
    } else {
      guard context.sessionID != leftSession else { return false }
      if let session, session.isOurs, !session.wasHeard, let peer,
        now - session.began < Self.crossing, configuration.own.text > peer.text
      {
        // Both have begun one at the same time: that of the greater name stands.
        return false
      }
      leftSession = session?.id ?? leftSession
    }
    session = SessionContext(
      id: context.sessionID, isOurs: false, limits: configuration.limits, now: now)
    return true
  }

  /// Within so many seconds two contexts may have been begun without knowing of each other.
  private static let crossing = 10.0

  /// Begins a new session context (R-E2E.21), the later the oftener this has happened.
  ///
  /// - Parameter response: the ID of the message that was lost by it.
  mutating func fail(
    _ fault: USPFault, response: String? = nil, now: Double, into events: inout [Event]
  ) {
    events.append(.refused(fault, isUndecodable: false, response: response))
    if let session, now - session.began >= Self.soundSession { failures = 0 }
    failures += 1
    leftSession = session?.id ?? leftSession
    session = nil
    usesSession = true
    guard failures <= configuration.limits.sessionFailures else {
      restart = nil
      events.append(.deadPeer(fault.text))
      return
    }
    if failures == 1 {
      announceSession(now: now, into: &events)
    } else {
      restart =
        now + configuration.retry.delay(attempt: failures - 1, random: configuration.random())
    }
  }

  /// A context that has lived so many seconds was a good one.
  private static let soundSession = 300.0

  private mutating func announceSession(now: Double, into events: inout [Event]) {
    guard peer != nil else { return }
    events += reconnect()
    beginSession(now: now)
    emitInSession(Data(), now: now, into: &events)
  }

  package mutating func timerFired(now: Double) -> [Event] {
    var events: [Event] = []
    if let restart, restart <= now {
      announceSession(now: now, into: &events)
    }
    if let expiration, expiration <= now {
      emitDisconnect("the session context has expired", .sessionContextTerminated, into: &events)
    }
    if let deadline = session?.assemblyDeadline, deadline <= now {
      let seconds = Int(configuration.limits.assemblyTimeout)
      fail(
        USPFault(
          .sessionContextTerminated, "a message in segments has not come within \(seconds) s"),
        now: now, into: &events)
    }
    if let request = session?.nextRequest, request <= now {
      if session?.askAgain(now: now) == true {
        emitInSession(Data(), now: now, into: &events)
      } else {
        fail(
          USPFault(.sessionContextTerminated, "a Record that is missing does not come"), now: now,
          into: &events)
      }
    }
    return events
  }
}
