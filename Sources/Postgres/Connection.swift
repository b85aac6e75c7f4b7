import CLibPQ
import Glibc
import Logging

/// One session with the server; its calls block.
///
/// It belongs to one thread at a time. Only its `canceller` may be used from other threads.
package final class Connection {
  package let configuration: ConnectionConfiguration
  package let canceller = StatementCanceller()
  /// Nil when the session is lost or closed.
  private(set) var handle: OpaquePointer?
  var prepared = PreparedStatements()
  var parameters = ParameterBuffer()
  /// The BEGIN that goes ahead of the next statement, so that it costs no round trip of its own.
  var pendingBegin: SQL?
  /// True within `transaction`, which ends the transaction itself.
  var isInTransactionScope = false
  private let notices: NoticeSink

  /// Connects.
  ///
  /// - Throws: `.unavailable`, `.timedOut`, `.refused` or `.configuration`.
  package init(
    _ configuration: ConnectionConfiguration, logger: Logger = Logger(label: "postgres")
  ) throws(PostgresError) {
    self.configuration = configuration
    notices = NoticeSink(logger: logger)
    try reconnect()
  }

  deinit {
    close()
  }

  /// Connects; the name says so where `init` would not.
  package static func connect(
    _ configuration: ConnectionConfiguration, logger: Logger = Logger(label: "postgres")
  ) throws(PostgresError) -> Connection {
    try Connection(configuration, logger: logger)
  }

  /// Ends the session if there is one and opens another. Prepared statements are prepared again when
  /// they're next used.
  package func reconnect() throws(PostgresError) {
    close()
    let opened = try ConnectionAttempt(configuration).open()
    notices.attach(to: opened)
    handle = opened
    canceller.attach(to: opened)
    do {
      try introduce()
    } catch {
      close()
      throw error
    }
  }

  /// Ends the session. Statements then fail with `.unavailable` until `reconnect`.
  package func close() {
    canceller.attach(to: nil)
    prepared.removeAll()
    pendingBegin = nil
    if let handle { PQfinish(handle) }
    handle = nil
  }

  /// The process ID of the session's server process, 0 if there's no session.
  package var serverProcess: Int32 { handle.map { PQbackendPID($0) } ?? 0 }

  /// As `server_version_num` counts, 150020 for 15.20; 0 if there's no session.
  package var serverVersion: Int32 { handle.map { PQserverVersion($0) } ?? 0 }

  /// Statements the session has prepared.
  package var preparedStatementCount: Int { prepared.count }

  /// Looks, without asking the server, whether the session still stands; a lost one is closed.
  package func isAlive() -> Bool {
    guard let handle else { return false }
    var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    // Between statements the server speaks only to warn or to say good-bye, and shows the end of the
    // session after its last word.
    while poll(&descriptor, 1, 0) > 0 {
      if PQconsumeInput(handle) == 0 || PQstatus(handle) == CONNECTION_BAD {
        close()
        return false
      }
      while let notification = PQnotifies(handle) { PQfreemem(notification) }
    }
    return true
  }

  /// True if a transaction is open, failed or not.
  var isInTransaction: Bool {
    guard let handle else { return false }
    return PQtransactionStatus(handle) != PQTRANS_IDLE
  }

  private func introduce() throws(PostgresError) {
    let settings = configuration.sessionSettings
    _ = try run([
      Statement(
        "SELECT set_config(s.name, s.value, false) FROM unnest($1, $2) AS s (name, value)",
        .textArray(settings.map(\.name)), .textArray(settings.map(\.value)))
    ])
  }
}
