import Foundation
import Testing

@testable import DeviceSimulator

@Suite struct DeviceModelTests {
  @Test(arguments: ["tr181", "tr098"])
  func modelsThatComeWithTheSimulator(name: String) throws {
    let model = try name == "tr181" ? DeviceModel.tr181() : DeviceModel.tr098()
    #expect(model.name == name)
    #expect((500...700).contains(model.parameterCount))
    #expect(model.informParameters.count == 12)
    #expect(Set(model.paths).count == model.paths.count)
    #expect(model.paths.allSatisfy { $0.count <= 256 })
    for required in [
      "DeviceInfo.SoftwareVersion", "ManagementServer.URL",
      "ManagementServer.PeriodicInformInterval", "ManagementServer.ConnectionRequestURL",
      "ManagementServer.ParameterKey",
    ] {
      #expect(model.layout.parameter(model.path(required)) != nil, "\(required)")
    }
  }

  /// The complete models have all that the basic ones have, which load is measured with.
  @Test func completeModelsHaveMore() throws {
    for (basic, complete, count) in [
      (try DeviceModel.tr181(), try Devices.tr181.get(), 584),
      (try DeviceModel.tr098(), try Devices.tr098.get(), 558),
    ] {
      #expect(basic.parameterCount == count)
      #expect(Set(basic.paths).isSubset(of: complete.paths))
      #expect(complete.parameterCount > basic.parameterCount)
      #expect(complete.informParameters == basic.informParameters)
      #expect(Set(complete.paths).count == complete.paths.count)
    }
  }

  /// Every value that a new device reads as must be one that its own type and range allow.
  @Test(arguments: ["tr181", "tr098"])
  func valuesFitTheirTypes(name: String) throws {
    let model = try name == "tr181" ? Devices.tr181.get() : Devices.tr098.get()
    let tree = DeviceTree(
      model: model,
      context: DeviceContext(
        model: model, serialNumber: "S", index: 7, seed: 3, acsURL: "http://acs.test/"))
    for entry in model.layout.entries {
      guard let definition = entry.parameter else { continue }
      let value = try #require(tree.storedValue(entry.path, at: Devices.time))
      #expect(
        definition.constraint.allows(value, type: definition.type),
        "\(entry.path) = \(value)")
      #expect(
        definition.constraint.allows(definition.initial, type: definition.type),
        "\(entry.path) starts as \(definition.initial)")
    }
  }

  @Test func countsOfInstancesAreTrue() throws {
    for model in [try Devices.tr181.get(), try Devices.tr098.get()] {
      let tree = DeviceTree(
        model: model,
        context: DeviceContext(
          model: model, serialNumber: "S", index: 7, seed: 3, acsURL: "http://acs.test/"))
      for entry in model.layout.entries where entry.parameter?.countsEntries == true {
        let table = entry.path.replacing("NumberOfEntries", with: "")
        let candidates = [table + ".", table + "ing.", table + "Device."]
        let position = try #require(
          candidates.compactMap { model.layout.position($0) }.first
            ?? model.layout.position(table + "."), "\(entry.path) counts no table")
        #expect(
          tree.storedValue(entry.path, at: Devices.time)
            == String(model.layout.children(of: position).count))
      }
    }
  }

  @Test(arguments: [
    ("tr181", "full/tr-181-2-19-1-cwmp-full.xml"), ("tr098", "full/tr-098-1-8-0-full.xml"),
  ])
  func namesAreThoseOfTheBroadbandForum(name: String, file: String) throws {
    guard let xml = Self.testData("models/" + file) else {
      print("skipped: the models of the Broadband Forum are not here")
      return
    }
    let genuine = Self.names(in: xml)
    #expect(genuine.count > 1500)
    let model = try name == "tr181" ? Devices.tr181.get() : Devices.tr098.get()
    for entry in model.layout.entries {
      if case .instance = entry.kind { continue }
      var path = entry.path.split(separator: ".", omittingEmptySubsequences: false).map {
        Int($0) == nil ? String($0) : "{i}"
      }.joined(separator: ".")
      if case .table = entry.kind { path += "{i}." }
      let isGenuine = genuine.contains(path)
      #expect(isGenuine, "\(path)")
    }
  }

  /// The paths of objects and parameters in a model file, tag by tag; attributes may stand on several lines.
  private static func names(in xml: String) -> Set<String> {
    var names: Set<String> = []
    var object = ""
    var isInModel = false
    for tag in xml.utf8.split(separator: UInt8(ascii: "<")) {
      if tag.starts(with: "model ".utf8) { isInModel = true }
      guard isInModel else { continue }
      let isObject = tag.starts(with: "object".utf8)
      guard isObject || tag.starts(with: "parameter".utf8), let name = name(in: Substring(tag))
      else { continue }
      if isObject { object = name }
      names.insert(isObject ? name : object + name)
    }
    return names
  }

  private static func name(in tag: Substring) -> String? {
    guard let range = tag.range(of: " name=\"") else { return nil }
    return String(tag[range.upperBound...].prefix { $0 != "\"" })
  }

  private static func testData(_ path: String) -> String? {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["FAIRLEAD_TEST_DATA"]
      ?? root.appendingPathComponent("../shared/data").path
    return try? String(contentsOfFile: folder + "/" + path, encoding: .utf8)
  }

  private static func document(_ tree: String) -> String {
    """
    model: m
    manufacturer: M
    oui: "02FA1E"
    productClass: P
    tree:
    \(tree)
    """
  }

  @Test(arguments: [
    ("  Device:\n    A: ${serail}", 7, "serail"),
    ("  Device:\n    A: {string: x, writeable}", 7, "writeable"),
    ("  Device:\n    A: {unsignedInt: -1}", 7, "-1"),
    ("  Device:\n    A: {unsignedInt: 5, range: 7}", 7, "range"),
    ("  Device:\n    A: {unsignedInt: 5, range: 7..9}", 7, "5"),
    ("  Device:\n    A: {string: x, notify: loud}", 7, "loud"),
    ("  Device:\n    A: {string: x, int: 1}", 7, "two types"),
    ("  Device:\n    instances: 3", 7, "table"),
    ("  Device:\n    B.{i}:\n      instances: many", 8, "instances"),
    ("  Device:\n    A: 1\n    A.{i}:\n      C: 1", 8, "twice"),
    ("  Device:\n    \"A B\": 1", 7, "A B"),
    ("  Device:\n    A: [1, 2]", 7, "single value"),
    ("  Device:\n    A: \"${random 5..1}\"", 7, "5..1"),
    ("  Device:\n    A: \"${ip 1.2.3/8}\"", 7, "1.2.3/8"),
    ("  Device:\n    A: \"${mac\"", 7, "}"),
    ("  Device:\n    A: {string: []}", 7, "empty list"),
    ("  Device: {}\n  Other: {}", 6, "one root"),
    ("  Device:\n    A: \"open", 7, "found"),
    (
      "  Device:\n    A.{i}:\n      instances: 10000\n      B.{i}:\n        instances: 10000\n        C: 1",
      6, "paths"
    ),
  ])
  func mistakesAreShownWithTheirLine(tree: String, line: Int, word: String) throws {
    let error = try #require(throws: SimulatorError.self) {
      try DeviceModel(yaml: Self.document(tree), file: "m.yaml")
    }
    #expect(error.code == .invalidModel)
    #expect(error.message.contains(word), "\(error)")
    #expect(error.position?.line == line, "\(error)")
    #expect(error.description.hasPrefix("m.yaml:\(line):"))
  }

  @Test(arguments: ["", "- a", "model: x", "model: m\nfoo: 1"])
  func whatIsNoModelIsRefused(yaml: String) {
    #expect(throws: SimulatorError.self) { try DeviceModel(yaml: yaml, file: "m.yaml") }
  }

  @Test func unknownInformParametersAreRefused() throws {
    let error = try #require(throws: SimulatorError.self) {
      try DeviceModel(
        yaml: Self.document("  Device:\n    A: 1") + "\ninform:\n  - Device.B\n", file: "m.yaml")
    }
    #expect(error.position?.line == 9)
  }

  @Test func hugeFilesAreRefused() {
    let yaml = String(repeating: "#", count: DeviceModel.maximumFileSize + 1)
    #expect(throws: SimulatorError.self) { try DeviceModel(yaml: yaml, file: "m.yaml") }
  }
}

