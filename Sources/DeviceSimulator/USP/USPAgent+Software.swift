import USP

/// SoftwareModules: InstallDU(), Update(), Uninstall(), execution units and environments (TR-181; TR-369, appendix on software modules).
extension USPAgent {
  private static let modules = "Device.SoftwareModules."
  private static var unitTable: String { modules + "DeploymentUnit." }
  private static var executionTable: String { modules + "ExecutionUnit." }
  private static var environmentTable: String { modules + "ExecEnv." }

  /// What DUStateChange! tells of one unit.
  private struct Change {
    var operation: String
    var uuid = ""
    var unit = ""
    var version = ""
    var state = "Failed"
    var executionUnits = ""
    var fault: USPFault?
  }

  /// The file of an Install or Update has come, or not.
  mutating func unitFetched(
    _ outcome: DownloadOutcome, _ request: RunningRequest, _ now: Duration
  ) {
    let isInstall = request.command.kind == .installUnit
    var change = Change(operation: isInstall ? "Install" : "Update")
    do throws(USPFault) {
      switch outcome {
      case .received: break
      case .refused(let status): throw USPFault(.commandFailure, "File server answered \(status)")
      case .unreachable: throw USPFault(.commandFailure, "File server unreachable")
      case .interrupted: throw USPFault(.commandFailure, "Download interrupted")
      }
      if random.happens(percent: behaviour.failSoftware) {
        throw USPFault(.systemResourcesExceeded, "failed on purpose")
      }
      change = try isInstall ? install(request) : update(request)
    } catch {
      change.fault = error
      change.uuid = isInstall ? request.argument("UUID") : tree.value(request.object + "UUID") ?? ""
    }
    finish(change, request, now)
  }

  private mutating func finish(_ change: Change, _ request: RunningRequest, _ now: Duration) {
    tellEvent(
      "DUStateChange!", of: Self.modules,
      [
        "UUID": change.uuid, "DeploymentUnitRef": change.unit, "Version": change.version,
        "CurrentState": change.state, "Resolved": change.fault == nil ? "true" : "false",
        "ExecutionUnitRefList": change.executionUnits,
        "StartTime": DateTimeText.format(request.startedAt),
        "CompleteTime": DateTimeText.format(tree.time.clock),
        "OperationPerformed": change.operation,
        "Fault.FaultCode": String(change.fault?.code.rawValue ?? 0),
        "Fault.FaultString": change.fault?.text ?? "",
      ], now)
    complete(request, change.fault.map { .failure($0) } ?? .success([:]), now)
    notes.append(
      .softwareChanged(
        name: change.uuid, state: change.fault.map { String($0.code.rawValue) } ?? change.state))
  }

  private mutating func install(_ request: RunningRequest) throws(USPFault) -> Change {
    let identity = UnitIdentity(url: request.argument("URL"))
    let given = request.argument("UUID")
    guard given.isEmpty || UnitIdentity.isUUID(given) else {
      throw USPFault(.invalidCommandArguments, "UUID is none")
    }
    let uuid = given.isEmpty ? identity.uuid : given
    let environment = try environment(request.argument("ExecutionEnvRef"))
    let rows = tree.rows(at: Self.unitTable)
    let isThere = rows.contains {
      tree.value($0.path + "UUID") == uuid && tree.value($0.path + "Version") == identity.version
        && tree.value($0.path + "ExecutionEnvRef") == environment
    }
    guard !isThere else { throw USPFault(.duplicateDeploymentUnit, "the unit is installed") }
    guard rows.count < SoftwareQueue.maximumUnits,
      let units = tree.place(at: Self.unitTable),
      let executions = tree.place(at: Self.executionTable)
    else { throw USPFault(.systemResourcesExceeded, "there is no room for more units") }
    let unit = tree.makeRow(in: units).path
    let execution = tree.makeRow(in: executions).path
    for (name, value) in [
      ("UUID", uuid), ("DUID", identity.name + "-" + uuid.prefix(8)), ("Name", identity.name),
      ("Status", "Installed"), ("Resolved", "true"), ("URL", request.argument("URL")),
      ("Vendor", tree.context.manufacturer), ("Version", identity.version),
      ("ExecutionUnitList", String(execution.dropLast())), ("ExecutionEnvRef", environment),
    ] { tree.set(unit + name, to: value) }
    for (name, value) in [
      ("EUID", identity.name + "-" + uuid.prefix(8)), ("Name", identity.name),
      ("ExecEnvLabel", identity.name), ("Status", "Active"),
      ("Vendor", tree.context.manufacturer), ("Version", identity.version),
      ("References", String(unit.dropLast())), ("ExecutionEnvRef", environment),
    ] { tree.set(execution + name, to: value) }
    return change("Install", unit, "Installed")
  }

