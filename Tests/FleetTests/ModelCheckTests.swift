import DeviceModel
import Testing

@testable import Fleet

/// Orders against data models and trees.
@Suite struct ModelCheckTests {
  private static let model: DataModel? = {
    let text = """
      <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:broadband-forum-org:tr-181-2-1-0-cwmp">
      <model name="Device:2.1">
      <object name="Device." access="readOnly"/>
      <object name="Device.Time." access="readOnly">
        <parameter name="Enable" access="readWrite"><syntax><boolean/></syntax></parameter>
        <parameter name="Server1" access="readWrite" status="deleted"><syntax><string/></syntax></parameter>
        <parameter name="Status" access="readOnly"><syntax><string/></syntax></parameter>
        <parameter name="Interval" access="readWrite"><syntax><unsignedInt>
          <range minInclusive="60"/><units value="seconds"/></unsignedInt></syntax></parameter>
        <parameter name="Servers" access="readWrite"><syntax><list maxItems="2"/><string/></syntax></parameter>
      </object>
      <object name="Device.Row.{i}." access="readWrite" minEntries="0" maxEntries="unbounded">
        <parameter name="Name" access="readWrite"><syntax><string><size maxLength="4"/></string></syntax></parameter>
        <parameter name="Alias" access="writeOnceReadOnly"><syntax><string/></syntax></parameter>
      </object>
      <object name="Device.Fixed.{i}." access="readOnly" minEntries="2" maxEntries="2"/>
      </model></dm:document>
      """
    var library = ModelLibrary()
    guard let document = try? ModelDocument(Array(text.utf8), file: "model.xml") else { return nil }
    library.add(document)
    return DataModel.compile("model.xml", in: library).model
  }()

