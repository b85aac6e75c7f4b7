import Testing

@testable import Fleet

@Suite("Facts")
struct FactProjectionTests {
  static let names: [(path: String, name: String)] = [
    ("Device.DeviceInfo.ModelName", "DeviceInfo.ModelName"),
    ("InternetGatewayDevice.DeviceInfo.ModelName", "DeviceInfo.ModelName"),
    ("DeviceInfo.ModelName", "DeviceInfo.ModelName"),
    ("device.DeviceInfo.ModelName", "device.DeviceInfo.ModelName"),
    ("DeviceX.A", "DeviceX.A"),
    ("Device.", ""),
    ("Device", "Device"),
    ("", ""),
  ]

  @Test(arguments: names.indices) func canonicalNames(index: Int) {
    #expect(canonicalFactName(Self.names[index].path) == Self.names[index].name)
  }

  @Test func findsEveryStandardFactUnderBothRoots() {
    let projection = FactProjection()
    #expect(projection.names == Facts.standard)
    for (index, name) in Facts.standard.enumerated() {
      for root in ["Device.", "InternetGatewayDevice."] {
        #expect(projection.index(of: root + name) == index)
        #expect(projection.factName(of: root + name) == name)
      }
    }
  }

  @Test(arguments: [
    "", "D", "Device", "Device.", "DeviceInfo.ModelName", "Device.DeviceInfo.modelName",
    "Device.DeviceInfo.ModelNam", "Device.DeviceInfo.ModelNameX", "Device.DeviceInfo.ModelName.",
    "InternetGatewayDevice.", "InternetGatewayDeviceXDeviceInfo.ModelName",
    "DevicexDeviceInfo.ModelName", "Dévice.DeviceInfo.ModelName", "Device.DeviceInfo.MédelName",
    "X.DeviceInfo.ModelName",
  ])
  func leavesOthersAlone(path: String) {
    #expect(FactProjection().factName(of: path) == nil)
  }

  @Test func namesOfTheConfiguration() {
    let projection = FactProjection(names: ["Device.A.B", "InternetGatewayDevice.A.B", "C.D"])
    #expect(projection.names == ["A.B", "C.D"])
    #expect(projection.factName(of: "InternetGatewayDevice.C.D") == "C.D")
    #expect(FactProjection(names: []).factName(of: "Device.A") == nil)
  }
}
