import DeviceModel
import Foundation
import Testing

/// How a device's tree is compared with a model.
@Suite struct ConformanceTests {
  private static let model = """
    <model name="Device:2.3">
    <object name="Device." access="readOnly" minEntries="1" maxEntries="1">
      <parameter name="Mode" access="readWrite"><syntax><string><enumeration value="On"/>
        <enumeration value="Off" access="readOnly"/></string></syntax></parameter>
      <parameter name="Speed" access="readOnly"><syntax><unsignedInt><range minInclusive="1" maxInclusive="10"/>
        </unsignedInt></syntax></parameter>
      <parameter name="Names" access="readOnly"><syntax><list/><unsignedInt/></syntax></parameter>
      <parameter name="Secret" access="readWrite"><syntax hidden="true"><int/></syntax></parameter>
      <parameter name="RowNumberOfEntries" access="readOnly"><syntax><unsignedInt/></syntax></parameter>
      <parameter name="Old" access="readOnly" status="obsoleted"><syntax><string/></syntax></parameter>
    </object>
    <object name="Device.Row.{i}." access="readWrite" minEntries="0" maxEntries="2"
      numEntriesParameter="RowNumberOfEntries">
      <parameter name="A" access="readWrite"><syntax><boolean/></syntax></parameter>
    </object>
    <object name="Device.Fixed.{i}." access="readOnly" minEntries="3" maxEntries="3">
      <parameter name="B" access="readOnly"><syntax><int/></syntax></parameter>
    </object>
    <profile name="_Base:1"><object ref="Device." requirement="present">
      <parameter ref="Speed" requirement="readOnly"/></object></profile>
    <profile name="Base:1" base="_Base:1"><object ref="Device." requirement="present">
      <parameter ref="Mode" requirement="readWrite"/></object></profile>
    <profile name="Rows:1" extends="Base:1"><object ref="Device.Row.{i}." requirement="createDelete">
      <parameter ref="A" requirement="readWrite"/></object></profile>
    <profile name="Fixed:1"><object ref="Device.Fixed.{i}." requirement="present">
      <parameter ref="B" requirement="readOnly"/></object></profile>
    <profile name="Gone:1" status="deleted"><object ref="Device." requirement="present">
      <parameter ref="Speed" requirement="readOnly"/></object></profile>
    </model>
    """

