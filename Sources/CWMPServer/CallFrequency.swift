import Fleet
import NIOConcurrencyHelpers
import NIOCore

/// Notices devices that call again and again: each costs little, and is broken.
final class CallFrequency: Sendable {
  private struct Calls {
    var count: Int
    var until: NIODeadline
  }

  private let limit: Int
  private let calls = NIOLockedValueBox<[Device.ID: Calls]>([:])

  private static let window = TimeAmount.minutes(1)
  /// Devices that are remembered; where more call in a minute, one that calls too often is noticed a little later.
  private static let capacity = 200_000

  /// - Parameter limit: calls of a device in a minute; 0: nothing is noticed.
  init(limit: Int) { self.limit = limit }

  /// Counts a call.
  /// - Returns: true for the one with which the limit is reached, once a minute.
  func reachesLimit(_ device: Device.ID, now: NIODeadline = .now()) -> Bool {
    guard limit > 0 else { return false }
    return calls.withLockedValue { calls in
      if var known = calls[device], now < known.until {
        known.count += 1
        calls[device] = known
        return known.count == limit
      }
      if calls.count >= Self.capacity { calls.removeAll(keepingCapacity: true) }
      calls[device] = Calls(count: 1, until: now + Self.window)
      return limit == 1
    }
  }
}
