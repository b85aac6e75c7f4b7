import CWMP

/// The tables SoftwareModules.DeploymentUnit and ExecutionUnit, and the operations on them.
extension SimulatedCPE {
  var unitTable: String { tree.model.path("SoftwareModules.DeploymentUnit.") }
  private var executionTable: String { tree.model.path("SoftwareModules.ExecutionUnit.") }
  private var environmentTable: String { tree.model.path("SoftwareModules.ExecEnv.") }

  /// A value of a deployment unit, an execution unit or an environment by its row.
  func unit(_ row: String, _ name: String) -> String {
    tree.storedValue(row + name, at: ReadingTime(uptime: 0, clock: 0)) ?? ""
  }

  private mutating func setUnit(_ row: String, _ values: [(String, String)], _ now: Duration) {
    for (name, value) in values { tree.change(row + name, to: value, at: readingTime(now)) }
  }

  /// The rows that an update is about: by UUID, by URL, or all of them.
  func rows(matching update: ChangeDUState.Update) -> [String] {
    let rows = tree.instances(of: unitTable)
    if !update.uuid.isEmpty { return rows.filter { unit($0, "UUID") == update.uuid } }
    if !update.url.isEmpty { return rows.filter { unit($0, "URL") == update.url } }
    return rows
  }

  /// Does one operation, unless it has failed already.
  mutating func results(
    of operation: ChangeDUState.Operation, _ fault: FaultDetail?, _ now: Duration
  ) -> [DeploymentUnitResult] {
    do throws(FaultDetail) {
      if let fault { throw fault }
      switch operation {
      case .install(let install): return [try self.install(install, now)]
      case .update(let update): return try self.update(update, now)
      case .uninstall(let uninstall): return try self.uninstall(uninstall, now)
      }
    } catch {
      return [failed(operation, error)]
    }
  }

  private func failed(_ operation: ChangeDUState.Operation, _ fault: FaultDetail)
    -> DeploymentUnitResult
  {
    let (uuid, version): (String, String) =
      switch operation {
      case .install(let install): (install.uuid, UnitIdentity(url: install.url).version)
      case .update(let update): (update.uuid, update.version)
      case .uninstall(let uninstall): (uninstall.uuid, uninstall.version)
      }
    return DeploymentUnitResult(
      uuid: uuid, version: version, currentState: "Failed", resolved: false, fault: fault)
  }

  /// Puts a unit into the tables.
  mutating func install(_ install: ChangeDUState.Install, _ now: Duration) throws(FaultDetail)
    -> DeploymentUnitResult
  {
    guard install.uuid.isEmpty || UnitIdentity.isUUID(install.uuid) else { throw .unitInvalidUUID }
    let environment = try environment(install.executionEnvRef)
    let identity = UnitIdentity(url: install.url)
    let uuid = install.uuid.isEmpty ? identity.uuid : install.uuid
    // A Java archive needs Java, and nothing else does.
    guard (unit(environment + ".", "Type") == "Java SE") == install.url.hasSuffix(".jar") else {
      throw .unitEnvironmentMismatch
    }
    let rows = tree.instances(of: unitTable)
    let isThere = rows.contains {
      unit($0, "UUID") == uuid && unit($0, "Version") == identity.version
        && unit($0, "ExecutionEnvRef") == environment
    }
    guard !isThere else { throw .unitDuplicate }
    guard rows.count < SoftwareQueue.maximumUnits,
      let number = tree.makeInstance(in: unitTable),
      let executionNumber = tree.makeInstance(in: executionTable)
    else { throw .unitResourcesExceeded }
    let row = "\(unitTable)\(number)."
    let execution = "\(executionTable)\(executionNumber)."
    setUnit(
      row,
      [
        ("UUID", uuid), ("DUID", "\(identity.name)-\(number)"), ("Name", identity.name),
        ("Status", "Installed"), ("Resolved", "true"), ("URL", install.url),
        ("Vendor", tree.context.manufacturer), ("Version", identity.version),
        ("ExecutionUnitList", String(execution.dropLast())), ("ExecutionEnvRef", environment),
      ], now)
    setUnit(
      execution,
      [
        ("EUID", "\(identity.name)-\(executionNumber)"), ("Name", identity.name),
        ("ExecEnvLabel", identity.name), ("Status", "Active"),
        ("Vendor", tree.context.manufacturer), ("Version", identity.version),
        ("References", String(row.dropLast())), ("ExecutionEnvRef", environment),
      ], now)
    return result(row, "Installed")
  }