  private static func conformance(
    of tree: [ObservedItem], isComplete: Bool = true, services: [DataModel] = [], limit: Int = 100
  ) throws -> Conformance {
    let (model, diagnostics) = try ModelText.compile([("test.xml", Self.model)])
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    return Conformance(
      of: tree, with: CatalogedModel(try #require(model), name: "test", origin: .imported),
      services: services, isComplete: isComplete, limit: limit)
  }

  /// A tree that has nothing wrong with it.
  private static let sound = [
    ObservedItem(path: "Device."),
    ObservedItem(path: "Device.Mode", value: "Off", type: .string, isWritable: true),
    ObservedItem(path: "Device.Speed", value: "10", type: .unsignedInt, isWritable: false),
    ObservedItem(path: "Device.Names", value: "1,2", type: .string, isWritable: false),
    ObservedItem(path: "Device.Secret", value: "", type: .int, isWritable: true),
    ObservedItem(
      path: "Device.RowNumberOfEntries", value: "1", type: .unsignedInt, isWritable: false),
    ObservedItem(path: "Device.Row.", isWritable: true),
    ObservedItem(path: "Device.Row.7.", isWritable: true),
    ObservedItem(path: "Device.Row.7.A", value: "true", type: .boolean, isWritable: true),
  ]

  @Test func aSoundTreeHasNothingAgainstIt() throws {
    let found = try Self.conformance(of: Self.sound)
    #expect(found.model == "test")
    #expect(found.version == "Device:2.3")
    #expect(found.counts.objects == 3)
    #expect(found.counts.parameters == 6)
    #expect(found.counts.known == 9)
    #expect(found.counts.itemsInUse == 8)
    #expect(found.counts.itemsInModel == 11)
    for findings in [
      found.vendor, found.services, found.unknown, found.types, found.values, found.access,
      found.outdated, found.entries,
    ] {
      #expect(findings == Findings())
    }
    #expect(found.profiles.map(\.name) == ["Base:1", "Rows:1"])
    #expect(found.profiles.map(\.state) == [.full, .full])
    #expect(found.profiles.map(\.required) == [3, 5])
  }

  @Test func whatIsBeyondTheModelIsToldApart() throws {
    let found = try Self.conformance(
      of: Self.sound + [
        ObservedItem(path: "Device.X_AVM-DE_Thing", value: "1", type: .string),
        ObservedItem(path: "Device.Row.7.X_AVM-DE_Thing.4.Deep", value: "1", type: .string),
        ObservedItem(path: "Device.X_00256D_Other", value: "1", type: .string),
        ObservedItem(path: "Device.Mod", value: "1", type: .string),
        ObservedItem(path: "Device.Row.7.C", value: "1", type: .string),
        ObservedItem(path: "Device.Row.8.C", value: "1", type: .string),
        ObservedItem(path: "Device.Services.VoiceService.1.Enable", value: "1", type: .string),
      ])
    #expect(found.vendor.items == 3)
    #expect(found.vendor.paths == 3)
    #expect(
      found.vendor.list.map(\.item) == [
        "Device.Row.{i}.X_AVM-DE_Thing.{i}.Deep", "Device.X_00256D_Other",
        "Device.X_AVM-DE_Thing",
      ])
    #expect(found.vendors.map(\.prefix) == ["X_AVM-DE", "X_00256D"])
    #expect(found.vendors.map(\.paths) == [2, 1])
    #expect(found.unknown.items == 2)
    #expect(found.unknown.paths == 3)
    #expect(found.unknown.list.map(\.item) == ["Device.Mod", "Device.Row.{i}.C"])
    #expect(found.unknown.list.last?.path == "Device.Row.7.C")
    #expect(found.unknown.list.last?.paths == 2)
    #expect(found.services.list.map(\.item) == ["Device.Services.VoiceService.{i}.Enable"])
  }

  @Test func modelsOfServicesTellWhatIsRightBelowThem() throws {
    let (service, _) = try ModelText.compile([
      (
        "voice.xml",
        """
        <model name="VoiceService:2.0" isService="true"><object name="VoiceService.{i}." access="readOnly"
          minEntries="0" maxEntries="unbounded"><parameter name="Enable" access="readWrite"><syntax><boolean/>
          </syntax></parameter></object></model>
        """
      )
    ])
    let found = try Self.conformance(
      of: [
        ObservedItem(path: "Device.Services.VoiceService.", isWritable: false),
        ObservedItem(path: "Device.Services.VoiceService.1."),
        ObservedItem(
          path: "Device.Services.VoiceService.1.Enable", value: "yes", type: .string,
          isWritable: true),
        ObservedItem(path: "Device.Services.VoiceService.1.Odd", value: "1", type: .string),
      ], services: [try #require(service)])
    #expect(found.services.list.map(\.item) == ["Device.Services.VoiceService.{i}.Odd"])
    #expect(found.types.list.map(\.item) == ["Device.Services.VoiceService.{i}.Enable"])
    #expect(found.values.list.map(\.found) == ["yes"])
  }

  @Test func valuesAreHeldAgainstTheirTypes() throws {
    let found = try Self.conformance(of: [
      ObservedItem(path: "Device.Mode", value: "Half", type: .string, isWritable: true),
      ObservedItem(path: "Device.Speed", value: "11", type: .int, isWritable: true),
      ObservedItem(path: "Device.Names", value: "1,x", type: .unsignedInt, isWritable: false),
      ObservedItem(path: "Device.Secret", value: "seven", type: .int, isWritable: false),
      ObservedItem(path: "Device.Old", value: "", type: .string, isWritable: false),
      ObservedItem(path: "Device.Row.", isWritable: false),
    ])
    #expect(found.types.list.map(\.item) == ["Device.Names", "Device.Speed"])
    #expect(found.types.list.map(\.found) == ["unsignedInt", "int"])
    #expect(found.types.list.map(\.expected) == ["string", "unsignedInt"])
    #expect(
      found.values.list.map(\.item)
        == ["Device.Mode", "Device.Names", "Device.Secret", "Device.Speed"])
    #expect(found.values.list.map(\.found) == ["Half", "1,x", nil, "11"])
    #expect(
      found.access.list.map(\.item) == ["Device.Row.{i}.", "Device.Secret", "Device.Speed"])
    #expect(found.access.list.map(\.found) == ["readOnly", "readOnly", "readWrite"])
    #expect(found.access.list.map(\.expected) == ["createDelete", "readWrite", "readOnly"])
    #expect(found.outdated.list.map(\.found) == ["obsoleted"])
  }

