import Logging

/// Brings the schema of a database up to this release.
///
/// Any number of nodes may do so at the same moment: an advisory lock lets one go on at a time. Each
/// migration is a transaction with its row in `schema_migration`.
package struct Migrator: Sendable {
  private let migrations: [Migration]
  private let logger: Logger

  /// How long a node waits for another that migrates.
  package static let lockTimeout: Duration = .seconds(300)

  /// The key of the advisory lock, "fairlead" in ASCII.
  static let lockKey: Int64 = 0x6661_6972_6c65_6164

  /// - Throws: `.migration` unless every version is positive and there only once.
  package init(_ migrations: [Migration], logger: Logger = Logger(label: "postgres"))
    throws(PostgresError)
  {
    self.migrations = migrations.sorted { $0.version < $1.version }
    self.logger = logger
    var last = 0
    for migration in self.migrations {
      if migration.version <= last {
        throw PostgresError(
          .migration, "\(migration) has a version that is taken or not positive")
      }
      last = migration.version
    }
  }

  /// Applies what is pending. Blocks.
  ///
  /// - Returns: The migrations that this call applied.
  @discardableResult
  package func migrate(_ configuration: ConnectionConfiguration) throws(PostgresError)
    -> [Migration]
  {
    var configuration = configuration
    // A change of a large table takes the time it takes.
    configuration.statementTimeout = nil
    configuration.idleInTransactionTimeout = nil
    configuration.lockTimeout = Self.lockTimeout
    let connection = try Connection(configuration, logger: logger)
    defer { connection.close() }
    var applied: [Migration] = []
    while let migration = try applyNext(on: connection) {
      logger.notice("applied \(migration)")
      applied.append(migration)
    }
    return applied
  }

  /// What `migrate` would apply; it changes nothing.
  package func pending(on connection: Connection) throws(PostgresError) -> [Migration] {
    try MigrationPlan(known: migrations, applied: readApplied(on: connection)).pending
  }

  private func applyNext(on connection: Connection) throws(PostgresError) -> Migration? {
    do {
      return try connection.transaction(attempts: 1) { connection in
        do throws(PostgresError) {
          try connection.query("SELECT pg_advisory_xact_lock($1)", .int8(Self.lockKey))
        } catch {
          throw error.code == .timedOut
            ? PostgresError(
              .timedOut, "another node is migrating the database for more than \(Self.lockTimeout)")
            : error
        }
        let applied = try readApplied(on: connection)
        let plan = try MigrationPlan(known: migrations, applied: applied)
        guard let migration = plan.pending.first else { return nil }
        if applied.isEmpty { try createTable(on: connection) }
        try apply(migration, on: connection)
        return migration
      }
    } catch let error as PostgresError {
      throw error
    } catch {
      throw PostgresError(.migration, "\(error)")
    }
  }

  private func apply(_ migration: Migration, on connection: Connection) throws(PostgresError) {
    do throws(PostgresError) {
      try connection.runScript(migration.sql)
    } catch {
      var error = error
      if error.code != .unavailable { error.code = .migration }
      error.message = "\(migration): \(error.message)"
      throw error
    }
    guard connection.isInTransaction else {
      throw PostgresError(
        .migration, "\(migration) ends its transaction, which is left to the migrator")
    }
    try connection.query(
      "INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
      .int8(Int64(migration.version)), .text(migration.name), .text(migration.checksum))
  }

  private func createTable(on connection: Connection) throws(PostgresError) {
    try connection.query(
      """
      CREATE TABLE IF NOT EXISTS schema_migration (
        version bigint PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )
      """)
  }

  private func readApplied(on connection: Connection) throws(PostgresError)
    -> [MigrationPlan.Applied]
  {
    let exists = try connection.query("SELECT to_regclass('schema_migration') IS NOT NULL")
    guard let row = exists.first, try row.bool(0) else { return [] }
    let rows = try connection.query(
      "SELECT version, name, checksum FROM schema_migration ORDER BY version")
    var applied: [MigrationPlan.Applied] = []
    for row in rows {
      applied.append(
        MigrationPlan.Applied(
          version: try row.int("version"), name: try row.string("name"),
          checksum: try row.string("checksum")))
    }
    return applied
  }
}
