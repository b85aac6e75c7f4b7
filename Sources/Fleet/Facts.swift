/// The parameters by which devices are searched, named without the root so that one name reaches trees of both kinds.
package enum Facts {
  /// The facts that are kept unless the configuration says otherwise. Each costs a row per device that has it.
  ///
  /// A device behind a gateway names it (TR-069 Annex F), so that all of one customer's are found.
  /// The address is the WAN's where it commonly is; TR-098 has it elsewhere (``CommonParameters``).
  /// The OUI begins a device's name, where it is found as quickly (`name=02FA1E-*`).
  /// The URL for connection requests is not among them: it is looked up for a known device, never searched for.
  package static let standard = [
    "DeviceInfo.Manufacturer",
    "DeviceInfo.ModelName",
    "DeviceInfo.ProductClass",
    "DeviceInfo.SerialNumber",
    "DeviceInfo.HardwareVersion",
    softwareVersion,
    "DeviceInfo.ProvisioningCode",
    "GatewayInfo.SerialNumber",
    "IP.Interface.1.IPv4Address.1.IPAddress",
  ]

  package static let softwareVersion = "DeviceInfo.SoftwareVersion"

  /// A fact's value has at most so many Unicode scalars; longer values are cut. An index entry is limited in bytes, and a
  /// character may have any number of them.
  package static let maxValueCharacters = 256

  /// The part of a value by which devices are searched.
  package static func searchable(_ value: String) -> String {
    guard value.utf8.count > maxValueCharacters else { return value }
    return String(String.UnicodeScalarView(value.unicodeScalars.prefix(maxValueCharacters)))
  }

  static let roots = ["InternetGatewayDevice.", "Device."]
}

/// The name of a fact for a parameter's path: the path without the root, as TR-181 has it.
package func canonicalFactName(_ path: String) -> String {
  guard let root = Facts.roots.first(where: { path.utf8.starts(with: $0.utf8) }) else {
    return CommonParameters.canonical(path)
  }
  return CommonParameters.canonical(String(path.utf8.dropFirst(root.utf8.count)) ?? path)
}
