/// A dictionary that holds the most recently written entries, never more than its limit.
///
/// Entries live in two generations; when the younger is half the limit, the older one goes. So an entry is kept for
/// at least half a limit of others, and nothing needs a list or a sweep.
struct RecentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let half: Int
  private var younger: [Key: Value] = [:]
  private var older: [Key: Value] = [:]

  /// - Parameter limit: 2 or more.
  init(limit: Int) {
    half = max(1, limit / 2)
  }

  var count: Int { younger.count + older.count { younger[$0.key] == nil } }

  subscript(key: Key) -> Value? {
    get { younger[key] ?? older[key] }
    set {
      guard let newValue else {
        younger[key] = nil
        older[key] = nil
        return
      }
      if younger[key] == nil, younger.count >= half {
        older = younger
        younger = [:]
      }
      younger[key] = newValue
    }
  }
}
