import ArgumentParser
import ManagementTypes

/// `acsctl get …`: lists.
struct Get: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists what the server knows.",
    subcommands: [
      GetDevices.self, GetParameters.self, GetTasks.self, GetEvents.self, GetFiles.self,
      GetRollouts.self, GetSwitches.self, GetTrace.self, GetTokens.self, GetCredentials.self,
      GetAudit.self,
    ])
}

struct GetDevices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "Lists devices.", aliases: ["device"])

  @Argument(help: "Names of devices; none lists all that the selector matches.")
  var names: [String] = []

  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp(
      "Which devices, for example 'tag=pilot,DeviceInfo.ModelName=FooGate*' or 'online=false'.",
      valueName: "selector"))
  var selector: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if !names.isEmpty, selector != nil {
      throw ValidationError("give names or a selector, not both")
    }
  }

  func run() async throws {
    let client = try connection.client()
    guard names.isEmpty else {
      var devices: [DeviceDetail] = []
      for name in names { devices.append(try await client.get(["devices", name])) }
      let rows = devices
      if output.isStructured, rows.count == 1, let device = rows.first {
        try output.show(device, name: device.name) { [] }
        return
      }
      try output.show(
        rows,
        table: {
          Self.table(
            rows.map {
              DeviceSummary(
                name: $0.name, tags: $0.tags, lastContact: $0.lastContact, facts: $0.facts,
                presence: $0.presence)
            }, isWide: output.isWide)
        }, name: \.name)
      return
    }
    let (devices, hasMore) = try await client.list(
      ["devices"], .init(["selector": selector]), limit: list.limit, of: DeviceSummary.self)
    try output.show(
      devices, table: { Self.table(devices, isWide: output.isWide) }, name: \.name)
    list.tellMore(hasMore)
  }

  static func table(_ devices: [DeviceSummary], isWide: Bool) -> TextTable {
    let now = currentTime()
    var table =
      isWide
      ? TextTable(
        "NAME", "MODEL", "SOFTWARE", "LAST CONTACT", "AGENT", "TAGS", "MANUFACTURER", "HARDWARE",
        "PROVISIONING CODE")
      : TextTable("NAME", "MODEL", "SOFTWARE", "LAST CONTACT", "AGENT", "TAGS")
    for device in devices {
      func fact(_ name: String) -> String { device.facts["DeviceInfo." + name] ?? "" }
      table.add(
        device.name, fact("ModelName"), fact("SoftwareVersion"),
        device.lastContact.age(now: now), device.presence.map(\.word) ?? "",
        device.tags.joined(separator: ","),
        fact("Manufacturer"), fact("HardwareVersion"), fact("ProvisioningCode"))
    }
    return table
  }
}

extension PresenceDetail {
  var word: String { online ? "online" : "offline" }
}

struct GetParameters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parameters", abstract: "Lists the stored values of a device.",
    discussion: "The device is not asked; “acsctl read” does that.", aliases: ["parameter"])

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @Argument(
    help: "Full paths, or prefixes that end with a dot; none lists the whole tree.",
    completion: PathCompletion.paths)
  var paths: [String] = []

  @Option(help: ArgumentHelp("Show at most so many; 0 shows all.", valueName: "number"))
  var limit = 0

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    var query = ManagementClient.Query()
    query.items = paths.map { ("path", $0) }
    // People see lists as the device has them; as JSON they are arrays.
    if !output.isStructured { query.items.append(("raw", "true")) }
    let (parameters, hasMore) = try await connection.client().list(
      ["devices", device, "parameters"], query, limit: limit, pageSize: 10_000,
      of: ParameterDetail.self)
    let missing = hasMore ? [] : paths.filter { path in !parameters.contains { $0.isAt(path) } }
    if !parameters.isEmpty || missing.isEmpty || output.isStructured {
      try show(parameters)
    }
    if hasMore { Terminal.note("… and more; --limit 0 shows all") }
    guard missing.isEmpty else {
      throw CommandFailure(
        .notFound,
        missing.map { DisplayText.escaped("no parameter \($0) of \(device) is stored") }
          .joined(separator: "\n"))
    }
  }

  private func show(_ parameters: [ParameterDetail]) throws {
    try output.show(
      parameters, table: { Self.table(parameters, isWide: output.isWide) }, name: \.path)
  }

  static func table(_ parameters: [ParameterDetail], isWide: Bool) -> TextTable {
    let now = currentTime()
    var table =
      isWide
      ? TextTable("PATH", "TYPE", "WRITABLE", "CHANGED", "NOTIFICATION", "VALUE")
      : TextTable("PATH", "TYPE", "WRITABLE", "CHANGED", "VALUE")
    for parameter in parameters {
      let writable = parameter.writable.map { $0 ? "yes" : "no" } ?? "?"
      let isObject = parameter.path.hasSuffix(".")
      let notification = parameter.notification.map(NotificationText.word)
      table.add(
        [
          parameter.path, isObject ? "object" : parameter.type ?? "", writable,
          parameter.changedAt.age(now: now),
        ] + (isWide ? [notification ?? (isObject ? "" : "?")] : [])
          + [parameter.value?.text ?? (isObject ? "" : "(not read)")])
    }
    return table
  }
}

extension ParameterDetail {
  /// Whether a full path names it, or a prefix that ends with a dot covers it.
  fileprivate func isAt(_ path: String) -> Bool {
    path.hasSuffix(".") ? self.path.hasPrefix(path) : self.path == path
  }
}

struct GetTasks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "Lists tasks, the newest first, and why open ones wait.",
    usage: "acsctl get tasks [NAME [TASK ...]] [--state STATE]", aliases: ["task"])

  @Argument(help: "A device, and numbers of its tasks; none lists the tasks of all.")
  var words: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only tasks in this state: open, queued, running, waiting, done, failed, expired, cancelled.",
      valueName: "state"))
  var state: String?

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if !(try arguments().ids.isEmpty), state != nil {
      throw ValidationError("give numbers of tasks or a state, not both")
    }
  }

  private func arguments() throws(ValidationError) -> TaskArguments {
    do { return try TaskArguments(words: words, command: "acsctl get tasks") } catch {
      throw ValidationError(error)
    }
  }

  func run() async throws {
    let arguments = try arguments()
    let client = try connection.client()
    let path = arguments.device.map { ["devices", $0, "tasks"] } ?? ["tasks"]
    var tasks: [TaskDetail] = []
    var hasMore = false
    if arguments.ids.isEmpty {
      (tasks, hasMore) = try await client.list(
        path, .init(["state": state]), limit: list.limit, of: TaskDetail.self)
    } else {
      for id in arguments.ids { tasks.append(try await client.get(path + [String(id)])) }
    }
    let rows = tasks
    try output.show(rows, table: { TaskText.table(rows) }, name: { String($0.id) })
    list.tellMore(hasMore)
  }
}

struct GetEvents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Lists what happened to a device, the newest first.",
    aliases: ["event"])

  @Argument(help: ArgumentHelp("The device.", valueName: "name"))
  var device: String

  @OptionGroup var list: ListOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (events, hasMore) = try await connection.client().list(
      ["devices", device, "events"], limit: list.limit, of: EventDetail.self)
    try output.show(
      events, table: { EventText.table(events) }, name: { "\($0.at.description) \($0.kind)" })
    list.tellMore(hasMore)
  }
}
