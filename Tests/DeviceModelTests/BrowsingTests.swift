import DeviceModel
import Testing

/// What people look for in a model.
@Suite struct BrowsingTests {
  private static let body = """
    <model name="Device:2.0"><object name="Device."/>
    <object name="Device.WiFi."><description>Wireless of IEEE 802.11.</description></object>
    <object name="Device.WiFi.Radio.{i}." maxEntries="unbounded">
    <parameter name="Channel"><syntax><unsignedInt/></syntax></parameter>
    <parameter name="AutoChannelEnable"><syntax><boolean/></syntax></parameter>
    <parameter name="Channels"><syntax><string/></syntax></parameter>
    <parameter name="Power"><description>Depends on the CHANNEL.</description><syntax><int/></syntax></parameter>
    <parameter name="Gone" status="deleted"><description>channel</description><syntax><int/></syntax></parameter></object>
    <object name="Device.Channel."><parameter name="Mode"><syntax><string/></syntax></parameter></object>
    <profile name="Radio:1"><object ref="Device.WiFi.Radio.{i}." requirement="present">
    <parameter ref="Channel" requirement="readOnly"/></object></profile></model>
    """

  private static func paths(_ query: String) throws -> [String] {
    let model = try ModelText.model(body)
    return ModelSearch.hits(query, in: model).map { model.items[$0.place].path }
  }

  @Test func whatIsCalledSoComesFirst() throws {
    #expect(
      try Self.paths("channel") == [
        "Device.Channel.", "Device.WiFi.Radio.{i}.Channel",
        "Device.WiFi.Radio.{i}.AutoChannelEnable", "Device.WiFi.Radio.{i}.Channels",
        "Device.Channel.Mode", "Device.WiFi.Radio.{i}.Power",
      ])
  }

  @Test func allWordsHaveToBeThere() throws {
    #expect(
      try Self.paths("radio  CHANNEL").first == "Device.WiFi.Radio.{i}.Channel")
    #expect(try Self.paths("wireless 802.11") == ["Device.WiFi."])
    #expect(try Self.paths("channel nothing").isEmpty)
    #expect(try Self.paths("  ").isEmpty)
  }

  @Test(arguments: [
    ("Device.WiFi", "Device.WiFi."), ("Device.WiFi.Radio", "Device.WiFi.Radio.{i}."),
    ("Device.WiFi.Radio.", "Device.WiFi.Radio.{i}."),
    ("Device.WiFi.Radio.7", "Device.WiFi.Radio.{i}."),
    ("Device.WiFi.Radio.*.Power", "Device.WiFi.Radio.{i}.Power"),
  ])
  func dotsMayBeLeftOut(path: String, expected: String) throws {
    let model = try ModelText.model(Self.body)
    #expect(model.browse(path).map { model.items[$0].path } == expected)
  }

  @Test(arguments: [
    ("Device.WiFi.Radio.1.Chanel", "Device.WiFi.Radio.{i}.Channel"),
    ("Device.Wifi.", "Device.WiFi."),
    ("Device.WiFi.Radios.1.Power", "Device.WiFi.Radio.{i}.Power"),
  ])
  func whatMayBeMeantIsTold(path: String, expected: String) throws {
    let model = try ModelText.model(Self.body)
    #expect(model.browse(path) == nil)
    #expect(model.nearPaths(path).first == expected)
  }

  @Test func nothingIsNearToWhatIsFarAway() throws {
    let model = try ModelText.model(Self.body)
    for path in ["", ".", "Services.X", String(repeating: "a.", count: 10_000)] {
      #expect(model.nearPaths(path).isEmpty)
    }
  }

  @Test func whatIsInsideIsListed() throws {
    let model = try ModelText.model(Self.body)
    func paths(_ places: [Int]) -> [String] { places.map { model.items[$0].path } }
    let wifi = try #require(model.browse("Device.WiFi."))
    #expect(paths(model.children(of: nil)) == ["Device."])
    #expect(paths(model.children(of: wifi)) == ["Device.WiFi.Radio.{i}."])
    #expect(model.descendants(of: wifi).count == 6)
    #expect(model.profiles(requiring: "Device.WiFi.Radio.{i}.Channel") == ["Radio:1"])
    #expect(model.profiles(requiring: "Device.WiFi.").isEmpty)
  }

  @Test func theMainDocumentIsTheOneThatNoOtherImports() throws {
    var library = ModelLibrary()
    let documents = [
      ("base.xml", "<model name=\"Device:2.0\"><object name=\"Device.\"/></model>"),
      (
        "top.xml",
        "<import file=\"base.xml\"><model name=\"Device:2.0\"/></import><model name=\"Device:2.1\" base=\"Device:2.0\"/>"
      ),
      ("alone.xml", "<model name=\"Device:3.0\"/>"), ("none.xml", "<dataType name=\"T\"/>"),
    ]
    for (file, body) in documents {
      library.add(try ModelText.read(ModelText.document(body), file: file))
    }
    let files = ["none.xml", "base.xml", "top.xml"]
    #expect(library.main(among: files, model: nil) == "top.xml")
    #expect(library.main(among: files, model: "Device:2.0") == "base.xml")
    #expect(library.main(among: files, model: "Device:9") == nil)
    #expect(library.main(among: ["none.xml"], model: nil) == nil)
    #expect(library.needed(by: "top.xml") == ["top.xml", "base.xml"])
    #expect(library.needed(by: "nowhere.xml").isEmpty)
  }
}
