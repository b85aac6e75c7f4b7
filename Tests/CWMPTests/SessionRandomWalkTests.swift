import CWMP
import Foundation
import Testing

/// Drives sessions with whatever may happen in whatever order, and looks at every step.
///
/// The seed is printed and taken back from FAIRLEAD_SESSION_SEED.
@Suite struct SessionRandomWalkTests {
  private static let sequences = 60_000
  private static let eventsPerSequence = 40
  private static let eventsAfterTheEnd = 3
  /// Percent of events that need not fit, one of these for each sequence.
  private static let unrest = [0, 2, 10, 40]
  /// A session must be over after this many events once only an obedient environment acts.
  private static let eventsToTheEnd = 200

  private enum Step: Equatable {
    case received(Session.Input)
    case contactCommitted, contactRefused(Fault), noticeCommitted(Response), noticeRefused(Fault)
    case next(Request?)
    case connectionBroke, connectionClosed, timedOut, superseded
  }

  /// What the environment knows from the actions alone; the invariants are asserted against it.
  private struct Ledger {
    var outstanding: Request?
    /// A request of the CPE that waits for its commit.
    var uncommitted: Request?
    var isAskedForNext = false
    var isOver = false
    /// Whether the connection broke since the CPE's latest message.
    var hasBroken = false
    var sent = 0
    var latestSent: Envelope?
    var acknowledged: [Envelope] = []
    var violations: [String] = []

    var hasContact: Bool { !acknowledged.isEmpty }
  }

  @Test func invariantsHoldInEverySequence() {
    let environment = ProcessInfo.processInfo.environment["FAIRLEAD_SESSION_SEED"]
    let seed = environment.flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
    print("FAIRLEAD_SESSION_SEED=\(seed)")
    var generator = SplitMix64(state: seed)
    var sent = 0
    var acknowledged = 0
    var failures: [String] = []
    for number in 0..<Self.sequences {
      var session = Session(
        limits: .init(requests: Int.random(in: 1...8, using: &generator), messages: 12))
      var ledger = Ledger()
      let unrest = Self.unrest.randomElement(using: &generator) ?? 0
      var eventsLeft = Self.eventsPerSequence
      while eventsLeft > 0 {
        eventsLeft -= 1
        perform(Self.step(&generator, ledger, unrest: unrest), on: &session, &ledger)
        if ledger.isOver { eventsLeft = min(eventsLeft, Self.eventsAfterTheEnd) }
      }
      // From here on the environment does its duty and the CPE only posts; it has to end.
      var events = 0
      while !session.isOver, events < Self.eventsToTheEnd {
        perform(Self.dutifulStep(&generator, ledger), on: &session, &ledger)
        events += 1
      }
      if !session.isOver { ledger.violations.append("it does not end") }
      if session.isOver != ledger.isOver { ledger.violations.append("isOver is wrong") }
      sent += ledger.sent
      acknowledged += ledger.acknowledged.count
      if let first = ledger.violations.first {
        failures.append("sequence \(number): \(first)")
      }
    }
    #expect(failures.isEmpty, "seed \(seed): \(failures.prefix(3))")
    // The walk is worth something only if it gets about.
    #expect(sent > Self.sequences)
    #expect(acknowledged > Self.sequences * 3 / 4)
  }

  // MARK: One step

  private func perform(_ step: Step, on session: inout Session, _ ledger: inout Ledger) {
    let before = ledger
    let action: Session.Action
    switch step {
    case .received(let input): action = session.received(input)
    case .contactCommitted: action = session.contactCommitted()
    case .contactRefused(let fault): action = session.contactRefused(fault)
    case .noticeCommitted(let response): action = session.noticeCommitted(response)
    case .noticeRefused(let fault): action = session.noticeRefused(fault)
    case .next(let request): action = session.next(request)
    case .connectionBroke:
      session.connectionBroke()
      ledger.hasBroken = true
      return
    case .connectionClosed: action = session.connectionClosed()
    case .timedOut: action = session.timedOut()
    case .superseded: action = session.superseded()
    }
    check(action, after: step, before: before, &ledger)
    if !ledger.isOver, session.outstanding != ledger.outstanding {
      ledger.violations.append("\(step): outstanding is wrong")
    }
    ledger.isOver = ledger.isOver || session.isOver
    if case .received = step { ledger.hasBroken = false }
  }

  private func check(
    _ action: Session.Action, after step: Step, before: Ledger, _ ledger: inout Ledger
  ) {
    if before.isOver {
      switch action {
      case .none, .reject: return
      default: return ledger.violations.append("\(action) after the end")
      }
    }
    switch action {
    case .commitContact(let inform, _):
      if before.uncommitted != nil { ledger.violations.append("two commits at once") }
      ledger.uncommitted = .inform(inform)
    case .commitNotice(let request):
      if before.uncommitted != nil { ledger.violations.append("two commits at once") }
      ledger.uncommitted = request
    case .askNext:
      if before.outstanding != nil { ledger.violations.append("asked for a second request") }
      ledger.isAskedForNext = true
    case .deliver:
      if before.outstanding == nil { ledger.violations.append("an answer to nothing") }
      ledger.outstanding = nil
      ledger.isAskedForNext = true
    case .reply(let envelope):
      checkReply(envelope, after: step, before: before, &ledger)
    case .finish:
      guard case .next = step, before.isAskedForNext, before.outstanding == nil else {
        return ledger.violations.append("finished after \(step)")
      }
      ledger.isOver = true
    case .reject:
      guard case .received = step else {
        return ledger.violations.append("rejected after \(step)")
      }
      ledger.isOver = true
    case .abandoned(let outstanding):
      if outstanding != before.outstanding { ledger.violations.append("abandoned another") }
      ledger.isOver = true
    case .none:
      // Only while the answer to the same message is being made.
      if case .received = step,
        !before.hasBroken || (before.uncommitted == nil && !before.isAskedForNext)
      {
        ledger.violations.append("a message without an answer")
      }
    }
  }

