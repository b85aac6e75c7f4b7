import DeviceModel
import Fleet
import FleetStore
import Foundation
import HTTPTypes
import ManagementTypes
import Testing

@testable import ManagementAPI

/// Devices against their models, and what firmwares support.
@Suite struct ConformanceRouteTests {
  private static let at = 1_750_000_000.0

  /// Gives the body an API that knows one model, and a device that was read as a whole.
  private static func run(
    isRead: Bool = true, _ body: (APIFixture) async throws -> Void
  ) async throws {
    let model = try #require(ConformanceSamples.model)
    let catalog = ModelCatalog([
      model, CatalogedModel(model.model, name: "tr-181-2-1-0-cwmp", origin: .shipped),
    ])
    try await APIFixture.run(models: catalog) { fixture in
      let values = [
        ReportedValue(path: "Device.DeviceInfo.SoftwareVersion", value: "1.0"),
        ReportedValue(path: "Device.Level", value: "12", type: .unsignedInt),
        ReportedValue(path: "Device.Other", value: "5", type: .int),
        ReportedValue(path: "Device.X_ACME_Password", value: "open sesame"),
      ]
      let device = try await fixture.store.admit(
        Contact(
          identity: DeviceIdentity(
            name: "00D09E-Box-1", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
            serialNumber: "1"), protocolName: "cwmp", root: "Device.", reasons: [],
          reasonTexts: [], values: [values[0]], session: 1, address: "192.0.2.1", at: at),
        mayCreate: true
      ).deviceID
      try await fixture.store.commit(
        SessionWrite(
          deviceID: device, deviceName: "00D09E-Box-1", session: 1,
          tree: TreeUpdate(
            names: values.map { ReportedName(path: $0.path, writable: false) },
            completeBelow: "Device.", values: values, at: at + 1), isReadDone: isRead, at: at + 1))
      try await body(fixture)
    }
  }

  private static let path = "/devices/00D09E-Box-1/conformance"

  @Test func aDeviceIsComparedWithItsModel() async throws {
    try await Self.run { fixture in
      let answer = try await fixture.send(.get, Self.path, as: .viewer)
      #expect(answer.status == 200, "\(answer.text)")
      let found = try answer.decoded(Conformance.self)
      #expect(["half", "tr-181-2-1-0-cwmp"].contains(found.model))
      #expect(found.version == "Device:2.1")
      #expect(found.reason?.kind == .newest)
      #expect(found.isComplete)
      #expect(found.types.list.map(\.found) == ["unsignedInt"])
      #expect(found.values.list.map(\.path) == ["Device.Level"])
      #expect(found.access.items == 2)
      #expect(found.vendors.map(\.prefix) == ["X_ACME"])
      #expect(found.unknown.list.map(\.item) == ["Device.DeviceInfo.SoftwareVersion"])
      #expect(found.profiles.map(\.state) == [])
      #expect(!answer.text.contains("open sesame"))
    }
  }

  @Test func theModelMayBeNamedAndListsBeShort() async throws {
    try await Self.run(isRead: false) { fixture in
      let named = try await fixture.send(.get, Self.path + "?model=half&limit=0")
      let found = try named.decoded(Conformance.self)
      #expect(found.model == "half")
      #expect(found.reason?.kind == .requested)
      #expect(!found.isComplete)
      #expect(found.access.items == 2)
      #expect(found.access.list.isEmpty)
      for (query, status) in [("?model=none", 404), ("?limit=x", 400), ("?limit=-1", 400)] {
        #expect(try await fixture.send(.get, Self.path + query).status == status)
      }
      #expect(try await fixture.send(.get, "/devices/none/conformance").status == 404)
    }
  }

  @Test func aDeviceThatHasNeverCalledHasNothingToCompare() async throws {
    try await Self.run { fixture in
      try await fixture.makeDevice("2")
      let answer = try await fixture.send(.get, "/devices/00D09E-Box-2/conformance")
      #expect(answer.status == 409)
    }
  }

  @Test func whatFirmwaresSupportIsShownAndCompared() async throws {
    try await Self.run { fixture in
      let report = try await fixture.store.gatherSupportedModels(now: Self.at + 600)
      #expect(report.trees == 1)
      let list = try await fixture.send(.get, "/supported-models", as: .viewer)
        .decoded(Page<SupportedModelDetail>.self)
      #expect(list.items.map(\.name) == ["00D09E-Box@1.0"])
      #expect(list.items.map(\.parameters) == [4])
      let one = try await fixture.send(.get, "/supported-models/Box@1.0", as: .viewer)
        .decoded(SupportedModelItems.self)
      #expect(one.model == list.items[0])
      #expect(one.items.map(\.path).contains("Device.X_ACME_Password"))
      #expect(one.items.first { $0.path == "Device.Level" }?.type == "unsignedInt")
      #expect(try await fixture.send(.get, "/supported-models/Box@2.0").status == 404)

      let difference = try await fixture.send(
        .get, "/model-differences?old=half&new=Box@1.0", as: .viewer)
      let found = try difference.decoded(ModelDifference.self)
      #expect(found.old == "half")
      #expect(found.new == "00D09E-Box@1.0")
      #expect(
        found.added.map(\.path) == [
          "Device.DeviceInfo.", "Device.DeviceInfo.SoftwareVersion", "Device.X_ACME_Password",
        ])
      #expect(found.removed.isEmpty)
      #expect(found.changed.map(\.path) == ["Device.Level", "Device.Other"])
      #expect(found.changed.first?.changes.map(\.aspect) == [.access, .type])

      for (query, status) in [
        ("?old=half", 400), ("?old=half&new=none", 404), ("?old=half&new=Box@9", 404),
      ] {
        #expect(try await fixture.send(.get, "/model-differences" + query).status == status)
      }
    }
  }

  @Test func itTakesAToken() async throws {
    try await Self.run { fixture in
      for path in [
        Self.path, "/devices/00D09E-Box-1/model", "/models/half/outline", "/supported-models",
        "/supported-models/Box@1.0",
        "/model-differences?old=half&new=half",
      ] {
        let answer = try await fixture.send(.get, path, as: nil)
        #expect(answer.status == 401, "\(path)")
      }
    }
  }
}
