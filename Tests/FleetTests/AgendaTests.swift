import Testing

@testable import Fleet

@Suite("Agenda")
struct AgendaTests {
  static let now = 1_000.0
  static let session: Int64 = 5

  static let get = Fleet.Operation.get(paths: ["Device."])
  static let set = Fleet.Operation.set([Assignment(path: "Device.A", value: "1")])
  static let refresh = Fleet.Operation.refresh(path: "")
  static let download = Fleet.Operation.download(DownloadOrder(file: OperationJSONTests.file))

  /// A task that was sent but waits for its retry has attempts and a due time in the future.
  static func task(
    _ id: Int64, _ operation: Fleet.Operation, _ state: DeviceTask.State = .queued,
    waitingFor: WaitingFor? = nil, attempts: Int = 0, maxAttempts: Int = 3, due: Double = 0,
    deadline: Double = 9_000, session: Int64? = nil
  ) -> DeviceTask {
    DeviceTask(
      id: id, deviceID: 1, operation: operation, state: state, waitingFor: waitingFor,
      attempts: attempts, maxAttempts: maxAttempts, dueAt: due, deadline: deadline,
      session: session)
  }

  static func retrying(_ id: Int64, _ operation: Fleet.Operation) -> DeviceTask {
    task(id, operation, attempts: 1, due: 2_000)
  }

  static func scheduled(_ id: Int64, _ operation: Fleet.Operation) -> DeviceTask {
    task(id, operation, due: 2_000)
  }

  static func waiting(_ id: Int64, _ operation: Fleet.Operation, _ waitingFor: WaitingFor)
    -> DeviceTask
  {
    task(id, operation, .waiting, waitingFor: waitingFor, attempts: 1)
  }

  enum Next: Equatable {
    case nothing
    case read
    case task(Int64)
  }

  static let cases: [(title: String, tasks: [DeviceTask], readDue: Double?, next: Next)] = [
    ("nothing", [], nil, .nothing),
    ("the tree alone", [], 999, .read),
    ("the tree is not due", [], 1_001, .nothing),
    ("the tree comes first", [task(1, set)], 1_000, .read),
    ("in order of ids", [task(2, set), task(1, get)], nil, .task(1)),
    ("ended tasks are left out", [task(1, set, .done), task(2, set)], nil, .task(2)),
    ("a due time is kept", [scheduled(1, get)], nil, .nothing),
    ("a scheduled task holds nothing back", [scheduled(1, set), task(2, set)], nil, .task(2)),
    ("a retry holds changes back", [retrying(1, set), task(2, set)], nil, .nothing),
    ("a retry holds restarts back", [retrying(1, set), task(2, .reboot)], nil, .nothing),
    ("a retry lets reads pass", [retrying(1, set), task(2, set), task(3, get)], nil, .task(3)),
    ("a read's retry holds nothing back", [retrying(1, get), task(2, set)], nil, .task(2)),
    (
      "a retry out of time holds nothing back",
      [task(1, set, attempts: 1, due: 2_000, deadline: 1_000), task(2, set)], nil, .task(2)
    ),
    (
      "a task out of time is not given", [task(1, set, deadline: 1_000)], nil, .nothing
    ),
    (
      "no reboot during a transfer", [waiting(1, download, .transfer), task(2, .reboot)], nil,
      .nothing
    ),
    (
      "no reset before the version is told",
      [waiting(1, download, .version), task(2, .factoryReset)], nil, .nothing
    ),
    ("no second download", [waiting(1, download, .transfer), task(2, download)], nil, .nothing),
    (
      "values during a transfer",
      [waiting(1, download, .transfer), task(2, .reboot), task(3, set)],
      nil, .task(3)
    ),
    ("the tree during a transfer", [waiting(1, download, .transfer)], 0, .read),
    ("no tree before a boot", [waiting(1, .reboot, .boot)], 0, .nothing),
    ("no change before a boot", [waiting(1, .reboot, .boot), task(2, set)], nil, .nothing),
    (
      "get before a boot", [waiting(1, .reboot, .boot), task(2, refresh), task(3, get)], nil,
      .task(3)
    ),
    (
      "no change before a bootstrap", [waiting(1, .factoryReset, .bootstrap), task(2, set)], nil,
      .nothing
    ),
    (
      "an interrupted task is taken up", [task(1, set, .running, attempts: 1, session: 4)], nil,
      .task(1)
    ),
    (
      "the own running task is not given again, nor a change after it",
      [task(1, set, .running, attempts: 1, session: 5), task(2, set)], nil, .nothing
    ),
    (
      "an abandoned task is not given and holds nothing back",
      [task(1, set, .running, attempts: 3, session: 4), task(2, set)], nil, .task(2)
    ),
  ]

  @Test(arguments: cases.indices) func next(index: Int) {
    let (title, tasks, readDue, expected) = Self.cases[index]
    let agenda = Agenda(tasks: tasks, readDue: readDue)
    let next: Next =
      switch agenda.next(now: Self.now, session: Self.session) {
      case nil: .nothing
      case .read: .read
      case .task(let task): .task(task.id)
      }
    #expect(next == expected, "\(title)")
  }

