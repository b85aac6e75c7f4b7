/// What a database has of a list of migrations, and what it lacks.
struct MigrationPlan {
  /// A row of `schema_migration`.
  struct Applied: Equatable {
    let version: Int
    let name: String
    let checksum: String
  }

  let pending: [Migration]

  /// - Parameter known: In order of their versions.
  /// - Throws: `.schemaTooNew`, `.checksumMismatch` or `.migration` if this release must not touch the
  ///   database.
  init(known: [Migration], applied: [Applied]) throws(PostgresError) {
    let newest = known.last?.version ?? 0
    if let stranger = applied.first(where: { $0.version > newest }) {
      throw PostgresError(
        .schemaTooNew,
        "the database's schema is newer than this release: it has migration \(stranger.version) "
          + "(\(stranger.name)), the newest known here is \(newest); run the newer release")
    }
    var byVersion: [Int: Migration] = [:]
    for migration in known { byVersion[migration.version] = migration }
    for row in applied {
      guard let migration = byVersion[row.version] else {
        throw PostgresError(
          .migration,
          "the database has migration \(row.version) (\(row.name)), which this release doesn't know"
        )
      }
      if migration.checksum != row.checksum {
        throw PostgresError(
          .checksumMismatch,
          "\(migration) was applied in another form than this release has: checksum "
            + "\(row.checksum) in the database, \(migration.checksum) here")
      }
    }
    let latest = applied.map(\.version).max() ?? 0
    let done = Set(applied.map(\.version))
    pending = known.filter { !done.contains($0.version) }
    if let late = pending.first(where: { $0.version < latest }) {
      throw PostgresError(
        .migration, "\(late) is missing in the database, which has migration \(latest) already")
    }
  }
}
