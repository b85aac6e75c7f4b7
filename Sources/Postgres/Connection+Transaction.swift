import Glibc

/// How a transaction is isolated from others and what it may do.
package enum TransactionKind: Sendable, CaseIterable {
  case readCommitted
  case repeatableRead
  case serializable
  case readOnly
  /// One snapshot for all of its statements.
  case readOnlySnapshot

  var begin: SQL {
    switch self {
    case .readCommitted: "BEGIN"
    case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
    case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
    case .readOnly: "BEGIN READ ONLY"
    case .readOnlySnapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }
  }
}

extension Connection {
  /// How often a transaction is run, at most, when it conflicts with others.
  package static let defaultTransactionAttempts = 4

  private static let conflictBackoff = Backoff(
    shortest: .milliseconds(5), longest: .milliseconds(200))

  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
  ///
  /// BEGIN travels with the first statement of `body`. After a serialization failure or a deadlock
  /// `body` runs again from its start, up to `attempts` times in all, so it must have no other effects.
  /// It must not end the transaction itself nor call `transaction`.
  package func transaction<Result>(
    _ kind: TransactionKind = .readCommitted,
    attempts: Int = Connection.defaultTransactionAttempts,
    _ body: (Connection) throws -> Result
  ) throws -> Result {
    var attempt = 1
    while true {
      do {
        return try transactOnce(kind, body)
      } catch let error as PostgresError where error.code == .serialization && attempt < attempts {
        pause(Self.conflictBackoff.pause(failures: attempt))
        attempt += 1
      }
    }
  }

  private func transactOnce<Result>(
    _ kind: TransactionKind, _ body: (Connection) throws -> Result
  ) throws -> Result {
    if isInTransaction || pendingBegin != nil {
      throw PostgresError(.statement, "a transaction was begun inside a transaction")
    }
    pendingBegin = kind.begin
    isInTransactionScope = true
    defer { isInTransactionScope = false }
    do {
      let result = try body(self)
      try commit()
      return result
    } catch {
      rollBackOpenTransaction()
      throw error
    }
  }

  private func commit() throws(PostgresError) {
    if pendingBegin != nil {
      // Nothing was sent, so there's nothing to commit.
      pendingBegin = nil
      return
    }
    guard isInTransaction else {
      throw PostgresError(.unavailable, "the transaction ended before its COMMIT")
    }
    let tag = try run([Statement("COMMIT")]).last?.commandTag
    if tag != "COMMIT" {
      throw PostgresError(
        .statement, "the transaction was rolled back, as one of its statements had failed")
    }
  }

  /// Brings the connection back to where it takes statements of the next user.
  func rollBackOpenTransaction() {
    pendingBegin = nil
    guard isInTransaction else { return }
    do throws(PostgresError) {
      _ = try runEvenIfCancelled([Statement("ROLLBACK")])
    } catch {
      close()
    }
  }

  private func pause(_ duration: Duration) {
    var time = timespec(tv_sec: 0, tv_nsec: Int(duration.nanoseconds))
    nanosleep(&time, nil)
  }
}
