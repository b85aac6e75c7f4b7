import ArgumentParser
import ManagementTypes

extension DurationArgument: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
  package var defaultValueDescription: String { AgeText.length(seconds) }
}

/// What the commands share that give devices something to do.
struct OrderOptions: ParsableArguments {
  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp(
      "Choose devices by a selector instead of a name; name=* chooses all.",
      valueName: "selector"))
  var selector: String?

  @Flag(name: [.customShort("y"), .long], help: "Do not ask whether it is meant.")
  var yes = false

  @Flag(help: "Send it although devices or their data models have something against it.")
  var force = false

  @Flag(inversion: .prefixedNo, help: "Wait for the end and show the result.")
  var wait = true

  @Option(
    help: ArgumentHelp(
      "Wait no longer than this, for example 90s or 10m; the task goes on.", valueName: "duration"))
  var timeout: DurationArgument?

  @Flag(inversion: .prefixedNo, help: "Ask the device to call at once.")
  var connect = true

  @Option(
    help: ArgumentHelp(
      "Give up if the device has not done it by then, for example 1h.", valueName: "duration"))
  var expires: DurationArgument?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  /// Divides a command's words into whom it goes to and the rest.
  ///
  /// - Throws: What the parser shows with the usage of the command, if it is thrown from `validate()`.
  func target(_ words: [String]) throws(ValidationError) -> TargetArguments {
    do { return try TargetArguments(words: words, selector: selector) } catch {
      throw ValidationError(error)
    }
  }

  /// The same for a command that takes nothing else.
  func onlyTarget(_ words: [String]) throws(ValidationError) -> TargetArguments.Target {
    let target = try target(words)
    guard target.rest.isEmpty else {
      throw ValidationError(
        selector == nil ? "more than one device given" : "a device given besides the selector")
    }
    return target.target
  }
}

extension ValidationError {
  init(_ problem: Assignment.Problem) { self.init(DisplayText.escaped(problem.description)) }
}

extension Assignment {
  /// - Throws: What the parser shows with the usage of the command, if it is thrown from `validate()`.
  static func values(_ words: some Sequence<String>, defaultType: String? = nil)
    throws(ValidationError) -> [TaskOrder.Value]
  {
    var values: [TaskOrder.Value] = []
    for word in words {
      do { values.append(try parse(word, defaultType: defaultType)) } catch {
        throw ValidationError(error)
      }
    }
    return values
  }
}

extension TaskOrder {
  /// Whether the device is the same afterwards, so that nobody need agree to it.
  fileprivate var onlyReads: Bool {
    [
      "get", "refresh", "getAttributes", "upload", "listTransfers", "listMethods", "getOptions",
    ].contains(kind)
  }
}

/// Sends an order to one device or several, waits and reports.
struct OrderRunner {
  /// Devices waited for at the same time.
  static let concurrentWaits = 8
  /// The longest single long poll in seconds; the server allows 60. Short where someone watches the time.
  static var pollSeconds: Int { Terminal.showsProgress ? 2 : 20 }
  static let breath: Duration = .milliseconds(200)

  let options: OrderOptions
  let client: ManagementClient
  /// How long nothing is said about waiting.
  private static let silence = Duration.seconds(2)
  /// Seconds to wait where the operator said nothing.
  let patience: Double

  /// - Returns: The tasks if they were waited for.
  func run(
    _ order: TaskOrder, on target: TargetArguments.Target, question: String?, showsDone: Bool = true
  ) async throws -> [TaskDetail] {
    let references: [TasksCreated.Reference]
    let warning = warning(of: order)
    switch target {
    case .device(let name):
      if let question = warning ?? question, !options.yes {
        try Terminal.confirm("\(question) \(name)?")
      }
      let task: TaskDetail = try await client.post(
        ["devices", name, "tasks"],
        body: NewTask(
          order: order, connect: options.connect,
          expiresIn: options.expires.map { Int($0.seconds) },
          confirmed: warning.map { _ in true }, force: options.force ? true : nil))
      references = [.init(device: task.device, id: task.id)]
    case .selector(let selector):
      references = try await orderSeveral(order, selector, question: question, warning: warning)
    }
    guard !references.isEmpty else { throw CommandFailure(.notFound, "no device matches") }
    let seconds = options.timeout?.seconds ?? patience
    guard options.wait, seconds > 0 else {
      try showUnawaited(references)
      return []
    }
    let tasks = try await wait(for: references, seconds: seconds)
    if showsDone || tasks.contains(where: { $0.state != "done" }) { try show(tasks) }
    return tasks
  }

  /// What a person has to know who sets what devices need to find this server and get in.
  private func warning(of order: TaskOrder) -> String? {
    let paths = order.mayShutOut
    guard !paths.isEmpty else { return nil }
    let text =
      "A wrong value of \(paths.joined(separator: ", ")) keeps a device from ever calling again."
    if options.yes { Terminal.note(DisplayText.escaped("warning: " + text)) }
    return DisplayText.escaped(text + " Set it on")
  }

