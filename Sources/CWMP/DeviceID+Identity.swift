extension DeviceID {
  /// `OUI-ProductClass-SerialNumber`, or `OUI-SerialNumber` where ProductClass is empty (TR-069 Amendment 6, 3.4.4).
  ///
  /// In each part every byte of its UTF-8 except 0–9, A–Z, a–z and the underscore becomes `%XX`, so that the hyphens only ever separate.
  package var identity: String {
    let parts = productClass.isEmpty ? [oui, serialNumber] : [oui, productClass, serialNumber]
    var bytes: [UInt8] = []
    for (index, part) in parts.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: "-")) }
      for byte in part.utf8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
          bytes.append(byte)
        default:
          bytes.append(UInt8(ascii: "%"))
          bytes.append(Self.hexadecimal(byte >> 4))
          bytes.append(Self.hexadecimal(byte & 0xF))
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
  }
}
