import DeviceModel
import Foundation
import Testing

/// Models cut down to what the devices of a type have.
@Suite struct DeviceTypeTests {
  private static let model = """
    <model name="Device:2.1"><object name="Device."/>
    <object name="Device.Info."><parameter name="Name" access="readWrite" activeNotify="canDeny"><syntax><string>
      <size maxLength="64"/></string></syntax></parameter>
      <parameter name="Mode" access="readWrite"><syntax><string><enumeration value="A"><description>First.</description>
        </enumeration><enumeration value="B" access="readOnly"/><enumeration value="C"/></string></syntax></parameter>
      <parameter name="Serial"><syntax><string/></syntax></parameter>
      <parameter name="Ports"><syntax><list maxItems="9"/><unsignedInt/></syntax></parameter>
      <command name="Reset()"><input><parameter name="Hard"><syntax><boolean/></syntax></parameter></input></command>
      <command name="Test()"><input><parameter name="Host"><syntax><string/></syntax></parameter>
        <parameter name="Count"><syntax><unsignedInt/></syntax></parameter></input></command>
      <event name="Changed!"><parameter name="What"><syntax><string/></syntax></parameter></event></object>
    <object name="Device.Deep.Table.{i}." access="readWrite" minEntries="0" maxEntries="unbounded"
      numEntriesParameter="TableNumberOfEntries"><parameter name="Enable" access="readWrite"><syntax><boolean/></syntax>
      </parameter></object>
    <profile name="Small:1"><object ref="Device.Info." requirement="present"><parameter ref="Name" requirement="readOnly"/>
      </object></profile>
    <profile name="Large:1"><object ref="Device.Info." requirement="present"><parameter ref="Serial" requirement="readOnly"/>
      </object></profile>
    <profile name="Larger:1" extends="Large:1"/></model>
    """

  private static func compile(_ body: String) throws -> (DataModel, [ModelDiagnostic]) {
    var library = ModelLibrary()
    library.add(try ModelText.read(ModelText.document(model), file: "model.xml"))
    let text = """
      <?xml version="1.0"?>
      <dt:document xmlns:dt="urn:broadband-forum-org:cwmp:devicetype-1-3" deviceType="urn:example-com:box"
        uuid="00000000-0000-0000-0000-000000000000"><annotation>What a box has.</annotation>
      <import file="model.xml"><model name="Device:2.1"/></import><feature name="DNSServer"/>
      <model ref="Device:2.1">
      \(body)
      </model></dt:document>
      """
    library.add(try ModelText.read(text, file: "box.xml"))
    let (compiled, diagnostics) = DataModel.compile("box.xml", in: library)
    return (try #require(compiled), diagnostics)
  }

  @Test func whatIsNotListedIsNotThere() throws {
    let (model, diagnostics) = try Self.compile(
      """
      <object ref="Device.Info." access="readOnly" minEntries="1" maxEntries="1">
        <parameter ref="Name" access="readOnly" activeNotify="willDeny"><annotation>On the label.</annotation></parameter>
        <parameter ref="Mode" access="readWrite"><syntax><string><enumeration value="A"/><enumeration value="B"/>
        </string></syntax></parameter>
        <command ref="Reset()"/>
        <command ref="Test()"><input><parameter ref="Host"/></input></command>
        <event ref="Changed!"/></object>
      <object ref="Device.Deep.Table.{i}." access="create" minEntries="0" maxEntries="8"/>
      """)
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    #expect(model.name == "Device:2.1")
    #expect(model.spec == "urn:example-com:box")
    #expect(model.uuid == "00000000-0000-0000-0000-000000000000")
    #expect(model.isOfDeviceType)
    #expect(model.root == "Device.")
    #expect(
      model.items.map(\.path) == [
        "Device.", "Device.Info.", "Device.Info.Name", "Device.Info.Mode", "Device.Info.Reset()",
        "Device.Info.Reset().Input.Hard", "Device.Info.Test()", "Device.Info.Test().Input.Host",
        "Device.Info.Changed!", "Device.Info.Changed!.What", "Device.Deep.Table.{i}.",
      ])
    for (place, item) in model.items.enumerated() {
      #expect(model.place(of: item.path) == place)
      #expect(item.parent.map { item.path.hasPrefix(model.items[$0].path) } ?? true)
    }
    let name = try #require(model["Device.Info.Name"])
    #expect(name.access == .readOnly)
    #expect(name.activeNotify == .willDeny)
    #expect(name.description == "On the label.")
    let values = try #require(model["Device.Info.Mode"]?.syntax?.enumerations)
    #expect(values.map(\.value) == ["A", "B"])
    #expect(values.map(\.isWritable) == [true, false])
    #expect(values.map(\.description) == ["First.", ""])
    let table = try #require(model["Device.Deep.Table.1."]?.table)
    #expect(table.most == 8)
    #expect(table.rowAccess == .create)
    #expect(model.profiles.map(\.name) == ["Small:1"])
  }

