import DeviceModel
import Foundation
import ManagementTypes
import Testing

@testable import OperatorCommands

/// Data models on the command line.
@Suite struct ModelTests {
  private static let document = """
    <?xml version="1.0"?>
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:acme:acme-1-0">
    <model name="Device:2.1"><object name="Device."/>
    <object name="Device.Led.{i}." access="readWrite" minEntries="0" maxEntries="4" numEntriesParameter="LedCount"
      enableParameter="Enable" version="2.1"><description>What shines.

      And blinks.</description><uniqueKey functional="true"><parameter ref="Colour"/></uniqueKey>
    <parameter name="Enable" access="readWrite"><syntax><boolean/><default type="object" value="false"/></syntax></parameter>
    <parameter name="Colour" access="readWrite" activeNotify="canDeny"><description>Which colour.</description><syntax>
      <string><enumeration value="Red"><description>Like blood.</description></enumeration>
      <enumeration value="None" access="readOnly"/></string></syntax></parameter>
    <parameter name="Next"><syntax><string><pathRef refType="strong" targetParent="#.Led." targetType="row"/></string></syntax>
    </parameter></object>
    <profile name="Led:1"><object ref="Device.Led.{i}." requirement="createDelete">
    <parameter ref="Colour" requirement="readWrite"/></object></profile></model></dm:document>
    """

  private static func model() throws -> DataModel {
    var library = ModelLibrary()
    library.add(try ModelDocument(Array(document.utf8), file: "acme.xml"))
    return try #require(DataModel.compile("acme.xml", in: library).model)
  }

  private static func lines(_ path: String, isRecursive: Bool = false, width: Int? = nil) throws
    -> [String]
  {
    let model = try model()
    let item = ModelItemDetail(
      try #require(model.browse(path)), of: model, isRecursive: isRecursive)
    return ModelText.lines(item, model: "acme-1-0", isRecursive: isRecursive, width: width)
  }

  @Test func anObjectIsExplained() throws {
    #expect(
      try Self.lines("Device.Led") == [
        "PATH:        Device.Led.{i}.", "KIND:        object, table of 0 to 4 rows",
        "ACCESS:      rows can be added and deleted", "KEYS:        Colour (of enabled rows)",
        "COUNTED BY:  LedCount", "ENABLED BY:  Enable", "SINCE:       2.1",
        "PROFILES:    Led:1", "MODEL:       acme-1-0", "", "DESCRIPTION:", "  What shines.", "",
        "  And blinks.", "",
        "NAME     ACCESS        TYPE            WHAT",
        "Enable   read, write   boolean",
        "Colour   read, write   string, “Red”   Which colour.",
        "Next     read          string",
      ])
  }

