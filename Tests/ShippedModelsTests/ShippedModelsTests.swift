import DeviceModel
import ShippedModels
import Testing

/// What comes with the programs.
@Suite struct ShippedModelsTests {
  @Test(arguments: [
    ("tr-098-1-8-0", "InternetGatewayDevice:1.14", [192, 1_801, 0, 0, 92]),
    ("tr-181-2-19-1-cwmp", "Device:2.19", [873, 7_343, 0, 0, 243]),
    ("tr-181-2-19-1-usp", "Device:2.19", [822, 6_722, 179, 53, 264]),
  ])
  func allThatIsPublishedIsThere(name: String, model: String, counts: [Int]) throws {
    let shipped = try #require(ShippedModels.model(named: name))
    #expect(shipped.name == name)
    #expect(shipped.origin == .shipped)
    #expect(shipped.model.name == model)
    #expect(
      [ModelItem.Kind.object, .parameter, .command, .event].map { kind in
        shipped.model.items.count { $0.kind == kind }
      } + [shipped.model.profiles.count] == counts)
    #expect(shipped.model.items.allSatisfy { $0.description.isEmpty }, "facts without prose")
  }

  @Test func devicesOfEitherKindHaveTheirModel() {
    let catalog = ModelCatalog(ShippedModels.compiled())
    #expect(catalog.models.map(\.name) == ShippedModels.names)
    #expect(
      catalog.model(root: "Device.", protocolName: "cwmp")?.name == "tr-181-2-19-1-cwmp")
    #expect(catalog.model(root: "Device.", protocolName: "usp")?.name == "tr-181-2-19-1-usp")
    #expect(
      catalog.model(root: "InternetGatewayDevice.", protocolName: "cwmp")?.name == "tr-098-1-8-0")
    #expect(catalog.model(root: "Services.", protocolName: "cwmp") == nil)
  }

  @Test func oneThatIsNotThereIsNone() {
    #expect(ShippedModels.model(named: "tr-181") == nil)
  }

  /// Orders are checked by them; a target that is nowhere would have every one refused.
  @Test(arguments: ShippedModels.names)
  func referencesLeadToWhatTheModelsHave(name: String) throws {
    let model = try #require(ShippedModels.model(named: name)).model
    var count = 0
    for (place, item) in model.items.enumerated() where item.effectiveStatus != .deleted {
      for reference in item.syntax?.references ?? [] {
        for target in model.targets(of: reference, at: place) {
          count += 1
          let isThere = (model.place(of: target) ?? model.place(of: target + "{i}.")) != nil
          #expect(
            isThere || Self.mistaken.contains(item.path), "\(item.path) refers to \(target)")
        }
      }
    }
    #expect(count > 30)
  }

  /// References whose targets the Broadband Forum's documents misspell; none of them can be set.
  private static let mistaken: Set = [
    "InternetGatewayDevice.DNS.SD.Service.{i}.Host",
    "InternetGatewayDevice.UPnP.Description.DeviceDescription.{i}.Host",
    "Device.SoftwareModules.InstallDU().Output.ExecEnvRef",
  ]
}
