import ArgumentParser
import ManagementTypes

/// `acsctl describe …`: one thing with everything around it.
struct Describe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows one thing in full.",
    subcommands: [DescribeDevice.self, DescribeTask.self, DescribeRollout.self])
}

/// Lines of a label and a value.
struct Description {
  private(set) var lines: [String] = []

  mutating func add(_ label: String, _ value: String) {
    let padding = String(repeating: " ", count: max(1, 18 - label.count))
    lines.append((label + ":" + padding + DisplayText.escaped(value)).trimmingEnd())
  }

  mutating func add(_ label: String, _ table: TextTable) {
    guard !table.isEmpty else {
      add(label, "none")
      return
    }
    lines.append(label + ":")
    lines += table.lines(cellLimit: TextTable.narrowCell).map { "  " + $0 }
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}

struct DescribeDevice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device", abstract: "Shows a device: identity, state, facts, tasks, events.",
    aliases: ["devices"])

  private static let recentEvents = 10

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    let detail: DeviceDetail = try await client.get(["devices", device])
    guard output.output == .table || output.output == .wide else {
      try output.show(detail, name: detail.name) { [] }
      return
    }
    let (tasks, _) = try await client.list(
      ["devices", device, "tasks"], .init(["state": "open"]), limit: 100, of: TaskDetail.self)
    let (events, _) = try await client.list(
      ["devices", device, "events"], limit: Self.recentEvents, of: EventDetail.self)
    Terminal.write(Self.lines(detail, tasks: tasks, events: events))
  }

  static func lines(_ device: DeviceDetail, tasks: [TaskDetail], events: [EventDetail])
    -> [String]
  {
    let now = currentTime()
    func moment(_ timestamp: Timestamp?) -> String {
      timestamp.map { "\($0) (\($0.age(now: now)) ago)" } ?? "never"
    }
    var text = Description()
    text.add("Name", device.name)
    text.add("Manufacturer", device.manufacturer)
    text.add("OUI", device.oui)
    text.add("Product class", device.productClass)
    text.add("Serial number", device.serialNumber)
    text.add("Tags", device.tags.isEmpty ? "none" : device.tags.joined(separator: ", "))
    text.add("Protocol", device.protocol)
    text.add("Data model", device.root)
    text.add("Address", device.address)
    if let agent = device.agent {
      text.add("Endpoint", agent.endpoints.joined(separator: ", "))
      text.add(
        "Agent",
        agent.transport.map {
          "connected by \($0), USP \(agent.versions.joined(separator: ", "))"
        } ?? "not connected here")
    }
    if let presence = device.presence {
      text.add(
        presence.online ? "Online" : "Offline",
        presence.node.map { "by \(presence.transport) at \($0), since \(moment(presence.since))" }
          ?? "since \(moment(presence.since)), before by \(presence.transport)")
      text.add("Last heard", moment(presence.lastHeard))
    }
    if device.protocol != "usp" {
      text.add(
        "Credential",
        device.isReachable
          ? "for connection requests, set on the device"
          : "for connection requests, not set on the device yet")
    }
    if let switches = device.switches {
      text.add("Switches", "from \(switches.documents.joined(separator: ", "))")
      for (name, value) in switches.values.sorted(by: { $0.key < $1.key }) {
        text.add("  \(name)", EventText.oneLine(value))
      }
    } else {
      text.add("Switches", "none")
    }
    text.add("Known since", moment(device.createdAt))
    text.add("Last contact", moment(device.lastContact))
    text.add("Last boot", moment(device.lastBoot))
    text.add("Last read", moment(device.lastRead))
    if let due = device.readDue { text.add("Next read", due.description) }
    var facts = TextTable("NAME", "VALUE")
    for (name, value) in device.facts.sorted(by: { $0.key < $1.key }) { facts.add(name, value) }
    text.add("Facts", facts)
    text.add("Open tasks", TaskText.table(tasks))
    text.add("Recent events", EventText.table(events))
    return text.lines
  }
}

/// The words that name one task.
struct TaskOptions: ParsableArguments {
  @Argument(help: "The device's name and the task's number.")
  var words: [String] = []

