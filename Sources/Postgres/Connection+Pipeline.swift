import CLibPQ
import Glibc

extension Connection {
  /// Runs statements in order in one round trip.
  ///
  /// The first error makes the server skip the rest, and is thrown with the place of its statement.
  /// Without BEGIN among them, the statements are one transaction. A transaction that the pipeline
  /// began itself is rolled back after an error.
  ///
  /// - Returns: As many results as there are statements.
  @discardableResult
  package func pipeline(_ statements: [Statement]) throws(PostgresError) -> [Rows] {
    guard let begin = pendingBegin else { return try run(statements) }
    do throws(PostgresError) {
      return Array(try run([Statement(begin)] + statements).dropFirst())
    } catch {
      var error = error
      if let index = error.statementIndex, index > 0 { error.statementIndex = index - 1 }
      throw error
    }
  }

  /// Runs one statement.
  @discardableResult
  package func query(_ sql: SQL, _ parameters: Parameter...) throws(PostgresError) -> Rows {
    try query(Statement(sql, parameters: parameters))
  }

  /// Runs one statement.
  @discardableResult
  package func query(_ statement: Statement) throws(PostgresError) -> Rows {
    guard let rows = try pipeline([statement]).last else {
      throw PostgresError(.protocolViolation, "a statement gave no result")
    }
    return rows
  }

  /// `pipeline` without the deferred BEGIN.
  func run(_ statements: [Statement]) throws(PostgresError) -> [Rows] {
    if canceller.isRequested {
      throw PostgresError(.cancelled, "the statement was cancelled before it was sent")
    }
    return try runEvenIfCancelled(statements)
  }

  /// For the clean-up after a cancelled statement.
  func runEvenIfCancelled(_ statements: [Statement]) throws(PostgresError) -> [Rows] {
    if statements.isEmpty { return [] }
    try encode(statements)
    guard isAlive(), let handle else {
      throw PostgresError(.unavailable, "the connection to the server was lost")
    }
    pendingBegin = nil
    let wasInTransaction = isInTransaction
    var exchange = PipelineExchange(
      connection: handle, statements: statements, responseTimeout: configuration.responseTimeout)
    do throws(PostgresError) {
      try exchange.send(prepared: &prepared, parameters: &parameters)
      try exchange.receive()
    } catch {
      // Nobody knows any more which answer belongs to which statement.
      close()
      throw error
    }
    guard var error = exchange.firstError(isCancelRequested: canceller.isRequested) else {
      return exchange.rows
    }
    forget(exchange, after: error)
    if PQstatus(handle) == CONNECTION_BAD {
      error.outcomeIsUnknown = true
      close()
    } else if !wasInTransaction && !isInTransactionScope && isInTransaction {
      do throws(PostgresError) {
        _ = try runEvenIfCancelled([Statement("ROLLBACK")])
      } catch {
        close()
      }
    }
    throw error
  }

  private func encode(_ statements: [Statement]) throws(PostgresError) {
    parameters.removeAll()
    for (index, statement) in statements.enumerated() {
      do throws(PostgresError) {
        guard statement.parameters.count <= Int(UInt16.max) else {
          throw PostgresError(.parameter, "a statement has more than \(UInt16.max) parameters")
        }
        try parameters.append(statement.parameters)
      } catch {
        var error = error
        error.statement = statement.sql.description
        error.statementIndex = index
        throw error
      }
    }
  }

  private func forget(_ exchange: PipelineExchange, after error: PostgresError) {
    for (name, index) in exchange.unprepared {
      prepared.remove(name: name, of: exchange.statements[index].sql)
    }
    guard let index = error.statementIndex else { return }
    switch error.sqlState {
    // The plan's result has changed with the schema.
    case "0A000": prepared.remove(exchange.statements[index].sql)
    // Someone else has discarded the session's statements.
    case "26000": prepared.removeAll()
    default: break
    }
  }
}
