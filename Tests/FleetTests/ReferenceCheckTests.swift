import DeviceModel
import Testing

@testable import Fleet

/// Orders that set references, against data models and trees.
@Suite struct ReferenceCheckTests {
  private static let model: DataModel? = {
    let text = """
      <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:broadband-forum-org:tr-181-2-1-0-cwmp">
      <model name="Device:2.1">
      <object name="Device." access="readOnly"/>
      <object name="Device.Radio.{i}." access="readOnly" minEntries="0" maxEntries="unbounded">
        <parameter name="Supported" access="readOnly"><syntax><list/><string/></syntax></parameter>
        <parameter name="Standards" access="readWrite"><syntax><list/><string>
          <enumerationRef targetParam="Supported"/></string></syntax></parameter>
        <parameter name="Mode" access="readWrite"><syntax><string>
          <enumerationRef targetParam="Supported" nullValue="Off"/></string></syntax></parameter>
      </object>
      <object name="Device.Radio.{i}.Key." access="readOnly">
        <parameter name="Mode" access="readWrite"><syntax><string>
          <enumerationRef targetParam="#.Supported"/></string></syntax></parameter>
      </object>
      <object name="Device.Link." access="readOnly"><parameter name="Modes"><syntax><list/><string/></syntax></parameter>
      </object>
      <object name="Device.Link.Port.{i}." access="readWrite" minEntries="0" maxEntries="unbounded">
        <parameter name="Mode" access="readWrite"><syntax><string>
          <enumerationRef targetParam="#.Modes"/></string></syntax></parameter>
        <parameter name="Of" access="readWrite"><syntax><string>
          <enumerationRef targetParam="Device.Radio.{i}.Supported"/></string></syntax></parameter>
        <parameter name="Radio" access="readWrite"><syntax><string>
          <pathRef refType="strong" targetParent=".Radio." targetType="row"/></string></syntax></parameter>
        <parameter name="Layers" access="readWrite"><syntax><list/><string>
          <pathRef refType="weak" targetParent=".Radio. #.Port." targetType="row"/></string></syntax></parameter>
        <parameter name="What" access="readWrite"><syntax><string>
          <pathRef refType="weak" targetParent=".Radio.{i}. .Link." targetType="parameter"/></string></syntax></parameter>
        <parameter name="Any" access="readWrite"><syntax><string>
          <pathRef refType="weak"/></string></syntax></parameter>
        <parameter name="Named" access="readWrite"><syntax><string><enumeration value="All"/>
          <pathRef refType="weak" targetParent=".Radio." targetType="row"/></string></syntax></parameter>
      </object>
      </model></dm:document>
      """
    var library = ModelLibrary()
    guard let document = try? ModelDocument(Array(text.utf8), file: "model.xml") else { return nil }
    library.add(document)
    return DataModel.compile("model.xml", in: library).model
  }()

  private static func problems(_ operation: Operation, _ tree: [String: String] = [:]) throws
    -> [Diagnostic]
  {
    operation.problems(
      by: DeviceKnowledge(model: try #require(model)) { path in
        tree[path].map {
          StoredParameter(path: path, value: $0, type: .string, writable: true, changedAt: 0)
        }
      })
  }

  private static func set(_ values: (String, String)...) -> Operation {
    .set(values.map { Assignment(path: $0.0, value: $0.1) })
  }

  // MARK: Values of another parameter

  private static let lists = [
    "Device.Radio.1.Supported": "a, b,n%2C2", "Device.Radio.2.Supported": "ax",
    "Device.Radio.3.Supported": "", "Device.Link.Modes": "fast,slow",
  ]

  @Test(arguments: [
    ("Device.Radio.1.Standards", "b,a"), ("Device.Radio.1.Standards", "n%2C2"),
    ("Device.Radio.1.Standards", ""), ("Device.Radio.2.Mode", "ax"),
    // What stands for none.
    ("Device.Radio.2.Mode", "Off"), ("Device.Radio.1.Key.Mode", "a"),
    // The device lists nothing, or nothing is known of it.
    ("Device.Radio.3.Mode", "?"), ("Device.Radio.4.Mode", "?"), ("Device.Radio.[cpe-1].Mode", "?"),
    ("Device.Radio.*.Mode", "?"),
    // Nobody says in which row.
    ("Device.Link.Port.1.Of", "?"),
  ])
  func whatTheDeviceHasIsTaken(path: String, value: String) throws {
    #expect(try Self.problems(Self.set((path, value)), Self.lists) == [])
  }

  @Test(arguments: [
    ("Device.Radio.1.Standards", "a,ax", "“ax” is not among", "it has “a”, “b”, “n,2”"),
    ("Device.Radio.2.Mode", "a", "in Device.Radio.2.Supported", "it has “ax”, and “Off” for none"),
    ("Device.Radio.1.Key.Mode", "ax", "in Device.Radio.1.Supported", "“a”"),
    ("Device.Radio.1.Key.Mode", "Off", "“Off” is not among", "“a”"),
    ("Device.Link.Port.7.Mode", "Fast", "in Device.Link.Modes", "it has “fast”, “slow”"),
  ])
  func whatTheDeviceDoesNotHaveIsTold(
    path: String, value: String, message: String, hint: String
  ) throws {
    let problems = try Self.problems(Self.set((path, value)), Self.lists)
    #expect(problems.count == 1)
    #expect(problems.first?.field == "values[0].value")
    #expect(problems.first?.message.contains(message) == true, "\(problems)")
    #expect(problems.first?.hint?.contains(hint) == true, "\(problems)")
  }

