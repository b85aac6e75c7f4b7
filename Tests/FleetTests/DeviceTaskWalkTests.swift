import Testing

@testable import Fleet

/// Random walks over all transitions, which must keep what holds for every task.
@Suite("Random walks of tasks")
struct DeviceTaskWalkTests {
  static let seed: UInt64 = 20_260_131
  static let walks = 3_000
  static let steps = 40

  static let operations: [Fleet.Operation] = [
    .get(paths: ["Device."]), .set([Assignment(path: "Device.A", value: "1")]),
    .delete(object: "Device.A.1."), .reboot, .factoryReset,
    .download(DownloadOrder(file: OperationJSONTests.file)),
    .download(DownloadOrder(file: OperationJSONTests.file, expectedVersion: "2.0")),
  ]

  @Test func whatHoldsForEveryTask() {
    var generator = SeededGenerator(defaultSeed: Self.seed)
    let seed = generator.seed
    var ends: [DeviceTask.State: Int] = [:]
    var waits: Set<WaitingFor> = []
    for walk in 0..<Self.walks {
      var task = DeviceTaskTests.task(
        generator.pick(Self.operations), maxAttempts: generator.pick(1...4),
        deadline: Double(generator.pick(20...4_000)))
      var now = 0.0
      for step in 0..<Self.steps {
        now += Double.random(in: 0...200, using: &generator)
        let before = task
        task = Self.step(task, now: now, using: &generator)
        if let violation = Self.violation(before: before, after: task) {
          Issue.record(
            "seed \(seed), walk \(walk), step \(step): \(violation): \(before) became \(task)")
          return
        }
        if task.state != before.state, !task.state.isOpen { ends[task.state, default: 0] += 1 }
        if let waitingFor = task.waitingFor { waits.insert(waitingFor) }
      }
    }
    // Walks that never get anywhere would prove nothing.
    for state in DeviceTask.State.allCases where !state.isOpen {
      #expect(ends[state, default: 0] > 100, "seed \(seed): \(state)")
    }
    #expect(waits == [.boot, .bootstrap, .transfer, .version])
  }

  private static func violation(before: DeviceTask, after: DeviceTask) -> String? {
    if !before.state.isOpen, after != before { return "an ended task changed" }
    if after.attempts > after.maxAttempts { return "too many attempts" }
    if after.attempts < before.attempts { return "an attempt was forgotten" }
    if (after.state == .waiting) != (after.waitingFor != nil) {
      return "waitingFor without waiting"
    }
    if (after.state == .running) != (after.session != nil) { return "session without running" }
    if after.id != before.id || after.operation != before.operation { return "another task" }
    switch after.state {
    case .waiting:
      if after.deadline <= after.dueAt || after.attempts == 0 { return "waits for nothing" }
    case .failed, .expired: if after.fault == nil { return "failed without a fault" }
    case .done: if after.fault != nil || after.result == nil { return "done without a result" }
    case .queued, .running, .cancelled: break
    }
    return nil
  }

  private static func step(
    _ task: DeviceTask, now: Double, using generator: inout SeededGenerator
  ) -> DeviceTask {
    let policy = TaskPolicy.standard
    let random = Double.random(in: 0..<1, using: &generator)
    let session = generator.pick(Int64(1)...3)
    let version = generator.pick(["1.0", "2.0", nil])
    let fault = OperationFault(code: "c", text: "t", isTransient: Bool.random(using: &generator))
    switch generator.pick(0..<20) {
    case 0..<7: return task.started(session: session, now: now)
    case 7..<10:
      return task.after(
        .accepted(accepted(task.operation)), now: now, policy: policy, random: random)
    case 10:
      return task.after(
        .done(OperationResult(version: version)), now: now, policy: policy, random: random)
    case 11..<13: return task.after(.failed(fault), now: now, policy: policy, random: random)
    case 13..<15:
      return task.after(.interrupted(reason: "r"), now: now, policy: policy, random: random)
    case 15:
      let contact = DeviceTaskTests.contact(
        Contact.Reasons(rawValue: generator.pick(0..<512)),
        keys: generator.pick([[], [task.commandKey], ["other"]]), session: session)
      return task.observing(contact, softwareVersion: version, now: now, policy: policy) ?? task
    case 16..<18:
      return task.observing(
        transfer: TransferReport(
          commandKey: task.commandKey, fault: Bool.random(using: &generator) ? fault : nil),
        softwareVersion: version, now: now, policy: policy, random: random) ?? task
    case 18: return task.expired(now: now) ?? task
    default:
      if generator.pick(0..<8) == 0 { return task.cancelled() ?? task }
      return task.abandoned(session: session) ?? task
    }
  }

  private static func accepted(_ operation: Fleet.Operation) -> WaitingFor {
    switch operation {
    case .factoryReset: .bootstrap
    case .download: .transfer
    default: .boot
    }
  }
}
