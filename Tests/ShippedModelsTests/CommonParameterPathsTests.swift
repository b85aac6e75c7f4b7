import DeviceModel
import ShippedModels
import Testing

@testable import Fleet

/// The table of common parameters against the models that it joins.
@Suite struct CommonParameterPathsTests {
  @Test func bothModelsHaveThem() throws {
    let newer = try #require(ShippedModels.model(named: "tr-181-2-19-1-cwmp")).model
    let older = try #require(ShippedModels.model(named: "tr-098-1-8-0")).model
    for (name, others) in CommonParameters.table {
      let item = try #require(newer["Device." + name], "\(name)")
      #expect(item.kind == .parameter)
      for other in others {
        #expect(older["InternetGatewayDevice." + other]?.kind == .parameter, "\(other)")
      }
    }
  }

  /// What stands in no line of it is called alike in both.
  @Test(arguments: Facts.standard.filter { !$0.hasPrefix("GatewayInfo") })
  func factsAreInBothModels(name: String) throws {
    let newer = try #require(ShippedModels.model(named: "tr-181-2-19-1-cwmp")).model
    let older = try #require(ShippedModels.model(named: "tr-098-1-8-0")).model
    #expect(newer["Device." + name] != nil)
    let others = CommonParameters.namesInTR098(name)
    for other in others.isEmpty ? [name] : others {
      #expect(older["InternetGatewayDevice." + other] != nil, "\(other)")
    }
  }
}
