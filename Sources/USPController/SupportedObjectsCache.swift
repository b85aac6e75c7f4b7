import Fleet
import NIOConcurrencyHelpers

/// What firmwares support, shared by all agents that run them.
///
/// One agent of a firmware is asked while the others wait: after a power cut all of them come at once.
final class SupportedObjectsCache: Sendable {
  private enum Entry {
    case known(SupportedObjects, used: UInt64)
    /// So many are asked and have not answered; so many were let to ask together.
    case awaited(asked: Int, together: Int)
  }

  private struct Content {
    var entries: [String: Entry] = [:]
    /// Those who wait for an entry's agents to answer.
    var waiting: [String: [CheckedContinuation<SupportedObjects?, Never>]] = [:]
    var clock: UInt64 = 0
    /// Of all known entries.
    var items = 0
  }

  private let content = NIOLockedValueBox(Content())
  private let limit: Int

  /// - Parameter limit: items of all firmwares together; the firmware that was used least recently is forgotten first.
  init(limit: Int) { self.limit = limit }

  enum Answer {
    case known(SupportedObjects)
    /// Whoever got this asks an agent, and has to say what came of it.
    case ask
  }

  /// - Parameter key: the firmware's name.
  func objects(of key: String) async -> Answer {
    let found = await withCheckedContinuation { continuation in
      let now: SupportedObjects?? = content.withLockedValue { content in
        content.clock += 1
        switch content.entries[key] {
        case .known(let objects, _):
          content.entries[key] = .known(objects, used: content.clock)
          return .some(objects)
        case .awaited:
          content.waiting[key, default: []].append(continuation)
          return .none
        case nil:
          content.entries[key] = .awaited(asked: 1, together: 1)
          return .some(nil)
        }
      }
      if case .some(let result) = now { continuation.resume(returning: result) }
    }
    return found.map(Answer.known) ?? .ask
  }

  /// What came of asking; after nil others ask, each time twice as many at once, so that no few agents can keep the rest waiting.
  func settle(_ key: String, _ objects: SupportedObjects?) {
    let (waiting, next) = content.withLockedValue {
      content -> ([CheckedContinuation<SupportedObjects?, Never>], SupportedObjects?) in
      guard case .awaited(let asked, let together)? = content.entries[key] else { return ([], nil) }
      if let objects {
        content.entries[key] = .known(objects, used: content.clock)
        content.items += objects.itemCount
        makeRoom(&content)
        return (content.waiting.removeValue(forKey: key) ?? [], objects)
      }
      guard asked <= 1 else {
        content.entries[key] = .awaited(asked: asked - 1, together: together)
        return ([], nil)
      }
      let waiting = content.waiting.removeValue(forKey: key) ?? []
      guard !waiting.isEmpty else {
        content.entries[key] = nil
        return ([], nil)
      }
      let next = waiting.prefix(together * 2)
      if next.count < waiting.count { content.waiting[key] = Array(waiting[next.count...]) }
      content.entries[key] = .awaited(asked: next.count, together: next.count)
      return (Array(next), nil)
    }
    for continuation in waiting { continuation.resume(returning: next) }
  }

  private func makeRoom(_ content: inout Content) {
    while content.items > limit {
      let oldest = content.entries.compactMap {
        key, entry -> (key: String, used: UInt64, items: Int)? in
        guard case .known(let objects, let used) = entry else { return nil }
        return (key, used, objects.itemCount)
      }.min { $0.used < $1.used }
      guard let oldest else { return }
      content.entries[oldest.key] = nil
      content.items -= oldest.items
    }
  }
}
