import DeviceModel
import Testing

/// What the paths in references mean.
@Suite struct ReferenceTests {
  private static let body = """
    <model name="Device:2.0"><object name="Device."/>
    <object name="Device.IP.Interface.{i}." minEntries="0" maxEntries="unbounded">
      <parameter name="Here"><syntax><string><pathRef targetParent="Sub." refType="weak"/></string></syntax></parameter>
      <parameter name="Up"><syntax><string><pathRef targetParent="#.Diagnostics. ##.Hosts.Host" refType="strong"/></string></syntax></parameter>
      <parameter name="Root"><syntax><string><pathRef targetParent=".WiFi.SSID.
        Device.Bridging.Bridge.{i}.Port."/></string></syntax></parameter>
      <parameter name="Beyond"><syntax><string><pathRef targetParent="####.A. Sub."/></string></syntax></parameter>
      <parameter name="Values"><syntax><string><enumerationRef targetParam="#.Sub.Supported" nullValue=""/></string></syntax></parameter>
      <parameter name="Model"><syntax><string><pathRef targetParent="Hosts." targetParentScope="model"/></string></syntax></parameter>
      <parameter name="Object"><syntax><string><pathRef targetParent=".Sub." targetParentScope="object"/></string></syntax></parameter>
      <command name="Reset()"><input><parameter name="Ref"><syntax><string><pathRef targetParent="#.Sub."/></string></syntax>
      </parameter></input></command>
    </object>
    <object name="Device.IP.Interface.{i}.Sub."><parameter name="Supported"><syntax><list/><string/></syntax></parameter>
    </object></model>
    """

  @Test(arguments: [
    ("Here", ["Device.IP.Interface.{i}.Sub."]),
    // From a row one goes up to what its table is in.
    ("Up", ["Device.IP.Diagnostics.", "Device.Hosts.Host."]),
    ("Root", ["Device.WiFi.SSID.", "Device.Bridging.Bridge.{i}.Port."]),
    ("Beyond", ["Device.IP.Interface.{i}.Sub."]), ("Values", ["Device.IP.Sub.Supported"]),
    ("Model", ["Device.Hosts."]), ("Object", ["Device.IP.Interface.{i}.Sub."]),
    // A command is a level of its own, and its arguments are none.
    ("Reset().Input.Ref", ["Device.IP.Interface.{i}.Sub."]),
  ])
  func theyAreMadeWhole(name: String, expected: [String]) throws {
    let (model, _) = try ModelText.compile([("test.xml", Self.body)])
    let compiled = try #require(model)
    let place = try #require(compiled.place(of: "Device.IP.Interface.{i}." + name))
    let references = try #require(compiled.items[place].syntax?.references)
    #expect(references.flatMap { compiled.targets(of: $0, at: place) } == expected)
  }

  @Test func inAServiceTheRootIsItsRow() throws {
    let (model, _) = try ModelText.compile([
      (
        "test.xml",
        """
        <model name="VoiceService:2.0"><object name="VoiceService.{i}."/><object name="VoiceService.{i}.Line.{i}.">
        <parameter name="Port"><syntax><string><pathRef targetParent=".POTS.FXS."/></string></syntax></parameter>
        </object></model>
        """
      )
    ])
    let compiled = try #require(model)
    let place = try #require(compiled.place(of: "VoiceService.1.Line.2.Port"))
    let reference = try #require(compiled.items[place].syntax?.references.first)
    #expect(compiled.targets(of: reference, at: place) == ["VoiceService.{i}.POTS.FXS."])
  }
}
