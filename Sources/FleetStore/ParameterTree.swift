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

  /// Numbers of rows that are to be removed because nobody can read them.
  private let damaged: [Int16]

  init(chunks: [Chunk] = [], damaged: [Int16] = []) {
    self.damaged = damaged
    self.chunks = chunks.filter { !$0.parameters.isEmpty }.sorted {
      $0.parameters[0].path < $1.parameters[0].path
    }
  }

  var parameters: [StoredParameter] { chunks.flatMap(\.parameters) }
  var count: Int { chunks.reduce(0) { $0 + $1.parameters.count } }

  /// Brings in what a device told.
  /// - Returns: the values that are new or differ from those before.
  mutating func apply(_ update: TreeUpdate) -> [ReportedValue] {
    let incoming = update.parameters
    var changed: [ReportedValue] = []
    var added: [StoredParameter] = []
    var next = incoming.startIndex
    for index in chunks.indices {
      removedPaths += chunks[index].refresh(
        from: incoming, at: &next, update: update, added: &added, changed: &changed)
    }
    added += incoming[next...]
    insert(added, changed: &changed)
    return changed
  }

  /// - Returns: nil where the tree has no such path.
  func parameter(at path: String) -> StoredParameter? {
    for chunk in chunks.reversed() {
      guard let first = chunk.parameters.first, first.path <= path else { continue }
      let position = chunk.parameters.firstPosition { $0.path >= path }
      guard position < chunk.parameters.count, chunk.parameters[position].path == path else {
        return nil
      }
      return chunk.parameters[position]
    }
    return nil
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
    var rows = Rows(removed: damaged)
    var used = Set(chunks.map(\.number)).union(damaged)
    var lowest: Int16 = 0
    func freeNumber() throws(TreeCodecError) -> Int16 {
      while used.contains(lowest) {
        guard lowest < Int16.max else { throw .tooLarge }
        lowest += 1
      }
      used.insert(lowest)
      return lowest
    }
    for chunk in chunks where chunk.isChanged {
      if chunk.parameters.isEmpty {
        rows.removed.append(chunk.number)
        continue
      }
      var number: Int16? = chunk.number
      for piece in Self.pieces(of: chunk.parameters) {
        var pending = [piece]
        while let part = pending.popLast() {
          guard let data = try Self.pack(chunk.parameters[part], with: codec) else {
            let middle = part.lowerBound + part.count / 2
            pending.append(middle..<part.upperBound)
            pending.append(part.lowerBound..<middle)
            continue
          }
          let row: Int16
          if let own = number { row = own } else { row = try freeNumber() }
          number = nil
          rows.written.append((row, TreeCodec.current.rawValue, data))
        }
      }
    }
    return rows
  }

  /// - Returns: nil where the parameters take more than a row and can be cut.
  private static func pack(
    _ parameters: ArraySlice<StoredParameter>, with codec: TreeCodec
  ) throws(TreeCodecError) -> [UInt8]? {
    do throws(TreeCodecError) {
      let data = try codec.encode(parameters)
      return data.count > maxPackedSize && parameters.count > 1 ? nil : data
    } catch {
      guard error == .tooLarge, parameters.count > 1 else { throw error }
      return nil
    }
  }

  /// A packed piece above this is cut; together with its row's overhead it stays below the 2 KB at which PostgreSQL moves a value
  /// out of the row.
  static let maxPackedSize = 1_900
  /// Pieces begin with so many bytes of values at the most, counting ``overhead`` for each parameter; that packs to less than
  /// ``maxPackedSize`` for all but random values and paths of no standard model.
  private static let unpackedSize = 4_600
  private static let overhead = 4

  private static func pieces(of parameters: [StoredParameter]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = 0
    var filled = 0
    for (index, parameter) in parameters.enumerated() {
      let own = (parameter.value?.utf8.count ?? 0) + overhead
      if filled + own > unpackedSize, index > start {
        pieces.append(start..<index)
        start = index
        filled = 0
      }
      filled += own
    }
    pieces.append(start..<parameters.count)
    return pieces
  }
}

