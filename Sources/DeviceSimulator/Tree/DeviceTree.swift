import CWMP

/// The parameters of one simulated device: what its model says, and what became different.
package struct DeviceTree: Sendable {
  package let model: DeviceModel
  package var context: DeviceContext
  var layout: TreeLayout
  /// Values that were written, by path.
  var values: [String: String] = [:]
  /// Notification attributes that differ from the model's.
  var notifications: [String: Int] = [:]
  var accessLists: [String: [String]] = [:]
  /// The instances of tables that were changed.
  var instanceNumbers: [String: [UInt32]] = [:]
  /// The highest instance number ever given in a table, because numbers are not used again (TR-069 A.3.2.6).
  var highestNumbers: [String: UInt32] = [:]

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

  func read(_ position: Int, at time: ReadingTime) -> ParameterValue? {
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
      for match in try matches(name, wildcards: true) {
        for index in match.position..<layout.entries[match.position].end {
          guard var value = read(index, at: time) else { continue }
          value.name = spelling(of: index, below: match)
          result.append(value)
        }
      }
    }
    return result
  }

  /// The answer to GetParameterNames (TR-069 A.3.2.3).
  package func names(path: String, nextLevel: Bool) throws(FaultDetail) -> [ParameterInfo] {
    var result: [ParameterInfo] = []
    for match in try matches(path, wildcards: true) {
      let start = match.position
      let isParameter = layout.entries[start].parameter != nil
      guard nextLevel else {
        result += (start..<layout.entries[start].end).map { info($0, below: match) }
        continue
      }
      // The next level of a full path does not exist (TR-069 A.3.2.3).
      guard !isParameter else { throw .cpeInvalidArguments }
      let positions = path.isEmpty ? [start] : layout.children(of: start)
      result += positions.map { info($0, below: match) }
    }
    return result
  }

  private func info(_ position: Int, below match: Match) -> ParameterInfo {
    ParameterInfo(
      name: spelling(of: position, below: match), writable: layout.entries[position].isWritable)
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
  /// - Returns: The paths whose value is another one now, with instance numbers.
  package mutating func set(_ parameters: [ParameterValue], at time: ReadingTime)
    throws(SetFault) -> [String]
  {
    var faults: [ParameterFault] = []
    var seen: Set<String> = []
    var written: [(path: String, value: String)] = []
    // Instances that the call itself makes are kept only if all of it succeeds.
    var tree = self
    for parameter in parameters {
      do throws(FaultDetail) {
        let path = try tree.writablePath(parameter.name)
        guard seen.insert(path).inserted else { throw .cpeInvalidArguments }
        try tree.check(parameter, at: path)
        written.append((path, tree.canonical(parameter)))
      } catch {
        faults.append(ParameterFault(name: parameter.name, detail: error))
      }
    }
    guard faults.isEmpty else { throw SetFault(parameters: faults) }
    var changed: [String] = []
    for (path, value) in written {
      if tree.storedValue(path, at: time) != value { changed.append(path) }
      tree.values[path] = value
    }
    self = tree
    return changed
  }

  private func check(_ parameter: ParameterValue, at path: String) throws(FaultDetail) {
    guard let definition = layout.parameter(path) else { throw .cpeInvalidParameterName }
    guard definition.isWritable else { throw .cpeNonWritableParameter }
    guard definition.type == parameter.type else { throw .cpeInvalidParameterType }
    guard definition.constraint.allows(parameter.value, type: definition.type) else {
      throw .cpeInvalidParameterValue
    }
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
