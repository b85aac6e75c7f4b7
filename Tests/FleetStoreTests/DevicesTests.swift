import Fleet
import FleetStore
import Postgres
import Testing

@Suite struct DevicesTests {
  private static let model = "DeviceInfo.ModelName"
  private static let version = Facts.softwareVersion

  @Test func aDeviceIsMadeOnceAndRead() async throws {
    try await StoreFixture.run { fixture in
      let made = try await fixture.makeDevice(
        1, tags: ["pilot", "blue", "pilot"], facts: [Self.model: "FL-100"])
      #expect(made.tags == ["blue", "pilot"])
      let read = try #require(try await fixture.store.device(named: "00D09E-Box-1"))
      #expect(read.id == made.id)
      #expect(read.identity == made.identity)
      #expect(read.facts == [Self.model: "FL-100"])
      #expect(read.lastContact == nil)
      #expect(read.openTasks == 0)
      await #expect { try await fixture.makeDevice(1) } throws: {
        ($0 as? StoreError)?.code == .conflict
      }
      #expect(try await fixture.store.device(named: "00D09E-Box-2") == nil)
      #expect(try await fixture.auditedActions() == ["device.create"])
    }
  }

  @Test func aCredentialOfAnotherIsNotTakenOver() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      _ = try await store.setCredential(
        NewCredentialRecord(username: "shared", password: "secret12", realm: "r", deviceName: nil),
        by: "tester")
      let identity = DeviceIdentity(
        name: "00D09E-1", manufacturer: "", oui: "00D09E", productClass: "", serialNumber: "1")
      await #expect {
        try await store.createDevice(
          identity, tags: [],
          credential: NewCredentialRecord(
            username: "shared", password: "other123", realm: "r", deviceName: identity.name),
          by: "tester")
      } throws: { ($0 as? StoreError)?.code == .conflict }
      #expect(try await store.device(named: identity.name) == nil)
      #expect(try await store.credential(username: "shared")?.deviceName == nil)
    }
  }

  @Test func tagsChangeUnlessSomebodyWasFaster() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1, tags: ["a", "b"])
      let name = device.identity.name
      try await store.changeTags(
        of: name, .edit(adding: ["c"], removing: ["a"]), expected: ["a", "b"], by: "tester")
      #expect(try await store.device(named: name)?.tags == ["b", "c"])
      await #expect {
        try await store.changeTags(of: name, .replace(["x"]), expected: ["a", "b"], by: "tester")
      } throws: { ($0 as? StoreError)?.code == .conflict }
      try await store.changeTags(of: name, .replace(["c", "b"]), by: "tester")
      #expect(try await fixture.auditedActions() == ["device.create", "device.tag"])
      await #expect {
        try await store.changeTags(of: "nobody", .replace([]), by: "tester")
      } throws: { ($0 as? StoreError)?.code == .notFound }
    }
  }

  @Test func aDeletedDeviceLeavesNothingBehind() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1, facts: [Self.model: "FL-100"])
      let name = device.identity.name
      _ = try await store.createTask(
        for: name, StoreFixture.request(.reboot), by: "tester")
      _ = try await store.setCredential(
        NewCredentialRecord(username: "own", password: "secret12", realm: "r", deviceName: name),
        by: "tester")
      try await store.deleteDevice(named: name, by: "tester")
      #expect(try await store.device(named: name) == nil)
      let rows = try await store.pool.query(
        """
        SELECT (SELECT count(*) FROM device) + (SELECT count(*) FROM device_state)
          + (SELECT count(*) FROM device_identity) + (SELECT count(*) FROM device_fact)
          + (SELECT count(*) FROM task) + (SELECT count(*) FROM credential)
          + (SELECT count(*) FROM event)
        """)
      #expect(try rows[0].int(0) == 0)
      await #expect { try await store.deleteDevice(named: name, by: "tester") } throws: {
        ($0 as? StoreError)?.code == .notFound
      }
      // Made known again, it is a new device.
      #expect(try await fixture.makeDevice(1).id != device.id)
    }
  }

  @Test func listsComeInPages() async throws {
    try await StoreFixture.run { fixture in
      for number in 1...7 {
        try await fixture.makeDevice(
          number, facts: [Self.model: number.isMultiple(of: 2) ? "B" : "A"])
      }
      for text in ["", "DeviceInfo.ModelName=A", "DeviceInfo.ModelName!=B", "name=00D09E-*"] {
        let selector = try Selector(parsing: text)
        var found: [String] = []
        var after: Device.ID?
        var pages = 0
        while pages < 20 {
          let page = try await fixture.store.devices(matching: selector, after: after, limit: 2)
          found += page.map(\.identity.name)
          pages += 1
          guard page.count == 2 else { break }
          after = page.last?.id
        }
        let expected = text == "" || text.hasPrefix("name") ? [1, 2, 3, 4, 5, 6, 7] : [1, 3, 5, 7]
        #expect(found == expected.map { "00D09E-Box-\($0)" }, "\(text)")
        #expect(try await fixture.store.deviceCount(matching: selector) == expected.count)
      }
    }
  }

  @Test func aParameterThatIsNoFactIsRefused() async throws {
    try await StoreFixture.run { fixture in
      await #expect {
        try await fixture.store.deviceIDs(
          matching: try Selector(parsing: "WiFi.SSID.1.SSID=home"), limit: 1)
      } throws: {
        let error = $0 as? StoreError
        return error?.code == .invalid && error?.message.contains("DeviceInfo.ModelName") == true
      }
    }
  }

  // MARK: - Random fleets

  private static let seed: UInt64 = 20_260_131
  private static let deviceCount = 120
  private static let selectorCount = 250

  @Test func searchesAgreeWithTheSelectorOnRandomFleets() async throws {
    var random = Dice(state: Self.seed)
    let words = [
      "", "a", "ab", "abc", "b%c", "b_c", "B", "a*b", "ü", "\\", "FL-100", "FL-200", "\u{D7FF}x",
    ]
    let names = [Self.model, Self.version, "DeviceInfo.SerialNumber"]
    var fleet: [(tags: [String], facts: [String: String])] = []
    for _ in 0..<Self.deviceCount {
      var facts: [String: String] = [:]
      for name in names where random.next(4) > 0 {
        facts[name] = words[random.next(words.count)] + (random.next(2) == 0 ? "" : "1")
      }
      let tags = (0..<random.next(3)).map { _ in words[1 + random.next(words.count - 1)] }
      fleet.append((Set(tags).sorted(), facts))
    }
    var selectors: [Selector] = []
    for _ in 0..<Self.selectorCount {
      let terms = (0..<random.next(4)).map { _ -> Selector.Term in
        let subject: Selector.Subject =
          switch random.next(5) {
          case 0: .name
          case 1: .tag
          default: .fact(names[random.next(names.count)])
          }
        func pattern() -> Selector.Pattern {
          let base =
            subject == .name ? "00D09E-Box-\(random.next(30))" : words[random.next(words.count)]
          switch random.next(5) {
          case 0: return Selector.Pattern(pieces: [base, ""])
          case 1: return Selector.Pattern(pieces: ["", base])
          case 2:
            return Selector.Pattern(pieces: [String(base.prefix(1)), String(base.suffix(1)), ""])
          default: return Selector.Pattern(exactly: base)
          }
        }
        let patterns = (0...random.next(3)).map { _ in pattern() }
        switch random.next(subject == .name ? 2 : 4) {
        case 0: return Selector.Term(subject, .isAny(patterns))
        case 1: return Selector.Term(subject, .isNone(patterns))
        case 2: return Selector.Term(subject, .exists)
        default: return Selector.Term(subject, .isAbsent)
        }
      }
      selectors.append(Selector(terms: terms))
    }
    try await StoreFixture.run { [fleet, selectors] fixture in
      for (number, device) in fleet.enumerated() {
        try await fixture.makeDevice(number, tags: device.tags, facts: device.facts)
      }
      var matches = 0
      for selector in selectors {
        let found = Set(
          try await fixture.store.devices(matching: selector, limit: Self.deviceCount).map(
            \.identity.name))
        let expected = Set(
          fleet.enumerated().filter { number, device in
            selector.matches(
              name: "00D09E-Box-\(number)", tags: Set(device.tags), facts: device.facts)
          }.map { "00D09E-Box-\($0.offset)" })
        #expect(found == expected, "\(selector), seed \(Self.seed)")
        #expect(try await fixture.store.deviceCount(matching: selector) == expected.count)
        matches += expected.count
      }
      #expect(matches > Self.selectorCount)
    }
  }
}

/// A small generator of numbers that are the same in every run.
private struct Dice {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(bound))
  }
}
