import Fleet
import NIOConcurrencyHelpers

/// What firmwares support, shared by all agents that run them.
///
/// One agent of a firmware is asked while the others wait: after a power cut all of them come at once.
final class SupportedObjectsCache: Sendable {
  private enum Entry {
    case known(SupportedObjects, used: UInt64)
    case awaited([CheckedContinuation<SupportedObjects?, Never>])
  }

  private struct Content {
    var entries: [String: Entry] = [:]
    var clock: UInt64 = 0
  }

  private let content = NIOLockedValueBox(Content())
  private let limit: Int

  init(limit: Int = 500) { self.limit = limit }

  enum Answer {
    case known(SupportedObjects)
    /// Nobody else asks; whoever got this has to say what came of it.
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
        case .awaited(let waiting):
          content.entries[key] = .awaited(waiting + [continuation])
          return .none
        case nil:
          content.entries[key] = .awaited([])
          return .some(nil)
        }
      }
      if case .some(let result) = now { continuation.resume(returning: result) }
    }
    return found.map(Answer.known) ?? .ask
  }

  /// What came of asking; nil lets the next one ask.
  func settle(_ key: String, _ objects: SupportedObjects?) {
    let (waiting, next) = content.withLockedValue {
      content -> ([CheckedContinuation<SupportedObjects?, Never>], SupportedObjects?) in
      guard case .awaited(let waiting) = content.entries[key] else { return ([], nil) }
      if let objects {
        content.entries[key] = .known(objects, used: content.clock)
        makeRoom(&content)
        return (waiting, objects)
      }
      guard let first = waiting.first else {
        content.entries[key] = nil
        return ([], nil)
      }
      content.entries[key] = .awaited(Array(waiting.dropFirst()))
      return ([first], nil)
    }
    for continuation in waiting { continuation.resume(returning: next) }
  }

  /// A firmware supports something else than it did, for example because a module was installed.
  func forget(_ key: String) {
    content.withLockedValue { content in
      if case .known = content.entries[key] { content.entries[key] = nil }
    }
  }

  private func makeRoom(_ content: inout Content) {
    while content.entries.count > limit {
      let oldest = content.entries.compactMap { key, entry -> (String, UInt64)? in
        guard case .known(_, let used) = entry else { return nil }
        return (key, used)
      }.min { $0.1 < $1.1 }
      guard let oldest else { return }
      content.entries[oldest.0] = nil
    }
  }
}
