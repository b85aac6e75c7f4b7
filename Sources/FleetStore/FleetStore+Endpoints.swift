import Fleet
import Postgres

/// Under which endpoint IDs devices are known (TR-369 2.2).
///
/// They are names beside the device's own: an endpoint ID has colons, which no device's name has.
extension FleetStore {
  private static let upsertEndpoint: SQL = """
    INSERT INTO device_identity (name, device_id)
    SELECT $1, device_id FROM device WHERE device_id = $2
    ON CONFLICT (name) DO UPDATE SET device_id = EXCLUDED.device_id
    WHERE device_identity.device_id <> EXCLUDED.device_id
    """

  /// Notes that a device is reached under an endpoint ID; where another one was, that one has been replaced.
  package func noteEndpoint(_ endpoint: String, of device: Device.ID) async throws {
    _ = try await query(Statement(Self.upsertEndpoint, .text(endpoint), .int8(device)))
  }

  private static let selectEndpoints: SQL = """
    SELECT name FROM device_identity WHERE device_id = $1 AND strpos(name, ':') > 0 ORDER BY name
    """

  /// The endpoint IDs under which a device is known.
  package func endpoints(of device: Device.ID) async throws -> [String] {
    try await query(Statement(Self.selectEndpoints, .int8(device))).map { try $0.string(0) }
  }

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
    _ = try await query(
      Statement(
        Self.upsertAddress, .int8(device), .text(transport), .text(endpoint), .text(address)))
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
    SELECT DISTINCT device_id FROM task
    WHERE device_id = ANY ($1::bigint[])
      AND (state = 'running' OR state = 'queued' AND due_at <= $2)
    """

  /// Those of some devices that have tasks which are due.
  /// - Parameter now: seconds since 1970.
  package func devicesWithDueWork(among devices: [Device.ID], now: Double) async throws
    -> [Device.ID]
  {
    try await query(Statement(Self.selectQueued, .int8Array(devices), .timestamptz(now)))
      .map { try $0.int64(0) }
  }
}
