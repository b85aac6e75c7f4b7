import DeviceModel
import Testing

/// How documents become a model.
@Suite struct CompilationTests {
  @Test func aParameterHasWhatItsTypesHave() throws {
    let rows = try ModelText.rows(
      """
      <dataType name="Base"><string><size maxLength="64"/><pattern value="a*"/></string></dataType>
      <dataType name="Sub" base="Base"><enumeration value="A"/><enumeration value="B C,D"/></dataType>
      <model name="Device:2.0"><object name="Device." access="readOnly">
        <parameter name="One" access="readWrite"><syntax><dataType ref="Sub"/></syntax></parameter>
        <parameter name="Two"><syntax><list minItems="1" maxItems="4"/><dataType ref="Sub">
          <size minLength="2" maxLength="3"/><units value="dB"/></dataType></syntax></parameter>
        <parameter name="Three"><syntax><unsignedInt><range minInclusive="1" maxInclusive="5" step="2"/>
          <range minInclusive="18446744073709551615"/></unsignedInt></syntax></parameter>
      </object></model>
      """)
    let one = try #require(rows["Device.One"])
    #expect(one.primitive == "string")
    #expect(one.access == "readWrite")
    #expect(one.sizes == [[nil, 64]])
    #expect(one.enums == ["A", "B C,D"])
    let two = try #require(rows["Device.Two"])
    #expect(two.access == "readOnly")
    #expect(two.list == "[1:4]")
    #expect(two.sizes == [[2, 3]])
    #expect(two.enums == ["A", "B C,D"])
    #expect(two.units == "dB")
    #expect(
      rows["Device.Three"]?.ranges?.map { $0.map { $0?.text } }
        == [["1", "5", "2"], ["18446744073709551615", nil]])
  }

  @Test func componentsAreIncludedWhereTheyAreReferredTo() throws {
    let rows = try ModelText.rows(
      """
      <import file="parts.xml" spec="urn:x"><component name="Part" ref="ThePart"/></import>
      <component name="Alias"><parameter name="Alias" access="readWrite" version="1.0"><syntax><string/></syntax>
      </parameter></component>
      <model name="Device:2.3"><object name="Device.">
        <component ref="Part" path="Deep." version="2.2"/></object></model>
      """,
      with: [
        (
          "parts.xml",
          """
          <component name="Alias" virtual="true"/>
          <component name="ThePart"><object name="Table.{i}." version="2.1" maxEntries="unbounded"
            minEntries="0"><component ref="Alias"/></object></component>
          """
        )
      ])
    #expect(rows["Device.Deep.Table.{i}."]?.version == "2.2")
    let alias = try #require(rows["Device.Deep.Table.{i}.Alias"])
    #expect(alias.access == "readWrite", "the one of the outer document")
    #expect(alias.version == "2.2", "no earlier than the table")
  }

  @Test func commandsAndEventsHaveArguments() throws {
    let rows = try ModelText.rows(
      """
      <model name="Device:2.12"><object name="Device."><command name="Reboot()" async="true">
        <input><parameter name="Cause" mandatory="true"><syntax><string/></syntax></parameter></input>
        <output><object name="Log.{i}."><parameter name="Line"><syntax><string/></syntax></parameter>
        </object></output></command>
        <event name="Boot!"><parameter name="Cause"><syntax><string/></syntax></parameter></event>
      </object></model>
      """)
    #expect(
      rows.mapValues(\.kind) == [
        "Device.": "object", "Device.Reboot()": "command",
        "Device.Reboot().Input.Cause": "input-param",
        "Device.Reboot().Output.Log.{i}.": "output-object",
        "Device.Reboot().Output.Log.{i}.Line": "output-param", "Device.Boot!": "event",
        "Device.Boot!.Cause": "event-param",
      ])
    #expect(rows["Device.Reboot().Input.Cause"]?.access == nil)
  }

  @Test func aModelIsBasedOnAnotherAndEditsIt() throws {
    let rows = try ModelText.rows(
      """
      <import file="old.xml" spec="urn:x"><model name="Device:2.0"/></import>
      <model name="Device:2.1" base="Device:2.0">
        <object base="Device."><parameter base="A" status="deprecated"><syntax><string>
          <enumeration value="New"/></string></syntax></parameter>
          <parameter name="B" version="2.1"><syntax><int/></syntax></parameter></object></model>
      """,
      with: [
        (
          "old.xml",
          """
          <model name="Device:2.0"><object name="Device."><parameter name="A"><syntax><string>
          <size maxLength="9"/><enumeration value="Old"/></string></syntax></parameter></object>
          <object name="Device.T." status="obsoleted"><parameter name="C"><syntax><int/></syntax></parameter>
          </object></model>
          """
        )
      ])
    let edited = try #require(rows["Device.A"])
    #expect(edited.enums == ["New"])
    #expect(edited.sizes == [[nil, 9]])
    #expect(edited.status == "deprecated")
    #expect(edited.version == "2.0")
    #expect(rows["Device.B"]?.version == "2.1")
    #expect(rows["Device.T.C"]?.status == "obsoleted")
  }

  @Test func theOrderOfObjectsMeansNothing() throws {
    let objects = [
      "<object name=\"Device.\" version=\"2.0\"/>",
      "<object name=\"Device.A.\" status=\"deprecated\" version=\"2.2\"/>",
      "<object name=\"Device.A.T.{i}.\" maxEntries=\"unbounded\"><parameter name=\"P\"><syntax><int/></syntax></parameter></object>",
      "<object name=\"Device.A.T.{i}.Sub.\"><command name=\"C()\"/></object>",
    ]
    let expected = try ModelText.rows("<model name=\"Device:2.3\">\(objects.joined())</model>")
    #expect(expected["Device.A.T.{i}.Sub.C()"]?.status == "deprecated")
    for order in [[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
      let text = order.map { objects[$0] }.joined()
      let (compiled, diagnostics) = try ModelText.compile([
        ("test.xml", "<model name=\"Device:2.3\">\(text)</model>")
      ])
      let model = try #require(compiled)
      #expect(diagnostics.isEmpty)
      #expect(ModelTable(model).rows == expected.values.sorted { $0.path < $1.path })
      for (place, item) in model.items.enumerated() {
        #expect(model.place(of: item.path) == place)
        #expect(item.parent.map { $0 < place } ?? (item.path == "Device."))
      }
    }
  }

  @Test(arguments: [
    (
      "<model name=\"Device:2.0\" base=\"Device:2.0\"><object name=\"Device.\"/></model>",
      "is not there"
    ),
    (
      "<component name=\"C\"><component ref=\"C\"/></component><model name=\"Device:2.0\"><object name=\"Device.\"><component ref=\"C\"/></object></model>",
      "contains itself"
    ),
    (
      "<dataType name=\"T\" base=\"T\"/><model name=\"Device:2.0\"><object name=\"Device.\"><parameter name=\"A\"><syntax><dataType ref=\"T\"/></syntax></parameter></object></model>",
      "based on itself"
    ),
    (
      "<import file=\"none.xml\" spec=\"urn:x\"><component name=\"C\"/></import><model name=\"Device:2.0\"><object name=\"Device.\"><component ref=\"C\"/></object></model>",
      "is not among the documents"
    ),
    (
      "<import file=\"test.xml\" spec=\"urn:x\"><dataType name=\"T\"/></import><model name=\"Device:2.0\"><object name=\"Device.\"><parameter name=\"A\"><syntax><dataType ref=\"T\"/></syntax></parameter></object></model>",
      "taken for a string"
    ),
  ])
  func whatIsWrongIsToldWithItsLineAndTheRestIsCompiled(body: String, part: String) throws {
    let (model, diagnostics) = try ModelText.compile([("test.xml", body)])
    #expect(model?.items.first?.path == "Device.")
    #expect(diagnostics.contains { $0.message.contains(part) && $0.line == 3 }, "\(diagnostics)")
  }

  @Test func everythingIsToldAtOnce() throws {
    let (_, diagnostics) = try ModelText.compile([
      (
        "test.xml",
        """
        <model name="Device:2.0"><object name="Device.">
        <parameter name="A"><syntax><dataType ref="None"/></syntax></parameter>
        <parameter name="B"/>
        <parameter><syntax><string/></syntax></parameter>
        <component ref="None"/>
        </object></model>
        """
      )
    ])
    #expect(diagnostics.map(\.line) == [4, 5, 6, 7])
  }
}
