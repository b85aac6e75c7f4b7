import DeviceModel

/// What devices of one make and firmware support, whatever instances they have at the moment.
package struct SupportedModel: Sendable, Equatable {
  /// Sorted by path, each path once.
  package private(set) var items: [SupportedItem]
  /// The documents that the devices say to follow (`DeviceInfo.SupportedDataModel`).
  package private(set) var announced: [AnnouncedModel]
  /// Whether there is more than is kept.
  package private(set) var isCut: Bool

  /// More than any standard model has, with all of its services.
  package static let maxItems = 20_000
  static let maxAnnounced = 64
  /// TR-106 allows 256 characters.
  static let maxPathBytes = 512
  /// Dots of a path; the deepest standard objects have 12.
  static let maxParts = 32

  package init(
    items: some Sequence<SupportedItem>, announced: [AnnouncedModel] = [], isCut: Bool = false
  ) {
    var byPath: [String: SupportedItem] = [:]
    var isCut = isCut
    for item in items {
      guard item.path.utf8.count <= Self.maxPathBytes,
        item.path.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= Self.maxParts,
        byPath.count < Self.maxItems || byPath[item.path] != nil
      else {
        isCut = true
        continue
      }
      if let known = byPath[item.path] {
        byPath[item.path] = known.merged(with: item)
      } else {
        byPath[item.path] = item
      }
    }
    for path in byPath.keys.sorted() where !Self.addObjects(above: path, to: &byPath) {
      isCut = true
      break
    }
    Self.settleTables(&byPath)
    let sorted = byPath.values.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    self.items = sorted
    self.announced = Array(announced.prefix(Self.maxAnnounced))
    self.isCut = isCut
  }

  /// What the tree of one device shows.
  package init(of tree: [StoredParameter]) {
    self.init(items: tree.lazy.map { SupportedItem($0) }, announced: AnnouncedModel.all(in: tree))
  }

  /// Together with what another device of the same make and firmware has.
  package func union(_ other: SupportedModel) -> SupportedModel {
    SupportedModel(
      items: items + other.items,
      announced: announced + other.announced.filter { !announced.contains($0) },
      isCut: isCut || other.isCut)
  }

  package func count(of kind: SupportedItem.Kind) -> Int { items.count { $0.kind == kind } }

  /// What something is in is there, be it listed or not.
  /// - Returns: false where there are as many items as may be.
  private static func addObjects(above path: String, to items: inout [String: SupportedItem])
    -> Bool
  {
    var rest = path.utf8.dropLast()[...]
    while let dot = rest.lastIndex(of: UInt8(ascii: ".")) {
      rest = rest[..<dot]
      // A table is its rows.
      guard !path.utf8[dot...].starts(with: ".{i}.".utf8) else { continue }
      let object = String(path[...dot])
      guard items[object] == nil else { return true }
      guard items.count < maxItems else { return false }
      items[object] = SupportedItem(path: object, kind: .object)
    }
    return true
  }

  /// A table's own path and that of its rows are one item, that of the rows, wherever rows were seen or can be added.
  private static func settleTables(_ items: inout [String: SupportedItem]) {
    // Some devices say of every object that rows can be added to it.
    let filled = Set(items.keys.compactMap { parent(of: $0) })
    for (path, item) in items where item.kind == .object && !path.hasSuffix("{i}.") {
      let rowPath = path + "{i}."
      let mayGrow = item.access != nil && item.access != .readOnly && !filled.contains(path)
      guard items[rowPath] != nil || mayGrow else { continue }
      items[path] = nil
      if var row = items[rowPath] {
        row.access = .together(row.access, item.access)
        items[rowPath] = row
      } else {
        // What can be added can be removed, as data models have it; no row is there to tell.
        items[rowPath] = SupportedItem(path: rowPath, kind: .object, access: .createDelete)
      }
    }
  }

  /// The object that something is directly in; for a row, what the table is in.
  private static func parent(of path: String) -> String? {
    var rest = path.utf8.dropLast()
    if rest.last == UInt8(ascii: "}") { rest = rest.dropLast("{i}.".utf8.count) }
    return rest.lastIndex(of: UInt8(ascii: ".")).map { String(path[...$0]) }
  }
}

