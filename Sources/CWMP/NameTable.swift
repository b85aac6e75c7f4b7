/// Parameter names that were seen before, so that each is made a String once and shared from then on.
///
/// Bounded: when it is full it starts afresh, so that a device that invents names costs no more than if there were no table.
final class NameTable {
  /// Names longer than this, in bytes, are not kept; the standard's longest has 256 characters.
  static let nameLength = 256
  static let defaultCapacity = 16_384
  /// How many slots are looked at for one name.
  private static let probes = 8

  private struct Slot {
    var hash: UInt64 = 0
    var offset: UInt32 = 0
    /// 0 for a free slot.
    var length: UInt32 = 0
    var name = ""
  }

  private var slots: [Slot]
  private var bytes: [UInt8] = []
  private var count = 0
  private let capacity: Int
  private let seed: UInt64

  /// - Parameter capacity: names kept at most.
  init(capacity: Int = defaultCapacity) {
    self.capacity = max(capacity, 16)
    var slotCount = 64
    while slotCount < self.capacity * 2 { slotCount *= 2 }
    slots = Array(repeating: Slot(), count: slotCount)
    seed = UInt64.random(in: .min ... .max) | 1
  }

  /// The bytes, which are valid UTF-8, as a String.
  func name(_ utf8: UnsafeBufferPointer<UInt8>) -> String {
    guard utf8.count > 15, utf8.count <= Self.nameLength else {
      // Short ones need no allocation.
      return String(decoding: utf8, as: UTF8.self)
    }
    let hash = hash(utf8)
    let mask = slots.count - 1
    let home = Int(truncatingIfNeeded: hash >> 32) & mask
    var free: Int?
    for probe in 0..<Self.probes {
      let index = (home + probe) & mask
      if slots[index].length == 0 {
        free = index
        break
      }
      if slots[index].hash == hash, Int(slots[index].length) == utf8.count,
        matches(utf8, at: Int(slots[index].offset))
      {
        return slots[index].name
      }
    }
    let name = String(decoding: utf8, as: UTF8.self)
    guard let free else { return name }
    if count >= capacity {
      removeAll()
      return name
    }
    slots[free] = Slot(
      hash: hash, offset: UInt32(truncatingIfNeeded: bytes.count),
      length: UInt32(truncatingIfNeeded: utf8.count), name: name)
    bytes.append(contentsOf: utf8)
    count += 1
    return name
  }

  private func removeAll() {
    for index in slots.indices { slots[index] = Slot() }
    bytes.removeAll(keepingCapacity: true)
    count = 0
  }

  private func matches(_ utf8: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
    bytes.withUnsafeBufferPointer { known in
      UnsafeBufferPointer(rebasing: known[offset..<(offset + utf8.count)]).elementsEqual(utf8)
    }
  }

  /// Eight bytes at a time, multiplied and folded; the seed is drawn per table, so that nobody can aim at one slot.
  private func hash(_ utf8: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let raw = UnsafeRawBufferPointer(utf8)
    var hash = seed &+ UInt64(truncatingIfNeeded: raw.count)
    func mix(_ word: UInt64) {
      let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
      hash = product.high ^ product.low
    }
    var index = 0
    while index + 8 <= raw.count {
      mix(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    // More than 15 bytes are there, so the last eight overlap with what was mixed already.
    mix(raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self))
    return hash
  }
}
