import Postgres
import Synchronization

/// Whose turn it is to wait for a rollout's row: one device of a node at a time, so that a crowd that is back after an outage holds one
/// connection of the pool for each rollout, and not all of them.
final class RolloutTurns: Sendable {
  private let taken = Mutex<Set<Int64>>([])

  /// The turns that one device has taken.
  final class Holder: Sendable {
    private let turns: RolloutTurns
    private let held = Mutex<Set<Int64>>([])

    init(_ turns: RolloutTurns) {
      self.turns = turns
    }

    /// - Returns: false where it is another's turn; true where it is this one's, also if it was before.
    func take(_ rollout: Int64) -> Bool {
      held.withLock { held in
        guard !held.contains(rollout) else { return true }
        guard turns.taken.withLock({ $0.insert(rollout).inserted }) else { return false }
        held.insert(rollout)
        return true
      }
    }

    func giveBack() {
      held.withLock { held in
        turns.taken.withLock { $0.subtract(held) }
        held = []
      }
    }
  }
}

/// A rollout whose row is not to be had at the moment.
struct BusyRollout: Error {
  var id: Int64
  /// Nil where it was another's turn to ask for it.
  var underlying: PostgresError?
}