  /// - Parameter command: what stands before the words.
  /// - Throws: What the parser shows with the usage of the command, if it is thrown from `validate()`.
  func named(by command: String) throws(ValidationError) -> (device: String, id: Int64) {
    do { return try TaskArguments.one(words, command: command) } catch {
      throw ValidationError(error)
    }
  }
}

struct DescribeTask: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task", abstract: "Shows a task: order, state, why it waits, result.",
    usage: "acsctl describe task NAME TASK", aliases: ["tasks"])

  @OptionGroup var task: TaskOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try task.named(by: Self.command) }

  private static let command = "acsctl describe task"

  func run() async throws {
    let (device, id) = try task.named(by: Self.command)
    let task: TaskDetail = try await connection.client().get(
      ["devices", device, "tasks", String(id)])
    try output.show(task, name: String(task.id)) { Self.lines(task) }
  }

  static func lines(_ task: TaskDetail) -> [String] {
    var text = Description()
    text.add("Task", String(task.id))
    text.add("Device", task.device)
    text.add("Order", TaskText.summary(task.order))
    for value in task.order.values {
      text.add("  Value", "\(value.path)\(value.type.map { ":" + $0 } ?? "")=\(value.value.text)")
    }
    for (name, value) in task.order.arguments.sorted(by: { $0.key < $1.key })
    where name != "values" {
      let shown = name == "password" ? "(not shown)" : TaskText.argument(name, value)
      if !shown.isEmpty { text.add("  \(name)", shown) }
    }
    text.add("State", TaskText.state(task))
    if let reason = task.reason { text.add("Because", reason) }
    text.add("Attempts", "\(task.attempts) of \(task.maxAttempts)")
    // An open task has a fault where it is to be tried again.
    if !task.isEnded, let fault = task.fault {
      text.add("Last fault", "\(fault.code): \(fault.text)")
      for parameter in fault.parameters ?? [] {
        text.add("  Parameter", "\(parameter.path): \(parameter.code): \(parameter.text)")
      }
    }
    text.add("Ordered by", task.rollout.map { "rollout/" + $0 } ?? task.orderedBy)
    text.add("Created", task.createdAt.description)
    text.add("Due", task.dueAt.description)
    text.add("Deadline", task.deadline.description)
    if let started = task.startedAt { text.add("Started", started.description) }
    if let ended = task.endedAt { text.add("Ended", ended.description) }
    return text.lines + (task.isEnded ? TaskText.report(task) : [])
  }
}

struct DescribeRollout: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout", abstract: "Shows a rollout: state, counts, failures.",
    discussion: "With -o wide also the text that was applied.", aliases: ["rollouts"])

  private static let shownFailures = 20

  @Argument(help: ArgumentHelp("The rollout.", valueName: "name"))
  var rollout: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let client = try connection.client()
    let detail: RolloutDetail = try await client.get(["rollouts", rollout])
    guard output.output == .table || output.output == .wide else {
      try output.show(detail, name: detail.name) { [] }
      return
    }
    let (failures, _) = try await client.list(
      ["rollouts", rollout, "targets"], .init(["state": "failed"]), limit: Self.shownFailures,
      of: RolloutTargetDetail.self)
    Terminal.write(Self.lines(detail, failures: failures, isWide: output.isWide))
  }

  static func lines(_ rollout: RolloutDetail, failures: [RolloutTargetDetail], isWide: Bool)
    -> [String]
  {
    var text = Description()
    text.add("Name", rollout.name)
    text.add("State", rollout.state)
    if let reason = rollout.reason { text.add("Reason", reason) }
    text.add("Progress", RolloutText.progress(rollout.counts))
    text.add("Devices", rollout.selector)
    text.add("Version", rollout.version)
    text.add("File", rollout.file)
    text.add("Applied by", rollout.appliedBy)
    text.add("Created", rollout.createdAt.description)
    if let ended = rollout.endedAt { text.add("Ended", ended.description) }
    var table = TextTable("DEVICE", "FROM", "TASK", "DETAIL")
    for target in failures {
      table.add(
        target.device, target.fromVersion ?? "", target.task.map(String.init) ?? "",
        target.detail ?? "")
    }
    text.add("Failures", table)
    guard isWide, let document = rollout.document else { return text.lines }
    let applied = document.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return text.lines + ["Applied:"]
      + applied.map { $0.isEmpty ? "" : "  " + DisplayText.escaped(String($0)) }
  }
}
