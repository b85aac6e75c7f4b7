import Cryptography
import Fleet
import Postgres

/// Where and with which credential a device takes connection requests.
///
/// What the device told is given as it told it; an empty text means that it told nothing.
package struct ConnectionTarget: Sendable, Equatable {
  package var identity: DeviceIdentity
  /// nil where the device has not told it.
  package var hardwareVersion: String?
  package var softwareVersion: String?
  /// ManagementServer.ConnectionRequestURL.
  package var url: String
  /// ManagementServer.UDPConnectionRequestAddress (TR-069 Annex G).
  package var udpAddress: String
  /// ManagementServer.ConnReqJabberID, unless the device says that no XMPP connection takes requests (Annex K).
  package var jabberID: String
  package var credential: ConnectionCredential
  /// The peer's address in the last session.
  package var contactAddress: String
  /// Seconds since 1970 at which the last session began, on whatever node; nil before the first.
  package var contactedAt: Double?

  package var deviceName: String { identity.name }
}

/// The credential that this server sets on a device for connection requests.
///
/// Nothing of it is stored: it follows from a secret of the fleet and the device's name.
package struct ConnectionCredential: Sendable, Equatable {
  package var username: String
  package var password: String

  /// ConnectionRequestUsername and ConnectionRequestPassword.
  ///
  /// - Parameter secret: shared by all nodes, 32 bytes.
  package init(deviceName: String, secret: [UInt8]) {
    self.init(deviceName: deviceName, label: "connection request", secret: secret)
  }

  /// STUNUsername and STUNPassword.
  ///
  /// - Parameter secret: shared by all nodes, 32 bytes.
  package static func stun(deviceName: String, secret: [UInt8]) -> ConnectionCredential {
    ConnectionCredential(deviceName: deviceName, label: "STUN", secret: secret)
  }

  private init(deviceName: String, label: String, secret: [UInt8]) {
    username = deviceName
    let code = HMAC.sha256(key: secret, message: Array("\(label) \(deviceName)".utf8))
    password = String(Base64URL.encode(code).prefix(24))
  }
}

extension FleetStore {
  private static let target: SQL = """
    SELECT d.name, s.address, s.volatile, s.root, s.last_contact,
      d.manufacturer, d.oui, d.product_class, d.serial_number
    FROM device d JOIN device_state s USING (device_id)
    WHERE device_id = $1
    """

  /// - Returns: nil where the device is not known or has not told a way to ask it.
  package func connectionTarget(of device: Device.ID, secret: [UInt8]) async throws
    -> ConnectionTarget?
  {
    guard let row = try await pool.query(Self.target, .int8(device)).first else { return nil }
    let name = try row.string(0)
    let root = try row.string(3)
    let names = [
      "ManagementServer.ConnectionRequestURL", "ManagementServer.UDPConnectionRequestAddress",
      "ManagementServer.ConnReqJabberID", "ManagementServer.ConnReqXMPPConnection",
      "DeviceInfo.HardwareVersion", "DeviceInfo.SoftwareVersion",
    ].map { root + $0 }
    let volatile = try VolatileValues(decoding: try row.bytes(2))
    var values = names.map { volatile[$0]?.value }
    if values.contains(nil) {
      do {
        for parameter in try await tree(of: device) {
          guard let index = names.firstIndex(of: parameter.path), values[index] == nil else {
            continue
          }
          values[index] = parameter.value
        }
      } catch let error as StoreError where error.code == .damaged && values[0] != nil {
        // The URL came with the last Inform; a damaged tree is no reason not to use it.
      }
    }
    let isXMPPOff = values[3]?.isEmpty ?? false
    let target = ConnectionTarget(
      identity: DeviceIdentity(
        name: name, manufacturer: try row.string(5), oui: try row.string(6),
        productClass: try row.string(7), serialNumber: try row.string(8)),
      hardwareVersion: values[4], softwareVersion: values[5], url: values[0] ?? "",
      udpAddress: values[1] ?? "",
      jabberID: isXMPPOff ? "" : values[2] ?? "",
      credential: ConnectionCredential(deviceName: name, secret: secret),
      contactAddress: try row.string(1), contactedAt: try row.optionalTimestamp(4))
    return target.url.isEmpty && target.udpAddress.isEmpty && target.jabberID.isEmpty
      ? nil : target
  }

  private static let contactedAt: SQL =
    "SELECT last_contact FROM device_state WHERE device_id = $1"

  /// Seconds since 1970 at which a device's last session began, on whatever node.
  ///
  /// - Returns: nil where the device is not known or has never called.
  package func lastContact(of device: Device.ID) async throws -> Double? {
    try await pool.query(Self.contactedAt, .int8(device)).first?.optionalTimestamp(0)
  }
}
