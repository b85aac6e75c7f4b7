import DeviceModel
import Foundation
import Testing

/// Models written as documents, and compiled again.
@Suite struct ModelExportTests {
  private static func compiled(_ text: String, file: String = "test.xml") throws -> DataModel {
    var library = ModelLibrary()
    library.add(try ModelText.read(text, file: file))
    let (model, diagnostics) = DataModel.compile(file, in: library)
    #expect(diagnostics.isEmpty, "\(diagnostics.prefix(5))")
    return try #require(model)
  }

  /// All facts of an item; descriptions are none.
  private static func facts(_ item: ModelItem, in model: DataModel) -> [String] {
    let syntax = item.syntax
    let enumerations = (syntax?.enumerations ?? []).map {
      "\($0.value)|\($0.isWritable)|\($0.isOptional)|\($0.status as Any)|\($0.version as Any)|\($0.code as Any)"
    }
    return [
      item.path, item.kind.rawValue, "\(item.access as Any)", "\(item.table as Any)",
      "\(item.status as Any)", "\(item.version as Any)", "\(item.effectiveStatus)",
      "\(item.effectiveVersion as Any)", "\(item.isMandatory)", "\(item.isAsynchronous)",
      "\(item.activeNotify)", "\(item.isForcedInform)",
      item.parent.map { model.items[$0].path } ?? "", "\(syntax?.primitive as Any)",
      "\(syntax?.typeName as Any)", "\(syntax?.list as Any)", "\(syntax?.itemList as Any)",
      "\(syntax?.sizes as Any)", "\(syntax?.ranges as Any)", enumerations.joined(separator: "; "),
      "\(syntax?.patterns as Any)", "\(syntax?.units as Any)", "\(syntax?.references as Any)",
      "\(syntax?.isHidden as Any)", "\(syntax?.isSecured as Any)", "\(syntax?.isCommand as Any)",
      "\(syntax?.defaultValue as Any)",
    ]
  }

  private static func expectSame(_ one: DataModel, _ other: DataModel) {
    #expect(one.name == other.name)
    #expect(one.spec == other.spec)
    let first = one.items.map { facts($0, in: one) }.sorted { $0[0] < $1[0] }
    let second = other.items.map { facts($0, in: other) }.sorted { $0[0] < $1[0] }
    #expect(first.count == second.count)
    let differing = zip(first, second).filter { $0 != $1 }
    #expect(differing.isEmpty, "\(differing.prefix(2))")
    func profiles(_ model: DataModel) -> [[String]] {
      model.profiles.map { profile in
        [
          profile.name, "\(profile.includes)", "\(profile.version as Any)", "\(profile.status)",
          "\(profile.requirements)",
        ]
      }
    }
    #expect(profiles(one) == profiles(other))
  }

  /// Everything that the schema has, in one model.
  private static let rich = """
    <dataType name="Plain"><string><size maxLength="64"/><pattern value="a&lt;b&quot;*"/></string></dataType>
    <dataType name="Pair"><list minItems="2" maxItems="2"/><unsignedInt><range maxInclusive="9"/></unsignedInt></dataType>
    <dataType name="Level"><int><units value="dB"/></int></dataType>
    <model name="Device:2.5">
      <parameter name="DeviceSummary"><syntax><string/></syntax></parameter>
      <object name="Device." version="2.0">
        <parameter name="Count" activeNotify="canDeny"><syntax><unsignedInt/></syntax></parameter>
        <parameter name="Old" status="obsoleted" forcedInform="true"><syntax hidden="true"><string/></syntax></parameter>
        <parameter name="Go" access="readWrite"><syntax command="true"><boolean/>
          <default type="factory" value="false"/></syntax></parameter>
        <parameter name="A"><syntax><dataType ref="Plain"/></syntax></parameter>
        <parameter name="B"><syntax><dataType ref="Plain"><size minLength="1" maxLength="2"/></dataType></syntax></parameter>
        <parameter name="C"><syntax><list><size maxLength="99"/></list><dataType ref="Pair"/></syntax></parameter>
        <parameter name="D"><syntax><dataType ref="Pair"/></syntax></parameter>
        <parameter name="E"><syntax secured="true"><dataType ref="Level"><units value="dBm"/></dataType></syntax></parameter>
        <parameter name="F"><syntax><dataType ref="Level"/></syntax></parameter>
        <parameter name="G"><syntax><list nestedBrackets="required"/><string>
          <enumeration value="On &amp; on" code="1" access="readOnly" optional="true" status="deprecated" version="2.2"/>
          <enumeration value=""/></string><default type="object" value="[]"/></syntax></parameter>
        <parameter name="H"><syntax><decimal><range minInclusive="-0.5" maxInclusive="99999999999999999999" step="0.1"/>
          </decimal></syntax></parameter>
        <parameter name="I" access="readWrite"><syntax><string>
          <pathRef refType="strong" targetParent="#.Table. .Other." targetType="row" targetDataType="string"/>
          <enumerationRef targetParam="G" nullValue=""/></string></syntax></parameter>
      </object>
      <object name="Device.Table.{i}." access="readWrite" minEntries="0" maxEntries="unbounded"
          numEntriesParameter="Count" enableParameter="Enable" discriminatorParameter="Kind" version="2.3">
        <uniqueKey functional="false"><parameter ref="Name"/></uniqueKey>
        <uniqueKey functional="true"><parameter ref="Name"/><parameter ref="Enable"/></uniqueKey>
        <parameter name="Name" access="writeOnceReadOnly"><syntax><string/></syntax></parameter>
        <parameter name="Enable" access="readWrite"><syntax><boolean/></syntax></parameter>
        <command name="Test()" async="true" version="2.4"><input>
          <parameter name="Host" mandatory="true"><syntax><string/></syntax></parameter>
          <object name="Option.{i}." minEntries="0" maxEntries="4"><parameter name="Tag"><syntax><int/></syntax></parameter></object>
          </input><output><parameter name="Result"><syntax><dataType ref="Plain"/></syntax></parameter></output></command>
        <event name="Gone!"><parameter name="Why"><syntax><string/></syntax></parameter></event>
      </object>
      <object name="Device.Table.{i}.Sub." minEntries="0" maxEntries="1" status="deprecated"/>
      <profile name="Base:1" version="2.0"><object ref="Device." requirement="present">
        <parameter ref="Count" requirement="readOnly"/></object>
        <object ref="Device.Table.{i}." requirement="createDelete"><parameter ref="Name" requirement="readWrite"/>
        <command ref="Test()"/><event ref="Gone!"/></object></profile>
      <profile name="Base:2" base="Base:1" extends="Other:1" status="deprecated"/>
    </model>
    """

