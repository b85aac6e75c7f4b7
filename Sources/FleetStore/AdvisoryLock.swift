import Postgres

/// The advisory locks of the store; two with one number would make each other's holders wait.
enum AdvisoryLock: Int64 {
  /// Held by whoever makes the first token.
  case firstToken = 4_719_870_451
  /// Held by the node that keeps house.
  case housekeeping
  /// One for each content of a file: the number is mixed with its digest.
  case content
  /// One for each rollout, held by the node that takes it further.
  case rolloutTurn

  var parameter: Parameter { .int8(rawValue) }
}
