import DeviceModel
import Testing

/// What is kept of an item beside its type.
@Suite struct FactTests {
  private static func item(_ path: String, _ body: String) throws -> ModelItem {
    let (model, diagnostics) = try ModelText.compile([("test.xml", body)])
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    return try #require(model?[path])
  }

  @Test func rulesOfNotification() throws {
    let body = """
      <model name="Device:2.0"><object name="Device.">
      <parameter name="A" activeNotify="forceDefaultEnabled" forcedInform="true"><syntax><string/></syntax></parameter>
      <parameter name="B" activeNotify="canDeny"><syntax><string/></syntax></parameter>
      <parameter name="C"><syntax><string/></syntax></parameter></object></model>
      """
    let first = try Self.item("Device.A", body)
    #expect(first.activeNotify == .forceDefaultEnabled && first.isForcedInform)
    let second = try Self.item("Device.B", body)
    #expect(second.activeNotify == .canDeny && !second.isForcedInform)
    #expect(try Self.item("Device.C", body).activeNotify == .normal)
  }

  @Test func facetsOfEnumerations() throws {
    let item = try Self.item(
      "Device.A",
      """
      <dataType name="Base"><string><enumeration value="One" code="1"><description>The first.</description></enumeration>
      <enumeration value="Two" code="-2" access="readOnly" optional="true" status="deprecated" version="2.3"/></string></dataType>
      <dataType name="More" base="Base"><enumeration value="One"/><enumeration value="Three"><description>New.</description>
      </enumeration></dataType>
      <model name="Device:2.0"><object name="Device."><parameter name="A"><syntax><dataType ref="Base"/></syntax></parameter>
      <parameter name="B"><syntax><dataType ref="More"/></syntax></parameter></object></model>
      """)
    let values = try #require(item.syntax?.enumerations)
    #expect(values.map(\.code) == [1, -2])
    #expect(values.map(\.description) == ["The first.", ""])
    #expect(values.map(\.isWritable) == [true, false])
    #expect(values.map(\.isOptional) == [false, true])
    #expect(values.map(\.status) == [nil, .deprecated])
    #expect(values.map(\.version) == [nil, "2.3"])
  }

  @Test func descriptionsOfValuesAreInheritedByValue() throws {
    let item = try Self.item(
      "Device.A",
      """
      <dataType name="Base"><string><enumeration value="One"><description>The first.</description></enumeration>
      <enumeration value="Two"><description>The second.</description></enumeration></string></dataType>
      <model name="Device:2.0"><object name="Device."><parameter name="A"><syntax><dataType base="Base">
      <enumeration value="Two"/><enumeration value="Three"><description>New.</description></enumeration></dataType></syntax>
      </parameter></object></model>
      """)
    #expect(item.syntax?.enumerations.map(\.value) == ["Two", "Three"])
    #expect(item.syntax?.enumerations.map(\.description) == ["The second.", "New."])
  }

  @Test func listsDefaultsAndFlags() throws {
    let body = """
      <model name="Device:2.0"><object name="Device.">
      <parameter name="A"><syntax hidden="true" command="1"><list minItems="2" nestedBrackets="required"><size maxLength="99"/>
      </list><string/><default type="factory" value="[a,b]"/></syntax></parameter>
      <parameter name="B"><syntax secured="true"><boolean/></syntax></parameter>
      <command name="C()"><input><parameter name="D" mandatory="true"><syntax><int/><default type="object" value="5"/></syntax>
      </parameter></input></command></object></model>
      """
    let list = try #require(try Self.item("Device.A", body).syntax)
    #expect(list.list?.nestedBrackets == .required)
    #expect(list.list?.items == SizeRange(2, nil))
    #expect(list.list?.sizes == [SizeRange(nil, 99)])
    #expect(list.defaultValue?.kind == .factory)
    #expect(list.defaultValue?.value == "[a,b]")
    #expect(list.isHidden && list.isCommand && !list.isSecured)
    #expect(try Self.item("Device.B", body).syntax?.isSecured == true)
    let argument = try Self.item("Device.C().Input.D", body)
    #expect(argument.isMandatory)
    #expect(argument.syntax?.defaultValue?.kind == .parameter, "arguments have no other defaults")
  }