extension ParameterTree.Chunk {
  /// Brings what is new into the parameters that are here already and takes those out that are gone.
  /// - Parameter incoming: sorted; from `next` on it was not looked at yet. What lies before or among this chunk's parameters and is
  ///   not one of them is appended to `added`.
  /// - Returns: the paths that were taken out.
  fileprivate mutating func refresh(
    from incoming: [StoredParameter], at next: inout Int, update: TreeUpdate,
    added: inout [StoredParameter], changed: inout [ReportedValue]
  ) -> [String] {
    var removed: [String] = []
    for index in parameters.indices {
      while next < incoming.count, incoming[next].path < parameters[index].path {
        added.append(incoming[next])
        next += 1
      }
      if next < incoming.count, incoming[next].path == parameters[index].path {
        take(incoming[next], at: index, changed: &changed)
        next += 1
      } else if update.removes(parameters[index].path) {
        removed.append(parameters[index].path)
        parameters[index].path = ""
      }
    }
    if !removed.isEmpty {
      parameters.removeAll { $0.path.isEmpty }
      isChanged = true
    }
    return removed
  }

  private mutating func take(
    _ news: StoredParameter, at index: Int, changed: inout [ReportedValue]
  ) {
    if let value = news.value,
      parameters[index].value != value || parameters[index].type != news.type
    {
      parameters[index].value = value
      parameters[index].type = news.type
      parameters[index].changedAt = news.changedAt
      changed.append(ReportedValue(path: news.path, value: value, type: news.type))
      isChanged = true
    }
    if let writable = news.writable, parameters[index].writable != writable {
      parameters[index].writable = writable
      isChanged = true
    }
    if let notification = news.notification, parameters[index].notification != notification {
      parameters[index].notification = notification
      isChanged = true
    }
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

extension TreeUpdate {
  /// Names and values in one list, sorted by path, each path once; of values for the same path the last one counts.
  ///
  /// Devices tell both in nearly this order, for which sorting is quick.
  fileprivate var parameters: [StoredParameter] {
    let time = Int64(at)
    let names = names.sorted { $0.path < $1.path }
    let values = values.sorted { $0.path < $1.path }
    var result: [StoredParameter] = []
    result.reserveCapacity(max(names.count, values.count))
    var next = values.startIndex
    func takeValues(upTo path: String?) {
      while next < values.count, path.map({ values[next].path <= $0 }) ?? true {
        let value = values[next]
        next += 1
        if result.last?.path != value.path {
          result.append(StoredParameter(path: value.path, changedAt: time))
        }
        result[result.count - 1].value = value.value
        result[result.count - 1].type = value.type
      }
    }
    for name in names {
      // A value for the very name comes after it, to be laid into it.
      while next < values.count, values[next].path < name.path {
        takeValues(upTo: values[next].path)
      }
      if result.last?.path != name.path {
        result.append(
          StoredParameter(path: name.path, writable: name.writable, changedAt: time))
      }
      takeValues(upTo: name.path)
    }
    takeValues(upTo: nil)
    return attributes.isEmpty ? result : Self.lay(attributes, over: result, at: time)
  }

  /// - Parameter parameters: sorted by path, like the result.
  private static func lay(
    _ attributes: [ReportedAttributes], over parameters: [StoredParameter], at time: Int64
  ) -> [StoredParameter] {
    var result = parameters
    var places: [String: Int] = [:]
    for (index, parameter) in parameters.enumerated() { places[parameter.path] = index }
    for attribute in attributes {
      guard let notification = UInt8(exactly: attribute.notification) else { continue }
      if let place = places[attribute.path] {
        result[place].notification = notification
      } else {
        places[attribute.path] = result.count
        result.append(
          StoredParameter(path: attribute.path, notification: notification, changedAt: time))
      }
    }
    return result.count == parameters.count ? result : result.sorted { $0.path < $1.path }
  }
}

extension Array {
  /// The first position from which on a condition holds; it must not hold before.
  func firstPosition(where condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
