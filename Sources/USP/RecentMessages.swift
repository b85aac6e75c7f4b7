/// The message IDs of the requests that one peer has sent lately, so that one that comes again is known (TR-369 R-MSG.4; notifications are
/// repeated with their IDs).
package struct RecentMessages: Sendable {
  package enum Standing: Sendable, Equatable {
    case new
    /// It is still worked on: whoever sends it again gets the one answer.
    case underWay
    /// Its answer has left, and may have been lost.
    case answered
  }

  private struct Entry {
    var since: Double
    /// The number under which it stands in `order`; nil while it is under way.
    var turn: UInt64?
  }

  private struct Place {
    var id: String
    var turn: UInt64
  }

  private var entries: [String: Entry] = [:]
  /// The answered ones, the oldest first from `start` on, and some that have moved on since.
  private var order: [Place] = []
  private var start = 0
  private var answeredCount = 0
  private var lastTurn: UInt64 = 0
  private let capacity: Int
  private let lifetime: Double

  /// - Parameters:
  ///   - capacity: how many that were answered are remembered; the oldest is forgotten first. Those under way are never forgotten: the
  ///     caller bounds them.
  ///   - lifetime: seconds for which one that was answered is known, from the last time that it came.
  package init(capacity: Int = 64, lifetime: Double = 3600) {
    self.capacity = max(capacity, 1)
    self.lifetime = lifetime
  }

  package var count: Int { entries.count }

  /// A request has come; where it is new, it is under way from now on.
  package mutating func received(_ id: String, now: Double) -> Standing {
    forgetOld(now: now)
    guard let entry = entries[id], entry.turn == nil || now - entry.since < lifetime else {
      forget(id)
      entries[id] = Entry(since: now, turn: nil)
      return .new
    }
    entries[id]?.since = now
    guard entry.turn != nil else { return .underWay }
    enqueue(id)
    return .answered
  }

  /// Its answer has left, or it needs none.
  package mutating func answered(_ id: String) {
    guard let entry = entries[id] else { return }
    if entry.turn == nil { answeredCount += 1 }
    enqueue(id)
    while answeredCount > capacity, let place = order[start...].first { drop(place) }
  }

  /// It could not be worked on: when it comes again, it is new.
  package mutating func forget(_ id: String) {
    if entries.removeValue(forKey: id)?.turn != nil { answeredCount -= 1 }
  }

  private mutating func forgetOld(now: Double) {
    while let place = order[start...].first {
      if let entry = entries[place.id], entry.turn == place.turn, now - entry.since < lifetime {
        return
      }
      drop(place)
    }
  }

  /// Takes the first place away, and the entry with it where it still stands there.
  private mutating func drop(_ place: Place) {
    start += 1
    if entries[place.id]?.turn == place.turn { forget(place.id) }
  }

  private mutating func enqueue(_ id: String) {
    lastTurn += 1
    entries[id]?.turn = lastTurn
    order.append(Place(id: id, turn: lastTurn))
    guard order.count > 2 * capacity + 64 else { return }
    order = order[start...].filter { entries[$0.id]?.turn == $0.turn }
    start = 0
  }
}
