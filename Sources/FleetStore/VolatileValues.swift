import Fleet

/// The values that come with contacts, as `device_state.volatile` holds them.
///
/// They stand above the values of the tree's chunks, so that a contact that changes two of them rewrites one narrow
/// row and no chunk.
struct VolatileValues: Equatable {
  struct Entry: Equatable {
    var path: String
    var value: String
    var type: ParameterType
    /// Seconds since 1970 at which the value was first seen as it is.
    var changedAt: Int64

    /// Not less than the bytes that it takes.
    var size: Int {
      let isStandard = StandardPaths.edition1.place(of: path) != nil
      return (isStandard ? 12 : path.utf8.count) + value.utf8.count + 16
    }
  }

  /// Sorted by path.
  private(set) var entries: [Entry] = []

  static let format: UInt8 = 1

  init() {}

  /// - Throws: where the bytes are not what ``encoded()`` gave.
  init(decoding bytes: [UInt8]) throws(TreeCodecError) {
    guard !bytes.isEmpty else { return }
    let standard = StandardPaths.edition1
    var reader = ByteReader(bytes)
    guard try reader.byte() == Self.format else { throw .unknownCodec(Int16(bytes[0])) }
    let count = try reader.count(atMost: bytes.count)
    entries.reserveCapacity(count)
    var literal: [UInt8] = []
    var time: Int64 = 0
    for _ in 0..<count {
      let path: String
      let template = try reader.count(atMost: standard.count)
      if template > 0 {
        var place = StandardPaths.Place(template: template - 1, instances: [])
        for _ in 0..<standard.instanceCount(of: place.template) {
          guard let number = UInt32(exactly: try reader.unsigned()) else { throw .malformed }
          place.instances.append(number)
        }
        var text: [UInt8] = []
        guard standard.append(place, to: &text) else { throw .malformed }
        path = String(decoding: text, as: UTF8.self)
      } else {
        literal.removeSubrange(try reader.count(atMost: literal.count)...)
        try reader.append(try reader.count(atMost: bytes.count), to: &literal)
        path = String(decoding: literal, as: UTF8.self)
      }
      let type = Int(try reader.byte())
      guard type < ParameterType.allCases.count else { throw .malformed }
      time &+= try reader.signed()
      let length = try reader.count(atMost: bytes.count)
      entries.append(
        Entry(
          path: path, value: try reader.string(length), type: ParameterType.allCases[type],
          changedAt: time))
    }
  }

  /// The stored form: a path of a standard model as its number there and its instance numbers, any other front-coded.
  func encoded() -> [UInt8] {
    let standard = StandardPaths.edition1
    var bytes: [UInt8] = [Self.format]
    bytes.reserveCapacity(32 * entries.count + 8)
    bytes.append(unsigned: UInt64(entries.count))
    var literal = ""
    var time: Int64 = 0
    for entry in entries {
      if let place = standard.place(of: entry.path) {
        bytes.append(unsigned: UInt64(place.template + 1))
        for instance in place.instances { bytes.append(unsigned: UInt64(instance)) }
      } else {
        bytes.append(0)
        let shared = sharedPrefixLength(literal, entry.path)
        bytes.append(unsigned: UInt64(shared))
        bytes.append(unsigned: UInt64(entry.path.utf8.count - shared))
        bytes.append(contentsOf: entry.path.utf8.dropFirst(shared))
        literal = entry.path
      }
      bytes.append(UInt8(ParameterType.allCases.firstIndex(of: entry.type) ?? 0))
      bytes.append(signed: entry.changedAt - time)
      bytes.append(unsigned: UInt64(entry.value.utf8.count))
      bytes.append(contentsOf: entry.value.utf8)
      time = entry.changedAt
    }
    return bytes
  }

  subscript(path: String) -> Entry? {
    let index = position(of: path)
    guard index < entries.count, entries[index].path == path else { return nil }
    return entries[index]
  }

  /// Takes in what a device reported; of values for the same path the last one counts.
  /// - Parameter onlyKnown: leaves out paths that are not here yet.
  /// - Returns: the values that differ from those before, or are new.
  mutating func merge(_ values: [ReportedValue], at time: Int64, onlyKnown: Bool = false)
    -> [ReportedValue]
  {
    var changed: [ReportedValue] = []
    var added: [String: Int] = [:]
    var new: [ReportedValue] = []
    for value in values {
      let index = position(of: value.path)
      if index < entries.count, entries[index].path == value.path {
        guard entries[index].value != value.value || entries[index].type != value.type else {
          continue
        }
        entries[index].value = value.value
        entries[index].type = value.type
        entries[index].changedAt = time
        changed.append(value)
      } else if !onlyKnown {
        if let known = added[value.path] {
          new[known] = value
        } else {
          added[value.path] = new.count
          new.append(value)
        }
      }
    }
    guard !new.isEmpty else { return changed }
    // All at once: a device may come with a great many.
    entries += new.map {
      Entry(path: $0.path, value: $0.value, type: $0.type, changedAt: time)
    }
    entries.sort { $0.path < $1.path }
    return changed + new
  }

  /// Takes out the entries that a condition names, and returns them.
  mutating func remove(where condition: (Entry) -> Bool) -> [Entry] {
    let removed = entries.filter(condition)
    if !removed.isEmpty { entries.removeAll(where: condition) }
    return removed
  }

  /// Takes out the largest values until the rest takes about so many bytes.
  mutating func removeLargest(toFit size: Int) -> [Entry] {
    var left = entries.reduce(0) { $0 + $1.size }
    var paths: Set<String> = []
    for entry in entries.sorted(by: { $0.size > $1.size }) where left > size {
      left -= entry.size
      paths.insert(entry.path)
    }
    return remove { paths.contains($0.path) }
  }

  private func position(of path: String) -> Int {
    entries.firstPosition { $0.path >= path }
  }
}