  @Test func tables() throws {
    let item = try Self.item(
      "Device.T.7.",
      """
      <model name="Device:2.12"><object name="Device."/><object name="Device.T.{i}." access="readWrite" minEntries="0"
      maxEntries="unbounded" numEntriesParameter="TNumberOfEntries" enableParameter="Enable" discriminatorParameter="Kind"
      mountType="mountPoint"><uniqueKey functional="false"><parameter ref="Alias"/></uniqueKey>
      <uniqueKey><parameter ref="A"/><parameter ref="Sub.B"/></uniqueKey></object></model>
      """)
    #expect(item.access == .readWrite)
    let table = try #require(item.table)
    #expect(table.least == 0)
    #expect(table.most == nil)
    #expect(table.countParameter == "TNumberOfEntries")
    #expect(table.enableParameter == "Enable")
    #expect(table.discriminatorParameter == "Kind")
    #expect(table.mountType == "mountPoint")
    #expect(table.uniqueKeys.map(\.isFunctional) == [false, true])
    #expect(table.uniqueKeys.map(\.parameters) == [["Alias"], ["A", "Sub.B"]])
  }

  @Test func theReportsVersionCountsWhereTheSchemasIsNotThere() throws {
    let body = """
      <model xmlns:r="urn:broadband-forum-org:cwmp:datamodel-report-0-1" name="Device:2.14"><object name="Device." r:version="2.0">
      <parameter name="A" r:version="2.9"><syntax><string/></syntax></parameter>
      <parameter name="B" version="2.3" r:version="2.9"><syntax><string/></syntax></parameter>
      <parameter name="C" r:version="2.9" version="2.3"><syntax><string/></syntax></parameter>
      <parameter name="D"><syntax><string/></syntax></parameter></object></model>
      """
    let versions = try ["A", "B", "C", "D"].map {
      try Self.item("Device." + $0, body).effectiveVersion?.description
    }
    #expect(versions == ["2.9", "2.3", "2.3", "2.0"])
  }

  @Test func descriptionsAreAddedToOrReplaced() throws {
    func description(_ action: String) throws -> String {
      try Self.item(
        "Device.A",
        """
        <model name="Device:2.0"><object name="Device."><parameter name="A"><description>Old.</description>
        <syntax><string/></syntax></parameter></object></model>
        <model name="Device:2.1" base="Device:2.0"><object base="Device."><parameter base="A">
        <description\(action)>New.</description></parameter></object></model>
        """
      ).description
    }
    #expect(try description(" action=\"append\"") == "Old.\nNew.")
    #expect(try description(" action=\"prefix\"") == "New.\nOld.")
    #expect(try description(" action=\"replace\"") == "New.")
    #expect(try description(" action=\"create\"") == "New.")
    #expect(try description("") == "New.")
  }

  @Test func anEditKeepsOfListsAndValuesWhatItDoesNotSayAnew() throws {
    let item = try Self.item(
      "Device.A",
      """
      <model name="Device:2.0"><object name="Device."><parameter name="A"><syntax><list maxItems="4"><size maxLength="99"/></list>
      <string><enumeration value="X" optional="true" code="7"/><enumeration value="Y" access="readOnly"/></string></syntax>
      </parameter></object></model>
      <model name="Device:2.1" base="Device:2.0"><object base="Device."><parameter base="A"><syntax><list minItems="1"/><string>
      <enumeration value="X" status="deprecated"/><enumeration value="Y"/><enumeration value="Z"/></string></syntax>
      </parameter></object></model>
      """)
    let syntax = try #require(item.syntax)
    #expect(syntax.list?.items == SizeRange(1, 4))
    #expect(syntax.list?.sizes == [SizeRange(nil, 99)])
    #expect(syntax.enumerations.map(\.value) == ["X", "Y", "Z"])
    #expect(syntax.enumerations.map(\.isOptional) == [true, false, false])
    #expect(syntax.enumerations.map(\.isWritable) == [true, false, true])
    #expect(syntax.enumerations.map(\.code) == [7, nil, nil])
    #expect(syntax.enumerations.map(\.status) == [.deprecated, nil, nil])
  }

