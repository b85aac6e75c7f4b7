import Fleet
import FleetStore
import Postgres
import Testing

/// What firmwares support, as it is gathered from trees and kept.
@Suite struct SupportedModelsTests {
  private static let readAt = StoreFixture.start
  private static let now = StoreFixture.start + 600

  /// Makes a device known and gives it a tree, as a session does that reads it as a whole.
  private static func read(
    _ number: Int, version: String?, names: [String], at time: Double = readAt,
    in fixture: StoreFixture
  ) async throws -> Device.ID {
    let id = try await call(number, version: version, session: 1, at: time, in: fixture)
    let own = version == nil ? [] : ["Device.DeviceInfo.SoftwareVersion"]
    let paths = ["Device."] + own + names
    try await fixture.store.commit(
      SessionWrite(
        deviceID: id, deviceName: "00D09E-Box-\(number)", session: 1,
        tree: TreeUpdate(
          names: paths.map { ReportedName(path: $0, writable: $0.hasSuffix("Name")) },
          completeBelow: "Device.",
          values: names.filter { !$0.hasSuffix(".") }.map {
            ReportedValue(path: $0, value: "1", type: .unsignedInt)
          }, at: time + 1), isReadDone: true, at: time + 1))
    return id
  }

  private static func call(
    _ number: Int, version: String?, session: Int64, at time: Double, in fixture: StoreFixture
  ) async throws -> Device.ID {
    try await fixture.store.admit(
      Contact(
        identity: DeviceIdentity(
          name: "00D09E-Box-\(number)", manufacturer: "Maker", oui: "00D09E", productClass: "Box",
          serialNumber: String(number)), protocolName: "cwmp", root: "Device.",
        reasons: .periodic, reasonTexts: ["2 PERIODIC"],
        values: version.map {
          [ReportedValue(path: "Device.DeviceInfo.SoftwareVersion", value: $0)]
        } ?? [], session: session, address: "192.0.2.1", at: time), mayCreate: true
    ).deviceID
  }

  @Test func firmwaresAreGatheredFromTheirFirstDevices() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      var limits = SupportedModelLimits()
      limits.devices = 2
      let extra = [["Device.A"], ["Device.B.Name"], ["Device.C"]]
      for (number, names) in extra.enumerated() {
        _ = try await Self.read(number, version: "1.0", names: names, in: fixture)
      }
      _ = try await Self.read(7, version: "2.0", names: ["Device.D"], in: fixture)
      _ = try await Self.read(8, version: nil, names: ["Device.E"], in: fixture)
      let report = try await store.gatherSupportedModels(now: Self.now, limits: limits)
      #expect(report == SupportedModelReport(readings: 5, trees: 3, hasMore: false))