  private func orderSeveral(
    _ order: TaskOrder, _ selector: String, question: String?, warning: String?
  ) async throws -> [TasksCreated.Reference] {
    var request = NewTasks(
      selector: selector, order: order, connect: options.connect,
      expiresIn: options.expires.map { Int($0.seconds) }, confirmed: warning.map { _ in true },
      force: options.force ? true : nil, dryRun: true)
    let matched: DeviceCount = try await client.get(
      ["devices", "count"], .init(["selector": selector]))
    guard matched.count > 0 else { return [] }
    if !options.yes, !order.onlyReads {
      try Terminal.confirm(
        "\(warning ?? (question ?? TaskText.summary(order)) + " on") \(matched.count) devices that match \(selector)?"
      )
    }
    // What was agreed to is the most that happens.
    request.limit = matched.count
    request.dryRun = false
    let created: TasksCreated = try await client.post(["tasks"], body: request)
    return created.tasks
  }

  // MARK: Waiting

  private func wait(for references: [TasksCreated.Reference], seconds: Double) async throws
    -> [TaskDetail]
  {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(seconds))
    defer { Terminal.clearStatus() }
    let what =
      references.count == 1
      ? "\(references[0].device) (task \(references[0].id))" : "\(references.count) devices"
    // Said once to those who see no progress line; who stops waiting takes nothing back.
    let remark = Task {
      try await clock.sleep(for: Self.silence)
      if !Terminal.showsProgress {
        Terminal.note(
          DisplayText.escaped(
            "waiting for \(what), at most \(AgeText.length(seconds)); the order stands if this ends"
          ))
      }
    }
    defer { remark.cancel() }
    var ended: [TaskDetail] = []
    try await withThrowingTaskGroup(of: TaskDetail.self) { group in
      var rest = references[...]
      for reference in rest.prefix(Self.concurrentWaits) {
        group.addTask { try await wait(for: reference, until: end, clock) }
      }
      rest = rest.dropFirst(Self.concurrentWaits)
      while let task = try await group.next() {
        ended.append(task)
        if references.count > 1 {
          let failed = ended.count { $0.state != "done" }
          Terminal.status(
            "\(ended.count) of \(references.count) ended"
              + (failed > 0 ? ", \(failed) not done" : ""))
        }
        if let reference = rest.popFirst() {
          group.addTask { try await wait(for: reference, until: end, clock) }
        }
      }
    }
    return ended
  }

  private func wait(
    for reference: TasksCreated.Reference, until end: ContinuousClock.Instant,
    _ clock: ContinuousClock
  ) async throws -> TaskDetail {
    let start = clock.now
    if options.selector == nil {
      Terminal.status("\(DisplayText.escaped(reference.device)): ordered")
    }
    while true {
      let left = (end - clock.now) / .seconds(1)
      let poll = max(0, min(Self.pollSeconds, Int(left.rounded(.up))))
      let task: TaskDetail = try await client.get(
        ["devices", reference.device, "tasks", String(reference.id)], .init(["wait": String(poll)]))
      if task.isEnded || clock.now >= end { return task }
      if options.selector == nil {
        let waited = AgeText.length((clock.now - start) / .seconds(1))
        Terminal.status("\(DisplayText.escaped(task.device)): \(TaskText.state(task)), \(waited)")
      }
      // A server that answers without waiting must not be asked in a tight loop.
      try await clock.sleep(for: Self.breath)
    }
  }

  // MARK: Showing

  private func showUnawaited(_ references: [TasksCreated.Reference]) throws {
    try options.output.show(
      references,
      table: {
        var table = TextTable("DEVICE", "TASK")
        for reference in references { table.add(reference.device, String(reference.id)) }
        return table
      }, name: { String($0.id) })
  }

  private func show(_ tasks: [TaskDetail]) throws {
    let isTable = options.output.output == .table || options.output.output == .wide
    if tasks.count == 1, isTable, let task = tasks.first, task.state == "done" {
      Terminal.write(TaskText.report(task))
    } else if tasks.count > 1 || !isTable {
      let sorted = tasks.sorted { $0.device < $1.device }
      try options.output.show(
        sorted, table: { TaskText.table(sorted) }, name: { String($0.id) })
    }
    try Self.judge(tasks)
  }

  /// Turns what did not succeed into a failure, the worst kind first.
  private static func judge(_ tasks: [TaskDetail]) throws {
    let failed = tasks.filter { $0.isEnded && $0.state != "done" }
    let open = tasks.filter { !$0.isEnded }
    if let first = failed.first {
      throw CommandFailure(
        .failed,
        tasks.count == 1
          ? TaskText.report(first).joined(separator: "\n")
          : "\(failed.count) of \(tasks.count) devices did not do it")
    }
    if let first = open.first {
      throw CommandFailure(
        .timedOut,
        tasks.count == 1
          ? DisplayText.escaped(
            "\(first.device): still \(TaskText.state(first))\(first.reason.map { ": " + $0 } ?? ""); acsctl describe task \(first.device) \(first.id) shows how it goes on"
          )
          : "\(open.count) of \(tasks.count) devices have not done it yet")
    }
  }
}
