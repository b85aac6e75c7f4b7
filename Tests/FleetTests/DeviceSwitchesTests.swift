import Testing

@testable import Fleet

@Suite("Switches of devices")
struct DeviceSwitchesTests {
  private static func read(_ spec: String) -> ResourceFile {
    ResourceFile(
      "apiVersion: fairlead/v1\nkind: DeviceSwitches\nmetadata:\n  name: a\nspec:\n" + spec)
  }

  private static func identity(_ manufacturer: String, _ productClass: String) -> DeviceIdentity {
    DeviceIdentity(
      name: "00D09E-\(productClass)-1", manufacturer: manufacturer, oui: "00D09E",
      productClass: productClass, serialNumber: "1")
  }

  @Test func aWholeSpecIsRead() throws {
    let file = Self.read(
      """
        selector: [DeviceInfo.Manufacturer=A*, "name=*-1"]
        messages: {xmlDeclaration: true, booleans: digits, timeFractions: false, compression: false}
        reading: {batchSize: 16, names: levels}
        connectionRequests: {methods: [udp, http], basic: true}
        dataModel: acme-2.4
      """)
    #expect(file.diagnostics == [])
    guard case .deviceSwitches(let spec)? = file.resources.first?.content else {
      Issue.record("no switches")
      return
    }
    var expected = DeviceSwitches()
    expected.xmlDeclaration = true
    expected.booleans = .digits
    expected.timeFractions = false
    expected.compression = false
    expected.batchSize = 16
    expected.nameListing = .levels
    expected.connectionMethods = [.udp, .http]
    expected.basicConnectionRequests = true
    expected.dataModel = "acme-2.4"
    #expect(spec.switches == expected)
    #expect(spec.selector.terms.count == 2)
  }

  @Test(arguments: [
    ("  selector: name=*", "Nothing is switched."),
    ("  messages: {booleans: digits}", "“selector” is missing."),
    ("  selector: tag=x\n  messages: {booleans: digits}", "before anything is sent"),
    (
      "  selector: DeviceInfo.ModelName=x\n  messages: {booleans: digits}",
      "before anything is sent"
    ),
    ("  selector: name=*\n  messages: {booleans: numbers}", "“numbers” is not known."),
    ("  selector: name=*\n  messages: {xmlDeclaration: 1}", "neither true nor false"),
    ("  selector: name=*\n  reading: {batchSize: 0}", "not a number from 1"),
    ("  selector: name=*\n  connectionRequests: {methods: [smtp]}", "“smtp” is not known."),
    ("  selector: name=*\n  dataModel: a model", "is no name of a data model"),
    ("  selector: name=*\n  dataModel: [a]", "a single value is wanted"),
    ("  selector: name=*\n  message: {}", "There is no member “message” here."),
  ]) func whatIsWrongIsTold(spec: String, message: String) {
    let file = Self.read(spec)
    #expect(file.resources == [])
    #expect(
      file.diagnostics.contains { $0.message.contains(message) }, "\(file.diagnostics)")
  }

  @Test func laterNamesWinWhereSeveralMatch() throws {
    var digits = DeviceSwitches()
    digits.booleans = .digits
    digits.batchSize = 8
    var words = DeviceSwitches()
    words.booleans = .words
    let table = DeviceSwitchesTable([
      "b": .init(selector: try Selector(parsing: "DeviceInfo.ProductClass=P1*"), switches: words),
      "a": .init(selector: try Selector(parsing: "DeviceInfo.Manufacturer=A"), switches: digits),
      "c": .init(
        selector: try Selector(parsing: "DeviceInfo.SoftwareVersion=2.*"), switches: digits),
    ])
    func switches(_ identity: DeviceIdentity, version: String? = nil) -> DeviceSwitches {
      table.switches(for: identity, hardwareVersion: nil, softwareVersion: version)
    }
    let both = switches(Self.identity("A", "P11"))
    #expect(both.booleans == .words && both.batchSize == 8)
    #expect(switches(Self.identity("B", "P11")) == words)
    let inForce = table.inForce(
      for: Self.identity("A", "P11"), hardwareVersion: nil, softwareVersion: nil)
    #expect(inForce.names == ["a", "b"] && inForce.switches == both)
    #expect(switches(Self.identity("B", "Q")) == DeviceSwitches())
    #expect(switches(Self.identity("A", "P11"), version: "2.1").booleans == .digits)
  }

  @Test func theDocumentIsToldThatNamesTheDataModel() throws {
    var first = DeviceSwitches()
    first.dataModel = "one"
    var second = DeviceSwitches()
    second.dataModel = "two"
    var other = DeviceSwitches()
    other.batchSize = 8
    let table = DeviceSwitchesTable([
      "a": .init(selector: try Selector(parsing: "DeviceInfo.Manufacturer=A"), switches: first),
      "b": .init(
        selector: try Selector(parsing: "DeviceInfo.SoftwareVersion=2.*"), switches: second),
      "c": .init(selector: try Selector(parsing: "name=*"), switches: other),
    ])
    func named(_ manufacturer: String, _ version: String?) -> DeviceSwitchesTable.NamedModel? {
      table.namedModel(
        for: Self.identity(manufacturer, "P"), hardwareVersion: nil, softwareVersion: version)
    }
    #expect(named("A", nil) == .init(model: "one", document: "a"))
    #expect(named("A", "2.1") == .init(model: "two", document: "b"))
    #expect(named("B", "1.0") == nil)
    let inForce = table.inForce(
      for: Self.identity("A", "P"), hardwareVersion: nil, softwareVersion: nil)
    #expect(inForce.switches.dataModel == "one" && inForce.switches.batchSize == 8)
  }
}
