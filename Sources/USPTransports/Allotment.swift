import NIOConcurrencyHelpers

/// A bounded quantity that links share: places, or bytes of what is still arriving.
final class Allotment: Sendable {
  let limit: Int
  private let taken = NIOLockedValueBox(0)

  init(limit: Int) {
    self.limit = limit
  }

  var inUse: Int { taken.withLockedValue { $0 } }
  var isExhausted: Bool { inUse >= limit }

  /// - Returns: false where less than this is left; nothing is taken then.
  func take(_ amount: Int) -> Bool {
    taken.withLockedValue { taken in
      guard amount <= limit - taken else { return false }
      taken += amount
      return true
    }
  }

  func giveBack(_ amount: Int) {
    taken.withLockedValue { $0 -= amount }
  }
}
