import Cryptography
import Fleet
import Postgres

/// Where and with which credential a device takes connection requests.
package struct ConnectionTarget: Sendable, Equatable {
  package var deviceName: String
  package var url: String
  package var credential: ConnectionCredential
  /// The peer's address in the last session.
  package var contactAddress: String
}

/// The credential that this server sets on a device for connection requests.
///
/// Nothing of it is stored: it follows from a secret of the fleet and the device's name.
package struct ConnectionCredential: Sendable, Equatable {
  package var username: String
  package var password: String

  /// - Parameter secret: shared by all nodes, 32 bytes.
  package init(deviceName: String, secret: [UInt8]) {
    username = deviceName
    let code = HMAC.sha256(key: secret, message: Array("connection request \(deviceName)".utf8))
    password = String(Base64URL.encode(code).prefix(24))
  }
}

extension FleetStore {
  private static let target: SQL = """
    SELECT d.name, s.address, s.volatile, s.root
    FROM device d JOIN device_state s USING (device_id)
    WHERE device_id = $1
    """

  /// - Returns: nil where the device is not known or has not told a URL.
  package func connectionTarget(of device: Device.ID, secret: [UInt8]) async throws
    -> ConnectionTarget?
  {
    guard let row = try await pool.query(Self.target, .int8(device)).first else { return nil }
    let name = try row.string(0)
    let volatile = try VolatileValues(decoding: try row.bytes(2))
    let path = try row.string(3) + "ManagementServer.ConnectionRequestURL"
    var url = volatile[path]?.value
    if url == nil {
      url = try await tree(of: device).first { $0.path == path }?.value
    }
    guard let url, !url.isEmpty else { return nil }
    return ConnectionTarget(
      deviceName: name, url: url,
      credential: ConnectionCredential(deviceName: name, secret: secret),
      contactAddress: try row.string(1))
  }
}