/// An item of what devices support.
package struct SupportedItem: Sendable, Hashable {
  /// In the words of data models (TR-106, TR-369 GetSupportedDM).
  package enum Kind: String, Sendable, CaseIterable {
    case object
    case parameter = "param"
    case command, event
    case input = "input-param"
    case output = "output-param"
    case eventArgument = "event-param"
  }

  /// Of a parameter the first three, of an object the first and the last three.
  package enum Access: String, Sendable, CaseIterable {
    case readOnly, readWrite, writeOnly, create, delete, createDelete
  }

  /// With `{i}` for instances; an object's ends in a dot.
  package var path: String
  package var kind: Kind
  /// Nil where no device has told.
  package var access: Access?
  /// Nil where no device has told, and for what has none.
  package var type: ParameterType?

  package init(path: String, kind: Kind, access: Access? = nil, type: ParameterType? = nil) {
    self.path = path
    self.kind = kind
    self.access = access
    self.type = type
  }

  func merged(with other: SupportedItem) -> SupportedItem {
    var merged = self
    merged.access = .together(access, other.access)
    merged.type = type ?? other.type
    return merged
  }
}

extension SupportedItem.Access {
  /// What may be done at one place or another.
  static func together(_ one: Self?, _ other: Self?) -> Self? {
    guard let one, let other, one != other else { return one ?? other }
    if one == .readOnly { return other }
    if other == .readOnly { return one }
    switch (one, other) {
    case (.readWrite, _), (_, .readWrite), (.writeOnly, _), (_, .writeOnly): return .readWrite
    default: return .createDelete
    }
  }
}

extension SupportedItem {
  /// What one place of a tree shows.
  init(_ parameter: StoredParameter) {
    let isRow = parameter.isObject && PathTemplate.endsInInstance(parameter.path)
    let access: Access? = parameter.writable.map { isWritable in
      guard isWritable else { return .readOnly }
      // A table's own path tells of rows to come, a row's of its going (TR-069 A.3.2.3).
      return parameter.isObject ? (isRow ? .delete : .create) : .readWrite
    }
    self.init(
      path: PathTemplate.text(of: parameter.path),
      kind: parameter.isObject ? .object : .parameter, access: access,
      type: parameter.value == nil ? nil : parameter.type)
  }
}

/// A document that a device says to follow (`DeviceInfo.SupportedDataModel.{i}.`).
package struct AnnouncedModel: Sendable, Hashable, Codable {
  package var url: String
  package var urn: String?
  package var uuid: String?
  /// Comma-separated.
  package var features: String?

  /// Unicode scalars of a text: a character may have any number of them.
  private static let maxScalars = 1_024

  /// Those that a tree shows.
  package static func all(in tree: [StoredParameter]) -> [AnnouncedModel] {
    var rows: [String: [String: String]] = [:]
    for parameter in tree {
      // What most paths are not, told without a look at the table of names.
      guard let dot = parameter.path.utf8.firstIndex(of: UInt8(ascii: ".")),
        parameter.path.utf8[dot...].starts(with: ".DeviceInfo.SupportedDataModel.".utf8),
        let value = parameter.value, !value.isEmpty
      else { continue }
      let parts = canonicalFactName(parameter.path).split(separator: ".")
      guard parts.count == 4, parts[0] == "DeviceInfo", parts[1] == "SupportedDataModel" else {
        continue
      }
      rows[String(parts[2]), default: [:]][String(parts[3])] = String(
        String.UnicodeScalarView(value.unicodeScalars.prefix(maxScalars)))
    }
    let announced = rows.values.compactMap { row -> AnnouncedModel? in
      guard row["URL"] != nil || row["URN"] != nil || row["UUID"] != nil else { return nil }
      return AnnouncedModel(
        url: row["URL"] ?? "", urn: row["URN"], uuid: row["UUID"], features: row["Features"])
    }
    return Set(announced).sorted { ($0.url, $0.urn ?? "") < ($1.url, $1.urn ?? "") }
  }
}
