import Fleet
import Postgres

/// A credential that the server makes for a device: its name, and a random password.
extension FleetStore {
  // What an operator made stays, and so does what belongs to another device.
  private static let offerCredential: SQL = """
    INSERT INTO credential (username, device_name, realm, ha1_md5, ha1_sha256, generated)
    VALUES ($1, $2, $3, $4, $5, true)
    ON CONFLICT (username) DO UPDATE
    SET realm = EXCLUDED.realm, ha1_md5 = EXCLUDED.ha1_md5, ha1_sha256 = EXCLUDED.ha1_sha256,
      created_at = now()
    WHERE credential.generated AND credential.device_name = EXCLUDED.device_name
    RETURNING username
    """

  /// Stores the verifiers of a credential that is about to be set on a device.
  ///
  /// From the COMMIT on it lets the device in; the shared one does so as well until the device has shown the new one.
  ///
  /// - Returns: false where the username is taken by a credential that this server did not make for the device.
  package func offerCredential(_ credential: NewCredentialRecord) async throws -> Bool {
    let rows = try await query(
      Statement(
        Self.offerCredential, .text(credential.username), .text(credential.deviceName),
        .text(credential.realm), .bytea(credential.ha1MD5), .bytea(credential.ha1SHA256)))
    return !rows.isEmpty
  }
}
