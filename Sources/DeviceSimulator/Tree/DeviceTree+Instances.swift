import CWMP

/// AddObject, DeleteObject, and rows that the device itself makes and removes.
extension DeviceTree {
  /// Makes an instance with the model's initial values (TR-069 A.3.2.6).
  ///
  /// - Parameter path: A table such as `Device.NAT.PortMapping.`; with `[alias].` behind it, the instance gets that alias.
  package mutating func addObject(_ path: String) throws(FaultDetail) -> UInt32 {
    let (tablePath, alias) = Self.splitAlias(path)
    let position = try match(tablePath).position
    let entry = layout.entries[position]
    guard case .table(let definition) = entry.kind else { throw .cpeInvalidParameterName }
    guard let capacity = definition.capacity else { throw .cpeRequestDenied }
    guard numbers(of: entry.path, definition).count < capacity else {
      throw .cpeResourcesExceeded
    }
    if alias != nil {
      // The alias is taken, or the table has none (TR-069 A.3.2.6).
      guard isAliasBased, definition.parameters.contains(where: { $0.name == "Alias" }),
        (try? match(path)) == nil
      else { throw .cpeInvalidParameterName }
    }
    guard let number = makeInstance(in: entry.path) else { throw .cpeInternalError }
    if let alias { values[entry.path + "\(number).Alias"] = alias }
    return number
  }

  /// `Obj.[a].` is the table `Obj.` and the alias `a`.
  private static func splitAlias(_ path: String) -> (table: String, alias: String?) {
    guard path.hasSuffix("]."), let open = path.lastIndex(of: "["),
      let alias = alias(in: path[open...])
    else { return (path, nil) }
    return (String(path[..<open]), alias)
  }

  /// Makes a row, whether or not the ACS may; nil if there is no such table.
  mutating func makeInstance(in table: String) -> UInt32? {
    guard let entry = layout.entry(table), case .table(let definition) = entry.kind else {
      return nil
    }
    var numbers = numbers(of: table, definition)
    let number = max(highestNumbers[table] ?? 0, numbers.max() ?? 0, definition.instances) + 1
    numbers.append(number)
    highestNumbers[table] = number
    instanceNumbers[table] = numbers
    // A new instance has empty tables, whatever the factory's instances had.
    let instancePath = table + String(number) + "."
    markEmptyTables(of: definition, path: instancePath)
    layout = TreeLayout(model.tree, instanceNumbers: instanceNumbers)
    guard let position = layout.position(instancePath) else { return nil }
    for index in position..<layout.entries[position].end {
      let entry = layout.entries[index]
      guard let parameter = entry.parameter, !parameter.countsEntries else { continue }
      // The device's own rows begin as the model says, those of the ACS with defaults.
      values[entry.path] =
        definition.capacity == nil || parameter.name == "Alias"
        ? storedValue(entry.path, at: ReadingTime(uptime: 0, clock: 0)) : parameter.initial
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
    let entry = layout.entries[try match(path).position]
    guard case .instance(let definition) = entry.kind else { throw .cpeInvalidParameterName }
    guard definition.capacity != nil else { throw .cpeRequestDenied }
    removeInstances([entry.path])
  }

  /// Removes rows, whether or not the ACS may.
  mutating func removeInstances(_ paths: [String]) {
    for path in paths {
      guard let entry = layout.entry(path), case .instance(let definition) = entry.kind,
        let number = entry.instances.last
      else { continue }
      let table = String(path.dropLast(String(number).count + 1))
      let numbers = numbers(of: table, definition)
      highestNumbers[table] = max(highestNumbers[table] ?? 0, numbers.max() ?? 0)
      instanceNumbers[table] = numbers.filter { $0 != number }
      forget(below: path)
    }
    layout = TreeLayout(model.tree, instanceNumbers: instanceNumbers)
  }

  /// The paths of a table's rows.
  func instances(of table: String) -> [String] {
    guard let position = layout.position(table) else { return [] }
    return layout.children(of: position).map { layout.entries[$0].path }
  }

  /// Gives every row of the tables that can be changed another number, as devices do that do not keep them.
  mutating func renumberInstances() {
    let tables = layout.entries.filter { entry in
      if case .table(let definition) = entry.kind {
        return definition.capacity != nil && entry.instances.isEmpty
      }
      return false
    }
    for table in tables {
      let rows = instances(of: table.path)
      guard !rows.isEmpty else { continue }
      let base = max(highestNumbers[table.path] ?? 0, UInt32(rows.count))
      for (offset, row) in rows.enumerated() {
        let target = table.path + String(base + UInt32(offset) + 1) + "."
        move(from: row, to: target)
      }
      instanceNumbers[table.path] = rows.indices.map { base + UInt32($0) + 1 }
      highestNumbers[table.path] = base + UInt32(rows.count)
    }
    layout = TreeLayout(model.tree, instanceNumbers: instanceNumbers)
  }

  private mutating func move(from row: String, to target: String) {
    guard let position = layout.position(row) else { return }
    for index in position..<layout.entries[position].end {
      let entry = layout.entries[index]
      let path = target + entry.path.dropFirst(row.count)
      switch entry.kind {
      case .parameter(let definition) where !definition.countsEntries && !definition.isVolatile:
        values[path] = storedValue(entry.path, at: ReadingTime(uptime: 0, clock: 0))
      case .table(let definition):
        instanceNumbers[path] = numbers(of: entry.path, definition)
        highestNumbers[path] = highestNumbers[entry.path]
      default: break
      }
      if let notification = notifications[entry.path] { notifications[path] = notification }
      if let accessList = accessLists[entry.path] { accessLists[path] = accessList }
    }
    forget(below: row)
  }

  private mutating func forget(below path: String) {
    instanceNumbers = instanceNumbers.filter { !$0.key.hasPrefix(path) }
    values = values.filter { !$0.key.hasPrefix(path) }
    notifications = notifications.filter { !$0.key.hasPrefix(path) }
    accessLists = accessLists.filter { !$0.key.hasPrefix(path) }
  }

  private func numbers(of table: String, _ definition: ObjectDefinition) -> [UInt32] {
    instanceNumbers[table] ?? Array(1..<(definition.instances + 1))
  }
}
