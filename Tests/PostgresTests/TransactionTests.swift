import Postgres
import Testing

@Suite struct TransactionTests {
  let configuration: ConnectionConfiguration
  let connection: Connection

  struct Refusal: Error {}

  init() throws {
    configuration = try makeTestDatabase()
    connection = try Connection(configuration)
    try connection.query("CREATE TABLE account (id int PRIMARY KEY, amount int NOT NULL)")
    try connection.query("INSERT INTO account VALUES (1, 10), (2, 10)")
  }

  private func amounts() throws -> [Int] {
    try connection.query("SELECT amount FROM account ORDER BY id").map { try $0.int(0) }
  }

  @Test func whatReturnsIsCommitted() throws {
    let result = try connection.transaction { connection in
      try connection.query("UPDATE account SET amount = 1 WHERE id = 1")
      return try connection.query("UPDATE account SET amount = 2 WHERE id = 2").affectedRows
    }
    #expect(result == 1)
    #expect(try amounts() == [1, 2])
  }

  @Test func whatThrowsIsRolledBack() throws {
    #expect(throws: Refusal.self) {
      try connection.transaction { connection in
        try connection.query("UPDATE account SET amount = 1")
        throw Refusal()
      }
    }
    #expect(try amounts() == [10, 10])
  }

  @Test func aSwallowedErrorIsNoCommit() throws {
    let error = #expect(throws: PostgresError.self) {
      try connection.transaction { connection in
        try connection.query("UPDATE account SET amount = 1")
        _ = try? connection.query("SELECT 1 / 0")
      }
    }
    #expect(error?.message.contains("rolled back") == true)
    #expect(try amounts() == [10, 10])
  }

  @Test func aSwallowedErrorOfTheFirstStatementDoesNotLetTheRestThrough() throws {
    #expect(throws: PostgresError.self) {
      try connection.transaction { connection in
        _ = try? connection.query("SELECT 1 / 0")
        try connection.query("UPDATE account SET amount = 1")
      }
    }
    #expect(try amounts() == [10, 10])
  }

  @Test func aTransactionWithoutStatementsSendsNothing() throws {
    #expect(try connection.transaction { _ in 7 } == 7)
    #expect(throws: Refusal.self) { try connection.transaction { _ in throw Refusal() } }
    #expect(try amounts() == [10, 10])
  }

  @Test func aTransactionInsideAnotherIsRefused() throws {
    #expect(throws: PostgresError.self) {
      try connection.transaction { outer in try outer.transaction { _ in } }
    }
    #expect(try amounts() == [10, 10])
  }

  @Test func aReadOnlyTransactionWritesNothing() throws {
    for kind in [TransactionKind.readOnly, .readOnlySnapshot] {
      let error = #expect(throws: PostgresError.self) {
        try connection.transaction(kind) { try $0.query("UPDATE account SET amount = 1") }
      }
      #expect(error?.sqlState == "25006")
      #expect(error?.statementIndex == 0)
    }
  }

  @Test func aConflictRunsTheTransactionAgain() throws {
    let other = try Connection(configuration)
    var attempts = 0
    try connection.transaction(.serializable) { connection in
      attempts += 1
      let amount = try connection.query("SELECT amount FROM account WHERE id = 1")[0].int32(0)
      if attempts == 1 { try other.query("UPDATE account SET amount = 50 WHERE id = 1") }
      try connection.query("UPDATE account SET amount = $1 WHERE id = 1", .int4(amount + 1))
    }
    #expect(attempts == 2)
    #expect(try amounts() == [51, 10])
  }

  @Test func conflictsWithoutEndAreReported() throws {
    let other = try Connection(configuration)
    var attempts = 0
    let error = #expect(throws: PostgresError.self) {
      try connection.transaction(.repeatableRead, attempts: 3) { connection in
        attempts += 1
        try connection.query("SELECT amount FROM account")
        try other.query("UPDATE account SET amount = amount + 1")
        try connection.query("UPDATE account SET amount = 0")
      }
    }
    #expect(error?.code == .serialization)
    #expect(attempts == 3)
  }
}
