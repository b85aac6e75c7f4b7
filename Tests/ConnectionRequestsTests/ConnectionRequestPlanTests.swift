import ConnectionRequests
import Fleet
import Testing

/// Transcripts of one request: event in, action out.
@Suite struct ConnectionRequestPlanTests {
  private typealias Plan = ConnectionRequestPlan

  private static let refused = ConnectionRequestResult.failed(
    .connectionRefused, detail: "nobody listens")

  private func plan() -> Plan {
    var patience = Plan.Patience()
    patience.confirmed = 30
    patience.unconfirmed = 10
    return Plan(patience: patience)
  }

  private func step(_ event: () -> Plan.Action) -> Plan.Action { event() }

  @Test func theDeviceCallsAfterItSaidSo() {
    var plan = plan()
    #expect(step { plan.start([.http, .udp], now: 0) } == .send(.http))
    #expect(step { plan.finished(.accepted, now: 1) } == .wait(until: 31))
    #expect(step { plan.deviceCalled() } == .end(.called(by: .http)))
    #expect(step { plan.timerFired(now: 31) } == .none)
    #expect(step { plan.deviceCalled() } == .none)
    #expect(plan.attempts.isEmpty)
  }

  @Test func theDeviceCallsBeforeItsAnswerIsHere() {
    var plan = plan()
    #expect(step { plan.start([.http], now: 0) } == .send(.http))
    #expect(step { plan.deviceCalled() } == .end(.called(by: .http)))
    #expect(step { plan.finished(.accepted, now: 1) } == .none)
  }

  @Test func theDeviceCallsByItselfWhileItsRecordIsLookedUp() {
    var plan = plan()
    #expect(step { plan.deviceCalled() } == .end(.called(by: nil)))
    #expect(step { plan.start([.http], now: 0) } == .none)
  }

  @Test func methodsAreTriedInTurn() {
    var plan = plan()
    #expect(step { plan.start([.http, .udp, .xmpp], now: 0) } == .send(.http))
    #expect(step { plan.finished(Self.refused, now: 5) } == .send(.udp))
    // Nobody knows whether the packet has arrived.
    #expect(step { plan.finished(.accepted, now: 6) } == .wait(until: 16))
    #expect(step { plan.timerFired(now: 15.5) } == .wait(until: 16))
    #expect(step { plan.timerFired(now: 16) } == .send(.xmpp))
    #expect(step { plan.finished(.accepted, now: 17) } == .wait(until: 47))
    #expect(step { plan.deviceCalled() } == .end(.called(by: .xmpp)))
    #expect(
      plan.attempts == [
        .init(method: .http, result: Self.refused, seconds: 5),
        .init(method: .udp, result: .accepted, seconds: 11),
      ])
  }

  @Test func aPromiseWithoutASessionIsAFailureThatIsTold() {
    var plan = plan()
    _ = plan.start([.http, .udp], now: 0)
    _ = plan.finished(.accepted, now: 0)
    #expect(step { plan.timerFired(now: 30) } == .send(.udp))
    #expect(
      step { plan.finished(.failed(.unreachable, detail: "no route"), now: 31) }
        == .end(
          .failed(
            .noSession,
            detail: "http: the device accepted, but no session followed within 30 s; udp: no route")
        ))
  }

  @Test(arguments: [
    (
      [ConnectionRequestResult.Failure.credentialRefused, .busy],
      ConnectionRequestResult.Failure.busy
    ),
    ([.credentialRefused, .addressNotAllowed], .credentialRefused),
    ([.timedOut, .credentialRefused], .timedOut),
  ]) func theFailureThatGivesHopeIsTheOneThatCounts(
    failures: [ConnectionRequestResult.Failure], telling: ConnectionRequestResult.Failure
  ) {
    var plan = plan()
    var action = plan.start([.http, .xmpp], now: 0)
    for failure in failures { action = plan.finished(.failed(failure, detail: "x"), now: 1) }
    #expect(action == .end(.failed(telling, detail: "http: x; xmpp: x")))
  }

  @Test func whereNothingIsPossibleNothingIsSent() {
    var plan = plan()
    #expect(
      step { plan.start([], now: 0) }
        == .end(.failed(.noTarget, detail: "the device has told no way to ask it")))
    var failing = self.plan()
    #expect(
      step { failing.fail(.noTarget, detail: "gone") } == .end(.failed(.noTarget, detail: "gone")))
  }
}

@Suite struct ConnectionRequestHabitTests {
  private typealias Habit = ConnectionRequestHabit

  private static let all = ConnectionMethod.allCases
  private static let refused = ConnectionRequestResult.failed(.credentialRefused, detail: "")

  private func attempt(_ method: ConnectionMethod, _ result: ConnectionRequestResult)
    -> ConnectionRequestPlan.Attempt
  {
    .init(method: method, result: result, seconds: 1)
  }

  private func order(
    _ habit: inout Habit, fingerprint: Int = 1, insists: Bool = false, at now: Double
  )
    -> [ConnectionMethod]
  {
    habit.order(Self.all, fingerprint: fingerprint, isInsisting: insists, now: now)
  }

  @Test func whatWorkedLastIsTriedFirst() {
    var habit = Habit()
    #expect(order(&habit, at: 0) == [.http, .udp, .xmpp])
    habit.note([], .called(by: .xmpp), refusalHold: 600, now: 1)
    #expect(order(&habit, at: 2) == [.xmpp, .http, .udp])
    // A call that nobody brought about says nothing.
    habit.note([], .called(by: nil), refusalHold: 600, now: 3)
    #expect(order(&habit, at: 4) == [.xmpp, .http, .udp])
    habit.note(
      [attempt(.xmpp, .failed(.busy, detail: ""))], .called(by: .udp), refusalHold: 600, now: 5)
    #expect(order(&habit, at: 6) == [.udp, .http, .xmpp])
    habit.note(
      [attempt(.udp, .accepted)], .failed(.noSession, detail: ""), refusalHold: 600, now: 7)
    #expect(order(&habit, at: 8) == [.http, .udp, .xmpp])
  }

  @Test func aRefusedCredentialIsLeftOutForAWhile() {
    var habit = Habit()
    _ = order(&habit, at: 0)
    habit.note([attempt(.http, Self.refused)], .called(by: .udp), refusalHold: 600, now: 10)
    #expect(order(&habit, at: 11) == [.udp, .xmpp])
    #expect(order(&habit, insists: true, at: 12) == [.udp, .http, .xmpp])
    #expect(order(&habit, at: 609) == [.udp, .xmpp])
    #expect(order(&habit, at: 610) == [.udp, .http, .xmpp])
  }

  @Test func aNewCredentialIsTriedAtOnce() {
    var habit = Habit()
    _ = order(&habit, at: 0)
    habit.note(
      [attempt(.http, Self.refused)], .failed(.credentialRefused, detail: ""), refusalHold: 600,
      now: 1)
    #expect(order(&habit, at: 2) == [.udp, .xmpp])
    #expect(order(&habit, fingerprint: 2, at: 3) == [.http, .udp, .xmpp])
  }
}
