import ManagementTypes

/// Tasks as a person reads them.
enum TaskText {
  static func table(_ tasks: [TaskDetail]) -> TextTable {
    let now = currentTime()
    var table = TextTable("ID", "DEVICE", "ORDER", "STATE", "ATTEMPTS", "AGE", "BY", "DETAIL")
    for task in tasks {
      table.add(
        String(task.id), task.device, summary(task.order), state(task),
        "\(task.attempts)/\(task.maxAttempts)", task.createdAt.age(now: now),
        task.rollout.map { "rollout/" + $0 } ?? task.orderedBy, outcome(task))
    }
    return table
  }

  static func summary(_ order: TaskOrder) -> String {
    switch order.kind {
    case "get": return "get " + list(order.paths ?? [])
    case "set": return "set " + list((order.values ?? []).map(\.path))
    case "add", "delete": return "\(order.kind) \(order.object ?? "")"
    case "refresh": return "refresh" + (order.path.map { $0.isEmpty ? "" : " " + $0 } ?? "")
    case "download":
      return "download \((order.file ?? "").prefix(12))"
        + (order.expectedVersion.map { " (\($0))" } ?? "")
    default: return order.kind
    }
  }

  static func state(_ task: TaskDetail) -> String {
    task.waitingFor.map { "\(task.state) for \($0)" } ?? task.state
  }

  /// The result or the fault in one line; empty while the task is open.
  static func outcome(_ task: TaskDetail) -> String {
    if let fault = task.fault { return "\(fault.code): \(fault.text)" }
    guard let result = task.result else { return "" }
    return lines(of: result, order: task.order).joined(separator: "; ")
  }

  /// What a task brought, or what went wrong in the device's own words.
  static func report(_ task: TaskDetail) -> [String] {
    if let fault = task.fault {
      return ["\(task.device): \(task.state): \(fault.code): \(fault.text)"]
        .map(DisplayText.escaped)
        + (fault.parameters ?? []).map {
          DisplayText.escaped("  \($0.path): \($0.code): \($0.text)")
        }
    }
    guard task.state == "done" else {
      return [DisplayText.escaped("\(task.device): \(state(task))")]
    }
    if task.order.kind == "get", let values = task.result?.values {
      var table = TextTable("PATH", "TYPE", "VALUE")
      for value in values { table.add(value.path, value.type ?? "", value.value) }
      return table.lines()
    }
    let said = task.result.map { lines(of: $0, order: task.order) } ?? []
    return (said.isEmpty ? ["\(summary(task.order)): done"] : said).map {
      DisplayText.escaped("\(task.device): \($0)")
    }
  }

  private static func lines(of result: TaskDetail.Result, order: TaskOrder) -> [String] {
    var lines: [String] = []
    if let values = result.values {
      lines.append(values.count == 1 ? "1 value" : "\(values.count) values")
    }
    if let instance = result.instance { lines.append("created \(instance)") }
    if let read = result.parametersRead {
      let refused = result.parametersRefused ?? 0
      lines.append("read \(read) parameters" + (refused > 0 ? ", \(refused) refused" : ""))
    }
    if let version = result.version { lines.append("now runs \(version)") }
    if result.isPending == true {
      lines.append("accepted; the device applies it later, for example after a restart")
    }
    return lines
  }

  private static func list(_ paths: [String]) -> String {
    guard let first = paths.first else { return "" }
    return paths.count == 1 ? first : "\(first) +\(paths.count - 1)"
  }
}

/// Events and their details as a person reads them.
enum EventText {
  static func table(_ events: [EventDetail]) -> TextTable {
    var table = TextTable("AT", "KIND", "DETAIL")
    for event in events { table.add(event.at.description, event.kind, oneLine(event.detail)) }
    return table
  }

  /// One event of several devices.
  static func line(_ event: EventDetail) -> String {
    DisplayText.escaped(
      "\(event.at)  \(event.device)  \(event.kind)  \(oneLine(event.detail))")
  }

  /// `key=value` pairs for an object, in the order of their keys; nested things in brackets.
  static func oneLine(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .bool(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let text): text
    case .array(let items): items.map(nested).joined(separator: ", ")
    case .object(let members):
      members.sorted { $0.key < $1.key }.map { "\($0.key)=\(nested($0.value))" }
        .joined(separator: " ")
    }
  }

  private static func nested(_ value: JSONValue) -> String {
    switch value {
    case .array: "[" + oneLine(value) + "]"
    case .object: "{" + oneLine(value) + "}"
    case .string(let text) where text.isEmpty || text.contains(" "): "\"\(text)\""
    default: oneLine(value)
    }
  }
}

/// Rollouts as a person reads them.
enum RolloutText {
  static func table(_ rollouts: [RolloutDetail], isWide: Bool = false) -> TextTable {
    let now = currentTime()
    var table =
      isWide
      ? TextTable(
        "NAME", "STATE", "VERSION", "DONE", "ACTIVE", "PENDING", "FAILED", "SKIPPED", "TOTAL",
        "AGE", "REASON", "DEVICES", "FILE")
      : TextTable(
        "NAME", "STATE", "VERSION", "DONE", "ACTIVE", "PENDING", "FAILED", "SKIPPED", "TOTAL",
        "AGE", "REASON")
    for rollout in rollouts {
      let counts = rollout.counts
      table.add(
        rollout.name, rollout.state, rollout.version, String(counts.done), String(counts.active),
        String(counts.pending), String(counts.failed), String(counts.skipped),
        String(counts.total), rollout.createdAt.age(now: now), rollout.reason ?? "",
        rollout.selector, rollout.file)
    }
    return table
  }

  /// One line, for a watch.
  static func summary(_ rollout: RolloutDetail) -> String {
    var text = "\(rollout.name): \(rollout.state), \(progress(rollout.counts))"
    if let reason = rollout.reason { text += " — " + reason }
    return DisplayText.escaped(text)
  }

  /// How many targets are how far; those of which there are none are left out.
  static func progress(_ counts: RolloutDetail.Counts) -> String {
    var text = "\(counts.done) of \(counts.total) done"
    for (number, word) in [
      (counts.active, "active"), (counts.pending, "pending"), (counts.failed, "failed"),
      (counts.skipped, "skipped"), (counts.cancelled, "cancelled"),
    ] where number > 0 { text += ", \(number) \(word)" }
    return text
  }
}
