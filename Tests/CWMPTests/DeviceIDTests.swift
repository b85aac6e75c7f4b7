import CWMP
import Testing

@Suite struct DeviceIDTests {
  private func identity(_ oui: String, _ productClass: String, _ serialNumber: String) -> String {
    DeviceID(
      manufacturer: "M", oui: oui, productClass: productClass, serialNumber: serialNumber
    ).identity
  }

  @Test func theStandardsExample() {
    #expect(identity("012345", "Set-Top-Box", "0123") == "012345-Set%2DTop%2DBox-0123")
  }

  @Test func anEmptyProductClassIsLeftOut() {
    #expect(identity("012345", "", "01-23") == "012345-01%2D23")
  }

  @Test func everythingButAlphanumericsAndUnderscoreIsEncodedFromUTF8() {
    #expect(
      identity("00040E", "FRITZ!Box_7é €", "a.b/c%")
        == "00040E-FRITZ%21Box_7%C3%A9%20%E2%82%AC-a%2Eb%2Fc%25")
  }

  @Test func differentDevicesHaveDifferentIdentities() {
    #expect(identity("0", "a", "b-c") != identity("0", "a-b", "c"))
    #expect(identity("0", "", "a-b") != identity("0", "a", "b"))
    #expect(identity("0-1", "", "2") != identity("0", "1", "2"))
  }
}

@Suite struct RootDataModelTests {
  @Test func theRootIsThatOfMostNames() {
    #expect(RootDataModel(parameterNames: ["Device.A", "Device.B"]) == .device)
    #expect(
      RootDataModel(parameterNames: ["InternetGatewayDevice.A", "X"]) == .internetGatewayDevice)
    #expect(
      RootDataModel(parameterNames: [
        "Device.A", "InternetGatewayDevice.A", "InternetGatewayDevice.B",
      ]) == .internetGatewayDevice)
  }

  @Test func namesUnderNeitherTellNothing() {
    #expect(RootDataModel(parameterNames: []) == nil)
    #expect(RootDataModel(parameterNames: ["Devices.A", "device.B", "Device"]) == nil)
  }
}
