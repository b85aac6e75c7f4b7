/// What of a model a device's tree has.
struct TreeSurvey {
  let model: DataModel
  /// At how many paths each item was seen.
  private var paths: [Int]
  /// Whether something in the item was seen.
  private var holdsSomething: [Bool]
  /// How the device lets the items be written; of a table, whether rows can be added.
  private var writing: [Writing]
  /// Tables that the device has, be it without rows.
  private var isListed: [Bool]
  /// By the place of the parameter that counts its rows: the place of the table.
  private let countedTables: [Int: Int]
  /// By the path of the table, for example `Device.WiFi.SSID.`: what the parameter says that counts its rows.
  private var counts: [String: String] = [:]
  /// By the path of the table: the instances that were seen.
  private var rows: [String: Set<Substring>] = [:]
  /// Where the path before this one was; a look at the rows above it is enough.
  private var latestObject: Substring = ""

  private struct Writing: OptionSet {
    let rawValue: UInt8
    static let allowed = Writing(rawValue: 1)
    static let refused = Writing(rawValue: 2)
  }

  enum Kind {
    case item(Int)
    /// A table as such, whose path does not end in an instance; the place is that of its rows.
    case table(Int)
  }

  init(_ model: DataModel) {
    self.model = model
    paths = Array(repeating: 0, count: model.items.count)
    holdsSomething = Array(repeating: false, count: model.items.count)
    writing = Array(repeating: [], count: model.items.count)
    isListed = Array(repeating: false, count: model.items.count)
    var countedTables: [Int: Int] = [:]
    for (place, item) in model.items.enumerated() {
      guard item.isTable, let name = item.table?.countParameter else { continue }
      let parent = item.parent.map { model.items[$0].path } ?? ""
      if let parameter = model.place(of: parent + name) { countedTables[parameter] = place }
    }
    self.countedTables = countedTables
  }

  /// Looks a path up and takes note of it.
  /// - Returns: nil where the model has nothing of the kind.
  mutating func take(_ item: ObservedItem) -> Kind? {
    noteRows(of: item.path)
    if let place = model.place(of: item.path) {
      paths[place] += 1
      note(item.isWritable, at: place, isTable: false)
      noteAbove(place)
      if let table = countedTables[place], let value = item.value {
        isListed[table] = true
        counts[path(ofTable: table, countedBy: item.path, at: place)] = value
      }
      return .item(place)
    }
    guard item.path.utf8.last == UInt8(ascii: "."), let place = model.place(of: item.path + "1.")
    else { return nil }
    isListed[place] = true
    rows[item.path, default: []].formUnion([])
    note(item.isWritable, at: place, isTable: true)
    if let parent = model.items[place].parent {
      holdsSomething[parent] = true
      noteAbove(parent)
    }
    return .table(place)
  }

  /// At how many paths an item was seen.
  func uses(of place: Int) -> Int { paths[place] }

  func isPresent(_ place: Int) -> Bool { paths[place] > 0 || holdsSomething[place] }

  /// Whether the device has a table, be it without rows.
  func isTablePresent(_ place: Int) -> Bool { isListed[place] || isPresent(place) }

  /// Whether the device has told that an item can't be written, and none of its instances can; of a table, that rows can't be added.
  func isNeverWritable(_ place: Int) -> Bool { writing[place] == .refused }

  /// The tables that the device has, with what it counts them to.
  func tables() -> [(path: String, table: Int, rows: Int, counted: String?)] {
    Set(rows.keys).union(counts.keys).compactMap { path in
      guard let table = model.place(of: path + "1."), model.items[table].isTable else {
        return nil
      }
      return (path, table, rows[path]?.count ?? 0, counts[path])
    }
  }

  // MARK: Taking note

  private mutating func note(_ isWritable: Bool?, at place: Int, isTable: Bool) {
    // A row tells of its removal.
    guard let isWritable, isTable || model.items[place].kind.isParameter else { return }
    writing[place].insert(isWritable ? .allowed : .refused)
  }

  private mutating func noteAbove(_ place: Int) {
    var parent = model.items[place].parent
    while let above = parent, !holdsSomething[above] {
      holdsSomething[above] = true
      parent = model.items[above].parent
    }
  }

  private mutating func noteRows(of path: String) {
    guard let end = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return }
    let object = path[...end]
    guard object != latestObject else { return }
    latestObject = object
    var start = object.startIndex
    while let dot = object.utf8[start...].firstIndex(of: UInt8(ascii: ".")) {
      let part = object[start..<dot]
      if PathTemplate.isInstance(part) {
        rows[String(object[..<start]), default: []].insert(part)
      }
      start = object.utf8.index(after: dot)
    }
  }

  /// The path of the table whose rows a parameter counts, in the object in which the parameter was seen.
  private func path(ofTable table: Int, countedBy path: String, at place: Int) -> String {
    let item = model.items[table]
    let parent = item.parent.map { model.items[$0].path } ?? ""
    let name = item.path.utf8.dropFirst(parent.utf8.count).dropLast("{i}.".utf8.count)
    let own = model.items[place].path.utf8.count - parent.utf8.count
    return String(Substring(path.utf8.dropLast(own))) + String(Substring(name))
  }
}

extension ModelItem {
  /// Whether it stands for the rows of a table.
  var isTable: Bool { kind.isObject && path.hasSuffix(".{i}.") }
}
