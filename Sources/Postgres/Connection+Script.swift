import CLibPQ
import Glibc

extension Connection {
  /// Runs text that may hold several statements, for migrations and for the few commands that take
  /// neither parameters nor a transaction.
  ///
  /// This is the one way for SQL that isn't a literal, and must never see anything from outside.
  func runScript(_ text: String) throws(PostgresError) {
    guard isAlive(), let handle else {
      throw PostgresError(.unavailable, "the connection to the server was lost")
    }
    guard PQexitPipelineMode(handle) == 1 else {
      throw PostgresError(connection: handle, .protocolViolation)
    }
    defer {
      if self.handle != nil, PQenterPipelineMode(handle) != 1 { close() }
    }
    do throws(PostgresError) {
      guard PQsendQuery(handle, text) == 1 else {
        throw PostgresError(connection: handle, .unavailable, outcomeIsUnknown: true)
      }
      var first: PostgresError?
      while let result = try nextResult(of: handle) {
        let result = Rows(result)
        if result.status == PGRES_FATAL_ERROR, first == nil {
          first = scriptError(result, text)
        }
      }
      guard var first else { return }
      if PQstatus(handle) == CONNECTION_BAD {
        first.outcomeIsUnknown = true
        close()
      }
      throw first
    } catch {
      if error.code == .unavailable { close() }
      throw error
    }
  }

  /// The name as SQL takes it, with quotes around it.
  func quotedIdentifier(_ name: String) throws(PostgresError) -> String {
    guard let handle, let quoted = PQescapeIdentifier(handle, name, name.utf8.count) else {
      throw PostgresError(.unavailable, "the connection to the server was lost")
    }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }

  private func scriptError(_ result: Rows, _ text: String) -> PostgresError {
    var error = PostgresError(
      result: result.handle, isCancelRequested: canceller.isRequested)
    if let position = PostgresError.position(in: result.handle) {
      let line = text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" } + 1
      error.message += ", in line \(line)"
    }
    return error
  }

  private func nextResult(of handle: OpaquePointer) throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 {
      let events = PQflush(handle) == 1 ? POLLIN | POLLOUT : POLLIN
      let deadline = configuration.responseTimeout.map { MonotonicTime.now + $0 }
      guard Socket.wait(PQsocket(handle), for: events, until: deadline) else {
        close()
        throw PostgresError(.timedOut, "the server didn't answer", outcomeIsUnknown: true)
      }
      if PQconsumeInput(handle) == 0 {
        throw PostgresError(connection: handle, .unavailable, outcomeIsUnknown: true)
      }
    }
    return PQgetResult(handle)
  }
}
