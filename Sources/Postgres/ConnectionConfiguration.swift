/// Where the server is and how patient a connection to it is.
package struct ConnectionConfiguration: Sendable {
  /// What libpq understands: `host=… dbname=…` or `postgresql://…`. May hold a password, so never
  /// log it; `description` leaves it out.
  package var connectionString: String
  /// What `pg_stat_activity` shows.
  package var applicationName: String
  /// Time for connecting to one host, 1 ms and up.
  package var connectTimeout: Duration
  /// The server stops a statement after this; nil for never.
  package var statementTimeout: Duration?
  /// A statement gives up waiting for a lock after this; nil for never.
  package var lockTimeout: Duration?
  /// The server ends a session that sits in a transaction without a statement for this long; nil for
  /// never.
  package var idleInTransactionTimeout: Duration?
  /// A server that stays silent for `statementTimeout` and this on top is taken for dead.
  package var responseGrace: Duration
  /// Pauses between attempts to connect.
  package var backoff: Backoff
  /// More settings of the server, by name, set for the session.
  package var settings: [String: String]

  package init(
    _ connectionString: String, applicationName: String = "fairlead",
    connectTimeout: Duration = .seconds(10), statementTimeout: Duration? = .seconds(30),
    lockTimeout: Duration? = .seconds(10), idleInTransactionTimeout: Duration? = .seconds(60),
    responseGrace: Duration = .seconds(10), backoff: Backoff = Backoff(),
    settings: [String: String] = [:]
  ) {
    self.connectionString = connectionString
    self.applicationName = applicationName
    self.connectTimeout = connectTimeout
    self.statementTimeout = statementTimeout
    self.lockTimeout = lockTimeout
    self.idleInTransactionTimeout = idleInTransactionTimeout
    self.responseGrace = responseGrace
    self.backoff = backoff
    self.settings = settings
  }

  /// The oldest server that is good enough, as `server_version_num` counts.
  static let oldestServerVersion: Int32 = 140_000

  /// How long the server may be silent while an answer is due; nil for ever.
  var responseTimeout: Duration? {
    statementTimeout.map { $0 + responseGrace }
  }

  /// What every session starts with.
  var sessionSettings: [(name: String, value: String)] {
    var all = [
      "statement_timeout": Self.milliseconds(statementTimeout),
      "lock_timeout": lockTimeoutSetting,
      "idle_in_transaction_session_timeout": Self.milliseconds(idleInTransactionTimeout),
      "client_min_messages": "warning",
      "TimeZone": "UTC",
      // Short statements pay for compiling and get nothing back.
      "jit": "off",
    ]
    all.merge(settings) { _, given in given }
    return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The value of `lock_timeout` with which a session begins.
  package var lockTimeoutSetting: String {
    settings["lock_timeout"] ?? Self.milliseconds(lockTimeout)
  }

  private static func milliseconds(_ duration: Duration?) -> String {
    guard let duration else { return "0" }
    // Zero would mean "no limit" to the server.
    return String(max(1, duration.milliseconds))
  }
}

extension ConnectionConfiguration: CustomStringConvertible {
  package var description: String { "a connection to PostgreSQL as \(applicationName)" }
}
