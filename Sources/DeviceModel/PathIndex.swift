/// Finds items by their paths without making anything of them.
struct PathIndex: Sendable {
  private struct Slot: Sendable {
    /// The upper half of the path's hash.
    var tag: UInt32 = 0
    /// The place of an item plus one; 0 where the slot is free.
    var place: Int32 = 0
  }

  /// Open addressing; a power of two.
  private var slots: [Slot]
  private var count = 0
  private var mask: Int { slots.count - 1 }

  init() { slots = Array(repeating: Slot(), count: 1 << 10) }

  init(_ items: [ModelItem]) {
    var capacity = 1 << 4
    while capacity * 3 < items.count * 4 { capacity *= 2 }
    slots = Array(repeating: Slot(), count: capacity)
    for (place, item) in items.enumerated() { add(item.path, at: place) }
  }

  /// Enters a path that is not in the index.
  mutating func add(_ path: String, at place: Int) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    count += 1
    var path = path
    let hash = path.withUTF8 { CanonicalPath.with($0, CanonicalPath.hash) }
    put(Slot(tag: UInt32(truncatingIfNeeded: hash >> 32), place: Int32(place + 1)))
  }

  /// A slot's place comes from its tag alone, so that growing needs no paths.
  private mutating func put(_ new: Slot) {
    var slot = Int(new.tag) & mask
    while slots[slot].place != 0 { slot = (slot + 1) & mask }
    slots[slot] = new
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(), count: old.count * 2)
    for slot in old where slot.place != 0 { put(slot) }
  }

  /// The place of the item whose path is written the same.
  func exactPlace(of path: String, in items: [ModelItem]) -> Int? {
    var text = path
    let hash = text.withUTF8 { CanonicalPath.with($0, CanonicalPath.hash) }
    return first(UInt32(truncatingIfNeeded: hash >> 32)) { items[$0].path == path }
  }

  /// The place of the item whose path is the same but for its instances.
  func place(of path: UnsafeBufferPointer<UInt8>, in items: [ModelItem]) -> Int? {
    CanonicalPath.with(path) { canonical in
      first(UInt32(truncatingIfNeeded: CanonicalPath.hash(canonical) >> 32)) {
        var known = items[$0].path
        return known.withUTF8 { known in
          CanonicalPath.isEqual(known, canonical)
            || CanonicalPath.with(known) { CanonicalPath.isEqual($0, canonical) }
        }
      }
    }
  }

  @inline(__always)
  private func first(_ tag: UInt32, where isMeant: (Int) -> Bool) -> Int? {
    var slot = Int(tag) & mask
    while slots[slot].place != 0 {
      let place = Int(slots[slot].place) - 1
      if slots[slot].tag == tag, isMeant(place) { return place }
      slot = (slot + 1) & mask
    }
    return nil
  }
}

/// Paths in which every form of an instance (a number, `*`, `[alias]`) is written `{i}`.
private enum CanonicalPath {
  /// Lends a path in that form.
  @inline(__always)
  static func with<Result>(
    _ path: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    // The shortest instance and its dot take two bytes, and become four.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: path.count * 2 + 3) { buffer in
      let length = write(path, to: buffer)
      return body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<length]))
    }
  }

  private static func write(
    _ path: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var length = 0
    var start = 0
    while start < path.count {
      var end = start
      var isInstance = true
      if path[start] == UInt8(ascii: "[") {
        // An alias may have dots in it.
        while end < path.count, path[end] != UInt8(ascii: "]") { end += 1 }
        while end < path.count, path[end] != UInt8(ascii: ".") { end += 1 }
      } else {
        while end < path.count, path[end] != UInt8(ascii: ".") {
          buffer[length + end - start] = path[end]
          if path[end] &- UInt8(ascii: "0") > 9 { isInstance = false }
          end += 1
        }
        if end == start { isInstance = false }
        if end == start + 1, path[start] == UInt8(ascii: "*") { isInstance = true }
      }
      if isInstance {
        buffer[length] = UInt8(ascii: "{")
        buffer[length + 1] = UInt8(ascii: "i")
        buffer[length + 2] = UInt8(ascii: "}")
        length += 3
      } else {
        length += end - start
      }
      if end < path.count {
        buffer[length] = UInt8(ascii: ".")
        length += 1
      }
      start = end + 1
    }
    return length
  }

  /// Eight bytes at a time, each step spread over the whole word.
  static func hash(_ path: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let bytes = UnsafeRawBufferPointer(path)
    var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset + 8 <= bytes.count {
      hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return mix(hash ^ rest)
  }

  @inline(__always)
  private static func mix(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }

  static func isEqual(
    _ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard one.count == other.count else { return false }
    let (one, other) = (UnsafeRawBufferPointer(one), UnsafeRawBufferPointer(other))
    var offset = 0
    while offset + 8 <= one.count {
      guard
        one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      else { return false }
      offset += 8
    }
    while offset < one.count {
      guard one[offset] == other[offset] else { return false }
      offset += 1
    }
    return true
  }
}
