import Fleet
import Postgres

/// Under which endpoint IDs devices are known (TR-369 2.2).
///
/// They are names beside the device's own: an endpoint ID has colons, which no device's name has.
extension FleetStore {
  /// Endpoint IDs of a device that are remembered besides those in certificates.
  package static let maxEndpoints = 16

  private static let selectHolder: SQL = """
    SELECT i.device_id, d.name, s.own_credential, i.certified
    FROM device_identity i
    JOIN device d ON d.device_id = i.device_id
    JOIN device_state s ON s.device_id = i.device_id
    WHERE i.name = $1
    """

  private static let selectCertified: SQL = """
    SELECT n.device_id, e.name
    FROM device_identity n
    LEFT JOIN device_identity e ON e.device_id = n.device_id AND e.certified
    WHERE n.name = $1
    """

  /// What is known of an endpoint ID and of the device that its agent says it is in.
  package func standing(of endpoint: String, inDeviceNamed name: String) async throws
    -> AgentStanding
  {
    let results = try await pool.pipeline([
      Statement(Self.selectHolder, .text(endpoint)), Statement(Self.selectCertified, .text(name)),
    ])
    var standing = AgentStanding()
    standing.holder = try results[0].first.map(Self.holder)
    for row in results[1] {
      standing.device = try row.int64(0)
      if let certified = try row.optionalString(1) { standing.certifiedEndpoints.append(certified) }
    }
    return standing
  }

  private static func holder(_ row: Row) throws -> AgentStanding.Holder {
    AgentStanding.Holder(
      device: try row.int64(0), deviceName: try row.string(1),
      isProven: try row.int16(2) == OwnCredential.proven.rawValue, isCertified: try row.bool(3))
  }

  private static let upsertEndpoint: SQL = """
    INSERT INTO device_identity AS present (name, device_id, certified, noted_at)
    SELECT $1, device_id, $3, now() FROM device WHERE device_id = $2
    ON CONFLICT (name) DO UPDATE
    SET device_id = EXCLUDED.device_id, certified = EXCLUDED.certified, noted_at = EXCLUDED.noted_at
    WHERE EXCLUDED.certified
      OR NOT present.certified AND NOT EXISTS (
        SELECT FROM device_state s WHERE s.device_id = present.device_id AND s.own_credential = $4)
    RETURNING device_id
    """

  private static let deleteOldest: SQL = """
    DELETE FROM device_identity WHERE name IN (
      SELECT name FROM device_identity
      WHERE device_id = $1 AND strpos(name, ':') > 0 AND NOT certified
      ORDER BY noted_at DESC NULLS LAST, name OFFSET $2)
    """

  /// Notes that a device is reached under an endpoint ID; where another one was, that one has been replaced.
  /// - Parameter isCertified: A certificate names the ID.
  /// - Returns: false where the ID stays with another device, which has proved more.
  package func noteEndpoint(
    _ endpoint: String, of device: Device.ID, isCertified: Bool = false
  ) async throws -> Bool {
    // Most agents come back under the ID that they had.
    if let holder = try await query(Statement(Self.selectHolder, .text(endpoint))).first.map(
      Self.holder), holder.device == device, holder.isCertified || !isCertified
    {
      return true
    }
    return try await transaction { connection in
      let noted = try connection.query(
        Statement(
          Self.upsertEndpoint, .text(endpoint), .int8(device), .bool(isCertified),
          .int2(OwnCredential.proven.rawValue)))
      guard !noted.isEmpty else { return false }
      _ = try connection.query(
        Statement(Self.deleteOldest, .int8(device), .int8(Int64(Self.maxEndpoints))))
      return true
    }
  }

  private static let selectEndpoints: SQL = """
    SELECT name FROM device_identity WHERE device_id = $1 AND strpos(name, ':') > 0 ORDER BY name
    """

  /// The endpoint IDs under which a device is known.
  package func endpoints(of device: Device.ID) async throws -> [String] {
    try await query(Statement(Self.selectEndpoints, .int8(device))).map { try $0.string(0) }
  }

  private static let selectAddress: SQL = """
    SELECT FROM agent_address
    WHERE (device_id, transport, endpoint, address) = ($1, $2, $3, $4)
    """

  private static let upsertAddress: SQL = """
    INSERT INTO agent_address (device_id, transport, endpoint, address)
    SELECT device_id, $2, $3, $4 FROM device WHERE device_id = $1
    ON CONFLICT (device_id, transport) DO UPDATE
    SET endpoint = EXCLUDED.endpoint, address = EXCLUDED.address
    WHERE (agent_address.endpoint, agent_address.address) <> (EXCLUDED.endpoint, EXCLUDED.address)
    """

  /// Notes where a device's agent is reached through a broker.
  /// - Parameters:
  ///   - transport: `mqtt` or `stomp`.
  ///   - address: as the transport writes it.
  package func noteAddress(
    _ address: String, of endpoint: String, over transport: String, of device: Device.ID
  ) async throws {
    func statement(_ sql: SQL) -> Statement {
      Statement(sql, .int8(device), .text(transport), .text(endpoint), .text(address))
    }
    guard try await query(statement(Self.selectAddress)).isEmpty else { return }
    _ = try await query(statement(Self.upsertAddress))
  }

  private static let selectAddresses: SQL = """
    SELECT endpoint, address FROM agent_address WHERE device_id = $1 ORDER BY transport
    """

  /// Where a device's agent is reached through brokers, as far as it has come through them.
  package func agentAddresses(of device: Device.ID) async throws -> [(
    endpoint: String, address: String
  )] {
    try await query(Statement(Self.selectAddresses, .int8(device))).map {
      (try $0.string(0), try $0.string(1))
    }
  }

  private static let selectQueued: SQL = """
    SELECT DISTINCT t.device_id
    FROM task t JOIN device_state s ON s.device_id = t.device_id
    WHERE t.device_id = ANY ($1::bigint[])
      AND (t.state = 'queued' AND t.due_at <= $2
        OR t.state = 'running' AND s.last_contact <= $3)
    """

  /// Seconds after a contact of a device within which a task that is running is left to its session.
  package static let sessionTime = 60.0

  /// Those of some devices that have tasks which are due, or which a session has left behind.
  /// - Parameter now: seconds since 1970.
  package func devicesWithDueWork(among devices: [Device.ID], now: Double) async throws
    -> [Device.ID]
  {
    try await query(
      Statement(
        Self.selectQueued, .int8Array(devices), .timestamptz(now),
        .timestamptz(now - Self.sessionTime))
    ).map { try $0.int64(0) }
  }

  private static let selectSession: SQL = """
    SELECT s.session, s.protocol,
      s.last_contact > $2 AND EXISTS (
        SELECT FROM task t
        WHERE t.device_id = s.device_id AND t.state = 'running' AND t.session = s.session)
    FROM device_state s WHERE s.device_id = $1
    """

  /// Which session of a device may write.
  package struct SessionHolder: Sendable, Equatable {
    package var session: Int64
    package var protocolName: String
    /// Whether it is at a task of the device.
    package var isWorking: Bool
  }

  /// The session of a device that has begun last; nil where there is no such device.
  /// - Parameter now: seconds since 1970.
  package func sessionHolder(of device: Device.ID, now: Double) async throws -> SessionHolder? {
    try await query(
      Statement(Self.selectSession, .int8(device), .timestamptz(now - Self.sessionTime))
    ).first.map {
      SessionHolder(
        session: try $0.int64(0), protocolName: try $0.string(1),
        isWorking: try $0.optionalBool(2) ?? false)
    }
  }
}
