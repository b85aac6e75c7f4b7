import DeviceModel
import Testing

/// How two models are told apart.
@Suite struct ModelDifferenceTests {
  private static func outline(_ body: String, name: String) throws -> ModelOutline {
    let (model, diagnostics) = try ModelText.compile([("test.xml", body)])
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    return ModelOutline(CatalogedModel(try #require(model), name: name, origin: .imported))
  }

  private static let old = """
    <model name="Device:2.0"><object name="Device." access="readOnly" minEntries="1" maxEntries="1">
      <parameter name="A" access="readOnly"><syntax><string><size maxLength="16"/>
        <enumeration value="One"/><enumeration value="Two"/></string></syntax></parameter>
      <parameter name="B" access="readOnly"><syntax><int/></syntax></parameter>
      <parameter name="Same" access="readWrite"><syntax><int><units value="dB"/></int></syntax></parameter>
    </object></model>
    """
  private static let new = """
    <model name="Device:2.1"><object name="Device." access="readOnly" minEntries="1" maxEntries="1">
      <parameter name="Same" access="readWrite"><syntax><int><units value="dB"/></int></syntax></parameter>
      <parameter name="A" access="readWrite" status="deprecated"><syntax><string><size maxLength="32"/>
        <enumeration value="Two"/><enumeration value="Three"/></string></syntax></parameter>
    </object>
    <object name="Device.T.{i}." access="readWrite" minEntries="0" maxEntries="unbounded">
      <parameter name="C" access="readWrite"><syntax><boolean/></syntax></parameter></object>
    </model>
    """

  @Test func whatIsNewGoneAndChangedIsTold() throws {
    let difference = ModelDifference(
      from: try Self.outline(Self.old, name: "old"), to: try Self.outline(Self.new, name: "new"))
    #expect(difference.old == "old")
    #expect(difference.new == "new")
    let added = difference.added.map { [$0.path, $0.kind, $0.access, $0.type] }
    #expect(
      added == [
        ["Device.T.{i}.", "object", "createDelete", nil],
        ["Device.T.{i}.C", "param", "readWrite", "boolean"],
      ])
    #expect(difference.removed.map(\.path) == ["Device.B"])
    #expect(difference.removed.map(\.type) == ["int"])
    #expect(difference.unseen == 0)
    #expect(difference.changed.map(\.path) == ["Device.A"])
    let changes = try #require(difference.changed.first).changes
    #expect(changes.map(\.aspect) == [.access, .length, .values, .status])
    #expect(changes.map(\.removed) == [["readOnly"], ["at most 16"], ["One"], ["current"]])
    #expect(changes.map(\.added) == [["readWrite"], ["at most 32"], ["Three"], ["deprecated"]])
  }

  @Test func aModelDoesNotDifferFromItself() throws {
    let outline = try Self.outline(Self.new, name: "new")
    #expect(ModelDifference(from: outline, to: outline).isEmpty)
  }

  @Test func whatIsNotKnownIsNoDifference() {
    let old = ModelOutline(
      name: "old",
      items: [
        "Device.A": .init(kind: "param", [.access: ["readOnly"], .type: ["int"]]),
        "Device.B": .init(kind: "param", [.access: ["readOnly"]]),
      ])
    let new = ModelOutline(
      name: "new",
      items: [
        "Device.A": .init(kind: "param", [.type: ["int"]]),
        "Device.B": .init(kind: "param", [.access: ["readOnly"], .type: ["string"]]),
      ])
    #expect(ModelDifference(from: old, to: new).isEmpty)
  }

  @Test func tablesWithoutRowsLeaveOpenWhatRowsHave() {
    let filled = ModelOutline(
      name: "filled",
      items: [
        "Device.T.{i}.": .init(kind: "object"), "Device.T.{i}.A": .init(kind: "param"),
        "Device.T.{i}.U.{i}.": .init(kind: "object"), "Device.T.{i}.U.{i}.B": .init(kind: "param"),
        "Device.V.{i}.C": .init(kind: "param"),
      ])
    let empty = ModelOutline(name: "empty", items: ["Device.T.": .init(kind: "object")])
    let lost = ModelDifference(from: filled, to: empty)
    #expect(lost.removed.map(\.path) == ["Device.V.{i}.C"])
    #expect(lost.added.isEmpty)
    #expect(lost.unseen == 4)
    let found = ModelDifference(from: empty, to: filled)
    #expect(found.added.map(\.path) == ["Device.V.{i}.C"])
    #expect(found.removed.isEmpty)
    #expect(found.unseen == 4)
  }
}