  @Test func rowsAreCounted() throws {
    var tree = Self.sound
    tree += (1...3).map { ObservedItem(path: "Device.Row.1\($0).A", value: "0", type: .boolean) }
    tree.append(ObservedItem(path: "Device.Fixed.1.B", value: "0", type: .int))
    let found = try Self.conformance(of: tree).entries.list
    #expect(found.map(\.path) == ["Device.Fixed.", "Device.Row.", "Device.Row."])
    #expect(
      found.map(\.found) == ["1 row", "4 rows, RowNumberOfEntries is 1", "4 rows"])
    #expect(
      found.map(\.expected)
        == ["at least 3", "as many rows as RowNumberOfEntries says", "at most 2"])
    #expect(try Self.conformance(of: tree, isComplete: false).entries.list.isEmpty)
  }

  @Test func profilesAreHadInPartOrNotSeenForLackOfRows() throws {
    let empty = try Self.conformance(
      of: Self.sound.filter { !$0.path.hasPrefix("Device.Row.7") })
    #expect(empty.profiles.map(\.state) == [.full, .unseen])
    #expect(empty.profiles.last?.unseen == 1)
    #expect(empty.profiles.last?.met == 4)

    let part = try Self.conformance(of: [
      ObservedItem(path: "Device.Mode", value: "Off", type: .string, isWritable: false),
      ObservedItem(path: "Device.Speed", value: "10", type: .unsignedInt, isWritable: false),
      ObservedItem(path: "Device.Row.", isWritable: false),
      ObservedItem(path: "Device.Row.1."),
    ])
    let rows = try #require(part.profiles.first { $0.name == "Rows:1" })
    #expect(rows.state == .partial)
    #expect(rows.met == 2)
    #expect(rows.missing == 3)
    #expect(
      rows.missingItems.map(\.item) == ["Device.Mode", "Device.Row.{i}.", "Device.Row.{i}.A"])
    #expect(rows.missingItems.map(\.reason) == [.readOnly, .notCreatable, .absent])
    #expect(!part.profiles.contains { $0.name == "Fixed:1" })
  }

  @Test func listsAreBoundedAndCountsAreNot() throws {
    let found = try Self.conformance(
      of: (0..<500).map { ObservedItem(path: "Device.Odd\($0)", value: "", type: .string) },
      limit: 10)
    #expect(found.unknown.items == 500)
    #expect(found.unknown.list.count == 10)
  }

  @Test func itGoesThroughJSON() throws {
    let found = try Self.conformance(of: Self.sound)
    let coded = try JSONEncoder().encode(found)
    #expect(try JSONDecoder().decode(Conformance.self, from: coded) == found)
  }

  @Test(arguments: [
    "", ".", "..", "1", "Device", "Device..", "Device.Row.{i}.A", "Device.Row.*.A",
    "Device.Row.[a.b].A", "X_", "Device.Services.", "Device.Row.99999999999999999999.A",
    "Device.Row.7", "\u{0}",
  ])
  func oddPathsDoNoHarm(path: String) throws {
    let found = try Self.conformance(of: [
      ObservedItem(path: path, value: "\u{0}", type: .base64, isWritable: true)
    ])
    #expect(found.counts.objects + found.counts.parameters == 1)
  }
}
