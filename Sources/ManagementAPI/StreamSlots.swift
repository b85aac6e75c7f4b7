import Synchronization

/// How many live views there may be at a time, and how many there are.
final class StreamSlots: Sendable {
  private let limit: Int
  private let taken = Mutex(0)

  init(limit: Int) {
    self.limit = limit
  }

  var hasFree: Bool { taken.withLock { $0 < limit } }

  /// A slot, given back when the last reference to it ends; nil: all are taken.
  func take() -> Slot? {
    let isFree = taken.withLock { taken in
      guard taken < limit else { return false }
      taken += 1
      return true
    }
    return isFree ? Slot(of: self) : nil
  }

  final class Slot: Sendable {
    private let slots: StreamSlots

    fileprivate init(of slots: StreamSlots) {
      self.slots = slots
    }

    deinit { slots.taken.withLock { $0 -= 1 } }
  }
}
