import Testing

@testable import DeviceSimulator

/// The names by which people choose quirks.
@Suite struct QuirkNameTests {
  @Test func everyQuirkHasAName() throws {
    #expect(Set(Quirk.allCases.map(\.rawValue)).count == Quirk.allCases.count)
    for quirk in Quirk.allCases {
      #expect(quirk.rawValue.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
      #expect(!quirk.summary.isEmpty)
      var quirks = Quirks()
      try quirks.insert(quirk.rawValue)
      #expect(quirks.contains(quirk))
      #expect(quirks.number(quirk) == quirk.defaultNumber ?? 0)
    }
  }

  @Test func numbersAreTakenWhereTheyMeanSomething() throws {
    var quirks = Quirks()
    try quirks.insert("break-at-request:7")
    #expect(quirks.number(.breakAtRequest) == 7)
    for wrong in ["gzip:1", "break-at-request:0", "break-at-request:x", "", "unknown"] {
      #expect(throws: SimulatorError.self, "\(wrong)") { try quirks.insert(wrong) }
    }
  }

  @Test func aModelHasQuirksOfItsOwn() throws {
    let yaml = Devices.smallModel.replacing(
      "wanAddress:", with: "quirks: [no-header, \"break-at-request:3\"]\nwanAddress:")
    let model = try DeviceModel(yaml: yaml, file: "q.yaml")
    #expect(model.quirks.contains(.noHeader))
    #expect(model.quirks.number(.breakAtRequest) == 3)
    #expect(throws: SimulatorError.self) {
      try DeviceModel(
        yaml: Devices.smallModel.replacing("wanAddress:", with: "quirks: [nonsense]\nwanAddress:"),
        file: "q.yaml")
    }
  }

  @Test func aModelIncludesWhatComesWithTheSimulator() throws {
    let yaml = Devices.smallModel.replacing(
      "wanAddress:", with: "include: [tr181-complete]\nwanAddress:")
    let model = try DeviceModel(yaml: yaml, file: "i.yaml")
    #expect(model.paths.contains("Device.IP.Diagnostics.IPPing."))
    #expect(model.paths.contains("Device.IP.Label"))
    for wrong in ["tr098-complete", "nothing"] {
      #expect(throws: SimulatorError.self) {
        try DeviceModel(
          yaml: Devices.smallModel.replacing(
            "wanAddress:", with: "include: [\(wrong)]\nwanAddress:"), file: "i.yaml")
      }
    }
  }
}
