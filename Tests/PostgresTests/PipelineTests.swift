import Postgres
import Testing

/// Several statements in one round trip.
@Suite struct PipelineTests {
  let connection: Connection

  init() throws {
    connection = try connectToSharedDatabase()
    try connection.query("CREATE TEMPORARY TABLE item (id int PRIMARY KEY, note text NOT NULL)")
  }

  private func count() throws -> Int {
    try connection.query("SELECT count(*) FROM item")[0].int(0)
  }

  @Test func eachStatementHasItsResult() throws {
    let results = try connection.pipeline([
      Statement(
        "INSERT INTO item VALUES ($1, $2), ($3, $4)", .int4(1), .text("a"), .int4(2), .text("b")),
      Statement("SELECT note FROM item WHERE id = $1", .int4(2)),
      Statement("UPDATE item SET note = $1", .text("c")),
    ])
    #expect(results.count == 3)
    #expect(results[0].affectedRows == 2)
    #expect(try results[1][0].string("note") == "b")
    #expect(results[2].affectedRows == 2)
  }

  @Test func anErrorInTheMiddleNamesItsStatementAndUndoesTheRest() throws {
    let insert: SQL = "INSERT INTO item VALUES ($1, $2)"
    let error = #expect(throws: PostgresError.self) {
      try connection.pipeline([
        Statement(insert, .int4(1), .text("a")),
        Statement(insert, .int4(1), .text("b")),
        Statement("INSERT INTO item VALUES (3, 'never sent before')"),
      ])
    }
    #expect(error?.code == .constraint("item_pkey"))
    #expect(error?.constraint == "item_pkey")
    #expect(error?.sqlState == "23505")
    #expect(error?.statementIndex == 1)
    #expect(error?.statement == "INSERT INTO item VALUES ($1, $2)")
    #expect(try count() == 0)
  }

  @Test func aTransactionOfThePipelineIsRolledBack() throws {
    #expect(throws: PostgresError.self) {
      try connection.pipeline([
        Statement("BEGIN"),
        Statement("INSERT INTO item VALUES (1, 'a')"),
        Statement("SELECT 1 / 0"),
        Statement("COMMIT"),
      ])
    }
    #expect(try count() == 0)
    // The session is not left in the failed transaction.
    try connection.pipeline([
      Statement("BEGIN"), Statement("INSERT INTO item VALUES (1, 'a')"), Statement("COMMIT"),
    ])
    #expect(try count() == 1)
  }

  @Test func aStatementThatCannotBePreparedFailsAlone() throws {
    let error = #expect(throws: PostgresError.self) {
      try connection.pipeline([Statement("SELECT 1"), Statement("SELEKT 2"), Statement("SELECT 3")])
    }
    #expect(error?.sqlState == "42601")
    #expect(error?.statementIndex == 1)
    let again = try connection.pipeline([Statement("SELECT 1"), Statement("SELECT 3")])
    #expect(try again[1][0].int(0) == 3)
  }

  @Test func aParameterThatCannotBeSentStopsThePipelineBeforeItIsSent() throws {
    let error = #expect(throws: PostgresError.self) {
      try connection.pipeline([
        Statement("INSERT INTO item VALUES (1, 'a')"), Statement("SELECT $1", .timestamptz(.nan)),
      ])
    }
    #expect(error?.statementIndex == 1)
    #expect(try count() == 0)
  }

  @Test func largePipelinesDoNotBlock() throws {
    // More than the buffers of the socket hold, in both directions.
    let statementCount = 300
    let text = String(repeating: "x", count: 20_000)
    let results = try connection.pipeline(
      (0..<statementCount).map { _ in Statement("SELECT $1 || 'y'", .text(text)) })
    #expect(results.count == statementCount)
    #expect(try results.allSatisfy { try $0[0].string(0).utf8.count == 20_001 })
  }

  @Test(arguments: ["COPY item FROM STDIN", "COPY item TO STDOUT"] as [SQL])
  func copyingIsRefusedAndTheConnectionReplaceable(_ copy: SQL) throws {
    let error = #expect(throws: PostgresError.self) { try connection.query(Statement(copy)) }
    #expect(error?.code == .protocolViolation || error?.code == .unavailable)
    try connection.reconnect()
    #expect(try connection.query("SELECT 1").count == 1)
  }

  @Test func aZeroByteInATextIsRefusedWithoutShowingTheText() throws {
    let error = #expect(throws: PostgresError.self) {
      try connection.query("SELECT $1", .text("hunter\02"))
    }
    #expect(error?.sqlState == "22021")
    #expect(error.map { "\($0)".contains("hunter") } == false)
  }

  @Test func nothingToDoIsNoRoundTrip() throws {
    connection.close()
    #expect(try connection.pipeline([]).isEmpty)
  }

  @Test func statementsArePreparedOncePerTypes() throws {
    let before = connection.preparedStatementCount
    let sql: SQL = "SELECT $1"
    for number in 0..<10 { try connection.query(Statement(sql, .int8(Int64(number)))) }
    #expect(connection.preparedStatementCount == before + 1)
    // NULL suits the known type; another type doesn't.
    try connection.query(Statement(sql, .null))
    #expect(connection.preparedStatementCount == before + 1)
    #expect(try connection.query(Statement(sql, .text("x")))[0].string(0) == "x")
    #expect(connection.preparedStatementCount == before + 2)
    let known = try connection.query("SELECT count(*) FROM pg_prepared_statements")
    #expect(try known[0].int(0) >= connection.preparedStatementCount - 1)
  }

  @Test func aStatementTwiceInAPipelineIsPreparedOnce() throws {
    let before = connection.preparedStatementCount
    let sql: SQL = "SELECT $1 + 1"
    let results = try connection.pipeline([Statement(sql, .int8(1)), Statement(sql, .int8(2))])
    #expect(try results.map { try $0[0].int(0) } == [2, 3])
    #expect(connection.preparedStatementCount == before + 1)
  }

  @Test func everOtherTypesDoNotFillTheServer() throws {
    let sql: SQL = "SELECT $1::text, $2::text, $3::text, $4::text"
    let before = connection.preparedStatementCount
    for pattern in 0..<16 {
      func parameter(_ bit: Int) -> Parameter { pattern & bit == 0 ? .int8(7) : .text("7") }
      let rows = try connection.query(
        Statement(sql, parameter(1), parameter(2), parameter(4), parameter(8)))
      #expect(try rows[0].string(3) == "7")
    }
    #expect(connection.preparedStatementCount == before + 8)
  }

  @Test func aPlanThatTheSchemaOutdatedIsMadeAgain() throws {
    let sql: SQL = "SELECT * FROM item"
    try connection.query(Statement(sql))
    try connection.query("ALTER TABLE item ADD more int")
    // The first transaction finds the old plan, its repetition makes a new one.
    let columns = try connection.transaction { try $0.query(Statement(sql)).columnNames }
    #expect(columns == ["id", "note", "more"])
  }

  @Test func statementsThatSomeoneDiscardedArePreparedAgain() throws {
    let sql: SQL = "SELECT 'prepared'::text"
    try connection.query(Statement(sql))
    try connection.query("DEALLOCATE ALL")
    #expect(throws: PostgresError.self) { try connection.query(Statement(sql)) }
    #expect(try connection.query(Statement(sql))[0].string(0) == "prepared")
  }
}
