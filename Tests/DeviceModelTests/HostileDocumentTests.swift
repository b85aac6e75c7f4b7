import DeviceModel
import Testing

/// Documents that mean to cost, or that go in circles.
@Suite struct HostileDocumentTests {
  private static func diagnostics(_ documents: [(file: String, body: String)]) throws
    -> [ModelDiagnostic]
  {
    try ModelText.compile(documents).diagnostics
  }

  @Test func documentsThatImportEachOtherAreRefused() throws {
    let found = try Self.diagnostics([
      (
        "a.xml",
        """
        <import file="b.xml"><component name="B"/></import>
        <component name="A"/><model name="Device:2.0"><object name="Device."><component ref="B"/></object></model>
        """
      ),
      ("b.xml", "\n<import file=\"c.xml\"><component name=\"C\"/></import><component name=\"B\"/>"),
      (
        "c.xml",
        "\n\n<import file=\"a.xml\"><component name=\"A\"/></import><component name=\"C\"/>"
      ),
    ])
    #expect(found.count == 1)
    #expect(found.first?.message.contains("“a.xml” is imported in a circle") == true)
    #expect(found.first.map { "\($0.file):\($0.line)" } == "c.xml:5")
  }

  @Test func documentsThatTwoImportAreNoCircle() throws {
    let found = try Self.diagnostics([
      (
        "a.xml",
        """
        <import file="b.xml"><component name="B"/></import><import file="c.xml"><component name="C"/></import>
        <model name="Device:2.0"><object name="Device."><component ref="B"/><component ref="C"/></object></model>
        """
      ),
      ("b.xml", "<import file=\"d.xml\"><dataType name=\"T\"/></import><component name=\"B\"/>"),
      ("c.xml", "<import file=\"d.xml\"><dataType name=\"T\"/></import><component name=\"C\"/>"),
      ("d.xml", "<dataType name=\"T\"><string/></dataType>"),
    ])
    #expect(found.isEmpty, "\(found)")
  }

  @Test func aNameThatIsImportedInACircleOfOneDocumentIsNone() throws {
    let found = try Self.diagnostics([
      (
        "test.xml",
        """
        <import file="test.xml"><component name="A" ref="B"/><component name="B" ref="A"/></import>
        <model name="Device:2.0"><object name="Device."><component ref="A"/></object></model>
        """
      )
    ])
    #expect(found.map(\.line) == [3, 4], "\(found)")
  }

  @Test func componentsThatDoubleEndSomewhere() throws {
    let levels = 60
    var body = (0..<levels).map { level in
      "<component name=\"C\(level)\"><component ref=\"C\(level + 1)\"/><component ref=\"C\(level + 1)\"/></component>\n"
    }.joined()
    body +=
      "<component name=\"C\(levels)\"><parameter name=\"P\"><syntax><string/></syntax></parameter></component>"
    body +=
      "<model name=\"Device:2.0\"><object name=\"Device.\"><component ref=\"C0\"/></object></model>"
    let found = try Self.diagnostics([("test.xml", body)])
    #expect(found.contains { $0.message.contains("steps") })
    #expect(found.count <= 1_000)
  }

  /// A component of one parameter, and how often the model has it.
  private static let expansions = 60_000

  @Test(arguments: [
    "<string><pattern value=\"LONG\"/></string>", "<string><enumeration value=\"LONG\"/></string>",
    "<list><size maxLength=\"1\"/></list><dataType ref=\"Long\"/>",
    "<string><pathRef targetParent=\"LONG\"/></string>", "<string><units value=\"LONG\"/></string>",
  ])
  func whatIsExpandedCostsAsItsFacts(syntax: String) throws {
    let long = String(repeating: "x", count: 16_000)
    let parameters = (0..<20).map {
      "<parameter name=\"P\($0)\"><syntax>\(syntax)</syntax></parameter>"
    }
    let body = """
      <dataType name="Long"><string><enumeration value="LONG"/></string></dataType>
      <component name="C">\(parameters.joined())</component><model name="Device:2.0"><object name="Device.">
      """
    let objects = (0..<Self.expansions / 20).map {
      "<object name=\"O\($0).\"><component ref=\"C\"/></object>"
    }
    let (model, found) = try ModelText.compile([
      (
        "test.xml",
        body.replacing("LONG", with: long) + objects.joined() + "</object></model>"
      )
    ])
    #expect(found.contains { $0.message.contains("steps") }, "\(found)")
    #expect(model.map { $0.items.count < 20_000 } == true)
  }

