import Cryptography
import Fleet
import Postgres

/// What the bearer of a token may do, as it is stored.
package enum OperatorRole: String, Sendable, CaseIterable {
  case viewer
  case `operator`
  case admin
}

/// A token of the management API; of its secret, only the hash is kept.
package struct TokenRecord: Sendable, Equatable {
  package var name: String
  package var role: OperatorRole
  /// Seconds since 1970, like the others.
  package var createdAt: Double
  /// Exact to a minute.
  package var lastUsedAt: Double?
  package var expiresAt: Double?
}

extension FleetStore {
  /// The hash under which a token is stored and looked up.
  package static func hash(ofToken token: String) -> [UInt8] {
    SHA256.digest(of: Array(token.utf8))
  }

  private static let insertToken: SQL = """
    INSERT INTO operator_token (name, hash, role, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO NOTHING
    RETURNING name, role, created_at, last_used_at, expires_at
    """

  /// Makes a token.
  ///
  /// - Returns: the record, and the secret, which can't be had again.
  /// - Throws: ``StoreError`` with `conflict` where a token has this name.
  package func createToken(
    name: String, role: OperatorRole, expiresAt: Double?, by actor: String
  ) async throws -> (record: TokenRecord, secret: String) {
    let secret = Self.makeTokenSecret()
    let record = try await transaction { connection in
      guard
        let row = try connection.query(
          Statement(
            Self.insertToken, .text(name), .bytea(Self.hash(ofToken: secret)), .text(role.rawValue),
            .timestamptz(expiresAt))
        ).first
      else { throw StoreError(.conflict, "there is a token with the name “\(name)” already") }
      try connection.query(
        AuditEntry(
          actor: actor, action: "token.create", target: "token/\(name)",
          detail: ["role": role.rawValue]
        ).statement)
      return try Self.token(from: row)
    }
    return (record, secret)
  }

  private static let selectTokens: SQL = """
    SELECT name, role, created_at, last_used_at, expires_at FROM operator_token ORDER BY name
    """

  package func tokens() async throws -> [TokenRecord] {
    try await query(Statement(Self.selectTokens)).map { try Self.token(from: $0) }
  }

  private static let lockAdmins: SQL = """
    SELECT name FROM operator_token
    WHERE role = 'admin' AND (expires_at IS NULL OR expires_at > now())
    ORDER BY token_id
    FOR UPDATE
    """

  private static let deleteToken: SQL = "DELETE FROM operator_token WHERE name = $1"

  /// - Throws: ``StoreError`` with `notFound`; with `conflict` for the last token with which tokens can be made.
  package func deleteToken(name: String, by actor: String) async throws {
    try await transaction { connection in
      let admins = try connection.query(Statement(Self.lockAdmins)).map { try $0.string("name") }
      if admins == [name] {
        throw StoreError(.conflict, "“\(name)” is the last token of an administrator")
      }
      guard try connection.query(Statement(Self.deleteToken, .text(name))).affectedRows == 1 else {
        throw StoreError(.notFound, "there is no token “\(name)”")
      }
      try connection.query(
        AuditEntry(actor: actor, action: "token.delete", target: "token/\(name)").statement)
    }
  }

  private static let useToken: SQL = """
    SELECT name, role, created_at, last_used_at, expires_at
    FROM operator_token
    WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)
    """

  private static let touchToken: SQL = """
    UPDATE operator_token SET last_used_at = $2
    WHERE hash = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')
    """

  /// The token with this hash that has not expired; notes that it was used.
  ///
  /// - Parameter now: seconds since 1970.
  package func token(hash: [UInt8], now: Double) async throws -> TokenRecord? {
    guard
      let row = try await query(Statement(Self.useToken, .bytea(hash), .timestamptz(now))).first
    else { return nil }
    let record = try Self.token(from: row)
    if record.lastUsedAt.map({ now - $0 > 60 }) ?? true {
      _ = try await query(Statement(Self.touchToken, .bytea(hash), .timestamptz(now)))
    }
    return record
  }

  private static let lockFirstToken: SQL = "SELECT pg_advisory_xact_lock($1)"

  private static let countAdmins: SQL = """
    SELECT count(*) AS count FROM operator_token
    WHERE role = 'admin' AND (expires_at IS NULL OR expires_at > now())
    """

  /// Makes a token with the role admin where there is none, so that somebody can begin.
  ///
  /// - Returns: its secret; nil where there is such a token.
  package func ensureAdminToken() async throws -> String? {
    try await transaction { connection in
      try connection.query(Statement(Self.lockFirstToken, AdvisoryLock.firstToken.parameter))
      let count = try connection.query(Statement(Self.countAdmins)).first?.int("count") ?? 0
      guard count == 0 else { return nil }
      let secret = Self.makeTokenSecret()
      let names = ["initial-admin", "initial-admin-" + Hex.encode(SecureRandom.bytes(4))]
      for name in names {
        let made = try connection.query(
          Statement(
            Self.insertToken, .text(name), .bytea(Self.hash(ofToken: secret)),
            .text(OperatorRole.admin.rawValue), .timestamptz(nil)))
        guard made.count == 1 else { continue }
        try connection.query(
          AuditEntry(
            actor: "system", action: "token.create", target: "token/\(name)",
            detail: ["role": OperatorRole.admin.rawValue]
          ).statement)
        return secret
      }
      throw StoreError(.conflict, "the names for the first token are taken")
    }
  }

  /// `flt_` and 32 random bytes; the prefix lets scanners for leaked secrets find it.
  private static func makeTokenSecret() -> String { "flt_" + SecureRandom.token(bytes: 32) }

  private static func token(from row: Row) throws -> TokenRecord {
    guard let role = OperatorRole(rawValue: try row.string("role")) else {
      throw StoreError(.damaged, "a stored token has a role that this release does not know")
    }
    return TokenRecord(
      name: try row.string("name"), role: role, createdAt: try row.timestamp("created_at"),
      lastUsedAt: try row.optionalTimestamp("last_used_at"),
      expiresAt: try row.optionalTimestamp("expires_at"))
  }
}
