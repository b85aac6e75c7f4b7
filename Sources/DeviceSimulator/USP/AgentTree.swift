import CWMP
import USP

/// The instantiated data model of one agent: what its blueprint says, and what became different.
///
/// It holds no more than the differences, so that ten thousand of them fit into a process.
struct AgentTree: Sendable {
  /// A place in the instantiated model: an object, a row, or a table as a whole.
  struct Place: Sendable {
    let object: AgentObject
    /// With instance numbers and a dot at its end.
    let path: String
    let instances: [UInt32]
    /// The table as a whole, not one of its rows.
    let isTable: Bool
    /// A row that a controller has made, or something in it: begins with defaults.
    let isAdded: Bool
  }

  /// What happened to the tree since it was last asked.
  struct Changes: Sendable, Equatable {
    var values: [String] = []
    var created: [String] = []
    var deleted: [String] = []

    var isEmpty: Bool { values.isEmpty && created.isEmpty && deleted.isEmpty }
  }

  let blueprint: AgentBlueprint
  let endpoint: String
  var context: DeviceContext
  var time = ReadingTime(uptime: 0, clock: 0)
  private(set) var values: [String: String] = [:]
  private var rows: [String: [UInt32]] = [:]
  /// The highest number ever given in a table, since numbers are not used again.
  private var highest: [String: UInt32] = [:]
  private(set) var changes = Changes()

  static let endpointPath = "Device.LocalAgent.EndpointID"

  init(blueprint: AgentBlueprint, endpoint: String, context: DeviceContext) {
    self.blueprint = blueprint
    self.endpoint = endpoint
    self.context = context
  }

  var model: AgentModel { blueprint.model }

  var root: Place {
    Place(
      object: model.root, path: model.root.path, instances: [], isTable: false, isAdded: false)
  }

  mutating func takeChanges() -> Changes {
    defer { changes = Changes() }
    return changes
  }

  /// Puts everything back as it left the factory, but for what is named.
  mutating func reset(keeping kept: [String]) {
    let before = values
    values = [:]
    rows = [:]
    highest = [:]
    for path in kept { values[path] = before[path] }
  }

  // MARK: Rows

  func numbers(of table: Place) -> [UInt32] {
    if let numbers = rows[table.path] { return numbers }
    // A new row has empty tables, whatever the factory's rows have.
    if table.isAdded { return [] }
    return blueprint.rows[table.path] ?? Self.numbers(table.object)
  }

  private static func numbers(_ object: AgentObject) -> [UInt32] {
    object.definition.instances == 0 ? [] : Array(1...object.definition.instances)
  }

  func row(_ number: UInt32, of table: Place) -> Place {
    let isFactory =
      blueprint.rows[table.path]?.contains(number) ?? (number <= table.object.definition.instances)
    return Place(
      object: table.object, path: table.path + String(number) + ".",
      instances: table.instances + [number], isTable: false,
      isAdded: table.isAdded || (!isFactory && table.object.isChangeable))
  }

  func rows(of table: Place) -> [Place] { numbers(of: table).map { row($0, of: table) } }

  func child(_ object: AgentObject, of place: Place) -> Place {
    Place(
      object: object, path: place.path + object.name + ".", instances: place.instances,
      isTable: object.isTable, isAdded: place.isAdded)
  }

  /// Makes a row, whether or not a controller may.
  mutating func makeRow(in table: Place) -> Place {
    let numbers = numbers(of: table)
    let number = max(highest[table.path] ?? 0, numbers.max() ?? 0) + 1
    rows[table.path] = numbers + [number]
    highest[table.path] = number
    let row = row(number, of: table)
    changes.created.append(row.path)
    countChanged(table)
    return row
  }

  mutating func removeRow(_ row: Place) {
    guard let number = row.instances.last else { return }
    let table = String(row.path.dropLast(String(number).utf8.count + 1))
    let place = Place(
      object: row.object, path: table, instances: Array(row.instances.dropLast()), isTable: true,
      isAdded: false)
    let numbers = rows[table] ?? self.numbers(of: place)
    guard numbers.contains(number) else { return }
    highest[table] = max(highest[table] ?? 0, numbers.max() ?? 0)
    rows[table] = numbers.filter { $0 != number }
    values = values.filter { !$0.key.hasPrefix(row.path) }
    rows = rows.filter { !$0.key.hasPrefix(row.path) }
    changes.deleted.append(row.path)
    countChanged(place)
  }

