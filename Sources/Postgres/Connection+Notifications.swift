import CLibPQ

extension Connection {
  /// The notifications that have come in.
  ///
  /// - Throws: `.unavailable` if the session is lost.
  func notifications() throws(PostgresError) -> [(channel: String, payload: String)] {
    guard let handle else {
      throw PostgresError(.unavailable, "the connection to the server was lost")
    }
    if PQconsumeInput(handle) == 0 || PQstatus(handle) == CONNECTION_BAD {
      let error = PostgresError(connection: handle, .unavailable)
      close()
      throw error
    }
    var all: [(channel: String, payload: String)] = []
    while let notification = PQnotifies(handle) {
      all.append(
        (
          String(cString: notification.pointee.relname), String(cString: notification.pointee.extra)
        ))
      PQfreemem(notification)
    }
    return all
  }

  /// The socket to wait on; -1 if there's no session.
  var socket: Int32 { handle.map { PQsocket($0) } ?? -1 }
}
