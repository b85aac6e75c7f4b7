import Testing

@testable import Fleet

/// One name for what both data models have.
@Suite struct CommonParametersTests {
  private static let ppp =
    "WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1.ExternalIPAddress"

  @Test func namesOfTR098AreUnderstood() {
    #expect(CommonParameters.canonical(Self.ppp) == "IP.Interface.1.IPv4Address.1.IPAddress")
    #expect(
      CommonParameters.canonical("LANDevice.1.WLANConfiguration.5.SSID") == "WiFi.SSID.5.SSID")
    #expect(
      CommonParameters.canonical("LANDevice.1.Hosts.Host.12.MACAddress")
        == "Hosts.Host.12.PhysAddress")
    // Other rows of what has only one here are not the same thing.
    #expect(
      CommonParameters.canonical("LANDevice.2.WLANConfiguration.5.SSID")
        == "LANDevice.2.WLANConfiguration.5.SSID")
    #expect(
      CommonParameters.canonical("DeviceInfo.SoftwareVersion") == "DeviceInfo.SoftwareVersion")
    #expect(CommonParameters.canonical("LANDevice..") == "LANDevice..")
    #expect(
      CommonParameters.namesInTR098("WiFi.SSID.2.Enable")
        == ["LANDevice.1.WLANConfiguration.2.Enable"])
    #expect(CommonParameters.namesInTR098("DeviceInfo.SoftwareVersion") == [])
  }

  @Test func noNameStandsTwice() {
    let names = CommonParameters.table.map(\.0)
    #expect(Set(names).count == names.count)
    let others = CommonParameters.table.flatMap(\.1)
    #expect(Set(others).count == others.count)
  }

  @Test func factsOfBothKindsHaveOneName() throws {
    let projection = FactProjection(names: ["Device.WiFi.SSID.1.SSID", Self.ppp])
    #expect(projection.names == ["WiFi.SSID.1.SSID", "IP.Interface.1.IPv4Address.1.IPAddress"])
    #expect(projection.factName(of: "Device.WiFi.SSID.1.SSID") == "WiFi.SSID.1.SSID")
    #expect(
      projection.factName(of: "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.SSID")
        == "WiFi.SSID.1.SSID")
    #expect(projection.index(of: "InternetGatewayDevice." + Self.ppp) == 1)
    #expect(
      projection.index(of: "InternetGatewayDevice.LANDevice.1.WLANConfiguration.2.SSID") == nil)
  }

  @Test(arguments: [
    "Device.WiFi.SSID.1.SSID=a", "WiFi.SSID.1.SSID=a",
    "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.SSID=a",
  ])
  func selectorsOfBothKindsMeanOneThing(text: String) throws {
    let selector = try Selector(parsing: text)
    #expect(selector.terms.map(\.subject) == [.fact("WiFi.SSID.1.SSID")])
  }
}
