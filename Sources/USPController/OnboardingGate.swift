import NIOConcurrencyHelpers

/// How many agents are being got to know at the same time: after a power cut all come at once, and each that has been let in should get
/// through soon.
final class OnboardingGate: Sendable {
  /// Whoever may enter has one.
  struct Ticket: Sendable, Hashable {
    fileprivate var number: UInt64
  }

  private struct Content {
    var free: Int
    var tickets: UInt64 = 0
    var waiting: [Ticket: CheckedContinuation<Bool, Never>] = [:]
    /// In the order in which they came; some may have withdrawn.
    var line: [Ticket] = []
    /// Those before it have been let in.
    var first = 0

    mutating func shorten() {
      guard first > 1_000 else { return }
      line.removeFirst(first)
      first = 0
    }
  }

  private let content: NIOLockedValueBox<Content>

  init(places: Int) {
    content = NIOLockedValueBox(Content(free: max(1, places)))
  }

  /// Those that wait.
  var waiting: Int { content.withLockedValue { $0.waiting.count } }

  func ticket() -> Ticket {
    content.withLockedValue { content in
      content.tickets += 1
      return Ticket(number: content.tickets)
    }
  }

  /// - Returns: whether there is a place, which is to be left; false for whoever has withdrawn.
  func enter(_ ticket: Ticket) async -> Bool {
    await withCheckedContinuation { continuation in
      let isFree = content.withLockedValue { content in
        if content.free > 0 {
          content.free -= 1
          return true
        }
        content.waiting[ticket] = continuation
        content.line.append(ticket)
        return false
      }
      if isFree { continuation.resume(returning: true) }
    }
  }

  func leave() {
    let next = content.withLockedValue { content -> CheckedContinuation<Bool, Never>? in
      while content.first < content.line.count {
        content.first += 1
        guard let next = content.waiting.removeValue(forKey: content.line[content.first - 1])
        else { continue }
        content.shorten()
        return next
      }
      content.line = []
      content.first = 0
      content.free += 1
      return nil
    }
    next?.resume(returning: true)
  }

  /// Whoever waits under the ticket does so no longer.
  func withdraw(_ ticket: Ticket) {
    let withdrawn = content.withLockedValue { content in
      let withdrawn = content.waiting.removeValue(forKey: ticket)
      if withdrawn != nil, content.line.count - content.first > 2 * content.waiting.count + 1_000 {
        let waiting = content.waiting
        content.line = content.line[content.first...].filter { waiting[$0] != nil }
        content.first = 0
      }
      return withdrawn
    }
    withdrawn?.resume(returning: false)
  }
}
