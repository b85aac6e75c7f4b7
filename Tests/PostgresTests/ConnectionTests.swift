import Postgres
import Testing

/// Connecting, time limits, cancellation, loss.
@Suite struct ConnectionTests {
  private func code(_ body: () throws -> Void) -> PostgresError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? PostgresError)?.code
    }
  }

  @Test func theSessionIsSetUp() throws {
    var configuration = try makeTestDatabase()
    configuration.applicationName = "a name"
    configuration.statementTimeout = .milliseconds(1500)
    configuration.settings = ["work_mem": "8MB"]
    let connection = try Connection(configuration)
    let row = try #require(
      try connection.query(
        """
        SELECT current_setting('application_name'), current_setting('statement_timeout'),
          current_setting('TimeZone'), current_setting('work_mem'), current_setting('jit')
        """
      ).first)
    #expect(
      try (0..<5).map { try row.string(Column($0)) } == ["a name", "1500ms", "UTC", "8MB", "off"])
    #expect(connection.serverVersion >= 140_000)
    #expect(connection.serverProcess > 0)
  }

  @Test func noServerIsUnavailable() {
    let configuration = ConnectionConfiguration("host=/nowhere port=5432 dbname=x")
    #expect(code { _ = try Connection(configuration) } == .unavailable)
  }

  @Test func anUnknownDatabaseIsRefused() throws {
    var configuration = try makeTestDatabase()
    configuration.connectionString += " dbname=missing"
    let error = #expect(throws: PostgresError.self) { try Connection(configuration) }
    #expect(error?.code == .refused)
    #expect(error?.sqlState == "3D000")
  }

  @Test(arguments: [
    "host=x passwort=hunter2", "host=x password='hunter2", "hunter2",
    "postgresql://u:p@h:hunter2/x",
    "host=x sslmode=hunter2",
  ])
  func aBadConnectionStringIsNotRepeated(_ string: String) {
    let error = #expect(throws: PostgresError.self) {
      try Connection(ConnectionConfiguration(string))
    }
    #expect(error?.code == .configuration)
    #expect(error.map { "\($0)".contains("hunter2") } == false)
    #expect("\(ConnectionConfiguration(string))".contains("hunter2") == false)
  }

  @Test func aStatementThatTakesTooLongIsStopped() throws {
    var configuration = try makeTestDatabase()
    configuration.statementTimeout = .milliseconds(50)
    let connection = try Connection(configuration)
    #expect(code { try connection.query("SELECT pg_sleep(60)") } == .timedOut)
    #expect(try connection.query("SELECT 1").count == 1)
  }

  @Test func aLockThatTakesTooLongIsGivenUp() throws {
    var configuration = try makeTestDatabase()
    let holder = try Connection(configuration)
    try holder.query("SELECT pg_advisory_lock(1)")
    configuration.lockTimeout = .milliseconds(50)
    let connection = try Connection(configuration)
    #expect(code { try connection.query("SELECT pg_advisory_lock(1)") } == .timedOut)
  }

  @Test func aSilentServerIsGivenUp() throws {
    var configuration = try makeTestDatabase()
    configuration.settings = ["statement_timeout": "0"]
    configuration.statementTimeout = .milliseconds(50)
    configuration.responseGrace = .milliseconds(50)
    let connection = try Connection(configuration)
    let error = #expect(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(2)") }
    #expect(error?.code == .timedOut)
    #expect(error?.outcomeIsUnknown == true)
    #expect(!connection.isAlive())
    try connection.reconnect()
    #expect(try connection.query("SELECT 1").count == 1)
  }

  @Test func aStatementIsCancelledFromAnotherThread() async throws {
    let configuration = try makeTestDatabase()
    let connection = try Connection(configuration)
    let process = connection.serverProcess
    let canceller = connection.canceller
    let observer = Task {
      let other = try Connection(configuration)
      _ = try await eventually {
        try !other.query(
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", .int4(process)
        ).isEmpty
      }
      canceller.cancel()
    }
    #expect(code { try connection.query("SELECT pg_sleep(60)") } == .cancelled)
    try await observer.value
    #expect(code { try connection.query("SELECT 1") } == .cancelled)
    canceller.reset()
    #expect(try connection.query("SELECT 1").count == 1)
  }

  @Test func aLostSessionIsNoticedAndReplaced() throws {
    let configuration = try makeTestDatabase()
    let connection = try Connection(configuration)
    try connection.query("SELECT 1")
    let killer = try Connection(configuration)
    try killer.query("SELECT pg_terminate_backend($1, 5000)", .int4(connection.serverProcess))
    let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
    #expect(error?.code == .unavailable)
    // It was known to be lost before anything was sent.
    #expect(error?.outcomeIsUnknown == false)
    #expect(!connection.isAlive())
    try connection.reconnect()
    #expect(try connection.query("SELECT 1").count == 1)
  }

  @Test func aSessionLostInAStatementLeavesItsOutcomeUnknown() throws {
    let connection = try connectToTestDatabase()
    let error = #expect(throws: PostgresError.self) {
      try connection.pipeline([
        Statement("SELECT 1"), Statement("SELECT pg_terminate_backend(pg_backend_pid())"),
        Statement("SELECT pg_sleep(60)"),
      ])
    }
    #expect(error?.code == .unavailable)
    #expect(error?.outcomeIsUnknown == true)
    #expect(!connection.isAlive())
  }

  @Test func errorsShowNoValues() throws {
    let connection = try connectToTestDatabase()
    try connection.query("CREATE TABLE secret (word text PRIMARY KEY CHECK (word <> 'hunter2'))")
    let insert: SQL = "INSERT INTO secret VALUES ($1)"
    try connection.query(Statement(insert, .text("hunter3")))
    for word in ["hunter2", "hunter3"] {
      let error = #expect(throws: PostgresError.self) {
        try connection.query(Statement(insert, .text(word)))
      }
      #expect(error.map { "\($0)".contains("hunter") } == false)
    }
    for sql: SQL in ["SELECT $1::int", "SELECT $1::jsonb", "SELECT $1::timestamptz"] {
      let error = #expect(throws: PostgresError.self) {
        try connection.query(Statement(sql, .text("hunter2")))
      }
      #expect(error?.code == .statement)
      #expect(error.map { "\($0)".contains("hunter") } == false)
    }
  }
}