  private func checkReply(
    _ envelope: Envelope, after step: Step, before: Ledger, _ ledger: inout Ledger
  ) {
    switch envelope.message {
    case .request where envelope == before.latestSent && step != .next(before.outstanding):
      // The same once more: nothing but a repetition may bring that about.
      guard case .received = step, before.outstanding != nil else {
        return ledger.violations.append("a request was repeated after \(step)")
      }
    case .request(let request):
      guard step == .next(request), before.isAskedForNext else {
        return ledger.violations.append("an unasked request after \(step)")
      }
      if before.outstanding != nil { ledger.violations.append("two requests outstanding") }
      ledger.sent += 1
      if envelope.id != String(ledger.sent) { ledger.violations.append("a wrong ID") }
      ledger.outstanding = request
      ledger.latestSent = envelope
      ledger.isAskedForNext = false
    case .response(.getRPCMethods):
      break
    case .response:
      // Either the commit has just been reported, or the same answer was given before.
      switch step {
      case .contactCommitted, .noticeCommitted:
        if before.uncommitted == nil { ledger.violations.append("a commit of nothing") }
        ledger.uncommitted = nil
        ledger.acknowledged.append(envelope)
      default:
        if !before.acknowledged.contains(envelope) {
          ledger.violations.append("an acknowledgement before its commit")
        }
      }
    case .fault:
      switch step {
      case .contactRefused, .noticeRefused: ledger.uncommitted = nil
      case .received: break
      default: ledger.violations.append("a fault after \(step)")
      }
    case nil:
      ledger.violations.append("an empty reply")
    }
  }

  // MARK: What may happen

  /// Mostly what fits, sometimes anything.
  private static func step(
    _ generator: inout SplitMix64, _ ledger: Ledger, unrest: Int
  ) -> Step {
    if Int.random(in: 0..<100, using: &generator) >= unrest {
      return dutifulStep(&generator, ledger)
    }
    switch Int.random(in: 0..<13, using: &generator) {
    case 0: return .contactCommitted
    case 1: return .contactRefused(fault(&generator))
    case 2: return .noticeCommitted(.transferComplete)
    case 3: return .noticeRefused(fault(&generator))
    case 4: return .next(request(&generator))
    case 5: return .next(nil)
    case 6: return .connectionClosed
    case 7: return .timedOut
    case 8: return .superseded
    case 9: return .received(.malformed("x"))
    case 10: return .connectionBroke
    default: return .received(input(&generator, ledger))
    }
  }

  private static func dutifulStep(_ generator: inout SplitMix64, _ ledger: Ledger) -> Step {
    let refuses = Int.random(in: 0..<10, using: &generator) == 0
    switch ledger.uncommitted {
    case .inform: return refuses ? .contactRefused(fault(&generator)) : .contactCommitted
    case .some:
      return refuses ? .noticeRefused(fault(&generator)) : .noticeCommitted(.transferComplete)
    case nil: break
    }
    if ledger.isAskedForNext { return .next(request(&generator)) }
    return .received(input(&generator, ledger))
  }

  private static func input(_ generator: inout SplitMix64, _ ledger: Ledger) -> Session.Input {
    let message: Message?
    // The first message is mostly an Inform, or else no sequence would get anywhere.
    let first = ledger.hasContact ? 0 : 11
    switch Int.random(in: 0..<40, using: &generator) == 0
      ? 8 : max(first, Int.random(in: 0..<12, using: &generator))
    {
    case 0, 1: return .empty
    case 2: message = .request(.getRPCMethods)
    case 3: message = .request(.unknown(method: "X"))
    case 4:
      message = .request(
        .transferComplete(
          TransferComplete(commandKey: String(Int.random(in: 0..<2, using: &generator)))))
    case 5: message = .response(.reboot)
    case 6: message = .fault(fault(&generator))
    case 7: message = nil
    case 8: message = .request(inform(retryCount: UInt32.random(in: 0...1, using: &generator)))
    case 9, 10:
      if case .getParameterValues = ledger.outstanding {
        message = .response(.getParameterValues([]))
      } else if ledger.outstanding != nil {
        message = .response(.factoryReset)
      } else {
        fallthrough
      }
    default:
      message = ledger.hasContact ? .request(.getRPCMethods) : .request(inform(retryCount: 0))
    }
    var envelope = Envelope(
      namespace: .v1_0, id: ["1", "2", nil].randomElement(using: &generator) ?? nil,
      message: message)
    if case .request(.inform) = message, Int.random(in: 0..<10, using: &generator) == 0 {
      envelope.supportedVersions = Bool.random(using: &generator) ? ["1.4"] : ["9.9"]
    }
    return .envelope(envelope)
  }

  private static func inform(retryCount: UInt32) -> Request {
    .inform(
      Inform(
        deviceID: DeviceID(manufacturer: "", oui: "", productClass: "", serialNumber: "S"),
        events: [], currentTime: "", retryCount: retryCount, parameters: []))
  }

  private static func request(_ generator: inout SplitMix64) -> Request? {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: nil
    case 1, 2: .factoryReset
    default: .getParameterValues(names: [String(UInt8.random(in: 0...9, using: &generator))])
    }
  }

  private static func fault(_ generator: inout SplitMix64) -> Fault {
    Fault(code: [8005, 8001, 9001].randomElement(using: &generator) ?? 8001, text: "")
  }
}
