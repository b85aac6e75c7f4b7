import Fleet
import Testing

@testable import FleetStore

@Suite struct TreeCodecTests {
  /// Change it to repeat a failure with other values.
  private static let seed: UInt64 = 20_261_123
  private static let rounds = 200

  @Test func everyAttributeComesBack() throws {
    let parameters = [
      StoredParameter(path: "Device.", writable: false, changedAt: 1),
      StoredParameter(
        path: "Device.DeviceInfo.SoftwareVersion", value: "1.0", writable: false, notification: 2,
        changedAt: 1_800_000_000),
      StoredParameter(
        path: "Device.Time.Enable", value: "true", type: .boolean, writable: true, changedAt: -5),
      StoredParameter(path: "Device.Time.Never", type: .dateTime, changedAt: 0),
      StoredParameter(path: "Device.Ärger.Ü", value: "", type: .hexBinary, changedAt: 7),
    ]
    let codec = TreeCodec()
    let data = try codec.encode(parameters[...])
    #expect(try codec.decode(data, codec: TreeCodec.current.rawValue) == parameters)
  }

  @Test func randomTreesComeBack() throws {
    var random = SplitMix(seed: Self.seed)
    let codec = TreeCodec()
    for round in 0..<Self.rounds {
      let parameters = random.parameters(count: Int.random(in: 0...120, using: &random))
      let data = try codec.encode(parameters[...])
      #expect(
        try codec.decode(data, codec: TreeCodec.current.rawValue) == parameters,
        "seed \(Self.seed), round \(round)")
    }
  }

  @Test func damagedBytesAreRefusedOrRead() throws {
    var random = SplitMix(seed: Self.seed)
    let codec = TreeCodec()
    var refused = 0
    for _ in 0..<Self.rounds {
      let parameters = random.parameters(count: 40)
      var data = try codec.encode(parameters[...])
      for _ in 0..<3 {
        data[Int.random(in: 0..<data.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      do {
        _ = try codec.decode(data, codec: TreeCodec.current.rawValue)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  @Test func anUnknownCodecIsRefused() throws {
    #expect(throws: TreeCodecError.unknownCodec(99)) {
      try TreeCodec().decode([1, 2, 3], codec: 99)
    }
  }

  @Test func aChunkThatClaimsToBeHugeIsRefused() throws {
    let bomb = try Compressor().compress(
      [UInt8](repeating: 0, count: Compressor.maxExpandedSize + 1),
      dictionary: StandardPaths.edition1.words)
    #expect(bomb.count < 1_000)
    #expect(throws: TreeCodecError.malformed) {
      try TreeCodec().decode(bomb, codec: TreeCodec.current.rawValue)
    }
  }

  @Test func valuesWithZeroBytesComeBack() throws {
    let parameters = [
      StoredParameter(path: "Device.A", value: "a\u{0}b", changedAt: 1),
      StoredParameter(path: "Device.B", value: "", changedAt: 1),
      StoredParameter(path: "Device.C", changedAt: 1),
      StoredParameter(path: "Device.D", value: "\u{0}", changedAt: 1),
    ]
    let data = try TreeCodec().encode(parameters[...])
    #expect(try TreeCodec().decode(data, codec: TreeCodec.current.rawValue) == parameters)
  }

  @Test func aStandardTreeTakesAFewBytesForEachParameter() throws {
    let parameters = (1...40).flatMap { host in
      ["Active", "Alias", "HostName", "IPAddress", "PhysAddress"].map {
        StoredParameter(
          path: "Device.Hosts.Host.\(host).\($0)", value: "", writable: $0 == "Alias",
          changedAt: 1_800_000_000)
      }
    }.sorted { $0.path < $1.path }
    #expect(try TreeCodec().encode(parameters[...]).count < parameters.count)
  }
}

@Suite struct StandardPathsTests {
  private static let standard = StandardPaths.edition1

  /// Stored trees depend on it: if this fails, stored trees can't be read any more.
  @Test func theEditionIsTheReleasedOne() {
    #expect(Self.standard.count == 10_138)
    #expect(Self.standard.place(of: "Device.")?.template == 0)
    #expect(
      Self.standard.place(of: "InternetGatewayDevice.DeviceInfo.SoftwareVersion")?.template
        == 8_265)
  }

  @Test(arguments: [
    "Device.WiFi.SSID.12.Enable", "Device.", "Device.DeviceInfo.SoftwareVersion",
    "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.2.WANIPConnection.3.ExternalIPAddress",
    "Device.Hosts.Host.4294967295.", "Device.Hosts.Host.0.",
  ])
  func aStandardPathIsTakenApartAndPutTogether(path: String) throws {
    let place = try #require(Self.standard.place(of: path))
    var bytes: [UInt8] = []
    #expect(Self.standard.append(place, to: &bytes))
    #expect(String(decoding: bytes, as: UTF8.self) == path)
  }

  @Test(arguments: [
    "Device.X_VENDOR.Thing", "Device.Hosts.Host.007.Active", "Device.Hosts.Host.4294967296.Active",
    "", ".", "1", "Device", "Device.Hosts.Host.{i}.Active", "Device.Hosts.Host.x.Active",
    "Device.Hosts.Host.1.Active.", "Device.Hosts.Host..Active",
  ])
  func anyOtherPathIsNot(path: String) {
    #expect(Self.standard.place(of: path) == nil)
  }
}

/// A generator whose values follow from its seed.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Sorted, each path once.
  mutating func parameters(count: Int) -> [StoredParameter] {
    let words = ["WiFi", "Radio", "SSID", "Stats", "Enable", "Name", "X_0011AA_Test", "Größe"]
    var byPath: [String: StoredParameter] = [:]
    for _ in 0..<count {
      var path = "Device"
      for _ in 0..<Int.random(in: 1...4, using: &self) {
        path += "." + (words.randomElement(using: &self) ?? "")
        if Bool.random(using: &self) { path += ".\(Int.random(in: 1...300, using: &self))" }
      }
      if Int.random(in: 0..<5, using: &self) == 0 { path += "." }
      let length = Int.random(in: 0...20, using: &self)
      byPath[path] = StoredParameter(
        path: path,
        value: Bool.random(using: &self) || path.hasSuffix(".")
          ? nil : String((0..<length).map { _ in "aé0 <&".randomElement(using: &self) ?? "x" }),
        type: ParameterType.allCases.randomElement(using: &self) ?? .string,
        writable: [nil, true, false].randomElement(using: &self) ?? nil,
        notification: [nil, 0, 2].randomElement(using: &self) ?? nil,
        changedAt: Int64.random(in: -10...2_000_000_000, using: &self))
    }
    return byPath.values.sorted { $0.path < $1.path }
  }
}
