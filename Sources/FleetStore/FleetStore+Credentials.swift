import Cryptography
import Fleet
import Postgres

/// What a device shows at the door: never its password, only what HTTP Digest verifies it by.
package struct CredentialRecord: Sendable, Equatable {
  package var username: String
  /// The only device that may use it; nil: any device (the shared credential for enrolment).
  package var deviceName: String?
  package var realm: String
  /// MD5 of `username:realm:password` (RFC 7616, 3.4.2), 16 bytes.
  package var ha1MD5: [UInt8]
  /// SHA-256 of the same, 32 bytes.
  package var ha1SHA256: [UInt8]
  /// Seconds since 1970.
  package var createdAt: Double
}

/// A password on its way to being stored as verifiers.
package struct NewCredentialRecord: Sendable {
  package let username: String
  package let deviceName: String?
  package let realm: String
  let ha1MD5: [UInt8]
  let ha1SHA256: [UInt8]

  package init(username: String, password: String, realm: String, deviceName: String?) {
    self.username = username
    self.deviceName = deviceName
    self.realm = realm
    let text = Array("\(username):\(realm):\(password)".utf8)
    ha1MD5 = MD5.digest(of: text)
    ha1SHA256 = SHA256.digest(of: text)
  }
}

extension FleetStore {
  private static let upsertCredential: SQL = """
    INSERT INTO credential (username, device_name, realm, ha1_md5, ha1_sha256)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (username) DO UPDATE
    SET device_name = EXCLUDED.device_name, realm = EXCLUDED.realm, ha1_md5 = EXCLUDED.ha1_md5,
      ha1_sha256 = EXCLUDED.ha1_sha256, created_at = now(), generated = false
    RETURNING username, device_name, realm, ha1_md5, ha1_sha256, created_at,
      xmax = 0 AS is_new
    """

  /// Makes a credential or replaces the one with its username.
  package func setCredential(_ credential: NewCredentialRecord, by actor: String) async throws
    -> (record: CredentialRecord, isNew: Bool)
  {
    try await transaction { connection in
      let row = try Self.insert(credential, on: connection, by: actor)
      return (try Self.credential(from: row), try row.bool("is_new"))
    }
  }

  static func insert(
    _ credential: NewCredentialRecord, on connection: Connection, by actor: String
  ) throws -> Row {
    let rows = try connection.query(
      Statement(
        upsertCredential, .text(credential.username), .text(credential.deviceName),
        .text(credential.realm), .bytea(credential.ha1MD5), .bytea(credential.ha1SHA256)))
    guard let row = rows.first else { throw StoreError(.database, "a credential was not stored") }
    try connection.query(
      AuditEntry(
        actor: actor, action: try row.bool("is_new") ? "credential.create" : "credential.replace",
        target: "credential/\(credential.username)",
        detail: credential.deviceName.map { ["device": $0] } ?? [:]
      ).statement)
    return row
  }

  private static let selectCredential: SQL = """
    SELECT username, device_name, realm, ha1_md5, ha1_sha256, created_at
    FROM credential
    WHERE username = $1
    """

  package func credential(username: String) async throws -> CredentialRecord? {
    try await query(Statement(Self.selectCredential, .text(username))).first.map {
      try Self.credential(from: $0)
    }
  }

  private static let selectCredentials: SQL = """
    SELECT username, device_name, realm, ha1_md5, ha1_sha256, created_at
    FROM credential
    WHERE username > $1
    ORDER BY username
    LIMIT $2
    """

  /// - Parameter after: the `username` of the last one of the page before; empty: from the first on.
  package func credentials(after: String = "", limit: Int) async throws -> [CredentialRecord] {
    try await query(Statement(Self.selectCredentials, .text(after), .int8(Int64(limit)))).map {
      try Self.credential(from: $0)
    }
  }

  private static let deleteCredential: SQL =
    "DELETE FROM credential WHERE username = $1 RETURNING device_name"

  // Only where it was the last one of the device.
  private static let forgetOwnCredential: SQL = """
    UPDATE device_state s
    SET own_credential = 0, own_credential_due = NULL, revision = s.revision + 1
    FROM device_identity i
    WHERE i.name = $1 AND s.device_id = i.device_id
      AND NOT EXISTS (SELECT FROM credential WHERE device_name = $1)
    """

  /// Deletes a credential. A device that had no other one of its own may come with the shared one again.
  ///
  /// - Throws: ``StoreError`` with `notFound`.
  package func deleteCredential(username: String, by actor: String) async throws {
    try await transaction { connection in
      let deleted = try connection.query(Statement(Self.deleteCredential, .text(username)))
      guard let row = deleted.first else {
        throw StoreError(.notFound, "there is no credential “\(username)”")
      }
      if let device = try row.optionalString(0) {
        _ = try connection.query(Statement(Self.forgetOwnCredential, .text(device)))
      }
      try connection.query(
        AuditEntry(actor: actor, action: "credential.delete", target: "credential/\(username)")
          .statement)
    }
  }

  private static func credential(from row: Row) throws -> CredentialRecord {
    CredentialRecord(
      username: try row.string("username"), deviceName: try row.optionalString("device_name"),
      realm: try row.string("realm"), ha1MD5: try row.bytes("ha1_md5"),
      ha1SHA256: try row.bytes("ha1_sha256"), createdAt: try row.timestamp("created_at"))
  }

  // MARK: - Secrets

  private static let insertSecret: SQL = """
    INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
    """
  private static let selectSecret: SQL = "SELECT value FROM secret WHERE name = $1"

  /// A secret that all nodes share; whoever asks first makes it.
  ///
  /// - Parameter make: gives the value where there is none yet.
  package func secret(
    named name: String,
    makingIfAbsent make: @Sendable () -> [UInt8] = { SecureRandom.bytes(32) }
  ) async throws -> [UInt8] {
    if let row = try await query(Statement(Self.selectSecret, .text(name))).first {
      return try row.bytes("value")
    }
    _ = try await query(Statement(Self.insertSecret, .text(name), .bytea(make())))
    guard let row = try await query(Statement(Self.selectSecret, .text(name))).first else {
      throw StoreError(.database, "the secret “\(name)” was not stored")
    }
    return try row.bytes("value")
  }
}
