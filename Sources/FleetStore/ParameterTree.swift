import Fleet

/// A device's stored tree in memory: sorted parameters, in the pieces in which the database holds them.
///
/// A change touches only the pieces in which it lies; a piece that outgrows its row is cut in two.
struct ParameterTree {
  /// A stored piece of the tree.
  struct Chunk: Equatable {
    var number: Int16
    /// Sorted by path, never empty except when the last parameter has just gone.
    var parameters: [StoredParameter]
    var isChanged: Bool
  }

  /// In the order of their paths.
  private(set) var chunks: [Chunk]
  /// The paths that ``apply(_:)`` has taken out.
  private(set) var removedPaths: [String] = []

  init(chunks: [Chunk] = []) {
    self.chunks = chunks.filter { !$0.parameters.isEmpty }.sorted {
      $0.parameters[0].path < $1.parameters[0].path
    }
  }

  var parameters: [StoredParameter] { chunks.flatMap(\.parameters) }
  var count: Int { chunks.reduce(0) { $0 + $1.parameters.count } }

  /// Brings in what a device told.
  /// - Returns: the values that are new or differ from those before.
  mutating func apply(_ update: TreeUpdate) -> [ReportedValue] {
    let time = Int64(update.at)
    var incoming: [String: StoredParameter] = [:]
    incoming.reserveCapacity(update.names.count + update.values.count)
    for name in update.names {
      incoming[name.path] = StoredParameter(
        path: name.path, writable: name.writable, changedAt: time)
    }
    for value in update.values {
      incoming[value.path, default: StoredParameter(path: value.path, changedAt: time)]
        .take(value: value)
    }

    var changed: [ReportedValue] = []
    for index in chunks.indices {
      removedPaths += chunks[index].refresh(from: &incoming, update: update, changed: &changed)
    }
    insert(incoming.values.sorted { $0.path < $1.path }, changed: &changed)
    return changed
  }

  /// Puts parameters that are not stored yet where they belong.
  private mutating func insert(_ added: [StoredParameter], changed: inout [ReportedValue]) {
    guard !added.isEmpty else { return }
    for parameter in added {
      if let value = parameter.value {
        changed.append(
          ReportedValue(path: parameter.path, value: value, type: parameter.type))
      }
    }
    let kept = chunks.indices.filter { !chunks[$0].parameters.isEmpty }
    guard !kept.isEmpty else {
      if chunks.isEmpty {
        chunks = [Chunk(number: 0, parameters: added, isChanged: true)]
      } else {
        chunks[0].parameters = added
        chunks[0].isChanged = true
      }
      return
    }
    var start = added.startIndex
    for (position, index) in kept.enumerated() {
      let end: Int
      if position + 1 < kept.count {
        let next = chunks[kept[position + 1]].parameters[0].path
        end = added[start...].firstIndex { $0.path >= next } ?? added.endIndex
      } else {
        end = added.endIndex
      }
      guard end > start else { continue }
      chunks[index].merge(added[start..<end])
      start = end
    }
  }

  /// The rows that differ from the stored ones, packed.
  struct Rows {
    var written: [(number: Int16, codec: Int16, data: [UInt8])] = []
    var removed: [Int16] = []
  }

  /// Packs the pieces that changed, cutting those that are too large for a row.
  func pack(with codec: TreeCodec) throws(TreeCodecError) -> Rows {
    var rows = Rows()
    var nextNumber = (chunks.map(\.number).max() ?? -1) + 1
    for chunk in chunks where chunk.isChanged {
      if chunk.parameters.isEmpty {
        rows.removed.append(chunk.number)
        continue
      }
      var number: Int16? = chunk.number
      for piece in Self.pieces(of: chunk.parameters) {
        var pending = [piece]
        while let part = pending.popLast() {
          let data = try codec.encode(chunk.parameters[part])
          if data.count > Self.maxPackedSize, part.count > 1 {
            let middle = part.lowerBound + part.count / 2
            pending.append(middle..<part.upperBound)
            pending.append(part.lowerBound..<middle)
            continue
          }
          guard nextNumber < Int16.max else { throw .malformed }
          rows.written.append((number ?? nextNumber, TreeCodec.current.rawValue, data))
          if number == nil { nextNumber += 1 }
          number = nil
        }
      }
    }
    return rows
  }

  /// A packed piece above this is cut; together with its row's overhead it stays well below the size at which PostgreSQL moves a
  /// value out of the row.
  static let maxPackedSize = 1_500
  /// Pieces begin at about this size unpacked, which packs to less than ``maxPackedSize`` for all but random values.
  private static let unpackedSize = 6_000

  private static func pieces(of parameters: [StoredParameter]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = 0
    var size = 0
    var previous = ""
    for (index, parameter) in parameters.enumerated() {
      let own =
        parameter.path.utf8.count - sharedPrefixLength(previous, parameter.path)
        + (parameter.value?.utf8.count ?? 0) + 4
      if size + own > unpackedSize, index > start {
        pieces.append(start..<index)
        start = index
        size = 0
      }
      size += own
      previous = parameter.path
    }
    pieces.append(start..<parameters.count)
    return pieces
  }
}

extension ParameterTree.Chunk {
  /// Brings what is new into the parameters that are here already and takes those out that are gone; removes from `incoming` what found its place.
  fileprivate mutating func refresh(
    from incoming: inout [String: StoredParameter], update: TreeUpdate,
    changed: inout [ReportedValue]
  ) -> [String] {
    var removed: [String] = []
    for index in parameters.indices {
      let path = parameters[index].path
      if let news = incoming.removeValue(forKey: path) {
        if let value = news.value,
          parameters[index].value != value || parameters[index].type != news.type
        {
          parameters[index].take(
            value: ReportedValue(path: path, value: value, type: news.type))
          parameters[index].changedAt = news.changedAt
          changed.append(ReportedValue(path: path, value: value, type: news.type))
          isChanged = true
        }
        if let writable = news.writable, parameters[index].writable != writable {
          parameters[index].writable = writable
          isChanged = true
        }
      } else if update.removes(path) {
        removed.append(path)
        parameters[index].path = ""
      }
    }
    if !removed.isEmpty {
      parameters.removeAll { $0.path.isEmpty }
      isChanged = true
    }
    return removed
  }

  /// Merges sorted parameters, none of which is here yet.
  fileprivate mutating func merge(_ added: ArraySlice<StoredParameter>) {
    var merged: [StoredParameter] = []
    merged.reserveCapacity(parameters.count + added.count)
    var rest = added
    for parameter in parameters {
      while let first = rest.first, first.path < parameter.path {
        merged.append(first)
        rest.removeFirst()
      }
      merged.append(parameter)
    }
    merged.append(contentsOf: rest)
    parameters = merged
    isChanged = true
  }
}

extension TreeUpdate {
  /// Whether a stored path that the update does not mention is gone.
  func removes(_ path: String) -> Bool {
    if let deletedObject, path.hasPrefix(deletedObject) { return true }
    if let completeBelow, path.hasPrefix(completeBelow) { return true }
    return false
  }
}

extension StoredParameter {
  fileprivate mutating func take(value reported: ReportedValue) {
    value = reported.value
    type = reported.type
  }
}
