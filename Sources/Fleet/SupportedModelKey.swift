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
    var name = DeviceIdentity.encoded(oui)
    if !productClass.isEmpty { name += "-" + DeviceIdentity.encoded(productClass) }
    name += "@" + DeviceIdentity.encoded(softwareVersion, besides: ".-")
    return protocolName == "cwmp" ? name : name + "@" + DeviceIdentity.encoded(protocolName)
  }

  private static func cut(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(maxScalars)))
  }
}
