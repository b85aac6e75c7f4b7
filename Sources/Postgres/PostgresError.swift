/// Whatever can go wrong between this process and PostgreSQL.
///
/// Neither the description nor any property holds the value of a parameter or a password: what the
/// server says in DETAIL is dropped, and quoted values are struck from the messages that may have
/// them.
package struct PostgresError: Error, Sendable, Equatable {
  /// What a caller decides by.
  package enum Code: Sendable, Hashable {
    /// The server is away, going away, or refuses more connections; worth another try later.
    case unavailable
    /// The server refuses the role, its credential or the database.
    case refused
    /// A limit of time ran out: connecting, waiting for a connection, a statement, a lock.
    case timedOut
    /// The task was cancelled, or the statement was.
    case cancelled
    /// More callers wait for a connection than the pool lets wait.
    case queueFull
    /// The pool, connection or listener has been closed by its owner.
    case closed
    /// A constraint with this name was violated (SQLSTATE class 23); empty for NOT NULL.
    case constraint(String)
    /// Serialization failure or deadlock (40001, 40P01), or a plan that a change of the schema has
    /// made stale: run the transaction again.
    case serialization
    /// The server has no disk space, memory or other resource left (SQLSTATE class 53).
    case insufficientResources
    /// Any other error of a statement.
    case statement
    /// A parameter that can't be sent.
    case parameter
    /// A result was read as something it is not, or a NULL as a value.
    case decoding
    /// The server or the library answered something that makes no sense here.
    case protocolViolation
    /// A connection string or setting that can't be used.
    case configuration
    /// A migration failed or the list of migrations is not in order.
    case migration
    /// The schema was migrated by a newer release than this.
    case schemaTooNew
    /// A migration that was applied differs from the one of this release.
    case checksumMismatch
    /// The private cluster can't be made, started or stopped.
    case cluster
    /// Another process uses the private cluster's directory.
    case clusterInUse
    /// The private cluster was made by another major version of PostgreSQL.
    case clusterVersion
  }

  package var code: Code
  /// Five characters if the server sent the error.
  package var sqlState: String?
  package var message: String
  /// The text of the statement, with its `$1` … in place.
  package var statement: String?
  /// The place of the statement in its pipeline, from 0.
  package var statementIndex: Int?
  /// True if the connection was lost after the statements were sent: they may or may not have taken
  /// effect.
  package var outcomeIsUnknown: Bool

  package init(
    _ code: Code, _ message: String, sqlState: String? = nil, statement: String? = nil,
    statementIndex: Int? = nil, outcomeIsUnknown: Bool = false
  ) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.statement = statement
    self.statementIndex = statementIndex
    self.outcomeIsUnknown = outcomeIsUnknown
  }

  /// The name of the violated constraint, if that's what happened.
  package var constraint: String? {
    if case .constraint(let name) = code { name } else { nil }
  }

  /// Whether a lock was not to be had in the time that `lock_timeout` gives.
  package var isLockTimeout: Bool { sqlState == "55P03" }
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    var text = message
    if let sqlState { text += " (SQLSTATE \(sqlState))" }
    if outcomeIsUnknown { text += "; whether it took effect is unknown" }
    if let statement {
      let words = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      text += "; statement"
      if let statementIndex { text += " \(statementIndex)" }
      text += ": \(words.count > 300 ? words.prefix(300) + "…" : words)"
    }
    return text
  }
}