  @Test func whatComesWithAComponentIsNoOlderThanIt() throws {
    let (model, _) = try ModelText.compile([
      (
        "test.xml",
        """
        <component name="Part"><parameter name="P" version="2.1"><syntax><string><enumeration value="A" version="2.2"/>
        <enumeration value="B" version="2.9"/></string></syntax></parameter>
        <profile name="Part:1" version="2.1"><parameter ref="P" requirement="readOnly"/>
        <parameter ref="P" requirement="readWrite"/></profile></component>
        <model name="Device:2.9"><object name="Device."><component ref="Part" version="2.5"/></object></model>
        """
      )
    ])
    let compiled = try #require(model)
    #expect(compiled["Device.P"]?.effectiveVersion?.description == "2.5")
    #expect(compiled["Device.P"]?.syntax?.enumerations.map(\.version) == ["2.5", "2.9"])
    #expect(compiled.profiles.map(\.version?.description) == ["2.5"])
    #expect(
      compiled.profiles.first?.requirements.map { "\($0.path) \($0.requirement)" }
        == ["Device. present", "Device.P readWrite"])
  }

  @Test func whatIsSaidOfPartsSaysNothingOfTheWhole() throws {
    let item = try Self.item(
      "Device.A()",
      """
      <component name="Part"><description>A part.</description><parameter name="P"><syntax><int/></syntax></parameter>
      </component><model name="Device:2.12"><object name="Device."><description>A device.</description>
      <component ref="Part"/><command name="A()"><description>An act.</description><input><description>In.</description>
      <parameter name="X"><description>One.</description><syntax><int/></syntax></parameter></input></command></object></model>
      """)
    #expect(item.description == "An act.")
  }

  @Test func profilesBuildOnOthers() throws {
    let (model, _) = try ModelText.compile([
      (
        "test.xml",
        """
        <model name="Device:2.0"><object name="Device."/>
        <profile name="A:1" version="2.0"><object ref="Device." requirement="present"><parameter ref="X"
        requirement="readOnly "/><command ref="Y()"/></object></profile>
        <profile name="A:2" base="A:1" extends="B:1
          C:1" status="deprecated"/></model>
        """
      )
    ])
    let profiles = try #require(model?.profiles)
    #expect(profiles.map(\.name) == ["A:1", "A:2"])
    #expect(profiles[1].includes == ["A:1", "B:1", "C:1"])
    #expect(profiles[1].status == .deprecated)
    #expect(profiles[0].requirements.map(\.path) == ["Device.", "Device.X", "Device.Y()"])
    #expect(profiles[0].requirements.map(\.requirement) == ["present", "readOnly", ""])
  }
}

/// Versions and their order.
@Suite struct ModelVersionTests {
  @Test(arguments: ["1", "2.19", "2.19.1", "0.0.0.0", "65533.1"])
  func theyAreWrittenAsTheyWereRead(text: String) throws {
    let version = try #require(ModelVersion(text))
    #expect(version.description == text)
    #expect(version.numbers.map(String.init).joined(separator: ".") == text)
  }

  @Test(arguments: [
    "", ".", "2.", ".2", "2..1", "a", "-1", "1.2.3.4.5", "2.x", "65535", "+1", " 1",
  ])
  func othersAreNone(text: String) { #expect(ModelVersion(text) == nil) }

  @Test func theyAreInOrder() {
    let texts = ["1.14", "2", "2.0", "2.2", "2.12", "2.12.0", "2.12.1", "2.13", "10.0"]
    let versions = texts.compactMap { ModelVersion($0) }
    #expect(versions.shuffled().sorted().map(\.description) == texts)
  }
}