  @Test func aParameterIsExplained() throws {
    #expect(
      try Self.lines("Device.Led.1.Colour") == [
        "PATH:        Device.Led.{i}.Colour", "KIND:        parameter",
        "TYPE:        string, one of the values below", "ACCESS:      read and write",
        "NOTIFY:      the device may refuse to report changes at once", "SINCE:       2.1",
        "PROFILES:    Led:1", "MODEL:       acme-1-0", "", "DESCRIPTION:", "  Which colour.", "",
        "VALUES:", "  Red", "      Like blood.", "  None (only reported)",
      ])
    let next = try Self.lines("Device.Led.*.Next")
    #expect(next.contains("REFERENCE:   the path of a row in Device.Led. (cleared when that goes)"))
  }

  @Test func allThatIsInsideIsATree() throws {
    #expect(
      try Self.lines("Device.", isRecursive: true).suffix(4) == [
        "Led.{i}.", "  Enable  <boolean> rw", "  Colour  <string, “Red”> rw", "  Next  <string>",
      ])
  }

  @Test func linesFitTheScreen() throws {
    for width in [40, 60, 80] {
      for path in ["Device.Led", "Device.Led.1.Colour"] {
        let long = try Self.lines(path, width: width).filter { DisplayText.width($0) > width }
        #expect(long.isEmpty, "\(width): \(long)")
      }
    }
  }

  @Test func textIsWrappedBetweenWords() {
    #expect(
      ParagraphText.lines(
        "one two three four five six\n- seven eight nine ten", indent: 2, width: 22)
        == ["  one two three four", "  five six", "  - seven eight nine", "    ten"])
    #expect(ParagraphText.lines("a\u{1B}b", indent: 0, width: nil) == ["a\\u{1B}b"])
    let endless = String(repeating: "x", count: 100)
    #expect(ParagraphText.lines(endless, indent: 0, width: 30) == [endless])
  }

  // MARK: Completion

  @Test func pathsAreCompletedOneLevelAtATime() {
    #expect(PathCompletion.candidates(for: "") == ["Device.", "InternetGatewayDevice."])
    #expect(PathCompletion.candidates(for: "Int") == ["InternetGatewayDevice."])
    #expect(
      PathCompletion.candidates(for: "Device.WiFi.SSI") == [
        "Device.WiFi.SSID.", "Device.WiFi.SSIDNumberOfEntries",
      ])
    #expect(
      PathCompletion.candidates(for: "Device.WiFi.SSID.").contains("Device.WiFi.SSID.1.Enable"))
    #expect(
      PathCompletion.candidates(for: "Device.WiFi.SSID.12").contains("Device.WiFi.SSID.12.Enable"))
    #expect(
      PathCompletion.candidates(for: "Device.WiFi.SSID.3.LowerL")
        == ["Device.WiFi.SSID.3.LowerLayers"])
    #expect(PathCompletion.candidates(for: "Device.Nothing.").isEmpty)
    #expect(PathCompletion.candidates(for: "elsewhere").isEmpty)
  }

  /// Else the shell would take the object for the whole word.
  @Test func theOnlyObjectIsOfferedWithWhatIsInIt() {
    let found = PathCompletion.candidates(for: "Device.DeviceI")
    #expect(found.count > 10 && found.allSatisfy { $0.hasPrefix("Device.DeviceInfo.") })
    #expect(found.contains("Device.DeviceInfo.SoftwareVersion"))
  }

  @Test func onlyWhatCanBeWrittenIsOfferedForWriting() {
    #expect(
      PathCompletion.candidates(for: "Device.ManagementServer.Periodic", isAssignment: true)
        .contains("Device.ManagementServer.PeriodicInformInterval="))
    #expect(
      PathCompletion.candidates(for: "Device.DeviceInfo.SoftwareV", isAssignment: true).isEmpty)
    let interval = "Device.ManagementServer.PeriodicInform"
    #expect(
      PathCompletion.candidates(for: interval + "En", isAssignment: true)
        == [interval + "Enable=false", interval + "Enable=true"])
    #expect(
      PathCompletion.candidates(for: interval + "Enable=t", isAssignment: true)
        == [interval + "Enable=true"])
  }

  // MARK: Which model

  private static func detail(
    _ name: String, _ model: String, spec: String, commands: Int = 0, hasDescriptions: Bool = false
  ) -> ModelDetail {
    ModelDetail(
      name: name, model: model, spec: spec, origin: "shipped", objects: 1, parameters: 1,
      commands: commands, events: 0, profiles: 0, hasDescriptions: hasDescriptions)
  }

  @Test(arguments: [
    ("Device.WiFi.", "new"), ("", "new"), ("wifi", "new"), ("Device.Reboot()", "usp"),
    ("Device.Boot!", "usp"), ("InternetGatewayDevice.", "igd"),
  ])
  func theNewestThatFitsThePathIsTaken(path: String, expected: String) {
    let bbf = "urn:broadband-forum-org:tr-181-2-"
    let models = [
      Self.detail("old", "Device:2.9", spec: bbf + "9-0", hasDescriptions: true),
      Self.detail("plain", "Device:2.19", spec: bbf + "19-1-cwmp"),
      Self.detail("new", "Device:2.19", spec: bbf + "19-1-cwmp", hasDescriptions: true),
      Self.detail("usp", "Device:2.19", spec: bbf + "19-1-usp", commands: 1),
      Self.detail(
        "igd", "InternetGatewayDevice:1.14", spec: "urn:broadband-forum-org:tr-098-1-8-0"),
      Self.detail("vendor", "Device:9.9", spec: "urn:acme:tr-181-9-9"),
    ]
    #expect(ModelChoice(path).choose(among: models) == expected)
    #expect(ModelChoice(path).choose(among: [models[5]]) == nil)
  }

  @Test func oneComesWithTheProgramForEach() {
    #expect(ModelChoice("Device.").shipped == "tr-181-2-19-1-cwmp")
    #expect(ModelChoice("Device.Reboot()").shipped == "tr-181-2-19-1-usp")
    #expect(ModelChoice("InternetGatewayDevice.").shipped == "tr-098-1-8-0")
  }

  // MARK: With a server

  private static func written(_ text: String) throws -> (directory: URL, file: String) {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("fairlead-models-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let file = directory.appendingPathComponent("acme.xml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return (directory, file.path)
  }

  @Test func documentsAreSentWithTheirNames() async throws {
    let (directory, file) = try Self.written(Self.document)
    defer { try? FileManager.default.removeItem(at: directory) }
    let model = try Self.model()
    let answer = ModelImported(
      outcome: "created", model: ModelDetail(CatalogedModel(model, origin: .imported)),
      diagnostics: [.init(severity: "warning", message: "m", line: 3, file: "acme.xml")])
    let server = try StubServer([
      "POST /api/v1/models?name=mine ": .init(
        status: 201, body: String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    ])
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: [
        "model", "import", file, "--as", "mine", "--server", "http://127.0.0.1:\(server.port)",
      ])
    #expect(code == 0)
    let received = try #require(server.received.first)
    let body = try #require(received.firstRange(of: "\r\n\r\n")).upperBound
    let sent = try JSONDecoder().decode(NewModel.self, from: Data(received[body...].utf8))
    #expect(sent.files.map(\.name) == ["acme.xml"])
    #expect(sent.files.first?.content == Data(Self.document.utf8))
  }

  @Test func whatIsNoDocumentIsNotSent() async throws {
    let (directory, file) = try Self.written("<html/>")
    defer { try? FileManager.default.removeItem(at: directory) }
    let server = try StubServer([:])
    defer { server.stop() }
    let code = await Acsctl.run(
      arguments: ["model", "import", file, "--server", "http://127.0.0.1:\(server.port)"])
    #expect(code == 2)
    #expect(server.received.isEmpty)
  }

  @Test func withoutAServerWhatComesWithTheProgramServes() async throws {
    let server = try StubServer([:])
    let port = server.port
    server.stop()
    let unreachable = ["--server", "http://127.0.0.1:\(port)"]
    let known = await Acsctl.run(
      arguments: ["explain", "Device.WiFi.SSID.1.Enable"] + unreachable)
    #expect(known == 0)
    let unknown = await Acsctl.run(arguments: ["explain", "Device.Nothing"] + unreachable)
    #expect(unknown == 5)
    let named = await Acsctl.run(
      arguments: ["explain", "Device.", "--model", "none"] + unreachable)
    #expect(named == 3)
  }

  @Test func aFileNeedsNoServer() async throws {
    let (directory, file) = try Self.written(Self.document)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (arguments, expected) in [
      (["explain", "Device.Led.1.Colour", "--file", file], Int32(0)),
      (["explain", "Device.Lad.1.Colour", "--file", file], 5),
      (["model", "search", "colour", "--file", file], 0),
      (["model", "export", file, "--output", directory.appendingPathComponent("o.xml").path], 0),
    ] {
      #expect(await Acsctl.run(arguments: arguments) == expected, "\(arguments)")
    }
    let exported = try String(
      contentsOf: directory.appendingPathComponent("o.xml"), encoding: .utf8)
    #expect(exported == DeviceModel.ModelExport(try Self.model()).text)
  }

  @Test func linesOfASearchEndWithTheScreen() {
    var table = TextTable("PATH", "WHAT")
    table.add("Device.Led.{i}.Colour", String(repeating: "word ", count: 40))
    for width in [20, 40, 80] {
      let lines = table.lines(width: width)
      #expect(lines.allSatisfy { DisplayText.width($0) <= width }, "\(lines)")
      #expect(lines.last?.hasSuffix("…") == true)
    }
    #expect(table.lines().last?.hasSuffix("word ") == true)
  }

  @Test func theModelOfADeviceIsTheServersChoice() async throws {
    let chosen = ChosenModelDetail(
      name: "acme-1-0", version: "Device:2.1", reason: ModelReason(.switches, "because"))
    let model = try Self.model()
    let item = ModelItemDetail(
      try #require(model.browse("Device.Led")), of: model, isRecursive: false)
    func json(_ value: some Encodable) throws -> StubServer.Answer {
      .init(body: String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
    }
    let server = try StubServer([
      "GET /api/v1/devices/N/model ": try json(chosen),
      "GET /api/v1/models/acme-1-0?path=": try json(item),
    ])
    defer { server.stop() }
    let address = ["--server", "http://127.0.0.1:\(server.port)"]
    #expect(
      await Acsctl.run(arguments: ["explain", "Device.Led.", "--device", "N"] + address) == 0)
    #expect(server.received.count == 2)
    let mistaken = ["explain", "Device.Led.", "--device", "N", "--model", "m"]
    #expect(await Acsctl.run(arguments: mistaken + address) == 2)
  }

  @Test func aFileIsComparedWithAModelOfTheServer() async throws {
    let (directory, file) = try Self.written(Self.document)
    defer { try? FileManager.default.removeItem(at: directory) }
    let outline = ModelOutline(CatalogedModel(try Self.model(), name: "m", origin: .imported))
    var other = outline
    other.items["Device.Led.{i}.Next"] = nil
    func diff(_ answers: [String: StubServer.Answer], _ words: String...) async throws -> Int32 {
      let server = try StubServer(answers)
      defer { server.stop() }
      return await Acsctl.run(
        arguments: ["model", "diff"] + words + ["--server", "http://127.0.0.1:\(server.port)"])
    }
    for (known, code) in [(outline, Int32(0)), (other, 1)] {
      let answer = StubServer.Answer(
        body: String(decoding: try JSONEncoder().encode(known), as: UTF8.self))
      let answers = ["GET /api/v1/models/m/outline ": answer]
      #expect(try await diff(answers, file, "m") == code)
      #expect(try await diff(answers, "m", file) == code)
    }
    #expect(try await diff([:], file, "m") == CommandFailure.Kind.notFound.rawValue)
    let refused = StubServer.Answer(
      status: 401,
      body: #"{"type":"t","title":"T","status":401,"code":"unauthorized","detail":"D"}"#)
    let closed = ["GET /api/v1/models/": refused]
    // What comes with the program serves where nobody is let in.
    #expect(try await diff(closed, file, "tr-098-1-8-0") == 1)
    #expect(try await diff(closed, file, "m") == CommandFailure.Kind.unauthorized.rawValue)
  }
}
