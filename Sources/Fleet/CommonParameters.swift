/// Which parameters of TR-098 mean what one of TR-181 means: one name then reaches devices of both kinds.
///
/// The names are without roots; what both models call alike (DeviceInfo, ManagementServer, Time, …) needs no line here.
/// `{i}` stands for the row of the same number: the first row of an object is the one that devices of either kind use for the WAN.
package enum CommonParameters {
  /// The name that a parameter has here: TR-181's.
  ///
  /// - Parameter name: without the root, of either model.
  package static func canonical(_ name: String) -> String {
    guard name.hasPrefix("WANDevice.") || name.hasPrefix("LANDevice.") || name.hasPrefix("Layer3")
    else { return name }
    return numbered(name, in: byTR098)?.first ?? name
  }

  /// The names of TR-098 for a parameter of TR-181, where they differ; the usual one first.
  package static func namesInTR098(_ name: String) -> [String] { numbered(name, in: byTR181) ?? [] }

  /// The names of the table with a name's row numbers in place of `{i}`.
  private static func numbered(_ name: String, in table: [String: [String]]) -> [String]? {
    if let found = table[name] { return found }
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    // At most one row is left open, whichever it is.
    for place in parts.indices where !parts[place].isEmpty && parts[place].utf8.allSatisfy(isDigit)
    {
      let number = parts[place]
      parts[place] = "{i}"
      if let found = table[parts.joined(separator: ".")] {
        return found.map { $0.replacing("{i}", with: number) }
      }
      parts[place] = number
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static let byTR181 = Dictionary(table, uniquingKeysWith: +)
  private static let byTR098 = Dictionary(
    table.flatMap { entry in entry.1.map { ($0, [entry.0]) } },
    uniquingKeysWith: { first, _ in first })

  private static let wanIP = "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1."
  private static let wanPPP = "WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1."
  private static let wanDSL = "WANDevice.1.WANDSLInterfaceConfig."
  private static let wanLink = "WANDevice.1.WANCommonInterfaceConfig."
  private static let wlan = "LANDevice.1.WLANConfiguration.{i}."
  private static let lanHost = "LANDevice.1.LANHostConfigManagement."
  private static let host = "LANDevice.1.Hosts.Host.{i}."

  /// TR-181, and what TR-098 has for it.
  static let table: [(String, [String])] = [
    // The WAN's address and way out.
    (
      "IP.Interface.1.IPv4Address.1.IPAddress",
      [wanIP + "ExternalIPAddress", wanPPP + "ExternalIPAddress"]
    ),
    ("IP.Interface.1.IPv4Address.1.SubnetMask", [wanIP + "SubnetMask"]),
    (
      "IP.Interface.1.Status", [wanIP + "ConnectionStatus", wanPPP + "ConnectionStatus"]
    ),
    ("IP.Interface.1.MaxMTUSize", [wanIP + "MaxMTUSize"]),
    (
      "Routing.Router.1.IPv4Forwarding.1.GatewayIPAddress",
      [wanIP + "DefaultGateway", wanPPP + "DefaultGateway"]
    ),
    ("PPP.Interface.1.Username", [wanPPP + "Username"]),
    ("PPP.Interface.1.Password", [wanPPP + "Password"]),
    ("PPP.Interface.1.LastConnectionError", [wanPPP + "LastConnectionError"]),
    ("PPP.Interface.1.MaxMRUSize", [wanPPP + "MaxMRUSize"]),
    ("Ethernet.Interface.1.MACAddress", ["WANDevice.1.WANEthernetInterfaceConfig.MACAddress"]),
    ("Ethernet.Interface.1.Status", ["WANDevice.1.WANEthernetInterfaceConfig.Status"]),
    ("DSL.Line.1.Status", [wanDSL + "Status"]),
    ("DSL.Line.1.StandardUsed", [wanDSL + "StandardUsed"]),
    ("DSL.Line.1.DownstreamNoiseMargin", [wanDSL + "DownstreamNoiseMargin"]),
    ("DSL.Line.1.UpstreamNoiseMargin", [wanDSL + "UpstreamNoiseMargin"]),
    ("DSL.Line.1.DownstreamAttenuation", [wanDSL + "DownstreamAttenuation"]),
    ("DSL.Line.1.UpstreamAttenuation", [wanDSL + "UpstreamAttenuation"]),
    ("DSL.Channel.1.DownstreamCurrRate", [wanDSL + "DownstreamCurrRate"]),
    ("DSL.Channel.1.UpstreamCurrRate", [wanDSL + "UpstreamCurrRate"]),
    ("IP.Interface.1.Stats.BytesReceived", [wanLink + "TotalBytesReceived"]),
    ("IP.Interface.1.Stats.BytesSent", [wanLink + "TotalBytesSent"]),
    // Wi-Fi.
    ("WiFi.SSID.{i}.SSID", [wlan + "SSID"]),
    ("WiFi.SSID.{i}.Enable", [wlan + "Enable"]),
    ("WiFi.SSID.{i}.Status", [wlan + "Status"]),
    ("WiFi.SSID.{i}.BSSID", [wlan + "BSSID"]),
    ("WiFi.Radio.{i}.Channel", [wlan + "Channel"]),
    ("WiFi.Radio.{i}.AutoChannelEnable", [wlan + "AutoChannelEnable"]),
    ("WiFi.Radio.{i}.TransmitPower", [wlan + "TransmitPower"]),
    ("WiFi.Radio.{i}.Enable", [wlan + "RadioEnabled"]),
    ("WiFi.AccessPoint.{i}.SSIDAdvertisementEnabled", [wlan + "SSIDAdvertisementEnabled"]),
    ("WiFi.AccessPoint.{i}.AssociatedDeviceNumberOfEntries", [wlan + "TotalAssociations"]),
    ("WiFi.AccessPoint.{i}.Security.KeyPassphrase", [wlan + "KeyPassphrase"]),
    ("WiFi.AccessPoint.{i}.WPS.Enable", [wlan + "WPS.Enable"]),
    // The LAN.
    ("Hosts.HostNumberOfEntries", ["LANDevice.1.Hosts.HostNumberOfEntries"]),
    ("Hosts.Host.{i}.IPAddress", [host + "IPAddress"]),
    ("Hosts.Host.{i}.PhysAddress", [host + "MACAddress"]),
    ("Hosts.Host.{i}.HostName", [host + "HostName"]),
    ("Hosts.Host.{i}.Active", [host + "Active"]),
    ("DHCPv4.Server.Pool.1.Enable", [lanHost + "DHCPServerEnable"]),
    ("DHCPv4.Server.Pool.1.MinAddress", [lanHost + "MinAddress"]),
    ("DHCPv4.Server.Pool.1.MaxAddress", [lanHost + "MaxAddress"]),
    ("DHCPv4.Server.Pool.1.SubnetMask", [lanHost + "SubnetMask"]),
    ("DHCPv4.Server.Pool.1.DNSServers", [lanHost + "DNSServers"]),
    ("DHCPv4.Server.Pool.1.DomainName", [lanHost + "DomainName"]),
    ("DHCPv4.Server.Pool.1.LeaseTime", [lanHost + "DHCPLeaseTime"]),
  ]
}
