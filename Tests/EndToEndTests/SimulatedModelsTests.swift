import CWMP
import DeviceModel
import DeviceSimulator
import Fleet
import ShippedModels
import Testing

/// The simulator's devices against the data models of the Broadband Forum.
@Suite struct SimulatedModelsTests {
  /// Seeds of devices: what is left to chance has to be right for all.
  private static let seeds: [UInt64] = [1, 2, 3]
  private static let time = ReadingTime(uptime: 3_600, clock: 1_750_000_000)

  /// Tables of which simulated devices have fewer rows than the standard wants, so that trees stay as large as those by which load
  /// is measured.
  private static let shortTables: Set = [
    "Device.DHCPv4.Client.{i}.",
    "InternetGatewayDevice.LANDevice.{i}.WLANConfiguration.{i}.PreSharedKey.{i}.",
  ]

  private static func model(_ name: String, _ extent: DeviceModel.Extent) throws -> DeviceModel {
    try name == "tr181" ? .tr181(extent) : .tr098(extent)
  }

  private static func tree(of model: DeviceModel, seed: UInt64) -> DeviceTree {
    DeviceTree(
      model: model,
      context: DeviceContext(
        model: model, serialNumber: "S\(seed)", index: Int(seed), seed: seed,
        acsURL: "http://acs.example/", connectionRequestURL: "http://192.0.2.1:7548/x"))
  }

  private static func observed(_ tree: DeviceTree) throws -> [ObservedItem] {
    try tree.names(path: "", nextLevel: false).map { name in
      let shown = tree.read(name.name, at: time)
      return ObservedItem(
        path: name.name, value: shown?.value,
        type: shown.flatMap { PrimitiveType(rawValue: $0.type.rawValue) },
        isWritable: name.writable)
    }
  }

  @Test(arguments: [
    ("tr181", DeviceModel.Extent.basic, "tr-181-2-19-1-cwmp"),
    ("tr181", .complete, "tr-181-2-19-1-cwmp"), ("tr098", .basic, "tr-098-1-8-0"),
    ("tr098", .complete, "tr-098-1-8-0"),
  ])
  func devicesAreAsTheirModelsSay(
    name: String, extent: DeviceModel.Extent, standard: String
  ) throws {
    let standard = try #require(ShippedModels.model(named: standard))
    let model = try Self.model(name, extent)
    for seed in Self.seeds {
      var tree = Self.tree(of: model, seed: seed)
      try Self.check(tree, standard)
      // New rows begin with values of their own.
      for table in try Self.observed(tree)
      where table.path.hasSuffix(".") && table.isWritable == true {
        guard !PathTemplate.endsInInstance(table.path) else { continue }
        _ = try tree.addObject(table.path)
      }
      try Self.check(tree, standard)
    }
  }

  /// No reference that a device has may be refused when somebody sets it.
  @Test(arguments: [
    ("tr181", DeviceModel.Extent.complete, "tr-181-2-19-1-cwmp"),
    ("tr098", .complete, "tr-098-1-8-0"),
  ])
  func theReferencesOfDevicesCanBeSet(name: String, extent: DeviceModel.Extent, standard: String)
    throws
  {
    let standard = try #require(ShippedModels.model(named: standard)).model
    let tree = Self.tree(of: try Self.model(name, extent), seed: 1)
    let items = try Self.observed(tree).filter { $0.value != nil }
    let values = Dictionary(items.map { ($0.path, $0.value) }) { first, _ in first }
    var references = 0
    for item in items where item.isWritable == true {
      guard let syntax = standard[item.path]?.syntax, !syntax.references.isEmpty else { continue }
      references += 1
      let order = Fleet.Operation.set([Assignment(path: item.path, value: item.value ?? "")])
      // As if the parameter itself had never been read.
      let knowledge = DeviceKnowledge(model: standard) { path in
        guard path != item.path, let value = values[path] else { return nil }
        return StoredParameter(path: path, value: value, type: .string, changedAt: 0)
      }
      let problems = order.problems(by: knowledge)
      #expect(problems.isEmpty, "\(item.path): \(problems)")
    }
    #expect(references >= 10)
  }

  private static func check(_ tree: DeviceTree, _ standard: CatalogedModel) throws {
    let found = Conformance(
      of: try observed(tree), with: standard, isComplete: true, limit: 100)
    for (title, findings) in [
      ("unknown", found.unknown), ("types", found.types), ("values", found.values),
      ("access", found.access), ("entries", found.entries),
    ] {
      for finding in findings.list where !(title == "entries" && shortTables.contains(finding.item))
      {
        Issue.record(
          "\(title): \(finding.path) has \(finding.found ?? "nothing"), not \(finding.expected ?? "")"
        )
      }
    }
  }
}