@Suite struct ValueExpressionTests {
  private func render(_ text: String, index: Int = 1, clock: Int64 = 0, uptime: Int64 = 0) throws
    -> String
  {
    let model = try Devices.small()
    return try ValueExpression(parsing: text).render(
      .init(
        context: DeviceContext(
          model: model, serialNumber: "S\(index)", index: index, seed: 9, acsURL: "http://a/"),
        time: ReadingTime(uptime: uptime, clock: clock), path: "Device.X", instances: [2, 5],
        entries: { 3 }))
  }

  @Test func placeholders() throws {
    #expect(try render("a ${serial} b") == "a S1 b")
    #expect(try render("${i}/${i1}/${i2}") == "5/2/5")
    #expect(try render("${mac}") == "02:FA:1E:00:00:10")
    #expect(try render("${mac+3}") == "02:FA:1E:00:00:13")
    #expect(try render("${mac+i}") == "02:FA:1E:00:00:15")
    #expect(try render("${entries}") == "3")
    #expect(try render("${now}", clock: 951_782_400) == "2000-02-29T00:00:00Z")
    #expect(try render("${username}") == "02FA1E-Box-S1")
    #expect(try render("costs $5") == "costs $5")
    #expect(try render("${hex 4}").count == 4)
  }

  @Test func chanceIsRepeatableAndDiffersBetweenDevices() throws {
    let values = try (1...50).map { try render("${random 1..1000000}", index: $0) }
    #expect(Set(values).count > 45)
    #expect(try render("${random 1..1000000}", index: 7) == values[6])
    let address = try render("${ip 10.0.0.0/30}")
    #expect(["10.0.0.1", "10.0.0.2"].contains(address))
  }

  @Test func countersGrowAndNoiseChanges() throws {
    let early = try #require(Int(try render("${counter 40}", uptime: 0)))
    let late = try #require(Int(try render("${counter 40}", uptime: 100)))
    #expect(late - early == 4000)
    #expect(
      try render("${noise 1..1000000}", clock: 1) != render("${noise 1..1000000}", clock: 2))
  }

  @Test func usernamesAreEscaped() {
    #expect(
      DeviceContext.username(oui: "012345", productClass: "Set-Top-Box", serialNumber: "0123")
        == "012345-Set%2DTop%2DBox-0123")
    #expect(
      DeviceContext.username(oui: "012345", productClass: "", serialNumber: "ä1")
        == "012345-%C3%A41")
  }
}
