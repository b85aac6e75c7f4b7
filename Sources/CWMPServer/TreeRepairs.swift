import Fleet

/// Which objects of a device's tree a session reads again because something showed that the stored tree is out of date:
/// an instance has gone or come that this server knew nothing of.
///
/// A device that misleads costs little: each object is read once in a session, and only so many of them.
struct TreeRepairs {
  /// Objects that one session reads again at the most.
  static let limit = 16

  private(set) var pending: [String] = []
  private var known: Set<String> = []

  /// Makes the objects due that hold paths which the device says it has not.
  mutating func note(missing paths: [String]) {
    for path in paths {
      if let table = Self.table(of: path) ?? Self.parent(of: path) { note(object: table) }
    }
  }

  mutating func note(object: String) {
    guard known.count < Self.limit, known.insert(object).inserted,
      !pending.contains(where: object.hasPrefix)
    else { return }
    pending.removeAll { $0.hasPrefix(object) }
    pending.append(object)
  }

  /// The object to be read next.
  mutating func next() -> String? { pending.isEmpty ? nil : pending.removeFirst() }

  /// The device has not even the object: the one that holds it is due.
  mutating func note(gone object: String) {
    if let parent = Self.parent(of: object) { note(object: parent) }
  }

  /// The whole tree has been read, so that nothing is left to be put right.
  mutating func clear() {
    pending = []
  }

  /// The table of the last instance in a path: `Device.NAT.PortMapping.` of `Device.NAT.PortMapping.3.Enable`; nil where the path
  /// names no instance.
  static func table(of path: String) -> String? {
    let parts = path.split(separator: ".")
    guard let last = parts.lastIndex(where: { $0.isInstance || $0 == "*" }), last > 0 else {
      return nil
    }
    let stem = parts[..<last]
    // What stands behind an alias or a wildcard can't be read by that path.
    if stem.contains(where: { $0 == "*" || $0.first == "[" }) {
      return table(of: stem.joined(separator: ".") + ".")
    }
    return stem.joined(separator: ".") + "."
  }

  /// The object that holds a parameter or an object; nil for what stands right below the root, since the whole tree is not
  /// read again for it.
  static func parent(of path: String) -> String? {
    let parts = path.split(separator: ".")
    guard parts.count > 2, !parts.contains("*"), !parts.contains(where: { $0.first == "[" }) else {
      return nil
    }
    return parts.dropLast().joined(separator: ".") + "."
  }

  /// Makes the objects due that the stored tree has otherwise than the device tells.
  ///
  /// - Parameter values: those that may show it (``mayShowChange(_:)``).
  mutating func note(_ values: [ReportedValue], against tree: TreeKnowledge) {
    guard !tree.isUnread else { return }
    for value in values {
      if value.path.hasSuffix(Self.countSuffix) {
        let table = value.path.dropLast(Self.countSuffix.count) + "."
        guard let count = Int(value.value), tree.has(String(table)) else { continue }
        if tree.instances(of: String(table)).count != count { note(object: String(table)) }
      } else if !tree.has(value.path), let table = Self.table(of: value.path) {
        let instance = value.path.dropFirst(table.count).prefix { $0 != "." }
        if !tree.instances(of: table).contains(instance) { note(object: table) }
      }
    }
  }

  private static let countSuffix = "NumberOfEntries"

  /// Whether a value may show that instances have come or gone: it counts them, or belongs to one.
  static func mayShowChange(_ value: ReportedValue) -> Bool {
    value.path.hasSuffix(countSuffix) || table(of: value.path) != nil
  }
}