  /// The guards hold against every task that is given, whatever the agenda.
  @Test func guardsHoldInEveryAgenda() {
    let seed: UInt64 = 4
    let rounds = 5_000
    var generator = SeededGenerator(defaultSeed: seed)
    let operations: [Fleet.Operation] = [
      Self.get, Self.set, Self.refresh, Self.download, .reboot, .factoryReset,
    ]
    var given = 0
    for round in 0..<rounds {
      let tasks = (1...generator.pick(Int64(1)...6)).map { id in
        let operation = generator.pick(operations)
        switch generator.pick(0..<6) {
        case 0: return Self.retrying(id, operation)
        case 1: return Self.scheduled(id, operation)
        case 2:
          return Self.waiting(
            id, operation, generator.pick([.boot, .bootstrap, .transfer, .version]))
        case 3:
          return Self.task(
            id, operation, .running, attempts: generator.pick(1...3),
            session: generator.pick([4, 5]))
        default: return Self.task(id, operation)
        }
      }
      guard
        case .task(let task) = Agenda(tasks: tasks, readDue: nil)
          .next(now: Self.now, session: Self.session)
      else { continue }
      given += 1
      if let violation = Self.violation(giving: task, of: tasks) {
        Issue.record("seed \(generator.seed), round \(round): \(violation): \(task) of \(tasks)")
        return
      }
    }
    #expect(given > rounds / 4)
  }

  private static func violation(giving task: DeviceTask, of tasks: [DeviceTask]) -> String? {
    let waits = Set(tasks.compactMap(\.waitingFor))
    if task.started(session: session, now: now) == task { return "it can't be started" }
    if task.state == .queued, task.dueAt > now { return "it is not due" }
    if !waits.isDisjoint(with: [.boot, .bootstrap]), task.operation.kind != .get {
      return "the device is restarting"
    }
    if !waits.isDisjoint(with: [.transfer, .version]), task.operation.isDisruptive {
      return "the device is upgrading"
    }
    let overtaken = tasks.contains {
      $0.id < task.id && !$0.operation.isRead && $0.state == .queued && $0.attempts > 0
    }
    return !task.operation.isRead && overtaken ? "it overtakes a change" : nil
  }

  @Test func updates() {
    var agenda = Agenda(tasks: [Self.task(1, Self.set), Self.task(3, Self.set)], readDue: nil)
    agenda.update(Self.task(2, Self.get))
    #expect(agenda.tasks.map(\.id) == [1, 2, 3])
    agenda.update(Self.task(1, Self.set, .done))
    agenda.update(Self.task(9, Self.set, .failed))
    #expect(agenda.tasks.map(\.id) == [2, 3])
    agenda.update(Self.retrying(3, Self.set))
    #expect(agenda.tasks.map(\.attempts) == [0, 1])
    #expect(agenda.tasks.count == 2)
  }

  @Test func nextDue() {
    let agenda = Agenda(
      tasks: [
        Self.task(1, Self.set), Self.retrying(2, Self.set),
        Self.task(3, .reboot, .waiting, waitingFor: .boot, attempts: 1, due: 1_500),
      ], readDue: 3_000)
    #expect(agenda.nextDue(after: 1_000) == 2_000)
    #expect(agenda.nextDue(after: 2_000) == 3_000)
    #expect(agenda.nextDue(after: 3_000) == nil)
  }

  @Test func match() {
    var other = Self.waiting(2, Self.download, .transfer)
    let agenda = Agenda(
      tasks: [
        Self.waiting(1, .reboot, .boot), other, Self.task(3, Self.download),
        Self.task(4, Self.download, attempts: 1, due: 2_000),
      ], readDue: nil)
    #expect(agenda.match(TransferReport(commandKey: "fl-2"))?.id == 2)
    #expect(agenda.match(TransferReport(commandKey: "fl-4"))?.id == 4)
    #expect(agenda.match(TransferReport(commandKey: "fl-3")) == nil)
    #expect(agenda.match(TransferReport(commandKey: "fl-1")) == nil)
    #expect(agenda.match(TransferReport(commandKey: "somebody else's")) == nil)
    #expect(agenda.match(TransferReport(commandKey: ""))?.id == 2)
    other.id = 5
    var two = agenda
    two.update(other)
    #expect(two.match(TransferReport(commandKey: "")) == nil)
  }

  @Test func receivingACall() {
    var agenda = Agenda(
      tasks: [
        Self.waiting(1, .reboot, .boot),
        Self.task(2, Self.set, .running, attempts: 3, session: 4),
        Self.task(3, Self.set, .running, attempts: 3, deadline: 900, session: 4),
        Self.task(4, Self.set, deadline: 900),
        Self.task(5, Self.set),
        Self.task(6, .reboot, .waiting, waitingFor: .boot, attempts: 1, deadline: 900),
      ], readDue: nil)
    let contact = DeviceTaskTests.contact(.boot, session: Self.session)
    let changed = agenda.receive(
      contact, softwareVersion: nil, now: Self.now, policy: .standard)
    let states = Dictionary(uniqueKeysWithValues: changed.map { ($0.id, $0.state) })
    #expect(states == [1: .done, 2: .failed, 3: .failed, 4: .expired, 6: .done])
    #expect(agenda.tasks.map(\.id) == [5])
  }
}
