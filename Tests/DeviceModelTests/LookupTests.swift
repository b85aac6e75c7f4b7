import DeviceModel
import Testing

/// Items found by paths with instances.
@Suite struct LookupTests {
  private static func model() throws -> DataModel {
    let (model, _) = try ModelText.compile([
      (
        "test.xml",
        """
        <model name="Device:2.0"><object name="Device."/><object name="Device.WiFi."/>
        <object name="Device.WiFi.SSID.{i}." minEntries="0" maxEntries="unbounded">
        <parameter name="SSID"><syntax><string/></syntax></parameter></object>
        <object name="Device.WiFi.SSID.{i}.Sub.{i}." maxEntries="unbounded">
        <parameter name="P5"><syntax><string/></syntax></parameter></object></model>
        """
      )
    ])
    return try #require(model)
  }

  @Test(arguments: [
    ("Device.WiFi.SSID.1.SSID", "Device.WiFi.SSID.{i}.SSID"),
    ("Device.WiFi.SSID.12.", "Device.WiFi.SSID.{i}."),
    ("Device.WiFi.SSID.*.Sub.3.P5", "Device.WiFi.SSID.{i}.Sub.{i}.P5"),
    ("Device.WiFi.SSID.[cpe-a.b].Sub.{i}.", "Device.WiFi.SSID.{i}.Sub.{i}."),
    ("Device.", "Device."),
  ])
  func everyFormOfInstancesIsTaken(path: String, expected: String) throws {
    #expect(try Self.model()[path]?.path == expected)
  }

  @Test(arguments: [
    "", ".", "Device", "Device.WiFi.SSID.1", "Device.WiFi.SSID.1.SSID.", "Device.WiFi.SSID.SSID",
    "Device.WiFi.5.", "Device.WiFi.SSID.1.Sub.P5", "Device..", "Device.WiFi.SSID.[",
    "Device.WiFi.*",
  ])
  func othersAreNone(path: String) throws {
    #expect(try Self.model().place(of: path) == nil)
  }

  @Test func everyItemIsFoundByItsOwnPath() throws {
    let model = try Self.model()
    for (place, item) in model.items.enumerated() { #expect(model.place(of: item.path) == place) }
  }
}
