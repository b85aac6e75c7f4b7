/// What a caller wants from a pool.
struct PoolJob: Sendable {
  let ticket: PoolTicket
  /// Does the work and returns how to tell the caller, who is told after the connection is free again.
  let perform: @Sendable (Connection) -> @Sendable () -> Void
  let fail: @Sendable (PostgresError) -> Void
}

/// A caller's place in a pool.
///
/// `@unchecked Sendable`: `state` is touched only inside the monitor of the pool.
final class PoolTicket: @unchecked Sendable {
  enum State {
    case new
    case waiting(PoolJob, deadline: MonotonicTime)
    case running(StatementCanceller, use: Int)
    case done
  }

  var state = State.new
}

/// The callers that wait, first come first served.
struct PoolQueue {
  private var tickets: [PoolTicket?] = []
  private var head = 0
  /// Those that still wait; tickets of callers that gave up stay in their place until it's their turn.
  private(set) var count = 0

  mutating func append(_ ticket: PoolTicket) {
    tickets.append(ticket)
    count += 1
  }

  /// The caller has given up.
  mutating func forgetOne() {
    count -= 1
  }

  /// The first that still waits.
  mutating func first() -> (ticket: PoolTicket, job: PoolJob, deadline: MonotonicTime)? {
    while head < tickets.count {
      if let ticket = tickets[head], case .waiting(let job, let deadline) = ticket.state {
        return (ticket, job, deadline)
      }
      skip()
    }
    return nil
  }

  /// Takes the one that `first` returned.
  mutating func removeFirst() {
    skip()
    count -= 1
  }

  private mutating func skip() {
    tickets[head] = nil
    head += 1
    if head == tickets.count {
      tickets.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 256 && head * 2 >= tickets.count {
      tickets.removeFirst(head)
      head = 0
    }
  }
}
