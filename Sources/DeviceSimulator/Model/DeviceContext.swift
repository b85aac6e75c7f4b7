/// What makes one simulated device different from the next of its model.
package struct DeviceContext: Sendable, Equatable {
  package var manufacturer: String
  package var oui: String
  package var productClass: String
  package var serialNumber: String
  /// 48 bits.
  package var macAddress: UInt64
  /// Decides every value that a model leaves to chance.
  package var seed: UInt64
  package var acsURL: String
  package var username: String
  package var connectionRequestURL: String
  /// Seconds between periodic Informs, until the ACS sets something else.
  package var periodicInformInterval: Int

  package init(
    model: DeviceModel, serialNumber: String, index: Int, seed: UInt64, acsURL: String,
    username: String? = nil, connectionRequestURL: String = "", periodicInformInterval: Int = 300
  ) {
    manufacturer = model.manufacturer
    oui = model.oui
    productClass = model.productClass
    self.serialNumber = serialNumber
    let prefix = UInt64(model.oui, radix: 16) ?? 0
    // Sixteen addresses for each device, so that its interfaces do not collide with the next one's.
    macAddress = prefix << 24 | UInt64(truncatingIfNeeded: index &* 16) & 0xFF_FFFF
    self.seed = SeededRandom.mix(seed &+ UInt64(truncatingIfNeeded: index))
    self.acsURL = acsURL
    self.username =
      username
      ?? Self.username(
        oui: model.oui, productClass: model.productClass, serialNumber: serialNumber)
    self.connectionRequestURL = connectionRequestURL
    self.periodicInformInterval = periodicInformInterval
  }

  /// `OUI-ProductClass-SerialNumber` with everything but letters, digits and `_` percent-encoded (TR-069 Amendment 6, 3.4.4).
  package static func username(oui: String, productClass: String, serialNumber: String) -> String {
    let parts = productClass.isEmpty ? [serialNumber] : [productClass, serialNumber]
    return ([oui] + parts.map(escaped)).joined(separator: "-")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F:
        result.unicodeScalars.append(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.count == 1 ? "%0" + digits : "%" + digits
      }
    }
    return result
  }
}

/// The time at which a tree is read.
package struct ReadingTime: Sendable, Equatable {
  /// Seconds since the device's latest boot.
  package var uptime: Int64
  /// Seconds since 1970 by the device's clock.
  package var clock: Int64

  package init(uptime: Int64, clock: Int64) {
    self.uptime = uptime
    self.clock = clock
  }
}
