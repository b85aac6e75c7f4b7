/// A device of the fleet, whatever protocol it speaks.
package enum Device {
  /// The key of a device in the database.
  package typealias ID = Int64
}

/// The identity that a device claims at its door.
package struct DeviceIdentity: Sendable, Hashable {
  /// The name operators use, unique in the fleet: `OUI-ProductClass-SerialNumber`, percent-encoded (TR-069 3.4.4).
  package var name: String
  package var manufacturer: String
  package var oui: String
  package var productClass: String
  package var serialNumber: String

  package init(
    name: String, manufacturer: String, oui: String, productClass: String, serialNumber: String
  ) {
    self.name = name
    self.manufacturer = manufacturer
    self.oui = oui
    self.productClass = productClass
    self.serialNumber = serialNumber
  }

  /// The identity with the name that follows from its parts.
  package init(manufacturer: String, oui: String, productClass: String, serialNumber: String) {
    let parts = productClass.isEmpty ? [oui, serialNumber] : [oui, productClass, serialNumber]
    self.init(
      name: parts.map { Self.encoded($0) }.joined(separator: "-"), manufacturer: manufacturer,
      oui: oui, productClass: productClass, serialNumber: serialNumber)
  }

  /// Everything but letters, digits, the underscore and what is named percent-encoded.
  static func encoded(_ text: String, besides plain: String = "") -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
        bytes.append(byte)
      case _ where plain.utf8.contains(byte): bytes.append(byte)
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        bytes += Array("%\(byte < 16 ? "0" : "")\(digits)".utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A device's call: who, why, and the values that came along.
package struct Contact: Sendable {
  package var identity: DeviceIdentity
  /// The door's protocol, for example `cwmp`.
  package var protocolName: String
  /// `Device.` or `InternetGatewayDevice.`; empty where the contact does not tell.
  package var root: String
  package var reasons: Reasons
  /// The reasons in the protocol's own words, for the event history.
  package var reasonTexts: [String]
  package var values: [ReportedValue]
  /// CommandKeys that the device named as the cause of this contact.
  package var commandKeys: [String]
  /// A random token that names the session; the newest session of a device wins.
  package var session: Int64
  /// The peer's IP address.
  package var address: String
  /// Seconds since 1970.
  package var at: Double

  package struct Reasons: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// First contact ever, after a factory reset, or after the server's address changed.
    package static let bootstrap = Reasons(rawValue: 1 << 0)
    package static let boot = Reasons(rawValue: 1 << 1)
    package static let periodic = Reasons(rawValue: 1 << 2)
    package static let scheduled = Reasons(rawValue: 1 << 3)
    package static let valueChange = Reasons(rawValue: 1 << 4)
    package static let connectionRequest = Reasons(rawValue: 1 << 5)
    package static let transferComplete = Reasons(rawValue: 1 << 6)
    package static let diagnosticsComplete = Reasons(rawValue: 1 << 7)
    /// Liveness only; nothing is to be provisioned.
    package static let heartbeat = Reasons(rawValue: 1 << 8)
    package static let other = Reasons(rawValue: 1 << 9)
  }

  package init(
    identity: DeviceIdentity, protocolName: String, root: String, reasons: Reasons,
    reasonTexts: [String], values: [ReportedValue], commandKeys: [String] = [], session: Int64,
    address: String, at: Double
  ) {
    self.identity = identity
    self.protocolName = protocolName
    self.root = root
    self.reasons = reasons
    self.reasonTexts = reasonTexts
    self.values = values
    self.commandKeys = commandKeys
    self.session = session
    self.address = address
    self.at = at
  }
}
