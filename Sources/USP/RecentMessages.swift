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
    var id: String
    var since: Double
    var isAnswered: Bool
  }

  // The oldest first.
  private var entries: [Entry] = []
  private let capacity: Int
  private let lifetime: Double

  /// - Parameters:
  ///   - capacity: how many are remembered; the oldest is forgotten first.
  ///   - lifetime: seconds from the last time that it came.
  package init(capacity: Int = 64, lifetime: Double = 3600) {
    self.capacity = max(capacity, 1)
    self.lifetime = lifetime
  }

  package var count: Int { entries.count }

  /// A request has come; it is under way from now on.
  package mutating func received(_ id: String, now: Double) -> Standing {
    if let fresh = entries.firstIndex(where: { now - $0.since < lifetime }) {
      if fresh > 0 { entries.removeFirst(fresh) }
    } else {
      entries.removeAll(keepingCapacity: true)
    }
    if let index = entries.lastIndex(where: { $0.id == id }) {
      var entry = entries.remove(at: index)
      entry.since = now
      entries.append(entry)
      return entry.isAnswered ? .answered : .underWay
    }
    if entries.count >= capacity { entries.removeFirst(entries.count - capacity + 1) }
    entries.append(Entry(id: id, since: now, isAnswered: false))
    return .new
  }

  /// Its answer has left, or it needs none.
  package mutating func answered(_ id: String) {
    guard let index = entries.lastIndex(where: { $0.id == id }) else { return }
    entries[index].isAnswered = true
  }

  /// It could not be worked on: when it comes again, it is new.
  package mutating func forget(_ id: String) {
    entries.removeAll { $0.id == id }
  }
}
