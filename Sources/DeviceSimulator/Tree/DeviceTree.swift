import CWMP

/// The parameters of one simulated device: what its model says, and what became different.
package struct DeviceTree: Sendable {
  package let model: DeviceModel
  package var context: DeviceContext
  private(set) var layout: TreeLayout
  /// Values that were written, by path.
  private var values: [String: String] = [:]
  /// Notification attributes that differ from the model's.
  private var notifications: [String: Int] = [:]
  private var accessLists: [String: [String]] = [:]
  /// The instances of tables that were changed.
  private var instanceNumbers: [String: [UInt32]] = [:]
  /// The highest instance number ever given in a table, because numbers are not used again (TR-069 A.3.2.6).
  private var highestNumbers: [String: UInt32] = [:]

  package init(model: DeviceModel, context: DeviceContext) {
    self.model = model
    self.context = context
    layout = model.layout
  }

  /// Puts everything back as it left the factory.
  mutating func reset() {
    self = DeviceTree(model: model, context: context)
  }

  // MARK: Reading

  /// The value by full path as the device itself knows it, hidden ones too; nil if there is no such parameter.
  package func storedValue(_ path: String, at time: ReadingTime) -> String? {
    guard let entry = layout.entry(path), let definition = entry.parameter else { return nil }
    return values[path] ?? render(entry, definition, at: time)
  }

  /// Whether the value was written since the device left the factory.
  func isWritten(_ path: String) -> Bool { values[path] != nil }

  /// The parameter as the ACS reads it; nil if there is none.
  package func read(_ path: String, at time: ReadingTime) -> ParameterValue? {
    guard let position = layout.position(path) else { return nil }
    return read(position, at: time)
  }

  private func read(_ position: Int, at time: ReadingTime) -> ParameterValue? {
    let entry = layout.entries[position]
    guard let definition = entry.parameter else { return nil }
    let value =
      definition.isHidden
      ? "" : values[entry.path] ?? render(entry, definition, at: time)
    return ParameterValue(name: entry.path, value: value, type: definition.type)
  }

  /// The answer to GetParameterValues (TR-069 A.3.2.2); throws fault 9005 for a path that is not there.
  package func values(of names: [String], at time: ReadingTime) throws(FaultDetail)
    -> [ParameterValue]
  {
    var result: [ParameterValue] = []
    for name in names {
      let position = try position(name)
      for index in position..<layout.entries[position].end {
        if let value = read(index, at: time) { result.append(value) }
      }
    }
    return result
  }

  /// The answer to GetParameterNames (TR-069 A.3.2.3).
  package func names(path: String, nextLevel: Bool) throws(FaultDetail) -> [ParameterInfo] {
    let start = try position(path)
    let isParameter = layout.entries[start].parameter != nil
    guard nextLevel else {
      return (start..<layout.entries[start].end).map(info)
    }
    // The next level of a full path does not exist (TR-069 A.3.2.3).
    guard !isParameter else { throw .cpeInvalidArguments }
    return path.isEmpty ? [info(start)] : layout.children(of: start).map(info)
  }

  private func info(_ position: Int) -> ParameterInfo {
    let entry = layout.entries[position]
    return ParameterInfo(name: entry.path, writable: entry.isWritable)
  }

  /// An empty path stands for the whole tree.
  private func position(_ path: String) throws(FaultDetail) -> Int {
    if path.isEmpty { return 0 }
    guard let position = layout.position(path) else { throw .cpeInvalidParameterName }
    return position
  }

  private func render(
    _ entry: TreeLayout.Entry, _ definition: ParameterDefinition, at time: ReadingTime
  ) -> String {
    let layout = layout
    return definition.expression(instances: entry.instances).render(
      ValueExpression.Scope(
        context: context, time: time, path: entry.path, instances: entry.instances,
        entries: { Self.entryCount(namedBy: entry.path, in: layout) }))
  }

  /// `…InterfaceNumberOfEntries` counts the instances of `…Interface.`; TR-098 has names whose table is elsewhere.
  private static func entryCount(namedBy path: String, in layout: TreeLayout) -> Int {
    let suffix = "NumberOfEntries"
    guard path.hasSuffix(suffix) else { return 0 }
    let stem = String(path.dropLast(suffix.count))
    let candidates = [stem + ".", stem + "ing.", stem + "Device."]
    for candidate in candidates {
      if let position = layout.position(candidate) { return layout.children(of: position).count }
    }
    return 0
  }

  // MARK: Writing

  /// Writes all or none (TR-069 A.3.2.1).
  ///
  /// - Returns: The paths whose value is another one now.
  package mutating func set(_ parameters: [ParameterValue], at time: ReadingTime)
    throws(SetFault) -> [String]
  {
    var faults: [ParameterFault] = []
    var seen: Set<String> = []
    for parameter in parameters {
      if let detail = problem(with: parameter, isRepeated: !seen.insert(parameter.name).inserted) {
        faults.append(ParameterFault(name: parameter.name, detail: detail))
      }
    }
    guard faults.isEmpty else { throw SetFault(parameters: faults) }
    var changed: [String] = []
    for parameter in parameters {
      let value = canonical(parameter)
      if storedValue(parameter.name, at: time) != value { changed.append(parameter.name) }
      values[parameter.name] = value
    }
    return changed
  }

  private func problem(with parameter: ParameterValue, isRepeated: Bool) -> FaultDetail? {
    guard let definition = layout.parameter(parameter.name) else { return .cpeInvalidParameterName }
    if isRepeated { return .cpeInvalidArguments }
    guard definition.isWritable else { return .cpeNonWritableParameter }
    guard definition.type == parameter.type else { return .cpeInvalidParameterType }
    guard definition.constraint.allows(parameter.value, type: definition.type) else {
      return .cpeInvalidParameterValue
    }
    return nil
  }

  private func canonical(_ parameter: ParameterValue) -> String {
    guard parameter.type == .boolean else { return parameter.value }
    return parameter.value == "1" || parameter.value == "true" ? "true" : "false"
  }

  /// Changes a value from within the device, whether or not the ACS may write it.
  ///
  /// - Returns: Whether there is such a parameter and its value is another one now.
  @discardableResult
  mutating func change(_ path: String, to value: String, at time: ReadingTime) -> Bool {
    guard let before = storedValue(path, at: time) else { return false }
    values[path] = value
    return before != value
  }

  // MARK: Instances

  /// Makes an instance with the model's initial values (TR-069 A.3.2.6).
  package mutating func addObject(_ path: String) throws(FaultDetail) -> UInt32 {
    guard let entry = layout.entry(path), case .table(let definition) = entry.kind else {
      throw .cpeInvalidParameterName
    }
    guard let capacity = definition.capacity else { throw .cpeRequestDenied }
    var numbers = numbers(of: path, definition)
    guard numbers.count < capacity else { throw .cpeResourcesExceeded }
    let number = max(highestNumbers[path] ?? 0, numbers.max() ?? 0, definition.instances) + 1
    numbers.append(number)
    highestNumbers[path] = number
    instanceNumbers[path] = numbers
    // A new instance has empty tables, whatever the factory's instances had.
    markEmptyTables(of: definition, path: path + String(number) + ".")
    layout = TreeLayout(model.tree, instanceNumbers: instanceNumbers)
    let instancePath = path + String(number) + "."
    guard let position = layout.position(instancePath) else { throw .cpeInternalError }
    for index in position..<layout.entries[position].end {
      let entry = layout.entries[index]
      guard let parameter = entry.parameter, !parameter.countsEntries else { continue }
      values[entry.path] = parameter.initial
    }
    return number
  }

  private mutating func markEmptyTables(of definition: ObjectDefinition, path: String) {
    for object in definition.objects {
      let childPath = path + object.name + "."
      if object.isTable {
        instanceNumbers[childPath] = []
      } else {
        markEmptyTables(of: object, path: childPath)
      }
    }
  }

  /// Removes an instance and everything below it (TR-069 A.3.2.7).
  package mutating func deleteObject(_ path: String) throws(FaultDetail) {
    guard let entry = layout.entry(path), case .instance(let definition) = entry.kind,
      let number = entry.instances.last
    else { throw .cpeInvalidParameterName }
    guard definition.capacity != nil else { throw .cpeRequestDenied }
    let table = String(path.dropLast(String(number).count + 1))
    let numbers = numbers(of: table, definition)
    highestNumbers[table] = max(highestNumbers[table] ?? 0, numbers.max() ?? 0)
    instanceNumbers[table] = numbers.filter { $0 != number }
    instanceNumbers = instanceNumbers.filter { !$0.key.hasPrefix(path) }
    values = values.filter { !$0.key.hasPrefix(path) }
    notifications = notifications.filter { !$0.key.hasPrefix(path) }
    accessLists = accessLists.filter { !$0.key.hasPrefix(path) }
    layout = TreeLayout(model.tree, instanceNumbers: instanceNumbers)
  }

  private func numbers(of table: String, _ definition: ObjectDefinition) -> [UInt32] {
    instanceNumbers[table] ?? Array(1..<(definition.instances + 1))
  }

  // MARK: Attributes

  /// 0 off, 1 passive, 2 active.
  func notification(_ path: String) -> Int {
    notifications[path] ?? layout.parameter(path)?.notification ?? 0
  }

  /// The answer to GetParameterAttributes (TR-069 A.3.2.5).
  package func attributes(of names: [String]) throws(FaultDetail) -> [ParameterAttributes] {
    var result: [ParameterAttributes] = []
    for name in names {
      let position = try position(name)
      for index in position..<layout.entries[position].end {
        let entry = layout.entries[index]
        guard entry.parameter != nil else { continue }
        result.append(
          ParameterAttributes(
            name: entry.path, notification: notification(entry.path),
            accessList: accessLists[entry.path] ?? []))
      }
    }
    return result
  }

  /// Changes attributes, all or none; later entries win (TR-069 A.3.2.4).
  package mutating func setAttributes(_ changes: [SetParameterAttributes]) throws(FaultDetail) {
    var targets: [(SetParameterAttributes, Range<Int>)] = []
    for change in changes {
      let position = try position(change.name)
      // Lightweight notifications are not supported.
      if let notification = change.notification, !(0...2).contains(notification) {
        throw .cpeInvalidArguments
      }
      targets.append((change, position..<layout.entries[position].end))
    }
    for (change, range) in targets {
      for index in range where layout.entries[index].parameter != nil {
        let path = layout.entries[index].path
        if let notification = change.notification { notifications[path] = notification }
        if let accessList = change.accessList { accessLists[path] = accessList }
      }
    }
  }
}

/// Why SetParameterValues wrote nothing.
package struct SetFault: Error, Sendable, Equatable {
  package var parameters: [ParameterFault]
}

extension ParameterDefinition {
  /// Whether the value is the number of a table's instances.
  var countsEntries: Bool {
    values.contains { $0.segments == [.entries] }
  }
}
