import Fleet
import Logging
import Postgres

/// A document of switches as it is stored.
package struct SwitchesRecord: Sendable, Equatable {
  package var name: String
  /// The text that the operator applied.
  package var document: String
  package var appliedBy: String
  /// Seconds since 1970.
  package var updatedAt: Double
}

extension FleetStore {
  /// Documents of switches in one fleet.
  package static let maxSwitches = 1_000

  private static let upsertSwitches: SQL = """
    INSERT INTO device_switches AS s (name, document, applied_by)
    SELECT $1, $2, $3
    WHERE EXISTS (SELECT FROM device_switches WHERE name = $1)
      OR (SELECT count(*) FROM device_switches) < $4
    ON CONFLICT (name) DO UPDATE
      SET document = $2, applied_by = $3, updated_at = now()
      WHERE s.document <> $2
    RETURNING xmax = 0 AS is_new
    """

  private static let hasSwitches: SQL = "SELECT FROM device_switches WHERE name = $1"

  package enum SwitchesOutcome: String, Sendable {
    case created, changed, unchanged
  }

  /// Keeps a document of switches, in place of the one of that name if there is any.
  ///
  /// - Throws: ``StoreError`` with `conflict` where there are too many.
  package func applySwitches(named name: String, document: String, isDryRun: Bool, by actor: String)
    async throws -> SwitchesOutcome
  {
    try await transaction { connection in
      let before = try connection.query(Statement(Self.selectDocument, .text(name))).first?
        .string(0)
      if before == document { return .unchanged }
      if isDryRun { return before == nil ? .created : .changed }
      let row = try connection.query(
        Statement(
          Self.upsertSwitches, .text(name), .text(document), .text(actor),
          .int8(Int64(Self.maxSwitches)))
      ).first
      guard let row else {
        // Nothing was inserted or changed: there are too many, or another operator was as fast with the same text.
        guard try connection.query(Statement(Self.hasSwitches, .text(name))).isEmpty else {
          return .unchanged
        }
        throw StoreError(.conflict, "there are \(Self.maxSwitches) documents of switches already")
      }
      try connection.query(
        AuditEntry(actor: actor, action: "switches.apply", target: "switches/\(name)").statement)
      return try row.bool("is_new") ? .created : .changed
    }
  }

  private static let selectDocument: SQL = "SELECT document FROM device_switches WHERE name = $1"

  private static let deleteSwitches: SQL =
    "DELETE FROM device_switches WHERE name = $1 RETURNING name"

  /// - Throws: ``StoreError`` with `notFound`.
  package func deleteSwitches(named name: String, by actor: String) async throws {
    try await transaction { connection in
      guard try !connection.query(Statement(Self.deleteSwitches, .text(name))).isEmpty else {
        throw StoreError(.notFound, "there are no switches “\(name)”")
      }
      try connection.query(
        AuditEntry(actor: actor, action: "switches.delete", target: "switches/\(name)").statement)
    }
  }

  private static let selectSwitches: SQL = """
    SELECT name, document, applied_by, updated_at FROM device_switches ORDER BY name
    """

  /// All documents of switches by their names.
  package func switches() async throws -> [SwitchesRecord] {
    try await query(Statement(Self.selectSwitches)).map { row in
      SwitchesRecord(
        name: try row.string("name"), document: try row.string("document"),
        appliedBy: try row.string("applied_by"), updatedAt: try row.timestamp("updated_at"))
    }
  }

  /// The switches of the fleet; documents that this release does not understand are left out and logged.
  package func switchesTable() async throws -> DeviceSwitchesTable {
    table(of: try await switches())
  }

  /// The switches of documents; those that this release does not understand are left out and logged.
  package func table(of records: [SwitchesRecord]) -> DeviceSwitchesTable {
    var specs: [String: DeviceSwitchesSpec] = [:]
    for record in records {
      let file = ResourceFile(record.document)
      if case .deviceSwitches(let spec)? = file.resources.first?.content {
        specs[record.name] = spec
      } else {
        logger.error(
          "stored switches can't be read", metadata: ["switches": "\(record.name)"])
      }
    }
    return DeviceSwitchesTable(specs)
  }
}
