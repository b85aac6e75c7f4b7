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
    func text(_ member: String) -> String { order[member]?.text ?? "" }
    func texts(_ member: String, _ part: String? = nil) -> [String] {
      (order[member]?.elements ?? []).map { (part == nil ? $0 : $0[part ?? ""])?.text ?? "" }
    }
    let words: [String]
    switch order.kind {
    case "get": words = ["get", list(texts("paths"))]
    case "getAttributes": words = ["get attributes", list(texts("paths"))]
    case "setAttributes": words = ["set attributes", list(texts("attributes", "path"))]
    case "set": words = ["set", list(order.values.map(\.path))]
    case "add", "delete": words = [order.kind, text("object")]
    case "refresh": words = ["refresh", text("path")]
    case "download":
      words = [
        "download", source(order),
        order["expectedVersion"]?.text.map { "(\($0))" } ?? "", start(of: order),
      ]
    case "upload": words = ["upload", text("fileType"), start(of: order)]
    case "scheduleContact":
      words = ["call in", AgeText.length(Double(order["delay"]?.whole ?? 0))]
    case "changeSoftware":
      let changes = order["changes"]?.elements ?? []
      words = [
        list(
          changes.map { change in
            let module = change["uuid"]?.text ?? source(change)
            return [change["action"]?.text ?? "", module].filter { !$0.isEmpty }
              .joined(separator: " ")
          })
      ]
    case "cancelTransfer": words = ["cancel transfer", text("commandKey")]
    case "listTransfers": words = ["list transfers"]
    case "listMethods": words = ["list methods"]
    case "setVouchers":
      let count = texts("vouchers").count
      words = ["set \(count) voucher\(count == 1 ? "" : "s")"]
    case "getOptions": words = ["get options", text("name")]
    case "command": words = [text("command")]
    case "diagnose": words = ["diagnose", text("diagnosis"), text("host"), text("url")]
    default: words = [order.kind]
    }
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// When the device may begin a transfer, where the order says so.
  private static func start(of order: TaskOrder) -> String {
    if let delay = order["delay"]?.whole, delay > 0 {
      return "after " + AgeText.length(Double(delay))
    }
    let windows = (order["windows"]?.elements ?? []).map(span)
    return windows.isEmpty ? "" : "within " + windows.joined(separator: " or ")
  }

  private static func span(_ window: JSONValue) -> String {
    func length(_ member: String) -> String { AgeText.length(Double(window[member]?.whole ?? 0)) }
    return length("start") + " to " + length("end")
  }

  /// A member of an order, with the unit of numbers that have one.
  static func argument(_ name: String, _ value: JSONValue) -> String {
    switch (name, value) {
    case ("delay", .integer(let seconds)):
      return "\(AgeText.length(Double(seconds))) (\(seconds) s)"
    case ("timeout", .integer(let milliseconds)): return "\(milliseconds) ms"
    case ("size", .integer(let bytes)), ("dataBlockSize", .integer(let bytes)),
      ("fileLength", .integer(let bytes)):
      return "\(bytes) B"
    case ("windows", .array(let windows)):
      return windows.map { window in
        var text =
          "\(span(window)) (\(window["start"]?.whole ?? 0)–\(window["end"]?.whole ?? 0) s) after the order"
        if let mode = window["mode"]?.text { text += ", \(mode)" }
        if let retries = window["maxRetries"]?.whole { text += ", \(retries) retries" }
        if let message = window["userMessage"]?.text, !message.isEmpty { text += ", “\(message)”" }
        return text
      }.joined(separator: "; ")
    default: return EventText.oneLine(value)
    }
  }

  private static func source(_ order: TaskOrder) -> String { source(.object(order.arguments)) }

  private static func source(_ order: JSONValue) -> String {
    order["url"]?.text ?? String((order["file"]?.text ?? "").prefix(12))
  }

  static func state(_ task: TaskDetail) -> String {
    task.waitingFor.map { "\(task.state) for \($0)" } ?? task.state
  }

  /// The result or the fault in one line; while the task is open, why it is.
  static func outcome(_ task: TaskDetail) -> String {
    if !task.isEnded, let reason = task.reason { return reason }
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
        // Of several changes some may have been made.
        + (task.result.flatMap { filledTable(of: $0, order: task.order) } ?? [])
    }
    guard task.state == "done" else {
      return [DisplayText.escaped("\(task.device): \(state(task))")]
    }
    let said = task.result.map { lines(of: $0, order: task.order) } ?? []
    let summary = (said.isEmpty ? ["\(summary(task.order)): done"] : said).map {
      DisplayText.escaped("\(task.device): \($0)")
    }
    guard let result = task.result else { return summary }
    if task.order.kind == "diagnose" {
      let lines = DiagnosisText(result.values ?? []).lines(task.order["diagnosis"]?.text ?? "")
      return lines.isEmpty ? summary : lines
    }
    return filledTable(of: result, order: task.order) ?? summary
  }

  private static func filledTable(of result: TaskDetail.Result, order: TaskOrder) -> [String]? {
    guard let table = table(of: result, order: order), !table.isEmpty else { return nil }
    return table.lines()
  }

  /// What it brought, where that is a list that a person wants to see.
  private static func table(of result: TaskDetail.Result, order: TaskOrder) -> TextTable? {
    switch order.kind {
    case "get", "command":
      var table = TextTable("PATH", "TYPE", "VALUE")
      for value in result.values ?? [] { table.add(value.path, value.type ?? "", value.value.text) }
      return table
    case "getAttributes":
      var table = TextTable("PATH", "NOTIFICATION", "ACCESS")
      for attributes in result.attributes ?? [] {
        table.add(
          attributes.path, NotificationText.word(attributes.notification),
          attributes.accessList.joined(separator: ","))
      }
      return table
    case "listTransfers":
      var table = TextTable("KEY", "STATE", "DIRECTION", "TYPE", "SIZE", "NAME")
      for transfer in result.transfers ?? [] {
        table.add(
          transfer.commandKey, transfer.state,
          transfer.isDownload.map { $0 ? "download" : "upload" } ?? "", transfer.fileType ?? "",
          transfer.size.map { $0 > 0 ? SizeText.bytes($0) : "" } ?? "",
          transfer.targetFileName ?? "")
      }
      return table
    case "changeSoftware":
      var table = TextTable("UUID", "VERSION", "STATE", "RESOLVED", "PATH", "FAULT")
      for module in result.software ?? [] {
        table.add(
          module.uuid, module.version, module.state,
          module.isResolved.map { $0 ? "yes" : "no" } ?? "", module.path,
          module.fault.map { "\($0.code): \($0.text)" } ?? "")
      }
      return table
    case "listMethods":
      var table = TextTable("METHOD")
      for method in result.methods ?? [] { table.add(method) }
      return table
    case "getOptions":
      var table = TextTable("OPTION", "VOUCHER", "ENABLED", "SET UP", "FROM", "UNTIL")
      for option in result.options ?? [] {
        table.add(
          option.name, option.voucherSerialNumber, option.isEnabled ? "yes" : "no",
          option.isSetUp ? "yes" : "no", option.startDate, option.expirationDate ?? "")
      }
      return table
    default: return nil
    }
  }

  private static func lines(of result: TaskDetail.Result, order: TaskOrder) -> [String] {
    var lines: [String] = []
    if order.kind == "diagnose" {
      let summary = DiagnosisText(result.values ?? []).summary(order["diagnosis"]?.text ?? "")
      return summary.isEmpty ? [] : [summary]
    }
    func count(_ number: Int, _ word: String) {
      lines.append("\(number) \(word)\(number == 1 ? "" : "s")")
    }
    if let values = result.values { count(values.count, "value") }
    if let attributes = result.attributes { count(attributes.count, "parameter") }
    if let transfers = result.transfers { count(transfers.count, "transfer") }
    if let methods = result.methods { count(methods.count, "method") }
    if let options = result.options { count(options.count, "option") }
    for module in result.software ?? [] {
      lines.append(
        [module.uuid, module.version, module.state].filter { !$0.isEmpty }.joined(separator: " "))
    }
    if let file = result.file {
      lines.append("sent a file: acsctl get file \(file.prefix(12)) --save PATH")
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