  @Test(arguments: [
    "<list>CHILDREN</list><string/>", "<string>CHILDREN</string>", "<string/>CHILDREN",
  ])
  func whatIsExpandedCostsAsItsChildren(syntax: String) throws {
    let many = String(repeating: "<size/>", count: 1_000)
    let items = (0..<1_000).map {
      "<object name=\"O\($0).\"><component ref=\"C\"/></object>"
    }
    let syntax = syntax.replacing("CHILDREN", with: many)
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<component name=\"C\"><parameter name=\"P\"><syntax>\(syntax)</syntax></parameter></component><model name=\"Device:2.0\"><object name=\"Device.\">\(items.joined())</object></model>"
      )
    ])
    #expect(found.contains { $0.message.contains("steps") }, "\(found)")
  }

  @Test func descriptionsThatGrowCostAsTheyAre() throws {
    let text = String(repeating: "x", count: 100_000)
    let references = String(repeating: "<component ref=\"C\"/>", count: 100_000)
    let component =
      "<component name=\"C\"><parameter base=\"P\"><description action=\"append\">\(text)</description></parameter></component>"
    let found = try Self.diagnostics([
      (
        "test.xml",
        component
          + "<model name=\"Device:2.0\"><object name=\"Device.\"><parameter name=\"P\"><syntax><string/></syntax></parameter>\(references)</object></model>"
      )
    ])
    #expect(found.contains { $0.message.contains("too long") }, "\(found.prefix(3))")
    #expect(found.count <= 1_000)
  }

  @Test func aKeyCostsAsItsMembers() throws {
    let members = String(repeating: "<parameter ref=\"P\"/>", count: 1_000)
    let references = String(repeating: "<component ref=\"C\"/>", count: 1_000)
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<component name=\"C\"><uniqueKey>\(members)</uniqueKey></component><model name=\"Device:2.0\"><object name=\"Device.\">\(references)</object></model>"
      )
    ])
    #expect(found.contains { $0.message.contains("steps") }, "\(found)")
  }

  @Test func typesWithoutSyntaxAreReadOnce() throws {
    let types = String(repeating: "<string/>\n", count: 20_000)
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<model name=\"Device:2.0\"><object name=\"Device.\"><parameter name=\"A\">\(types)</parameter></object></model>"
      )
    ])
    #expect(found.map(\.message) == ["a type without “syntax” around it"])
  }

  @Test func whetherAComponentIsEmptyIsFoundOutOnce() throws {
    let descriptions = String(repeating: "<description/>", count: 200_000)
    let references = String(repeating: "<component ref=\"C\"/>", count: 200_000)
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<component name=\"C\">\(descriptions)</component><model name=\"Device:2.0\"><object name=\"Device.\">\(references)</object></model>"
      )
    ])
    #expect(found.contains { $0.message.contains("steps") }, "\(found)")
  }

  @Test func pathsHaveANumberOfParts() throws {
    let found = try Self.diagnostics([
      (
        "test.xml",
        """
        <model name="Device:2.0"><object name="\(String(repeating: "A.", count: 64))"/>
        <object name="\(String(repeating: "A.", count: 65))"/></model>
        """
      )
    ])
    #expect(found.map(\.message) == ["a path of more than 64 parts"])
  }

  @Test func profilesIncludeANumber() throws {
    let names = (0..<101).map { "P\($0):1" }.joined(separator: " ")
    let (model, found) = try ModelText.compile([
      (
        "test.xml",
        "<model name=\"Device:2.0\"><object name=\"Device.\"/><profile name=\"Q:1\" extends=\"\(names)\"/></model>"
      )
    ])
    #expect(model?.profiles.first?.includes.count == 100)
    #expect(found.contains { $0.message.contains("100 other profiles") }, "\(found)")
  }

  @Test(arguments: [
    ("component", "too many components"), ("dataType", "too many others"),
    ("model", "too many others"),
  ])
  func whatIsNestedTooDeepIsLeftOut(kind: String, message: String) throws {
    let depth = 20_000
    let chain = (0..<depth).map { level in
      switch kind {
      case "component":
        "<component name=\"C\(level)\"><component ref=\"C\(level + 1)\"/></component>"
      case "dataType": "<dataType name=\"T\(level)\" base=\"T\(level + 1)\"/>"
      default: "<model name=\"M:\(level).0\" base=\"M:\(level + 1).0\"/>"
      }
    }.joined(separator: "\n")
    let model =
      switch kind {
      case "component":
        "<model name=\"Device:2.0\"><object name=\"Device.\"><component ref=\"C0\"/></object></model>"
      case "dataType":
        "<model name=\"Device:2.0\"><object name=\"Device.\"><parameter name=\"A\"><syntax><dataType ref=\"T0\"/></syntax></parameter></object></model>"
      default: "<model name=\"Device:2.0\" base=\"M:0.0\"><object name=\"Device.\"/></model>"
      }
    let found = try Self.diagnostics([("test.xml", chain + "\n" + model)])
    #expect(found.contains { $0.message.contains(message) }, "\(found.prefix(3))")
  }

  @Test func pathsHaveALength() throws {
    let name = String(repeating: "Long.", count: 150)
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<component name=\"C\"><object name=\"\(name)\"/></component><model name=\"Device:2.0\"><object name=\"Device.\"><component ref=\"C\" path=\"\(name)\"/></object></model>"
      )
    ])
    #expect(found.contains { $0.message.contains("bytes") })
  }

  @Test func keysHaveANumber() throws {
    let keys = (0..<200).map { "<uniqueKey><parameter ref=\"P\($0)\"/></uniqueKey>" }.joined()
    let (model, found) = try ModelText.compile([
      ("test.xml", "<model name=\"Device:2.0\"><object name=\"Device.\">\(keys)</object></model>")
    ])
    #expect(model?.items.first?.table?.uniqueKeys.count == 100)
    #expect(found.contains { $0.message.contains("keys") })
  }

  @Test func diagnosticsHaveANumber() throws {
    let items = String(repeating: "<parameter/>\n", count: 5_000)
    let found = try Self.diagnostics([
      ("test.xml", "<model name=\"Device:2.0\"><object name=\"Device.\">\(items)</object></model>")
    ])
    #expect(found.count == 1_000)
  }

  @Test(arguments: [
    (
      "<parameter name=\"A\" access=\"sometimes\"><syntax><string/></syntax></parameter>",
      "no access"
    ),
    ("<parameter name=\"A\" status=\"odd\"><syntax><string/></syntax></parameter>", "no status"),
    (
      "<parameter name=\"A\" activeNotify=\"odd\"><syntax><string/></syntax></parameter>",
      "notification"
    ),
    (
      "<parameter name=\"A\"><syntax><string/><default type=\"odd\" value=\"\"/></syntax></parameter>",
      "type of a default"
    ), ("<parameter name=\"A\"><string/></parameter>", "without “syntax”"),
    ("<parameter base=\"A\"><syntax><string/></syntax></parameter>", "was not there before"),
    ("<parameter name=\"A\"/>", "no syntax"), ("<object/>", "without a name"),
    ("<object name=\"A.\"/><command name=\"A.\"/>", "can't be the name of a command"),
    ("<object name=\"A.\" maxEntries=\"ten\"/>", "“ten” is no number of entries"),
    ("<component ref=\"None\"/>", "the component “None” is not there"),
    (
      "<parameter name=\"A\"><syntax><dataType ref=\"None\"/></syntax></parameter>",
      "the type “None” is not there"
    ),
  ])
  func eachIsToldWhereItStands(item: String, message: String) throws {
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<model name=\"Device:2.0\"><object name=\"Device.\">\n\(item)\n</object></model>"
      )
    ])
    #expect(found.map(\.line) == [4], "\(found)")
    #expect(found.first?.message.contains(message) == true, "\(found)")
  }

  @Test(arguments: [
    ("urn:broadband-forum-org:test-1-0", 0), ("urn:broadband-forum-org:test-1", 0), ("", 0),
    ("urn:example-com:other", 0), ("urn:broadband-forum-org:test-1-1", 1),
    ("urn:broadband-forum-org:test-2", 1), ("urn:broadband-forum-org:test-1-0-1", 1),
  ])
  func anotherIssueThanIsImportedIsTold(spec: String, count: Int) throws {
    let found = try Self.diagnostics([
      (
        "test.xml",
        "<import file=\"b.xml\" spec=\"\(spec)\"><component name=\"C\"/></import><model name=\"Device:2.0\"><object name=\"Device.\"/></model>"
      ), ("b.xml", "<component name=\"C\"/>"),
    ])
    #expect(found.count == count, "\(found)")
    #expect(found.allSatisfy { $0.message.contains("is wanted") && $0.line == 3 })
  }

  @Test func otherProblemsAreToldToo() throws {
    let twice = try Self.diagnostics([
      (
        "test.xml",
        "<dataType name=\"T\"><string/></dataType>\n<dataType name=\"T\"><string/></dataType>\n<model name=\"Device:2.0\"><object name=\"Device.\"/></model>"
      )
    ])
    #expect(twice.map(\.line) == [4])
    #expect(twice.first?.message.contains("more than once") == true)
    #expect(
      try Self.diagnostics([("test.xml", "<model name=\"Device:2.0\"/>")]).first?.message.contains(
        "no items") == true)
    #expect(
      try Self.diagnostics([("test.xml", "")]).first?.message.contains("has no model") == true)
    let (none, absent) = DataModel.compile("none.xml", in: ModelLibrary())
    #expect(none == nil && absent.map(\.message) == ["the document is not there"])
  }
}
