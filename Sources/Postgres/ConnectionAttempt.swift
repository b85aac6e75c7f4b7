import CLibPQ
import Glibc

/// The opening of one session, up to an authenticated connection in pipeline mode.
struct ConnectionAttempt {
  private let configuration: ConnectionConfiguration

  init(_ configuration: ConnectionConfiguration) {
    self.configuration = configuration
  }

  /// - Returns: A connection that the caller must give to `PQfinish`.
  func open() throws(PostgresError) -> OpaquePointer {
    let hostCount = try countHosts()
    guard let connection = start() else {
      throw PostgresError(.insufficientResources, "no memory for a connection")
    }
    do {
      try complete(connection, until: .now + configuration.connectTimeout * hostCount)
      try prepare(connection)
    } catch {
      PQfinish(connection)
      throw error
    }
    return connection
  }

  /// Refuses a string that can't be understood, without repeating any of it: a mistyped one may have
  /// the password anywhere.
  private func countHosts() throws(PostgresError) -> Int {
    var reason: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(configuration.connectionString, &reason) else {
      let text = reason.map { PostgresError.trimmed(String(cString: $0)) } ?? ""
      PQfreemem(reason)
      throw PostgresError(
        .configuration,
        "the connection string can't be understood: \(PostgresError.withoutQuotations(text))")
    }
    defer { PQconninfoFree(options) }
    var hosts = 1
    var option = options
    while let keyword = option.pointee.keyword {
      if ["host", "hostaddr"].contains(String(cString: keyword)), let value = option.pointee.val {
        hosts = max(hosts, String(cString: value).count { $0 == "," } + 1)
      }
      option += 1
    }
    return hosts
  }

  private func start() -> OpaquePointer? {
    let patience = String(configuration.connectTimeout.milliseconds)
    // What stands before `dbname` can be overridden by the connection string, what comes after it
    // can't.
    let options: [(String, String)] = [
      ("tcp_user_timeout", patience), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
      ("keepalives_count", "3"), ("dbname", configuration.connectionString),
      ("fallback_application_name", configuration.applicationName), ("client_encoding", "UTF8"),
    ]
    var keywords: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0.0)) } + [nil]
    var values: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0.1)) } + [nil]
    defer {
      for string in keywords + values { free(UnsafeMutablePointer(mutating: string)) }
    }
    return PQconnectStartParams(&keywords, &values, 1)
  }

  private func complete(_ connection: OpaquePointer, until deadline: MonotonicTime)
    throws(PostgresError)
  {
    // Has the SQLSTATE stand in the message, the only place where libpq shows it here.
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    var isReading = false
    if PQstatus(connection) == CONNECTION_BAD { throw failure(of: connection) }
    while true {
      let isReady = Socket.wait(
        PQsocket(connection), for: isReading ? POLLIN : POLLOUT, until: deadline)
      guard isReady else {
        throw PostgresError(
          .timedOut, "the server didn't let us in within \(configuration.connectTimeout)")
      }
      switch PQconnectPoll(connection) {
      case PGRES_POLLING_READING: isReading = true
      case PGRES_POLLING_WRITING: isReading = false
      case PGRES_POLLING_OK: return
      default: throw failure(of: connection)
      }
    }
  }

  private func prepare(_ connection: OpaquePointer) throws(PostgresError) {
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
    let version = PQserverVersion(connection)
    guard version >= ConnectionConfiguration.oldestServerVersion else {
      throw PostgresError(
        .configuration,
        "the server is PostgreSQL \(version / 10_000), but "
          + "\(ConnectionConfiguration.oldestServerVersion / 10_000) or newer is needed")
    }
    guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
      throw PostgresError(connection: connection, .protocolViolation)
    }
  }

  private func failure(of connection: OpaquePointer) -> PostgresError {
    let lines = String(cString: PQerrorMessage(connection)).split(whereSeparator: \.isNewline)
    var error = PostgresError(
      .unavailable,
      lines.map { $0.trimmingPrefix(while: \.isWhitespace) }.filter { !$0.hasPrefix("LOCATION:") }
        .joined(separator: "; "))
    // "… failed: FATAL:  28P01: password authentication failed …"
    for word in error.message.split(whereSeparator: \.isWhitespace) where word.hasSuffix(":") {
      let state = word.dropLast()
      guard state.utf8.count == 5, state.utf8.allSatisfy(Self.isStateByte),
        state.contains(where: \.isNumber)
      else { continue }
      error.sqlState = String(state)
      error.code = PostgresError.code(
        sqlState: String(state), constraint: nil, isCancelRequested: false)
    }
    if PQconnectionNeedsPassword(connection) == 1 { error.code = .refused }
    if error.message.hasPrefix("invalid ") { error.code = .configuration }
    // A value that makes no sense, or a host with "@" in it, may be a piece of a mistyped password.
    if error.code == .configuration || error.message.contains("@") {
      error.message = PostgresError.withoutQuotations(error.message)
    }
    return error
  }

  private static func isStateByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