  private static func problems(
    _ operation: Operation, tree: [StoredParameter] = []
  ) throws -> [Diagnostic] {
    let tree = Dictionary(tree.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    return operation.problems(
      by: DeviceKnowledge(model: try #require(model)) { tree[$0] })
  }

  private static func set(_ path: String, _ value: String, _ type: ParameterType? = nil)
    -> Operation
  {
    .set([Assignment(path: path, value: value, type: type)])
  }

  @Test(arguments: [
    set("Device.Time.Enable", "true"), set("Device.Time.Interval", "60", .unsignedInt),
    set("Device.Time.Servers", "a,b"), set("Device.Row.7.Name", "abcd"),
    set("Device.Row.[cpe-1].Name", ""), set("Device.X_EXAMPLE_Thing.Value", "?"),
    set("Device.Time.X_EXAMPLE", "?"), set("InternetGatewayDevice.Time.Enable", "true"),
    .add(object: "Device.Row.", values: [Assignment(path: "Alias", value: "a")]),
    .delete(object: "Device.Row.3."),
    .setAttributes([AttributeChange(path: "Device.Time.Status", notification: .active)]),
    .setAttributes([AttributeChange(path: "Device.Row.", notification: .active)]),
    .setAttributes([AttributeChange(path: "Device.Time.", notification: .active)]), .reboot,
  ])
  func whatFitsIsTaken(operation: Operation) throws {
    #expect(try Self.problems(operation) == [])
  }

  @Test(
    arguments: [
      (set("Device.Time.Enable", "yes"), "values[0].value", "“yes” is not a boolean", "boolean"),
      (
        set("Device.Time.Interval", "59"), "values[0].value", "59 is not at least 60",
        "unsignedInt at least 60, in seconds"
      ),
      (
        set("Device.Time.Interval", "60", .string), "values[0].type", "is of the type unsignedInt",
        "leave"
      ),
      (set("Device.Time.Servers", "a,b,c"), "values[0].value", "3 items, not at most 2", "list"),
      (set("Device.Time.Status", "Up"), "values[0].path", "can only be read", ""),
      (set("Device.Time.Server1", "a"), "values[0].path", "was deleted from the data model", ""),
      (set("Device.Row.1.Alias", "b"), "values[0].path", "only while its row is added", ""),
      (
        set("Device.Time.Intervall", "60"), "values[0].path",
        "has no “Intervall” in “Device.Time.”",
        "“Device.Time.Interval” is meant?"
      ),
      (set("Device.Tmie.Enable", "1"), "values[0].path", "no “Tmie” in “Device.”", "Device.Time"),
      (
        .add(object: "Device.Row.", values: [Assignment(path: "Name", value: "abcde")]),
        "values[0].value", "has 5 characters", "at most 4"
      ),
      (
        .add(object: "Device.Row.", values: [Assignment(path: "Nmae", value: "")]),
        "values[0].path",
        "no “Nmae”", "Name"
      ),
      (.add(object: "Device.Fixed.", values: []), "object", "the device's own to add", ""),
      (.add(object: "Device.Time.", values: []), "object", "has no rows", ""),
      (.add(object: "Device.Rows.", values: []), "object", "no “Rows”", "Device.Row"),
      (.delete(object: "Device.Fixed.1."), "object", "the device's own to remove", ""),
      (
        .setAttributes([AttributeChange(path: "Device.Time.Stats", notification: .active)]),
        "attributes[0].path", "no “Stats”", "Status"
      ),
    ] as [(Operation, String, String, String)])
  func whatDoesNotFitIsTold(
    operation: Operation, field: String, message: String, hint: String
  ) throws {
    let problems = try Self.problems(operation)
    #expect(problems.count == 1)
    let problem = try #require(problems.first)
    #expect(problem.field == field)
    #expect(problem.message.contains(message), "\(problem)")
    #expect((problem.hint ?? "").contains(hint), "\(problem)")
  }

  @Test func whatTheDeviceHasShownCountsMore() throws {
    let tree = [
      StoredParameter(
        path: "Device.Time.Status", value: "", type: .string, writable: true, changedAt: 0),
      StoredParameter(
        path: "Device.Time.Enable", value: "", type: .boolean, writable: false, changedAt: 0),
      StoredParameter(
        path: "Device.Time.Own", value: "", type: .int, writable: true, changedAt: 0),
    ]
    #expect(try Self.problems(Self.set("Device.Time.Status", "Up"), tree: tree) == [])
    #expect(try Self.problems(Self.set("Device.Time.Own", "1"), tree: tree) == [])
    let older = StoredParameter(
      path: "Device.Time.Server1", value: "", type: .string, writable: true, changedAt: 0)
    #expect(try Self.problems(Self.set("Device.Time.Server1", "a"), tree: [older]) == [])
    #expect(
      try Self.problems(Self.set("Device.Time.Enable", "1"), tree: tree).map(\.message)
        == ["“Device.Time.Enable” can only be read on this device."])
  }

  @Test func typesComeFromTheModelWhereNobodyNamesThem() throws {
    let model = try #require(Self.model)
    let operation = Operation.set([
      Assignment(path: "Device.Time.Interval", value: "60"),
      Assignment(path: "Device.Time.Servers", value: "a"),
      Assignment(path: "Device.Time.Unknown", value: "a"),
      Assignment(path: "Device.Time.Enable", value: "1", type: .string),
    ])
    guard case .set(let values) = operation.typed(by: model) else { return }
    #expect(values.map(\.type) == [.unsignedInt, .string, nil, .string])
    let added = Operation.add(
      object: "Device.Row.", values: [Assignment(path: "Name", value: "a")])
    guard case .add(_, let names) = added.typed(by: model) else { return }
    #expect(names.map(\.type) == [.string])
  }

  @Test func theDevicesTypeComesFirstUnlessSomebodyInsists() {
    let value = Assignment(path: "Device.A", value: "1", type: .int)
    #expect(value.writtenType(onDevice: .unsignedInt) == .unsignedInt)
    #expect(value.writtenType(onDevice: nil) == .int)
    guard
      case .set(let forced) = Operation.set([value, Assignment(path: "Device.B", value: "")]).forced
    else { return }
    #expect(forced[0].writtenType(onDevice: .unsignedInt) == .int)
    #expect(forced[1].writtenType(onDevice: .unsignedInt) == .unsignedInt)
  }

  @Test func whatIsForcedStaysSoInTheDatabase() throws {
    let operation = Operation.set([
      Assignment(path: "Device.A", value: "1", type: .int, isForced: true),
      Assignment(path: "Device.B", value: "2"),
    ])
    let json = try operation.argumentsJSON()
    #expect(try Operation(kind: .set, argumentsJSON: json) == operation)
    #expect(!String(decoding: json, as: UTF8.self).contains("false"))
  }
}