  private mutating func update(_ update: ChangeDUState.Update, _ now: Duration)
    throws(FaultDetail) -> [DeploymentUnitResult]
  {
    guard update.uuid.isEmpty || UnitIdentity.isUUID(update.uuid) else { throw .unitInvalidUUID }
    let rows = rows(matching: update)
    guard !rows.isEmpty else { throw .unitUnknown }
    if rows.count > 1, !update.uuid.isEmpty, update.version.isEmpty {
      throw .unitVersionNotSpecified
    }
    var results: [DeploymentUnitResult] = []
    for row in rows {
      let url = update.url.isEmpty ? unit(row, "URL") : update.url
      let current = unit(row, "Version")
      let version = update.version.isEmpty ? UnitIdentity(url: url).version : update.version
      guard unit(row, "Status") == "Installed" else { throw .unitInvalidState }
      // What comes from the URL it came from before may well be the same.
      if version == current, !update.url.isEmpty, url != unit(row, "URL") {
        throw .unitVersionExists
      }
      if UnitIdentity.isVersion(version, below: current) { throw .unitDowngrade }
      setUnit(row, [("URL", url), ("Version", version), ("Resolved", "true")], now)
      for execution in unit(row, "ExecutionUnitList").split(separator: ",") {
        setUnit(execution + ".", [("Version", version)], now)
      }
      results.append(result(row, "Installed"))
    }
    return results
  }

  private mutating func uninstall(_ uninstall: ChangeDUState.Uninstall, _ now: Duration)
    throws(FaultDetail) -> [DeploymentUnitResult]
  {
    guard UnitIdentity.isUUID(uninstall.uuid) else { throw .unitInvalidUUID }
    if !uninstall.executionEnvRef.isEmpty {
      guard tree.layout.entry(Self.row(uninstall.executionEnvRef)) != nil else {
        throw .unitUnknownEnvironment
      }
    }
    let rows = tree.instances(of: unitTable).filter {
      unit($0, "UUID") == uninstall.uuid
        && (uninstall.version.isEmpty || unit($0, "Version") == uninstall.version)
        && (uninstall.executionEnvRef.isEmpty
          || Self.row(uninstall.executionEnvRef) == unit($0, "ExecutionEnvRef") + ".")
    }
    guard !rows.isEmpty else { throw .unitUnknown }
    let results = rows.map { row in
      var result = result(row, "Uninstalled")
      result.executionUnitRefs = []
      return result
    }
    let executions = rows.flatMap {
      unit($0, "ExecutionUnitList").split(separator: ",").map { String($0) + "." }
    }
    tree.removeInstances(rows + executions)
    return results
  }

  private func result(_ row: String, _ state: String) -> DeploymentUnitResult {
    DeploymentUnitResult(
      uuid: unit(row, "UUID"), deploymentUnitRef: String(row.dropLast()),
      version: unit(row, "Version"), currentState: state, resolved: true,
      executionUnitRefs: unit(row, "ExecutionUnitList").split(separator: ",").map(String.init))
  }

  /// The path of an environment that can be used; the device chooses where the ACS does not.
  private func environment(_ reference: String) throws(FaultDetail) -> String {
    let rows = tree.instances(of: environmentTable)
    guard !reference.isEmpty else {
      guard let row = rows.first(where: { unit($0, "Enable") == "true" }) else {
        throw .unitDisabledEnvironment
      }
      return String(row.dropLast())
    }
    guard rows.contains(Self.row(reference)) else { throw .unitUnknownEnvironment }
    guard unit(Self.row(reference), "Enable") == "true" else { throw .unitDisabledEnvironment }
    return String(Self.row(reference).dropLast())
  }

  private static func row(_ reference: String) -> String {
    reference.hasSuffix(".") ? reference : reference + "."
  }

  /// An execution unit goes into the state that the ACS has asked for, and says so.
  mutating func followRequestedStates(_ paths: [String], _ now: Duration) {
    let suffix = ".RequestedState"
    for path in paths where path.hasPrefix(executionTable) && path.hasSuffix(suffix) {
      let state = tree.storedValue(path, at: readingTime(now)) ?? ""
      guard !state.isEmpty else { continue }
      tree.change(path, to: "", at: readingTime(now))
      change(String(path.dropLast(suffix.count)) + ".Status", to: state, now)
    }
  }
}
