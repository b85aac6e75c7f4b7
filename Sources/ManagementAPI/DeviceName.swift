import Cryptography

/// The name that a device will show at the door, made from its identity.
enum DeviceName {
  /// `OUI-ProductClass-SerialNumber` or, without a product class, `OUI-SerialNumber`, each percent-encoded
  /// (TR-069 Amendment 6, 3.4.4).
  static func make(oui: String, productClass: String, serialNumber: String) -> String {
    productClass.isEmpty
      ? "\(encoded(oui))-\(encoded(serialNumber))"
      : "\(encoded(oui))-\(encoded(productClass))-\(encoded(serialNumber))"
  }

  private static func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(contentsOf: Hex.encode([byte]).uppercased().utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
