extension DataModel {
  /// The item that a path means, whatever its instances: numbers, `*` and `[alias]` stand for `{i}`.
  ///
  /// - Parameter path: full; an object's ends in a dot.
  package subscript(path: String) -> ModelItem? { place(of: path).map { items[$0] } }

  /// The place of that item in ``items``.
  package func place(of path: String) -> Int? {
    var path = path
    return path.withUTF8 { index.place(of: $0, in: items) }
  }
}

/// Finds items by their paths without making anything of them.
struct PathIndex: Sendable {
  /// Open addressing: the place of an item plus one, 0 where a slot is free.
  private var slots: [Int32]
  private var hashes: [UInt64]
  private let mask: Int

  init(_ items: [ModelItem]) {
    var capacity = 16
    while capacity < items.count * 2 { capacity *= 2 }
    slots = Array(repeating: 0, count: capacity)
    hashes = Array(repeating: 0, count: capacity)
    mask = capacity - 1
    for (place, item) in items.enumerated() {
      var path = item.path
      let hash = path.withUTF8 { Self.hash($0) }
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(place + 1)
      hashes[slot] = hash
    }
  }

  func place(of path: UnsafeBufferPointer<UInt8>, in items: [ModelItem]) -> Int? {
    let hash = Self.hash(path)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if hashes[slot] == hash {
        let place = Int(slots[slot]) - 1
        var known = items[place].path
        if known.withUTF8({ Self.isSame($0, path) }) { return place }
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  // MARK: Instances

  /// The end of the component that begins at a place, and whether it names instances.
  @inline(__always)
  private static func component(_ path: UnsafeBufferPointer<UInt8>, _ start: Int) -> (Int, Bool) {
    var end = start
    guard start < path.count else { return (end, false) }
    if path[start] == UInt8(ascii: "[") {
      // An alias may have dots in it.
      while end < path.count, path[end] != UInt8(ascii: "]") { end += 1 }
      while end < path.count, path[end] != UInt8(ascii: ".") { end += 1 }
      return (end, true)
    }
    var isNumber = true
    while end < path.count, path[end] != UInt8(ascii: ".") {
      if path[end] &- UInt8(ascii: "0") > 9 { isNumber = false }
      end += 1
    }
    let isWildcard = end == start + 1 && path[start] == UInt8(ascii: "*")
    let isPlaceholder =
      end == start + 3 && path[start] == UInt8(ascii: "{") && path[start + 1] == UInt8(ascii: "i")
      && path[start + 2] == UInt8(ascii: "}")
    return (end, (isNumber && end > start) || isWildcard || isPlaceholder)
  }

  /// FNV-1a over the path with all instances alike.
  private static func hash(_ path: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 14_695_981_039_346_656_037
    var start = 0
    while start <= path.count {
      let (end, isInstance) = component(path, start)
      if isInstance {
        hash = (hash ^ 0xFF) &* 1_099_511_628_211
      } else {
        for index in start..<end { hash = (hash ^ UInt64(path[index])) &* 1_099_511_628_211 }
      }
      hash = (hash ^ UInt64(UInt8(ascii: "."))) &* 1_099_511_628_211
      start = end + 1
    }
    return hash ^ (hash >> 29)
  }

  private static func isSame(
    _ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    var first = 0
    var second = 0
    while first <= one.count, second <= other.count {
      let (firstEnd, isInstance) = component(one, first)
      let (secondEnd, isOtherInstance) = component(other, second)
      guard isInstance == isOtherInstance else { return false }
      if !isInstance {
        guard firstEnd - first == secondEnd - second else { return false }
        for offset in 0..<(firstEnd - first) where one[first + offset] != other[second + offset] {
          return false
        }
      }
      first = firstEnd + 1
      second = secondEnd + 1
    }
    return first > one.count && second > other.count
  }
}
