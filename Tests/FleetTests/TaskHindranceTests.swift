import Testing

@testable import Fleet

/// Why tasks have not ended.
@Suite struct TaskHindranceTests {
  private static let now = 1_000.0
  private static let fault = OperationFault(code: "cwmp.9002", text: "busy", isTransient: true)

  private static func task(
    _ state: DeviceTask.State = .queued, waitingFor: WaitingFor? = nil, attempts: Int = 0,
    due: Double = now - 10, fault: OperationFault? = nil
  ) -> DeviceTask {
    DeviceTask(
      id: 1, deviceID: 1, operation: .reboot, state: state, waitingFor: waitingFor,
      attempts: attempts, maxAttempts: 3, dueAt: due, deadline: 5_000, fault: fault)
  }

  private static let cases: [(DeviceTask, lastContact: Double?, CallRequest, TaskHindrance?)] = [
    (task(due: now + 5), now, .none, .notBefore(now + 5)),
    (task(attempts: 1, due: now + 5, fault: fault), now, .none, .retry(at: now + 5, fault)),
    (task(due: now + 5, fault: fault), now, .none, .postponed(until: now + 5, fault)),
    (task(), nil, .none, .call(lastContact: nil, .none)),
    (task(), now - 60, .underWay, .call(lastContact: now - 60, .underWay)),
    // A retry whose time has come has to wait for a call like any other.
    (
      task(attempts: 1, fault: fault), now - 60, .pausing,
      .call(lastContact: now - 60, .pausing)
    ),
    (task(), now - 5, .none, .turn),
    (task(.running, attempts: 1), now, .none, .answer),
    (task(.waiting, waitingFor: .boot, attempts: 1), now, .none, .end(.boot, until: 5_000)),
    (task(.done, attempts: 1), now, .none, nil),
    (task(.failed, attempts: 1, fault: fault), now, .none, nil),
    (task(.expired), now, .none, nil), (task(.cancelled), now, .none, nil),
  ]

  @Test(arguments: cases.indices) func hindrance(index: Int) {
    let (task, lastContact, request, expected) = Self.cases[index]
    #expect(
      task.hindrance(now: Self.now, lastContact: lastContact, request: request) == expected)
  }
}
