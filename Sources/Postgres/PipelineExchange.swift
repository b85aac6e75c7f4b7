import CLibPQ
import Glibc

/// One pipeline's way to the server and back.
struct PipelineExchange {
  let connection: OpaquePointer
  let statements: [Statement]
  let responseTimeout: Duration?
  private(set) var rows: [Rows] = []
  /// New prepared statements that the server has not confirmed, with the place of the statement.
  private(set) var unprepared: [(name: String, index: Int)] = []
  private var answers: [Answer] = []
  private var failure: (result: Rows, index: Int)?

  /// What the server owes us, in this order.
  private enum Answer {
    case preparation(name: String, index: Int)
    case result(index: Int)
  }

  init(connection: OpaquePointer, statements: [Statement], responseTimeout: Duration?) {
    self.connection = connection
    self.statements = statements
    self.responseTimeout = responseTimeout
    rows.reserveCapacity(statements.count)
    answers.reserveCapacity(statements.count + 1)
  }

  // MARK: Sending

  mutating func send(prepared: inout PreparedStatements, parameters: inout ParameterBuffer)
    throws(PostgresError)
  {
    var place = 0
    for (index, statement) in statements.enumerated() {
      let places = place..<(place + statement.parameters.count)
      place = places.upperBound
      let isSent: Bool
      switch prepared.choose(for: statement) {
      case .known(let name):
        isSent = execute(name, places, &parameters)
      case .new(let name):
        unprepared.append((name, index))
        answers.append(.preparation(name: name, index: index))
        isSent = prepare(name, statement) && execute(name, places, &parameters)
      case .unprepared:
        isSent = executeUnprepared(statement, places, &parameters)
      }
      guard isSent else { throw lost() }
      answers.append(.result(index: index))
    }
    guard PQpipelineSync(connection) == 1 else { throw lost() }
  }

  private func prepare(_ name: String, _ statement: Statement) -> Bool {
    let types = statement.parameters.map(\.type.rawValue)
    return PQsendPrepare(connection, name, text(of: statement), Int32(types.count), types) == 1
  }

  private func execute(_ name: String, _ places: Range<Int>, _ parameters: inout ParameterBuffer)
    -> Bool
  {
    parameters.withParameters(places) { pointers, lengths, formats in
      PQsendQueryPrepared(
        connection, name, Int32(places.count), pointers, lengths, formats, 1) == 1
    }
  }

  private func executeUnprepared(
    _ statement: Statement, _ places: Range<Int>, _ parameters: inout ParameterBuffer
  ) -> Bool {
    let types = statement.parameters.map(\.type.rawValue)
    return parameters.withParameters(places) { pointers, lengths, formats in
      PQsendQueryParams(
        connection, text(of: statement), Int32(places.count), types, pointers, lengths, formats,
        1) == 1
    }
  }

  /// Literals end with a zero byte.
  private func text(of statement: Statement) -> UnsafePointer<CChar> {
    UnsafeRawPointer(statement.sql.text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  // MARK: Receiving

  mutating func receive() throws(PostgresError) {
    for answer in answers {
      guard let result = try nextResult() else { throw lost() }
      try take(Rows(result), for: answer)
      if PQstatus(connection) == CONNECTION_BAD {
        if failure != nil { return }
        throw lost()
      }
      guard try nextResult() == nil else {
        throw PostgresError(.protocolViolation, "a statement of a pipeline gave several results")
      }
    }
    guard let result = try nextResult() else { throw lost() }
    guard Rows(result).status == PGRES_PIPELINE_SYNC else {
      throw PostgresError(.protocolViolation, "a pipeline has no end")
    }
  }

  private mutating func take(_ result: Rows, for answer: Answer) throws(PostgresError) {
    switch (result.status, answer) {
    case (PGRES_COMMAND_OK, .preparation(let name, _)):
      unprepared.removeAll { $0.name == name }
    case (PGRES_TUPLES_OK, .result), (PGRES_COMMAND_OK, .result), (PGRES_EMPTY_QUERY, .result):
      rows.append(result)
    case (PGRES_FATAL_ERROR, .result(let index)), (PGRES_FATAL_ERROR, .preparation(_, let index)):
      if failure == nil { failure = (result, index) }
    case (PGRES_PIPELINE_ABORTED, _):
      break
    default:
      throw PostgresError(
        .protocolViolation,
        "a statement was answered with \(String(cString: PQresStatus(result.status)))")
    }
  }

  /// - Returns: A result that the caller must clear, or nil at the end of a statement's results.
  private func nextResult() throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(connection) == 1 {
      let rest = PQflush(connection)
      if rest < 0 { throw lost() }
      let events = rest == 1 ? POLLIN | POLLOUT : POLLIN
      let deadline = responseTimeout.map { MonotonicTime.now + $0 }
      guard Socket.wait(PQsocket(connection), for: events, until: deadline) else {
        throw PostgresError(
          .timedOut, "the server didn't answer, the connection was given up",
          statement: statements.first?.sql.description, outcomeIsUnknown: true)
      }
      if PQconsumeInput(connection) == 0 { throw lost() }
    }
    return PQgetResult(connection)
  }

  private func lost() -> PostgresError {
    PostgresError(connection: connection, .unavailable, outcomeIsUnknown: true)
  }

  // MARK: Errors

  /// The error of the first statement that failed.
  func firstError(isCancelRequested: Bool) -> PostgresError? {
    guard let failure else { return nil }
    var error = PostgresError(result: failure.result.handle, isCancelRequested: isCancelRequested)
    error.statement = statements[failure.index].sql.description
    error.statementIndex = failure.index
    return error
  }
}
