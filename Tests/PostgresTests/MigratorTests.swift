import Postgres
import Testing

@Suite struct MigratorTests {
  private static let first = Migration(
    version: 1, name: "devices",
    sql: """
      CREATE TABLE device (id bigint PRIMARY KEY);
      -- Two statements, one with a text that looks like an end; it isn't.
      INSERT INTO device VALUES (1), (2); SELECT ';' || $$;$$;
      """)
  private static let second = Migration(
    version: 2, name: "names", sql: "ALTER TABLE device ADD name text NOT NULL DEFAULT 'x'")

  @Test func migrationsAreAppliedInOrderAndOnce() throws {
    let configuration = try makeTestDatabase()
    let migrator = try Migrator([Self.second, Self.first])
    let connection = try Connection(configuration)
    #expect(try migrator.pending(on: connection) == [Self.first, Self.second])
    #expect(try migrator.migrate(configuration) == [Self.first, Self.second])
    #expect(try migrator.migrate(configuration) == [])
    #expect(try migrator.pending(on: connection) == [])
    let rows = try connection.query(
      "SELECT version, name, checksum, applied_at FROM schema_migration ORDER BY version")
    #expect(try rows.map { try $0.int("version") } == [1, 2])
    #expect(
      try rows.map { try $0.string("checksum") } == [Self.first.checksum, Self.second.checksum])
    #expect(try rows[0].timestamp("applied_at") > 1_700_000_000)
    #expect(try connection.query("SELECT name FROM device").count == 2)
  }

  @Test func theChecksumIsThatOfTheText() {
    // printf 'SELECT 1' | sha256sum
    #expect(
      Migration(version: 1, name: "x", sql: "SELECT 1").checksum
        == "e004ebd5b5532a4b85984a62f8ad48a81aa3460c1ca07701f386135d72cdecf5")
  }

  @Test func manyNodesMayStartAtOnce() async throws {
    let configuration = try makeTestDatabase()
    let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
      for _ in 0..<6 {
        group.addTask { try Migrator([Self.first, Self.second]).migrate(configuration) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(applied.map(\.version).sorted() == [1, 2])
  }

  private func expectRefusal(
    _ code: PostgresError.Code, of migrations: [Migration],
    on configuration: ConnectionConfiguration
  ) throws -> PostgresError? {
    let error = #expect(throws: PostgresError.self) {
      try Migrator(migrations).migrate(configuration)
    }
    #expect(error?.code == code, "\(error.map { "\($0)" } ?? "")")
    return error
  }

  @Test func aChangedMigrationIsRefused() throws {
    let configuration = try makeTestDatabase()
    try Migrator([Self.first]).migrate(configuration)
    let changed = Migration(version: 1, name: "devices", sql: Self.first.sql + " ")
    let error = try expectRefusal(
      .checksumMismatch, of: [changed, Self.second], on: configuration)
    #expect(error?.message.contains("migration 1 (devices)") == true)
    // Nothing was applied after the refusal.
    #expect(try Migrator([Self.first]).migrate(configuration) == [])
  }

  @Test func aNewerSchemaIsRefused() throws {
    let configuration = try makeTestDatabase()
    try Migrator([Self.first, Self.second]).migrate(configuration)
    let error = try expectRefusal(.schemaTooNew, of: [Self.first], on: configuration)
    #expect(error?.message.contains("migration 2 (names)") == true)
  }

  @Test func aGapIsRefused() throws {
    let configuration = try makeTestDatabase()
    try Migrator([Self.first]).migrate(configuration)
    let later = Migration(version: 5, name: "later", sql: "SELECT 1")
    try Migrator([Self.first, later]).migrate(configuration)
    _ = try expectRefusal(.migration, of: [Self.first, Self.second, later], on: configuration)
    _ = try expectRefusal(.migration, of: [later], on: configuration)
  }

  @Test func versionsAreUniqueAndPositive() throws {
    #expect(throws: PostgresError.self) { try Migrator([Self.first, Self.first]) }
    #expect(throws: PostgresError.self) {
      try Migrator([Migration(version: 0, name: "zero", sql: "SELECT 1")])
    }
  }

  @Test func aFailedMigrationLeavesNothingAndNamesItsLine() throws {
    let configuration = try makeTestDatabase()
    let bad = Migration(
      version: 2, name: "bad",
      sql: "CREATE TABLE half (n int);\n\nCREATE TABLE half (n nonsense);\n")
    let error = try expectRefusal(.migration, of: [Self.first, bad], on: configuration)
    #expect(error?.message.contains("migration 2 (bad)") == true)
    #expect(error?.message.contains("line 3") == true)
    let connection = try Connection(configuration)
    #expect(try connection.query("SELECT to_regclass('half') IS NULL")[0].bool(0))
    #expect(try Migrator([Self.first]).migrate(configuration) == [])
  }

  @Test func aMigrationMustNotEndItsTransaction() throws {
    let configuration = try makeTestDatabase()
    let bad = Migration(version: 1, name: "bad", sql: "CREATE TABLE a (n int); COMMIT;")
    let error = try expectRefusal(.migration, of: [bad], on: configuration)
    #expect(error?.message.contains("ends its transaction") == true)
  }
}