  @Test(arguments: [
    ("<object ref=\"Device.Other.\" access=\"readOnly\"/>", "is not in the model"),
    (
      "<object ref=\"Device.Info.\"><parameter ref=\"None\" access=\"readOnly\"/></object>",
      "is not in the model"
    ),
    (
      "<object ref=\"Device.Info.\"><parameter ref=\"Serial\" access=\"readWrite\"/></object>",
      "read-only in the model"
    ),
    (
      "<object ref=\"Device.Info.\"><parameter ref=\"Serial\" activeNotify=\"willDeny\"/></object>",
      "does not allow"
    ),
    (
      "<object ref=\"Device.Info.\"><parameter ref=\"Serial\"><syntax><int/></syntax></parameter></object>",
      "string in the model"
    ),
    (
      "<object ref=\"Device.Info.\"><parameter ref=\"Serial\"><syntax><list/><string/></syntax></parameter></object>",
      "no list in the model"
    ),
    (
      "<object ref=\"Device.Info.\"><parameter ref=\"Mode\"><syntax><string><enumeration value=\"Z\"/></string></syntax></parameter></object>",
      "does not have “Z”"
    ),
    (
      "<object ref=\"Device.Info.\" minEntries=\"0\" maxEntries=\"unbounded\"/>",
      "more entries than"
    ), ("<object ref=\"Device.Info.\" minEntries=\"0\"/>", "fewer entries than"),
    ("<object ref=\"Device.Info.\" access=\"sometimes\"/>", "no access to an object"),
    ("<object/>", "which item"),
  ])
  func whatGoesBeyondTheModelIsTold(body: String, part: String) throws {
    let (_, diagnostics) = try Self.compile(
      "<object ref=\"Device.\" access=\"readOnly\"/>\n" + body)
    #expect(diagnostics.map { $0.message.contains(part) }.contains(true), "\(diagnostics)")
    #expect(diagnostics.allSatisfy { $0.file == "box.xml" && $0.line == 7 }, "\(diagnostics)")
  }

  @Test func theSyntaxOfAListIsNarrowed() throws {
    let (model, diagnostics) = try Self.compile(
      """
      <object ref="Device.Info." access="readOnly" minEntries="1" maxEntries="1"><parameter ref="Ports" access="readOnly">
      <syntax><list maxItems="4" nestedBrackets="unsupported"/><unsignedInt><range maxInclusive="99"/></unsignedInt></syntax>
      </parameter></object>
      """)
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    let syntax = try #require(model["Device.Info.Ports"]?.syntax)
    #expect(syntax.list?.items.most == 4)
    #expect(syntax.list?.nestedBrackets == .unsupported)
    #expect(syntax.ranges.map(\.most) == ["99"])
  }

  @Test func aModelThatIsNotImportedIsNoModel() throws {
    var library = ModelLibrary()
    library.add(
      try ModelText.read(
        "<d:document xmlns:d='urn:broadband-forum-org:cwmp:devicetype-1-0'><model ref='Device:2.0'/></d:document>"
      ))
    let (model, diagnostics) = DataModel.compile("test.xml", in: library)
    #expect(model == nil)
    #expect(diagnostics.contains { $0.message.contains("is not imported") && $0.line == 1 })
  }
}
