import ConnectionRequests
import Fleet
import Testing

/// Transcripts of the state machine: event in, action out.
@Suite struct ConnectionRequestBackoffTests {
  private static let busy = ConnectionRequestPlan.Ending.failed(.busy, detail: "503")
  private static let refused = ConnectionRequestPlan.Ending.failed(
    .credentialRefused, detail: "401")

  private func policy() -> ConnectionRequestBackoff.Policy {
    var policy = ConnectionRequestBackoff.Policy()
    policy.maximumAttempts = 3
    policy.firstDelay = 10
    policy.maximumDelay = 15
    policy.minimumInterval = 5
    policy.refusalHold = 600
    return policy
  }

  private static let gone = ConnectionRequestPlan.Ending.failed(.noTarget, detail: "gone")

  @Test func aCallAtOnce() {
    var backoff = ConnectionRequestBackoff(policy: policy())
    #expect(step { backoff.request(now: 0) } == .send)
    #expect(step { backoff.request(now: 1) } == .none)
    #expect(step { backoff.finished(.called(by: .http), now: 2, random: 0.5) } == .end)
    #expect(backoff.isForgettable(now: 2))
    #expect(step { backoff.request(now: 2) } == .send)
  }

  @Test func theNextRequestWaitsForTheInterval() {
    var backoff = ConnectionRequestBackoff(policy: policy())
    _ = backoff.request(now: 0)
    _ = backoff.finished(Self.gone, now: 2, random: 0.5)
    #expect(!backoff.isForgettable(now: 6))
    #expect(backoff.isForgettable(now: 7))
    #expect(step { backoff.request(now: 3) } == .wait(until: 7))
    #expect(step { backoff.request(now: 4) } == .none)
    #expect(step { backoff.timerFired(now: 6.5) } == .wait(until: 7))
    #expect(step { backoff.timerFired(now: 7) } == .send)
    #expect(step { backoff.timerFired(now: 8) } == .none)
  }

  @Test func transientFailuresAreRetriedALimitedNumberOfTimes() {
    var backoff = ConnectionRequestBackoff(policy: policy())
    #expect(step { backoff.request(now: 0) } == .send)
    #expect(step { backoff.finished(Self.busy, now: 1, random: 0.5) } == .wait(until: 11))
    #expect(step { backoff.timerFired(now: 11) } == .send)
    // The delay doubles up to its maximum.
    #expect(step { backoff.finished(Self.busy, now: 12, random: 0.5) } == .wait(until: 27))
    #expect(step { backoff.timerFired(now: 27) } == .send)
    #expect(step { backoff.finished(Self.busy, now: 28, random: 0.5) } == .end)
    #expect(step { backoff.request(now: 33) } == .send)
  }

  @Test(arguments: ConnectionRequestResult.Failure.allCases)
  func onlyTransientFailuresAreRetried(failure: ConnectionRequestResult.Failure) {
    var backoff = ConnectionRequestBackoff(policy: policy())
    _ = backoff.request(now: 0)
    let action = backoff.finished(.failed(failure, detail: ""), now: 1, random: 0)
    let expected: ConnectionRequestBackoff.Action =
      failure.isTransient ? .wait(until: 6) : .end
    #expect(action == expected)
  }

  @Test func aRefusedCredentialIsNotHammered() {
    var backoff = ConnectionRequestBackoff(policy: policy())
    _ = backoff.request(now: 0)
    #expect(step { backoff.finished(Self.refused, now: 1, random: 0) } == .end)
    #expect(step { backoff.request(now: 2) } == .reject)
    #expect(step { backoff.request(now: 600) } == .reject)
    #expect(!backoff.isForgettable(now: 600))
    #expect(step { backoff.request(now: 601) } == .send)
  }

  @Test func aPersonOrANewCredentialOvercomesARefusal() {
    var asked = ConnectionRequestBackoff(policy: policy())
    _ = asked.request(now: 0)
    _ = asked.finished(Self.refused, now: 1, random: 0)
    var changed = asked
    #expect(step { asked.requestNow() } == .send)
    #expect(step { asked.requestNow() } == .none)
    changed.credentialChanged()
    #expect(step { changed.request(now: 2) } == .send)
  }

  @Test func aCallEndsTheWait() {
    var backoff = ConnectionRequestBackoff(policy: policy())
    _ = backoff.request(now: 0)
    let onTheWire = backoff.deviceCalled()
    #expect(!onTheWire)
    _ = backoff.finished(Self.busy, now: 1, random: 0)
    let waiting = backoff.deviceCalled()
    #expect(waiting)
    #expect(step { backoff.timerFired(now: 100) } == .none)
    #expect(step { backoff.request(now: 2) } == .send)
  }

  @Test func delaysStayWithinTheirSpread() {
    let policy = policy()
    for attempt in 1...100 {
      #expect(policy.delay(afterAttempt: attempt, random: 0) >= policy.firstDelay * 0.5)
      #expect(policy.delay(afterAttempt: attempt, random: 1) <= policy.maximumDelay * 1.5)
    }
  }

  private func step(_ event: () -> ConnectionRequestBackoff.Action)
    -> ConnectionRequestBackoff.Action
  {
    event()
  }
}

@Suite struct FailureLogAllowanceTests {
  @Test func linesBeyondTheAllowanceAreCounted() {
    var allowance = FailureLogAllowance(lines: 2, interval: 10)
    let taken = [0, 1, 2, 3, 9.9, 10, 11].map { allowance.take(now: $0) }
    #expect(taken == [0, 0, nil, nil, nil, 3, 0])
  }
}
