/// What items are in, in whatever order a document tells them.
extension Compilation {
  /// The nearest object, command or event that a path is in, and whether nothing could come in between.
  func parent(of path: String, _ kind: ModelItem.Kind) -> (place: Int?, isNearest: Bool) {
    var rest = path.utf8[...]
    if rest.last == UInt8(ascii: ".") { rest = rest.dropLast() }
    var isNearest = true
    while let dot = rest.lastIndex(of: UInt8(ascii: ".")) {
      for outer in [path[...dot], path[..<dot]] {
        // A parameter can be called as the object is in which others are, and has nothing in it.
        if let found = index.exactPlace(of: String(outer), in: items), items[found].kind.holds(kind)
        {
          return (found, isNearest)
        }
      }
      isNearest = false
      rest = rest[..<dot]
    }
    return (nil, isNearest)
  }

  /// Puts items into what came after them, and behind it.
  mutating func adopt() {
    var isOrdered = true
    for place in orphans {
      guard let parent = parent(of: items[place].path, items[place].kind).place,
        parent != items[place].parent
      else {
        continue
      }
      items[place].parent = parent
      if parent > place { isOrdered = false }
    }
    if !isOrdered { order() }
  }

  private mutating func order() {
    // What is in another has more dots, or as many and is no object.
    let keys = items.map { item in
      let rank = item.kind.isObject ? 0 : item.kind.isParameter ? 2 : 1
      return item.path.utf8.count { $0 == UInt8(ascii: ".") } * 3 + rank
    }
    let order = items.indices.sorted {
      keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1
    }
    var places = Array(repeating: 0, count: items.count)
    for (place, old) in order.enumerated() { places[old] = place }
    items = order.map { old in
      var item = items[old]
      item.parent = item.parent.map { places[$0] }
      return item
    }
    index = PathIndex(items)
  }
}

extension ModelItem.Kind {
  /// Whether items of a kind can be directly in one of this.
  fileprivate func holds(_ kind: Self) -> Bool {
    switch kind {
    case .object, .parameter, .command, .event: self == .object
    case .inputObject, .inputParameter: self == .command || self == .inputObject
    case .outputObject, .outputParameter: self == .command || self == .outputObject
    case .eventObject, .eventParameter: self == .event || self == .eventObject
    }
  }
}