  @Test func aModelWithEverythingComesBack() throws {
    let model = try ModelText.model(Self.rich)
    let text = ModelExport(model).text
    Self.expectSame(model, try Self.compiled(text))
    #expect(model.items.contains { $0.path == "Device.Table.{i}.Test().Input.Option.{i}.Tag" })
  }

  @Test func theSameModelGivesTheSameText() throws {
    let model = try ModelText.model(Self.rich)
    let text = ModelExport(model).text
    #expect(ModelExport(model).text == text)
    #expect(ModelExport(try Self.compiled(text)).text == text)
  }

  @Test func everyItemHasALine() throws {
    let model = try ModelText.model(Self.rich)
    let lines = ModelExport(model).text.split(separator: "\n").map { $0.drop { $0 == " " } }
    let kinds = ["object", "parameter", "command", "event"]
    let named = lines.filter { line in kinds.contains { line.hasPrefix("<\($0) name=") } }
    #expect(named.count == model.items.count)
    for item in model.items where item.kind.isParameter {
      let name = item.path.split(separator: ".").last ?? ""
      #expect(
        named.count { $0.hasPrefix("<parameter name=\"\(name)\"") }
          == model.items.count { $0.kind.isParameter && $0.path.split(separator: ".").last == name },
        "\(item.path)")
    }
    #expect(
      lines.contains {
        $0.hasSuffix("<parameter name=\"A\"><syntax><dataType ref=\"Plain\"/></syntax></parameter>")
      })
  }

  @Test func thereIsNoProse() throws {
    let model = try ModelText.model(
      """
      <model name="Device:2.0"><description>Words.</description><object name="Device."><description>More words.
      </description><parameter name="A"><description>Words again.</description><syntax><string>
      <enumeration value="B"><description>Words as well.</description></enumeration></string></syntax></parameter>
      </object></model>
      """)
    #expect(!ModelExport(model).text.lowercased().contains("words"))
  }

  /// Types of which the users differ in what no type can give to one and not to the other.
  @Test func typesThatDifferAreStillTold() throws {
    let model = try ModelText.model(
      """
      <import file="other.xml" spec="urn:x"><component name="C"/></import>
      <dataType name="T"><string><size maxLength="4"/></string></dataType>
      <model name="Device:2.0"><object name="Device.">
      <parameter name="A"><syntax><dataType ref="T"/></syntax></parameter>
      <parameter name="B"><syntax><dataType ref="T"/></syntax></parameter><component ref="C"/></object></model>
      """,
      with: [
        (
          "other.xml",
          """
          <dataType name="T"><unsignedInt><range maxInclusive="7"/></unsignedInt></dataType>
          <component name="C"><parameter name="D"><syntax><dataType ref="T"/></syntax></parameter></component>
          """
        )
      ])
    let again = try Self.compiled(ModelExport(model).text)
    #expect(ModelTable(again).rows == ModelTable(model).rows)
  }

  private static let quotes = String(repeating: "&quot;", count: 16_000)

  /// What a model has in it that no published one would; not all of it is kept.
  private static let malformed: [String] = [
    // A mark that makes another character of the dot before it.
    "<object name=\"Device.\"><parameter name=\"&#x301;A\"/><parameter name=\"e&#x301;\"/></object>",
    "<object name=\"Device.\"/><profile name=\"P:1\"><object ref=\"Device.\"><parameter ref=\"&#x301;A\"/></object></profile>",
    "<object name=\"Device.\"/><profile name=\"P:1\" extends=\"A &#x301;B C&#13;&#10;D\"/>",
    // Rows before their table, and what is in them before both.
    "<object name=\"Device.\"/><object name=\"Device.T.{i}.\"/><object name=\"Device.T.\"/>",
    "<object name=\"Device.T.{i}.A.\"><parameter name=\"P\"/></object><object name=\"Device.T.{i}.\"/><object name=\"Device.T.\" version=\"2.1\"/><object name=\"Device.\" version=\"2.2\"/>",
    // Parameters and commands in what comes later.
    "<parameter name=\"Device.A.P\"/><command name=\"Device.A.C()\"><input><parameter name=\"B.Q\"/><object name=\"B.\"/></input></command><object name=\"Device.A.\"/><object name=\"Device.\"/>",
    "<object name=\"Device.\"><event name=\"E!\"><parameter name=\"A.B\"/><object name=\"A.{i}.\"/><object name=\"A.\"/></event></object>",
    // Profiles that nest in a way that none can, and refer to what is no path.
    "<object name=\"Device.\"/><profile name=\"P:1\">\((1...40).map { "<event ref=\"\(String(repeating: "!", count: $0))\"/>" }.joined())</profile>",
    "<object name=\"Device.\"/><profile name=\"P:1\"><object ref=\"A.\"/><parameter ref=\"A. B\"/><command ref=\"A()\"/><object ref=\"A(). &#9;.\"/></profile>",
    "<object name=\"Device.\"/><profile name=\"P:1\" base=\"A B\" extends=\"C C  D\"/>",
    // Values of which each byte takes six when it is written.
    "<object name=\"Device.\"><parameter name=\"A\"><syntax><string><pattern value=\"\(quotes)\"/><pathRef nullValue=\"\(quotes)\"/></string></syntax></parameter></object>",
    "<object name=\"Device.\" enableParameter=\"\(quotes)\"/><object base=\"Device.\" mountType=\"\(quotes)\"/><object base=\"Device.\" discriminatorParameter=\"\(quotes)\" numEntriesParameter=\"A\"/>",
    "<object name=\"Device.\"/><profile name=\"P:1\" extends=\"\(quotes)\"/>",
  ]

  @Test(arguments: malformed.indices)
  func malformedModelsComeBack(place: Int) throws {
    let (model, _) = try ModelText.compile([
      ("test.xml", "<model name=\"Device:2.0\">\(Self.malformed[place])</model>")
    ])
    let first = try #require(model)
    Self.expectSame(first, try Self.compiled(ModelExport(first).text))
  }

  @Test func aProfileThatIsExpandedTwiceIncludesTheSame() throws {
    let model = try ModelText.model(
      """
      <component name="C"><profile name="P:2" base="P:1" extends="Q:1"/></component>
      <model name="Device:2.0"><object name="Device."/><component ref="C"/><component ref="C"/></model>
      """)
    #expect(model.profiles.map(\.includes) == [["P:1", "Q:1"]])
    Self.expectSame(model, try Self.compiled(ModelExport(model).text))
  }

  private static let directory: URL? = {
    let path = ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"] ?? "../shared/data"
    let url = URL(fileURLWithPath: path).appendingPathComponent("models")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }()

  @Test(
    .enabled(if: directory != nil, "no published models here"),
    arguments: [
      "tr-181-2-19-1-cwmp-full.xml", "tr-181-2-19-1-usp-full.xml", "tr-098-1-8-0-full.xml",
      "tr-104-2-0-2-usp-full.xml", "tr-135-1-4-1-cwmp-full.xml", "tr-196-2-1-2-cwmp-full.xml",
    ])
  func publishedModelsComeBack(file: String) throws {
    let content = try Data(
      contentsOf: try #require(Self.directory).appendingPathComponent("full/\(file)"))
    var library = ModelLibrary()
    library.add(try ModelDocument(Array(content), file: file))
    let model = try #require(DataModel.compile(file, in: library).model)
    Self.expectSame(
      model,
      try Self.compiled(
        ModelExport(model).text, file: file.replacing("-full.xml", with: ".xml")))
  }
}
