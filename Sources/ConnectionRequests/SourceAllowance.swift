/// How many datagrams each source may send, in bounded memory: sources share a fixed number of slots by their hash.
///
/// An IPv6 source is its /64, since whoever has one address there has them all. Time is in seconds of any clock.
struct SourceAllowance: Sendable {
  private struct Slot {
    var tokens: Double
    var at: Double
  }

  private let rate: Double
  private let burst: Double
  private var slots: [Slot]

  /// - Parameters:
  ///   - rate: Datagrams a second, on average.
  ///   - slots: How many sources are told apart.
  init(rate: Int, slots: Int = 1 << 14) {
    self.rate = Double(rate)
    burst = Double(2 * rate)
    self.slots = Array(repeating: Slot(tokens: burst, at: 0), count: slots)
  }

  /// - Parameter source: 4 or 16 bytes.
  mutating func take(from source: [UInt8], now: Double) -> Bool {
    // Seeded anew in each process, so that nobody can choose whose slot to exhaust.
    var hasher = Hasher()
    hasher.combine(source.count == 16 ? Array(source.prefix(8)) : source)
    let index = Int(UInt(bitPattern: hasher.finalize()) % UInt(slots.count))
    var slot = slots[index]
    slot.tokens = min(burst, slot.tokens + max(0, now - slot.at) * rate)
    slot.at = now
    let isAllowed = slot.tokens >= 1
    if isAllowed { slot.tokens -= 1 }
    slots[index] = slot
    return isAllowed
  }
}