  @Test func whatIsSetTogetherIsSeenTogether() throws {
    let both = Self.set(("Device.Link.Modes", "new"), ("Device.Link.Port.1.Mode", "new"))
    let problems = try Self.problems(both, Self.lists)
    #expect(!problems.contains { $0.message.contains("not among") }, "\(problems)")
  }

  @Test func whatTheDeviceHasItselfIsRight() throws {
    var tree = Self.lists
    tree["Device.Radio.2.Mode"] = "own"
    #expect(try Self.problems(Self.set(("Device.Radio.2.Mode", "own")), tree) == [])
    #expect(try Self.problems(Self.set(("Device.Radio.2.Mode", "owl")), tree).count == 1)
  }

  @Test func rowsThatAreAddedReferToWhatIsAboveThem() throws {
    func add(_ value: String) -> Operation {
      .add(object: "Device.Link.Port.", values: [Assignment(path: "Mode", value: value)])
    }
    #expect(try Self.problems(add("slow"), Self.lists) == [])
    #expect(try Self.problems(add("slower"), Self.lists).map(\.field) == ["values[0].value"])
    #expect(try Self.problems(add("slower")) == [])
  }

  // MARK: Paths

  @Test(arguments: [
    ("Radio", ""), ("Radio", "Device.Radio.1"), ("Radio", "Device.Radio.[cpe-1]"),
    ("Radio", "Device.X_ACME_Radio.1"), ("Layers", "Device.Radio.1,Device.Link.Port.3"),
    ("Layers", ""), ("What", "Device.Radio.3.Supported"), ("What", "Device.Link.Modes"),
    ("Any", "Device.Link"), ("Any", "Device.Nothing.9.Here"), ("Named", "All"),
  ])
  func pathsThatFitAreTaken(name: String, value: String) throws {
    #expect(try Self.problems(Self.set(("Device.Link.Port.1." + name, value))) == [])
  }

  @Test(arguments: [
    ("Radio", "Device.Link.Port.1", "not where this may lead", "a row of Device.Radio."),
    ("Radio", "Device.Radio.Main", "not where this may lead", "a row of Device.Radio."),
    ("Radio", "Device.Radio.1.Key", "not where this may lead", "a row of Device.Radio."),
    ("Radio", "Device.Radio.1.", "ends in a dot", "leave out the dot"),
    ("Radio", "Radio.1", "is no path", "write it in full, from Device. on: it is in Device.Radio."),
    ("Radio", "InternetGatewayDevice.Radio.1", "is no path", "from Device."),
    ("Radio", "Device..1", "is no path", "from Device."),
    ("Radio", "eth0", "is no path", "from Device."), ("Any", "eth0", "is no path", "from Device."),
    (
      "Layers", "Device.Radio.1,Device.Radio", "“Device.Radio” is not where",
      "a row of Device.Radio., Device.Link.Port."
    ),
    ("What", "Device.Link.Port.1.Mode", "not where", "in Device.Radio.{i}., Device.Link."),
  ])
  func pathsThatDoNotFitAreTold(
    name: String, value: String, message: String, hint: String
  ) throws {
    let problems = try Self.problems(Self.set(("Device.Link.Port.1." + name, value)))
    #expect(problems.contains { $0.message.contains(message) }, "\(problems)")
    #expect(problems.contains { $0.hint?.contains(hint) == true }, "\(problems)")
    #expect(problems.allSatisfy { $0.field == "values[0].value" })
  }

  @Test func aDeviceMayWriteItsPathsInItsOwnWay() throws {
    let path = "Device.Link.Port.1.Radio"
    let dotted = [path: "Device.Radio.1."]
    #expect(try Self.problems(Self.set((path, "Device.Radio.2.")), dotted) == [])
    #expect(try Self.problems(Self.set((path, "Device.Link.Port.2.")), dotted).count == 1)
    let elsewhere = [path: "Device.Other.1"]
    #expect(try Self.problems(Self.set((path, "Device.Other.2")), elsewhere) == [])
    #expect(try Self.problems(Self.set((path, "Device.Third.2")), elsewhere).count == 1)
  }

  @Test func fewProblemsOfALongListAreTold() throws {
    let many = (1...50).map { "Device.Else.\($0)" }.joined(separator: ",")
    #expect(try Self.problems(Self.set(("Device.Link.Port.1.Layers", many))).count == 3)
    let values = (1...50).map { "v\($0)" }.joined(separator: ",")
    #expect(
      try Self.problems(Self.set(("Device.Radio.1.Standards", values)), Self.lists).count == 3)
  }
}