  private mutating func update(_ request: RunningRequest) throws(USPFault) -> Change {
    let unit = request.object
    guard tree.place(at: unit) != nil else {
      throw USPFault(.objectDoesNotExist, "the unit is gone")
    }
    let given = request.argument("URL")
    let url = given.isEmpty ? tree.value(unit + "URL") ?? "" : given
    let version = UnitIdentity(url: url).version
    if UnitIdentity.isVersion(version, below: tree.value(unit + "Version") ?? "") {
      throw USPFault(.invalidDeploymentUnitState, "a newer version is installed")
    }
    tree.set(unit + "URL", to: url)
    tree.set(unit + "Version", to: version)
    for execution in executions(of: unit) { tree.set(execution + "Version", to: version) }
    return change("Update", unit, "Installed")
  }

  mutating func uninstall(_ request: RunningRequest, _ now: Duration) {
    let unit = request.object
    guard tree.place(at: unit) != nil else {
      complete(request, .failure(USPFault(.objectDoesNotExist, "the unit is gone")), now)
      return
    }
    var change = change("Uninstall", unit, "Uninstalled")
    change.executionUnits = ""
    for path in executions(of: unit) + [unit] {
      tree.place(at: path).map { tree.removeRow($0) }
    }
    finish(change, request, now)
  }

  private func executions(of unit: String) -> [String] {
    AgentSubscription.items(tree.value(unit + "ExecutionUnitList") ?? "").map { $0 + "." }
  }

  private func change(_ operation: String, _ unit: String, _ state: String) -> Change {
    Change(
      operation: operation, uuid: tree.value(unit + "UUID") ?? "", unit: String(unit.dropLast()),
      version: tree.value(unit + "Version") ?? "", state: state,
      executionUnits: tree.value(unit + "ExecutionUnitList") ?? "")
  }

  /// An environment that can be used; the agent chooses where the controller does not.
  private func environment(_ reference: String) throws(USPFault) -> String {
    let rows = tree.rows(at: Self.environmentTable).map(\.path)
    guard !reference.isEmpty else {
      guard let row = rows.first(where: { tree.value($0 + "Enable") == "true" }) else {
        throw USPFault(.invalidExecutionEnvironmentState, "no environment is enabled")
      }
      return String(row.dropLast())
    }
    let row = reference.hasSuffix(".") ? reference : reference + "."
    guard rows.contains(row) else {
      throw USPFault(.unknownExecutionEnvironment, "\(reference) is no environment")
    }
    guard tree.value(row + "Enable") == "true" else {
      throw USPFault(.invalidExecutionEnvironmentState, "\(reference) is not enabled")
    }
    return String(row.dropLast())
  }

  // MARK: Execution units and environments

  mutating func setUnitState(_ unit: AgentTree.Place, _ state: String) throws(USPFault) {
    guard ["Active", "Idle"].contains(state) else {
      throw USPFault(.invalidCommandArguments, "RequestedState is Active or Idle")
    }
    tree.set(unit.path + "Status", to: state)
  }

  mutating func restartUnit(_ unit: AgentTree.Place) throws(USPFault) {
    guard tree.value(unit.path + "Status") == "Active" else {
      throw USPFault(.commandFailure, "the unit is not active")
    }
    tree.set(unit.path + "Status", to: "Restarting")
    tree.set(unit.path + "Status", to: "Active")
  }

  mutating func restartEnvironment(_ request: RunningRequest, _ now: Duration) {
    tellEvent(
      "Restarted!", of: request.object,
      [
        "RestartTime": DateTimeText.format(tree.time.clock),
        "RestartReason": request.argument("Reason"),
      ], now)
    complete(request, .success([:]), now)
  }
}
