import Fleet
import Foundation
import Postgres

/// A change as the audit log remembers it; written in the transaction of the change itself.
package struct AuditEntry: Sendable, Equatable {
  /// The name of the token, or `system`.
  package var actor: String
  /// For example `task.create`.
  package var action: String
  /// What was changed, for example `device/00D09E-Box-1`.
  package var target: String
  /// Never a secret.
  package var detail: [String: String]

  package init(actor: String, action: String, target: String, detail: [String: String] = [:]) {
    self.actor = actor
    self.action = action
    self.target = target
    self.detail = detail
  }

  private static let insert: SQL = """
    INSERT INTO audit (actor, action, target, detail) VALUES ($1, $2, $3, $4)
    """

  var statement: Statement {
    Statement(
      Self.insert, .text(actor), .text(action), .text(target), .jsonb(StoredJSON.text(detail)))
  }
}

/// An entry of the audit log.
package struct AuditRecord: Sendable, Equatable {
  package var id: Int64
  /// Seconds since 1970.
  package var at: Double
  package var actor: String
  package var action: String
  package var target: String
  /// A JSON object.
  package var detail: [UInt8]
}

extension FleetStore {
  /// Remembers what was done without a change of the database, for example that a file was read.
  package func record(_ entry: AuditEntry) async throws {
    _ = try await query(entry.statement)
  }

  private static let selectAudit: SQL = """
    SELECT audit_id, at, actor, action, target, detail
    FROM audit
    WHERE audit_id < $1
    ORDER BY audit_id DESC
    LIMIT $2
    """

  /// The newest entries first.
  ///
  /// - Parameter before: the `id` of the last entry of the page before; nil: from the newest on.
  package func auditLog(before: Int64? = nil, limit: Int) async throws -> [AuditRecord] {
    let rows = try await query(
      Statement(Self.selectAudit, .int8(before ?? Int64.max), .int8(Int64(limit))))
    return try rows.map { row in
      AuditRecord(
        id: try row.int64("audit_id"), at: try row.timestamp("at"), actor: try row.string("actor"),
        action: try row.string("action"), target: try row.string("target"),
        detail: try row.json("detail"))
    }
  }

  // MARK: - Ways to the database, with errors as the store tells them

  func query(_ statement: Statement) async throws -> Rows {
    try await Self.translatingErrors { try await pool.withConnection { try $0.query(statement) } }
  }

  func transaction<Result: Sendable>(
    _ kind: TransactionKind = .readCommitted,
    _ body: @escaping @Sendable (Connection) throws -> Result
  ) async throws -> Result {
    try await Self.translatingErrors { try await pool.transaction(kind) { try body($0) } }
  }

  private static let limitLockWait: SQL = "SELECT set_config('lock_timeout', $1, true)"

  /// Runs a statement in a transaction that waits for locks, but not for as long as others do.
  ///
  /// - Throws: ``PostgresError`` with ``PostgresError/isLockTimeout``; the transaction is lost then.
  static func querySoon(
    _ statement: Statement, within milliseconds: Int, on connection: Connection
  ) throws(PostgresError) -> Rows {
    try connection.pipeline([
      Statement(limitLockWait, .text("\(milliseconds)ms")), statement,
      // Not DEFAULT, which is the server's, and not what the connection began with.
      Statement(limitLockWait, .text(connection.configuration.lockTimeoutSetting)),
    ])[1]
  }

  private static func translatingErrors<Result>(_ body: () async throws -> Result) async throws
    -> Result
  {
    do {
      return try await body()
    } catch let error as PostgresError {
      // Text that PostgreSQL can't hold (U+0000, SQLSTATE 22021 and 22P05) came from the caller.
      if error.sqlState == "22021" || error.sqlState == "22P05" {
        throw StoreError(.invalid, "a text has a character that can't be stored", underlying: error)
      }
      throw StoreError(error)
    }
  }
}

/// JSON for columns of type jsonb.
enum StoredJSON {
  /// The members sorted, so that equal values have equal texts.
  static func bytes(_ value: some Encodable) throws(StoreError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value))
    } catch {
      throw StoreError(.invalid, "a value can't be written as JSON: \(error)")
    }
  }

  static func text(_ detail: EventDetail) -> String {
    (try? bytes(detail)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  static func text(_ members: [String: String]) -> String {
    var text = "{"
    for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { text += "," }
      text += quoted(member.key) + ":" + quoted(member.value)
    }
    return text + "}"
  }

  static func value<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], of what: String)
    throws(StoreError) -> Value
  {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw StoreError(.damaged, "\(what) can't be read: \(error)")
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
