import NIOConcurrencyHelpers

/// A bounded quantity that connections share: places, or bytes of what is still arriving.
package final class Allotment: Sendable {
  package let limit: Int
  private let taken = NIOLockedValueBox(0)

  package init(limit: Int) {
    self.limit = limit
  }

  package var inUse: Int { taken.withLockedValue { $0 } }
  package var isExhausted: Bool { inUse >= limit }

  /// - Returns: false where less than this is left; nothing is taken then.
  package func take(_ amount: Int) -> Bool {
    taken.withLockedValue { taken in
      guard amount <= limit - taken else { return false }
      taken += amount
      return true
    }
  }

  package func giveBack(_ amount: Int) {
    taken.withLockedValue { $0 -= amount }
  }
}