  /// The parameter that counts a table's rows has another value now.
  private mutating func countChanged(_ table: Place) {
    guard let dot = table.path.dropLast().lastIndex(of: ".") else { return }
    changes.values.append(
      table.path[...dot] + table.object.name + "NumberOfEntries")
  }

  // MARK: Values

  /// The value as the agent itself knows it, hidden ones too.
  func value(_ parameter: AgentParameter, of place: Place) -> String {
    let path = place.path + parameter.name
    if let value = values[path] ?? blueprint.values[path] { return value }
    if path == Self.endpointPath { return endpoint }
    let definition = parameter.definition
    if place.isAdded, !definition.countsEntries, definition.name != "Alias" {
      return definition.initial
    }
    return definition.expression(instances: place.instances).render(
      ValueExpression.Scope(
        context: context, time: time, path: path, instances: place.instances,
        entries: { entries(of: parameter.name, in: place) }))
  }

  private func entries(of name: String, in place: Place) -> Int {
    guard name.hasSuffix("NumberOfEntries"),
      let object = place.object.object(String(name.dropLast("NumberOfEntries".utf8.count)))
    else { return 0 }
    return numbers(of: child(object, of: place)).count
  }

  /// The value as a controller reads it: secrets are empty.
  func reading(_ parameter: AgentParameter, of place: Place) -> String {
    parameter.definition.isHidden ? "" : value(parameter, of: place)
  }

  /// The value by its full path; nil where there is no such parameter.
  func value(_ path: String) -> String? {
    guard let (place, parameter) = parameter(at: path) else { return nil }
    return value(parameter, of: place)
  }

  /// Changes a value, whether or not a controller may write it.
  mutating func set(_ parameter: AgentParameter, of place: Place, to value: String) {
    guard self.value(parameter, of: place) != value else { return }
    let path = place.path + parameter.name
    values[path] = value
    changes.values.append(path)
  }

  /// The same by a full path; what is not there is left alone.
  mutating func set(_ path: String, to value: String) {
    guard let (place, parameter) = parameter(at: path) else { return }
    set(parameter, of: place, to: value)
  }

  // MARK: Looking up

  /// The object, row or table at a path with instance numbers; nil where there is none.
  func place(at path: some StringProtocol) -> Place? {
    let parts = path.split(separator: ".")
    guard let first = parts.first, first == root.object.name else { return nil }
    var place = root
    for part in parts.dropFirst() {
      if place.isTable {
        guard let number = UInt32(part), numbers(of: place).contains(number) else { return nil }
        place = row(number, of: place)
      } else {
        guard let object = place.object.object(String(part)) else { return nil }
        place = child(object, of: place)
      }
    }
    return place
  }

  func parameter(at path: String) -> (Place, AgentParameter)? {
    guard let dot = path.lastIndex(of: "."), let place = place(at: path[..<dot]), !place.isTable,
      let parameter = place.object.parameter(String(path[path.index(after: dot)...]))
    else { return nil }
    return (place, parameter)
  }

  /// The paths of a table's rows.
  func rows(at table: String) -> [Place] {
    guard let place = place(at: table), place.isTable else { return [] }
    return rows(of: place)
  }

  /// The unique keys of a row, each parameter once.
  func keys(of row: Place) -> [String: String] {
    var keys: [String: String] = [:]
    for name in row.object.uniqueKeys.joined() {
      guard let parameter = row.object.parameter(name) else { continue }
      keys[name] = reading(parameter, of: row)
    }
    return keys
  }

  /// Calls for an object, row or table and for what is in it, at most so many levels deep; 0 for all.
  func forEach(below place: Place, levels: Int, _ body: (Place) -> Void) {
    if place.isTable {
      for row in rows(of: place) { forEach(below: row, levels: levels, body) }
      return
    }
    body(place)
    guard levels != 1 else { return }
    for object in place.object.objects {
      forEach(below: child(object, of: place), levels: max(0, levels - 1), body)
    }
  }
}
