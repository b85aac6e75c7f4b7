import NIOConcurrencyHelpers

/// How many agents are being got to know at the same time: after a power cut all come at once, and each that has been let in should get
/// through soon.
final class OnboardingGate: Sendable {
  private struct Content {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// Those before it have been let in.
    var first = 0
  }

  private let content: NIOLockedValueBox<Content>

  init(places: Int) {
    content = NIOLockedValueBox(Content(free: max(1, places)))
  }

  func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = content.withLockedValue { content in
        if content.free > 0 {
          content.free -= 1
          return true
        }
        content.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  func leave() {
    let next = content.withLockedValue { content -> CheckedContinuation<Void, Never>? in
      guard content.first < content.waiting.count else {
        content.waiting = []
        content.first = 0
        content.free += 1
        return nil
      }
      content.first += 1
      let next = content.waiting[content.first - 1]
      if content.first > 1_000 {
        content.waiting.removeFirst(content.first)
        content.first = 0
      }
      return next
    }
    next?.resume()
  }
}