      let records = try await store.supportedModels(limit: 9)
      #expect(records.map(\.name) == ["00D09E-Box@1.0", "00D09E-Box@2.0"])
      #expect(records.map(\.devices) == [2, 1])
      #expect(records.map(\.parameters) == [3, 2])
      #expect(records.map(\.manufacturer) == ["Maker", "Maker"])
      #expect(records.map(\.root) == ["Device.", "Device."])
      #expect(try await store.supportedModels(after: records[0].name, limit: 9).count == 1)
      let (_, model) = try await store.supportedModel(named: "00D09E-Box@1.0")
      #expect(
        model.items.map(\.path) == [
          "Device.", "Device.A", "Device.B.", "Device.B.Name", "Device.DeviceInfo.",
          "Device.DeviceInfo.SoftwareVersion",
        ])
      #expect(
        model.items.map(\.access) == [.readOnly, .readOnly, nil, .readWrite, nil, .readOnly])
      #expect(
        model.items.map(\.type) == [nil, .unsignedInt, nil, .unsignedInt, nil, .string])

      let again = try await store.gatherSupportedModels(now: Self.now, limits: limits)
      #expect(again == SupportedModelReport())
    }
  }

  @Test func whatIsLeftIsTakenNextTime() async throws {
    try await StoreFixture.run { fixture in
      for number in 0..<5 {
        _ = try await Self.read(
          number, version: "\(number)", names: [], at: Self.readAt + Double(number), in: fixture)
      }
      let store = fixture.store
      let first = try await store.gatherSupportedModels(now: Self.now, trees: 2)
      #expect(first == SupportedModelReport(readings: 2, trees: 2, hasMore: true))
      let second = try await store.gatherSupportedModels(now: Self.now, trees: 2)
      #expect(second == SupportedModelReport(readings: 2, trees: 2, hasMore: true))
      let third = try await store.gatherSupportedModels(now: Self.now, trees: 2)
      #expect(third == SupportedModelReport(readings: 1, trees: 1, hasMore: false))
      #expect(try await store.supportedModels(limit: 9).count == 5)
    }
  }

  @Test func readingsOfTheLastMinuteAreLeftForLater() async throws {
    try await StoreFixture.run { fixture in
      _ = try await Self.read(1, version: "1", names: [], in: fixture)
      let early = try await fixture.store.gatherSupportedModels(now: Self.readAt + 30)
      #expect(early.readings == 0)
      #expect(try await fixture.store.gatherSupportedModels(now: Self.now).trees == 1)
    }
  }

  @Test func aTreeOfTheFirmwareBeforeIsNotTaken() async throws {
    try await StoreFixture.run { fixture in
      _ = try await Self.read(1, version: "1", names: [], in: fixture)
      _ = try await Self.call(
        1, version: "2", session: 2, at: Self.readAt + 100, in: fixture)
      #expect(try await fixture.store.gatherSupportedModels(now: Self.now).trees == 1)
      #expect(try await fixture.store.supportedModels(limit: 9).isEmpty)
    }
  }

  @Test func thoseThatWereNotSeenForLongestGoFirst() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      var limits = SupportedModelLimits()
      limits.models = 2
      for number in 1...2 {
        _ = try await Self.read(
          number, version: "\(number)", names: [], at: Self.readAt + Double(number) * 100_000,
          in: fixture)
        _ = try await store.gatherSupportedModels(
          now: Self.now + Double(number) * 100_000, limits: limits)
      }
      // The first one is seen again.
      _ = try await Self.read(
        3, version: "1", names: [], at: Self.readAt + 300_000, in: fixture)
      _ = try await store.gatherSupportedModels(now: Self.now + 300_000, limits: limits)
      _ = try await Self.read(
        4, version: "4", names: [], at: Self.readAt + 400_000, in: fixture)
      _ = try await store.gatherSupportedModels(now: Self.now + 400_000, limits: limits)
      #expect(
        try await store.supportedModels(limit: 9).map(\.softwareVersion) == ["1", "4"])
      limits.models = 0
      #expect(
        try await store.gatherSupportedModels(now: Self.now + 900_000, limits: limits)
          == SupportedModelReport())
    }
  }

  @Test func namesMayBeShortWhereTheyMeanOne() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      for (oui, version) in [("00D09E", "1"), ("00D09F", "1"), ("00D09E", "2")] {
        let key = try #require(
          SupportedModelKey(
            oui: oui, productClass: "Box", softwareVersion: version, protocolName: "cwmp"))
        try await store.keepSupportedModel(
          SupportedModel(items: [SupportedItem(path: "Device.", kind: .object)]), of: key,
          manufacturer: "Maker", root: "Device.", from: 1, limits: SupportedModelLimits(),
          now: Self.now)
      }
      #expect(try await store.supportedModel(named: "Box@2").record.name == "00D09E-Box@2")
      #expect(try await store.supportedModel(named: "00D09F-Box@1").record.oui == "00D09F")
      await #expect { try await store.supportedModel(named: "Box@1") } throws: {
        ($0 as? StoreError)?.code == .invalid
      }
      for name in ["Box@3", "Box", "", "@", "00D09E-Box"] {
        await #expect { try await store.supportedModel(named: name) } throws: {
          ($0 as? StoreError)?.code == .notFound
        }
      }
    }
  }

  @Test func everyKindAccessAndTypeIsKept() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      var items: [SupportedItem] = []
      for kind in SupportedItem.Kind.allCases {
        for access in SupportedItem.Access.allCases {
          for type in ParameterType.allCases {
            items.append(
              SupportedItem(
                path: "Device.\(kind).{i}.\(access).\(type)", kind: kind, access: access,
                type: type))
          }
        }
        items.append(SupportedItem(path: "Device.\(kind).none", kind: kind))
      }
      let model = SupportedModel(items: items)
      let key = try #require(
        SupportedModelKey(
          oui: "00D09E", productClass: "Box", softwareVersion: "1", protocolName: "usp"))
      try await store.keepSupportedModel(
        model, of: key, manufacturer: "", root: "Device.", from: 1,
        limits: SupportedModelLimits(), now: Self.now)
      let kept = try await store.supportedModel(named: key.name)
      #expect(kept.model == model)
      #expect(kept.record.commands == model.count(of: .command))
      #expect(kept.record.events == model.count(of: .event))
    }
  }

  @Test func whatIsDamagedIsToldAndHoldsNobodyUp() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      _ = try await Self.read(1, version: "1", names: [], in: fixture)
      _ = try await store.gatherSupportedModels(now: Self.now)
      try await store.pool.query("UPDATE supported_model SET content = '\\x00ff'")
      await #expect { try await store.supportedModel(named: "Box@1") } throws: {
        ($0 as? StoreError)?.code == .damaged
      }
      _ = try await Self.read(2, version: "1", names: [], at: Self.readAt + 10, in: fixture)
      _ = try await Self.read(3, version: "3", names: [], at: Self.readAt + 20, in: fixture)
      #expect(try await store.gatherSupportedModels(now: Self.now).readings == 2)
      #expect(try await store.supportedModel(named: "Box@3").record.devices == 1)
    }
  }
}
