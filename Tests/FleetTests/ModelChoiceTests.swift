import DeviceModel
import Testing

@testable import Fleet

/// By which data model a device is understood.
@Suite struct ModelChoiceTests {
  private static let uuid = "3f2a9c1e-0000-4000-8000-00000000b0c5"

  /// - Parameters:
  ///   - spec: the document's URN.
  ///   - body: what the model has besides its root.
  private static func model(_ spec: String, root: String = "Device.", _ body: String = "")
    -> DataModel?
  {
    let text = """
      <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="\(spec)">
      <model name="\(root.dropLast()):2.1"><object name="\(root)">\(body)</object></model></dm:document>
      """
    return compile([("model.xml", text)])
  }

  private static func compile(_ documents: [(file: String, text: String)]) -> DataModel? {
    var library = ModelLibrary()
    for (file, text) in documents {
      guard let document = try? ModelDocument(Array(text.utf8), file: file) else { return nil }
      library.add(document)
    }
    return documents.last.flatMap { DataModel.compile($0.file, in: library).model }
  }

  private static let deviceType = compile([
    (
      "base.xml",
      """
      <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="urn:acme:base-1-0">
      <model name="Device:2.1"><object name="Device."><parameter name="A"><syntax><int/></syntax></parameter>
      <parameter name="B"><syntax><int/></syntax></parameter></object></model></dm:document>
      """
    ),
    (
      "box.xml",
      """
      <dt:document xmlns:dt="urn:broadband-forum-org:cwmp:devicetype-1-3" deviceType="https://acme.example/box.xml"
        uuid="\(uuid)"><import file="base.xml" spec="urn:acme:base-1-0"><model name="Device:2.1"/></import>
      <model ref="Device:2.1"><object ref="Device." access="readOnly" minEntries="1" maxEntries="1">
      <parameter ref="A" access="readOnly"/></object></model></dt:document>
      """
    ),
  ])

  private static func catalog() throws -> ModelCatalog {
    let parameter = #"<parameter name="A"><syntax><int/></syntax></parameter>"#
    return ModelCatalog([
      CatalogedModel(
        try #require(model("urn:broadband-forum-org:tr-181-2-19-1-cwmp", parameter)),
        origin: .shipped),
      CatalogedModel(
        try #require(model("urn:broadband-forum-org:tr-181-2-9-0-cwmp", parameter)),
        origin: .imported),
      CatalogedModel(
        try #require(
          model("urn:broadband-forum-org:tr-181-2-19-1-usp", #"<command name="Reboot()"/>"#)),
        origin: .shipped),
      CatalogedModel(
        try #require(model("urn:acme:own-1-0", parameter)), name: "own", origin: .imported),
      CatalogedModel(
        try #require(model("urn:acme:voice-1-0", root: "VoiceService.", parameter)), name: "voice",
        origin: .imported),
      CatalogedModel(try #require(deviceType), name: "box", origin: .imported),
    ])
  }

  private static func choice(
    named: String? = nil, _ announced: [AnnouncedModel] = [], root: String = "Device.",
    protocolName: String = "cwmp"
  ) throws -> (chosen: ChosenModel?, remarks: [String]) {
    try catalog().model(
      root: root, protocolName: protocolName,
      named: named.map { .init(model: $0, document: "makers") }, announced: announced)
  }

  private static func row(url: String = "", urn: String? = nil, uuid: String? = nil)
    -> AnnouncedModel
  {
    AnnouncedModel(url: url, urn: urn, uuid: uuid, features: nil)
  }

  @Test func withoutAWordItIsTheNewestPublishedOne() throws {
    #expect(try Self.choice().chosen?.model.name == "tr-181-2-19-1-cwmp")
    #expect(try Self.choice().chosen?.reason.kind == .newest)
    #expect(try Self.choice(protocolName: "usp").chosen?.model.name == "tr-181-2-19-1-usp")
    let none = try Self.choice(root: "InternetGatewayDevice.")
    #expect(none.chosen == nil && none.remarks == [])
  }

  @Test func anImportedOneUnderANameOfItsOwnIsForNobodyElse() throws {
    let claimed = try #require(
      Self.model(
        "urn:broadband-forum-org:tr-181-2-99-0-cwmp",
        #"<parameter name="A"><syntax><int/></syntax></parameter>"#))
    for (name, chosen) in [("maker", "tr-181-2-19-1-cwmp"), (nil, "tr-181-2-99-0-cwmp")] {
      let catalog = ModelCatalog(
        try Self.catalog().models + [CatalogedModel(claimed, name: name, origin: .imported)])
      #expect(catalog.model(root: "Device.", protocolName: "cwmp")?.name == chosen)
    }
  }

  @Test func switchesComeBeforeWhatTheDeviceAnnounces() throws {
    let (chosen, remarks) = try Self.choice(named: "own", [Self.row(uuid: Self.uuid)])
    #expect(chosen?.model.name == "own")
    #expect(chosen?.reason == ModelReason(.switches, "the switches “makers” name it"))
    #expect(remarks == [])
  }

  @Test func aNameThatIsNotKnownIsToldAndPassedOver() throws {
    let (chosen, remarks) = try Self.choice(named: "gone", [Self.row(uuid: Self.uuid)])
    #expect(chosen?.model.name == "box")
    #expect(chosen?.reason.kind == .announced)
    #expect(chosen?.reason.remarks == remarks)
    #expect(remarks.count == 1 && remarks.first?.contains("“gone”") == true)
    let other = try Self.choice(named: "gone", root: "InternetGatewayDevice.")
    #expect(other.chosen == nil && other.remarks.count == 1)
  }

  @Test(arguments: [
    (row(uuid: uuid), "box"), (row(uuid: uuid.uppercased()), "box"),
    (row(url: "https://acme.example/box.xml"), "box"), (row(urn: "urn:acme:own-1-0"), "own"),
    (row(urn: "urn:broadband-forum-org:tr-181-2-9-0-cwmp"), "tr-181-2-9-0-cwmp"),
    // TR-181 writes them without the protocol.
    (row(urn: "urn:broadband-forum-org:tr-181-2-9-0"), "tr-181-2-9-0-cwmp"),
  ])
  func aDeviceIsBelieved(announced: AnnouncedModel, name: String) throws {
    let chosen = try #require(try Self.choice([Self.row(urn: "urn:x:y"), announced]).chosen)
    #expect(chosen.model.name == name)
    #expect(chosen.reason.kind == .announced)
  }

  @Test(arguments: [
    row(urn: "urn:broadband-forum-org:tr-181-2-9-1"), row(url: "box.xml"), row(uuid: ""),
    row(urn: ""), row(urn: "urn:acme:voice-1-0"),
    row(urn: "urn:broadband-forum-org:tr-181-2-19-1-usp"),
  ])
  func whatIsNotMeantIsNotTaken(announced: AnnouncedModel) throws {
    #expect(try Self.choice([announced]).chosen?.reason.kind == .newest)
  }

  @Test func whatDescribesTheTypeComesBeforeWhatItIsMadeFrom() throws {
    let both = [
      Self.row(urn: "urn:broadband-forum-org:tr-181-2-9-0"), Self.row(uuid: Self.uuid),
    ]
    #expect(try Self.choice(both).chosen?.model.name == "box")
    #expect(try Self.choice(both.reversed()).chosen?.model.name == "box")
  }
}
