import Logging

/// Connections that any task may borrow, each on a thread of its own.
///
/// The threads connect at once and connect again, with growing pauses, whenever the server was away.
/// They end with `close` or with the last reference.
package final class Pool: Sendable {
  private let core: PoolCore

  /// - Throws: `.insufficientResources` if there are no threads to be had. A server that can't be
  ///   reached is no error here.
  package init(
    _ configuration: ConnectionConfiguration, limits: PoolLimits = PoolLimits(),
    logger: Logger = Logger(label: "postgres")
  ) throws(PostgresError) {
    core = PoolCore(configuration, limits: limits, logger: logger)
    do throws(PostgresError) {
      try core.start()
    } catch {
      core.beginClosing()
      throw error
    }
  }

  deinit {
    core.beginClosing()
  }

  /// Runs `body` on the thread of a free connection.
  ///
  /// `body` may block. A transaction that it leaves open is rolled back. When the task is cancelled,
  /// the server is asked to stop the running statement, and further statements of `body` fail with
  /// `.cancelled`.
  ///
  /// - Throws: What `body` throws; `.queueFull`, `.timedOut`, `.unavailable`, `.cancelled` or
  ///   `.closed` if it didn't get to run.
  package func withConnection<Result: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Result
  ) async throws -> Result {
    let ticket = PoolTicket()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        core.enqueue(
          PoolJob(
            ticket: ticket,
            perform: { connection in
              do {
                let result = try body(connection)
                return { continuation.resume(returning: result) }
              } catch {
                return { continuation.resume(throwing: error) }
              }
            },
            fail: { continuation.resume(throwing: $0) }))
      }
    } onCancel: {
      core.cancel(ticket)
    }
  }

  /// Runs `body` in a transaction on a free connection; see `Connection.transaction` and
  /// `withConnection`.
  package func transaction<Result: Sendable>(
    _ kind: TransactionKind = .readCommitted,
    attempts: Int = Connection.defaultTransactionAttempts,
    _ body: @escaping @Sendable (Connection) throws -> Result
  ) async throws -> Result {
    try await withConnection { connection in
      try connection.transaction(kind, attempts: attempts) { try body($0) }
    }
  }

  /// Runs one statement on a free connection.
  @discardableResult
  package func query(_ sql: SQL, _ parameters: Parameter...) async throws -> Rows {
    let statement = Statement(sql, parameters: parameters)
    return try await withConnection { try $0.query(statement) }
  }

  /// Runs statements in one round trip on a free connection; see `Connection.pipeline`.
  @discardableResult
  package func pipeline(_ statements: [Statement]) async throws -> [Rows] {
    try await withConnection { try $0.pipeline(statements) }
  }

  /// What the pool is doing now.
  package var status: PoolStatus { core.status }

  /// Refuses new callers and those that wait, lets the running ones finish, and closes the
  /// connections.
  package func close() async {
    core.beginClosing()
    await core.waitUntilClosed()
  }
}

/// What a pool is doing at a moment.
package struct PoolStatus: Sendable, Equatable {
  /// Connections that stood when they were last used.
  package var connected: Int
  /// Callers that have a connection.
  package var busy: Int
  /// Callers that wait for one.
  package var waiting: Int
  /// Why the last attempt to connect failed; nil if it did not.
  package var lastFailure: PostgresError?
}
