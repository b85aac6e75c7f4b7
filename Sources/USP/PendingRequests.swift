/// The requests of one peer that await their responses, by message ID (TR-369 R-MSG.9).
package struct PendingRequests<Waiting> {
  private var requests: [String: (waiting: Waiting, deadline: Double)] = [:]
  private var earliest: Double?
  private let limit: Int

  /// - Parameter limit: how many at most wait at the same time.
  package init(limit: Int = 1000) { self.limit = limit }

  package var count: Int { requests.count }
  package var isEmpty: Bool { requests.isEmpty }
  /// When the next one is to be given up.
  package var nextDeadline: Double? { earliest }

  /// - Returns: whether it waits: not where as many wait as may, or one of that ID.
  @discardableResult
  package mutating func add(_ id: String, _ waiting: Waiting, deadline: Double) -> Bool {
    guard requests.count < limit, requests[id] == nil else { return false }
    requests[id] = (waiting, deadline)
    earliest = min(earliest ?? deadline, deadline)
    return true
  }

  /// Takes what awaits a response of that ID; nil for one that nobody awaits.
  package mutating func take(_ id: String) -> Waiting? {
    guard let request = requests.removeValue(forKey: id) else { return nil }
    if request.deadline == earliest { findEarliest() }
    return request.waiting
  }

  /// Takes those whose time has come, the earliest first.
  package mutating func expired(now: Double) -> [(String, Waiting)] {
    guard let earliest, earliest <= now else { return [] }
    let late = requests.filter { $0.value.deadline <= now }
      .sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
    for (id, _) in late { requests[id] = nil }
    findEarliest()
    return late.map { ($0.key, $0.value.waiting) }
  }

  /// Takes all: the link has closed.
  package mutating func takeAll() -> [(String, Waiting)] {
    let all = requests.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
    requests = [:]
    earliest = nil
    return all.map { ($0.key, $0.value.waiting) }
  }

  private mutating func findEarliest() {
    earliest = requests.values.lazy.map(\.deadline).min()
  }
}

extension PendingRequests: Sendable where Waiting: Sendable {}
