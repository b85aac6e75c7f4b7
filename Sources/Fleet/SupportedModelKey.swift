/// The make and firmware of devices that support the same.
package struct SupportedModelKey: Sendable, Hashable {
  package var oui: String
  package var productClass: String
  package var softwareVersion: String
  /// `cwmp` or `usp`.
  package var protocolName: String

  /// Standard models allow no more for any of them.
  private static let maxScalars = 64

  /// - Returns: nil where the device has not told its OUI or its software version.
  package init?(
    oui: String, productClass: String, softwareVersion: String, protocolName: String
  ) {
    guard !oui.isEmpty, !softwareVersion.isEmpty else { return nil }
    self.oui = Self.cut(oui)
    self.productClass = Self.cut(productClass)
    self.softwareVersion = Self.cut(softwareVersion)
    self.protocolName = protocolName
  }

  /// `OUI-ProductClass@SoftwareVersion`, each percent-encoded; without the product class where there is none, and with
  /// `@usp` behind it for USP.
  package var name: String {
    var name = Self.encoded(oui)
    if !productClass.isEmpty { name += "-" + Self.encoded(productClass) }
    name += "@" + Self.encoded(softwareVersion, besides: ".-")
    return protocolName == "cwmp" ? name : name + "@" + Self.encoded(protocolName)
  }

  private static func cut(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(maxScalars)))
  }

  /// As in the names of devices, where everything but letters, digits and the underscore is encoded.
  private static func encoded(_ text: String, besides plain: String = "") -> String {
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
