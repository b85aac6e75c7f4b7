import Fleet
import Testing

/// What is taken from trees as supported.
@Suite struct SupportedModelTests {
  private static func tree(_ entries: [(String, String?, ParameterType, Bool?)])
    -> [StoredParameter]
  {
    entries.map {
      StoredParameter(path: $0.0, value: $0.1, type: $0.2, writable: $0.3, changedAt: 0)
    }
  }

  @Test func instancesAreOneItem() {
    let model = SupportedModel(
      of: Self.tree([
        ("Device.", nil, .string, true),
        ("Device.Row.", nil, .string, true),
        ("Device.Row.1.", nil, .string, true),
        ("Device.Row.1.A", "1", .unsignedInt, false),
        ("Device.Row.2.", nil, .string, false),
        ("Device.Row.2.A", nil, .string, true),
        ("Device.Row.2.B", nil, .string, nil),
        ("Device.Void.", nil, .string, false),
        ("Device.More.", nil, .string, true),
      ]))
    #expect(
      model.items.map(\.path) == [
        "Device.", "Device.More.{i}.", "Device.Row.{i}.", "Device.Row.{i}.A", "Device.Row.{i}.B",
        "Device.Void.",
      ])
    #expect(
      model.items.map(\.access)
        == [.create, .createDelete, .createDelete, .readWrite, nil, .readOnly])
    #expect(model.items.map(\.type) == [nil, nil, nil, .unsignedInt, nil, nil])
    #expect(model.count(of: .object) == 4)
    #expect(model.count(of: .parameter) == 2)
    #expect(!model.isCut)
  }

  @Test func whatSomethingIsInIsThere() {
    let model = SupportedModel(
      of: Self.tree([
        ("Device.Row.1.Deep.Cell.2.A", nil, .string, nil), ("B", nil, .string, nil),
        ("..", nil, .string, nil),
      ]))
    #expect(
      model.items.map(\.path) == [
        ".", "..", "B", "Device.", "Device.Row.{i}.", "Device.Row.{i}.Deep.",
        "Device.Row.{i}.Deep.Cell.{i}.", "Device.Row.{i}.Deep.Cell.{i}.A",
      ])
  }

  @Test func devicesAddToEachOther() {
    let empty = SupportedModel(
      of: Self.tree([("Device.Row.", nil, .string, false), ("Device.A", nil, .string, false)]))
    let filled = SupportedModel(
      of: Self.tree([
        ("Device.Row.", nil, .string, false), ("Device.Row.1.", nil, .string, false),
        ("Device.Row.1.B", "x", .string, false), ("Device.A", "1", .int, true),
      ]))
    for union in [empty.union(filled), filled.union(empty)] {
      #expect(
        union.items.map(\.path) == ["Device.", "Device.A", "Device.Row.{i}.", "Device.Row.{i}.B"])
      #expect(union.items[1].access == .readWrite)
      #expect(union.items[1].type == .int)
    }
    #expect(filled.union(filled) == filled)
  }

  @Test(arguments: ["Device.", "InternetGatewayDevice."])
  func whatIsAnnouncedIsFound(root: String) {
    let path = root + "DeviceInfo.SupportedDataModel."
    let model = SupportedModel(
      of: Self.tree([
        (path + "1.URL", "https://a.example/one.xml", .string, false),
        (path + "1.Features", "Router,NAT", .string, false),
        (path + "1.UUID", "", .string, false),
        (path + "2.URN", "urn:example:two", .string, false),
        (path + "3.Features", "none", .string, false),
        (path + "4.URL.Deep", "no", .string, false),
      ]))
    #expect(model.announced.map(\.url) == ["", "https://a.example/one.xml"])
    #expect(model.announced.map(\.urn) == ["urn:example:two", nil])
    #expect(model.announced.map(\.features) == [nil, "Router,NAT"])
    #expect(model.announced.map(\.uuid) == [nil, nil])
  }

  @Test func whatIsEndlessIsCut() {
    let many = SupportedModel(
      of: Self.tree((0...SupportedModel.maxItems).map { ("Device.P\($0)", nil, .string, nil) }))
    #expect(many.items.count == SupportedModel.maxItems)
    #expect(many.isCut)
    let long = SupportedModel(
      of: Self.tree([("Device." + String(repeating: "A", count: 600), nil, .string, nil)]))
    #expect(long.items.isEmpty)
    #expect(long.isCut)
    let deep = SupportedModel(
      of: Self.tree([
        ("Device." + String(repeating: "A.", count: 32), nil, .string, nil),
        ("Device.B", nil, .string, nil),
      ]))
    #expect(deep.items.map(\.path) == ["Device.", "Device.B"])
    #expect(deep.isCut)
    let wide = SupportedModel(
      of: Self.tree(
        (0..<SupportedModel.maxItems / 2).map {
          ("Device.O\($0)." + String(repeating: "A.", count: 20) + "P", nil, .string, nil)
        }))
    #expect(wide.items.count == SupportedModel.maxItems)
    #expect(wide.isCut)
    let joined = SupportedModel(
      of: Self.tree([
        (
          "Device.DeviceInfo.SupportedDataModel.1.URL",
          "u" + String(repeating: "\u{301}", count: 9_000), .string, nil
        )
      ]))
    #expect(joined.announced.allSatisfy { $0.url.unicodeScalars.count == 1_024 })
    let announced = SupportedModel(
      of: Self.tree(
        (0..<500).map {
          (
            "Device.DeviceInfo.SupportedDataModel.\($0).URL",
            String(repeating: "u", count: 9_000) + "\($0)", .string, nil
          )
        }))
    #expect(announced.announced.count == 1, "they are alike as far as they are kept")
    #expect(announced.announced.allSatisfy { $0.url.count == 1_024 })
  }

  @Test func makesAndFirmwaresHaveNames() throws {
    func name(_ oui: String, _ product: String, _ version: String, _ protocolName: String = "cwmp")
      -> String?
    {
      SupportedModelKey(
        oui: oui, productClass: product, softwareVersion: version, protocolName: protocolName)?.name
    }
    #expect(name("02FA1E", "SG181", "1.0.0-rc1") == "02FA1E-SG181@1.0.0-rc1")
    #expect(name("02FA1E", "", "1") == "02FA1E@1")
    #expect(name("02FA1E", "a b-c@d", "V1@2/3 é") == "02FA1E-a%20b%2Dc%40d@V1%402%2F3%20%C3%A9")
    #expect(name("02FA1E", "SG181", "1", "usp") == "02FA1E-SG181@1@usp")
    #expect(name("", "SG181", "1") == nil)
    #expect(name("02FA1E", "SG181", "") == nil)
    let long = try #require(name("02FA1E", "", String(repeating: "é", count: 999)))
    #expect(long.utf8.count == 7 + 64 * 6)
  }
}
