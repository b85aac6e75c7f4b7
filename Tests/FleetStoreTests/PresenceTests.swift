import Fleet
import Logging
import Postgres
import Testing

@testable import FleetStore

/// Which agents are connected, as every node tells it.
@Suite(.serialized) struct PresenceTests {
  /// Seconds; longer than any of these tests takes.
  private static let lease = 3_600.0
  private static let start = StoreFixture.start

  private struct Node {
    var store: FleetStore
    var life: NodeLife

    init(_ store: FleetStore, _ name: String) async throws {
      self.store = store
      life = try await store.beginLife(ofNodeNamed: name, lease: lease)
    }

    /// The device's agent calls, and its link is written down.
    func meets(_ device: DeviceRecord, over transport: String = "webSocket", at time: Double)
      async throws -> AgentStay
    {
      let session = Int64.random(in: 1...Int64.max)
      _ = try await store.admit(
        Contact(
          identity: device.identity, protocolName: "usp", root: "Device.", reasons: .other,
          reasonTexts: ["Connect"], values: [], session: session, address: "192.0.2.1", at: time),
        mayCreate: false)
      let stay = AgentStay(
        device: device.id, session: session, endpoint: "self::\(device.id)", transport: transport,
        since: time)
      try await store.note(stays: [stay], leaves: [], at: life)
      return stay
    }

    func loses(_ device: DeviceRecord, at time: Double) async throws {
      try await store.note(
        stays: [], leaves: [AgentLeave(device: device.id, at: time)], at: life)
    }
  }

  /// Two nodes with stores of their own on one database.
  private func withNodes(_ body: (StoreFixture, _ first: Node, _ second: Node) async throws -> Void)
    async throws
  {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    try await TemporaryCluster.withDatabase { database in
      let stores = [
        try await FleetStore.open(database, settings: StoreFixture.settings, logger: logger),
        try await FleetStore.open(database, settings: StoreFixture.settings, logger: logger),
      ]
      do {
        try await body(
          StoreFixture(store: stores[0]), Node(stores[0], "first"), Node(stores[1], "second"))
      } catch {
        for store in stores { await store.close() }
        throw error
      }
      for store in stores { await store.close() }
    }
  }

  private func presence(_ device: DeviceRecord, _ node: Node) async throws -> AgentPresence? {
    try await node.store.devices([device.id]).first?.presence
  }

  private func isOnline(_ device: DeviceRecord, _ node: Node) async throws -> Bool? {
    try await presence(device, node)?.isOnline
  }

  /// The node's time is over, as it is some time after it was lost.
  private func runOut(_ node: Node, secondsAgo: Double = 1) async throws {
    try await node.store.pool.query(
      "UPDATE node SET alive_until = now() - $2 * interval '1 second' WHERE node_id = $1",
      .int8(node.life.id), .float8(secondsAgo))
  }

  @Test func everyNodeTellsWhichAgentsAreConnected() async throws {
    try await withNodes { fixture, first, second in
      let device = try await fixture.makeDevice(1)
      #expect(try await presence(device, second) == nil)
      let stay = try await first.meets(device, over: "mqtt", at: Self.start)
      #expect(
        try await presence(device, second)
          == AgentPresence(
            isOnline: true, since: Self.start, transport: "mqtt", endpoint: stay.endpoint,
            node: "first", heardAt: Self.start))
      try await first.store.note(heard: [(stay, Self.start + 50)], at: first.life)
      #expect(try await presence(device, second)?.heardAt == Self.start + 50)
      try await first.loses(device, at: Self.start + 60)
      #expect(
        try await presence(device, second)
          == AgentPresence(
            isOnline: false, since: Self.start + 60, transport: "mqtt", endpoint: stay.endpoint,
            node: nil, heardAt: Self.start + 50))
    }
  }

  @Test func aNewLinkWinsOverWhatIsToldLateOfTheOldOne() async throws {
    try await withNodes { fixture, first, second in
      let device = try await fixture.makeDevice(1)
      let old = try await first.meets(device, at: Self.start)
      _ = try await second.meets(device, over: "stomp", at: Self.start + 10)
      // That it has gone.
      try await first.loses(device, at: Self.start + 20)
      #expect(try await presence(device, first)?.node == "second")
      // That it has come.
      try await first.store.note(stays: [old], leaves: [], at: first.life)
      #expect(try await presence(device, first)?.node == "second")
      // That it was heard.
      try await first.store.note(heard: [(old, Self.start + 30)], at: first.life)
      let now = try await presence(device, first)
      #expect(now?.node == "second" && now?.heardAt == Self.start + 10)
      #expect(now?.transport == "stomp" && now?.since == Self.start + 10)
    }
  }

  @Test func theAgentsOfALostNodeAreNotConnected() async throws {
    try await withNodes { fixture, first, second in
      let (lost, kept) = (try await fixture.makeDevice(1), try await fixture.makeDevice(2))
      _ = try await first.meets(lost, at: Self.start)
      _ = try await second.meets(kept, at: Self.start)
      try await runOut(first)
      // Nothing was written for the agent.
      let presence = try await presence(lost, second)
      #expect(presence?.isOnline == false && presence?.node == nil)
      #expect((presence?.since ?? 0) > Self.start)
      #expect(try await isOnline(kept, second) == true)
      // A node that was only slow has them back.
      #expect(try await first.store.prolong(first.life, lease: Self.lease))
      #expect(try await isOnline(lost, second) == true)
    }
  }

  @Test func whatALostNodeHasLeftBehindIsClearedAway() async throws {
    try await withNodes { fixture, first, second in
      var lost: [DeviceRecord] = []
      for number in 1...5 {
        lost.append(try await fixture.makeDevice(number))
        _ = try await first.meets(lost[number - 1], at: Self.start)
      }
      let kept = try await fixture.makeDevice(6)
      _ = try await second.meets(kept, at: Self.start)
      try await runOut(first)
      // It may come back.
      #expect(try await second.store.forgetEndedNodes() == 0)
      try await runOut(first, secondsAgo: FleetStore.nodeGrace + 1)
      let before = try await presence(lost[0], second)
      #expect(try await second.store.forgetEndedNodes(slice: 2) == 1)
      #expect(try await presence(lost[0], second) == before)
      for device in lost { #expect(try await isOnline(device, second) == false) }
      #expect(try await isOnline(kept, second) == true)
      #expect(try await second.store.forgetEndedNodes(slice: 2) == 0)
      // The node has to begin anew, and what it writes under the old life makes nobody connected.
      #expect(try await !first.store.prolong(first.life, lease: Self.lease))
      _ = try await first.meets(lost[0], at: Self.start + 10)
      #expect(try await isOnline(lost[0], second) == false)
      let again = try await Node(first.store, "first")
      _ = try await again.meets(lost[0], at: Self.start + 20)
      #expect(try await isOnline(lost[0], second) == true)
    }
  }

  @Test func aNodeThatStopsLetsAllItsAgentsGo() async throws {
    try await withNodes { fixture, first, second in
      let device = try await fixture.makeDevice(1)
      _ = try await first.meets(device, at: Self.start)
      try await first.store.end(first.life)
      #expect(try await isOnline(device, second) == false)
      #expect(try await !first.store.prolong(first.life, lease: Self.lease))
      #expect(try await second.store.keepHouse(now: Self.start).forgottenNodes == 1)
      #expect(try await isOnline(device, second) == false)
    }
  }

  @Test func theAgentsOfALostNodeAreGivenToAnotherOnce() async throws {
    try await withNodes { fixture, first, second in
      var devices: [DeviceRecord] = []
      for number in 1...4 { devices.append(try await fixture.makeDevice(number)) }
      _ = try await first.meets(devices[0], over: "mqtt", at: Self.start)
      _ = try await first.meets(devices[1], over: "mqtt", at: Self.start)
      _ = try await first.meets(devices[2], over: "webSocket", at: Self.start)
      _ = try await second.meets(devices[3], over: "mqtt", at: Self.start)
      func take(_ transports: String..., limit: Int = 9) async throws -> [Device.ID] {
        try await second.store.takeLostAgents(over: transports, limit: limit)
      }
      #expect(try await take("mqtt", "stomp") == [])
      try await runOut(first)
      let since = try await presence(devices[0], second)?.since
      #expect(try await take("stomp") == [])
      let taken = [try await take("mqtt", limit: 1), try await take("mqtt")]
      #expect(taken.map(\.count) == [1, 1])
      #expect(Set(taken.joined()) == Set(devices[0...1].map(\.id)))
      #expect(try await take("mqtt", "stomp") == [])
      #expect(try await presence(devices[0], second)?.since == since)
      // Whoever does not lose its life after all takes them back when it hears them.
      #expect(try await first.store.prolong(first.life, lease: Self.lease))
      #expect(try await isOnline(devices[0], second) == false)
      #expect(try await isOnline(devices[2], second) == true)
    }
  }

  @Test func whoIsHeardAndHeldByNobodyIsHere() async throws {
    try await withNodes { fixture, first, second in
      let device = try await fixture.makeDevice(1)
      let stay = try await first.meets(device, at: Self.start)
      _ = try await second.meets(device, at: Self.start + 10)
      try await second.loses(device, at: Self.start + 20)
      // Before the other link has ended.
      try await first.store.note(heard: [(stay, Self.start + 15)], at: first.life)
      #expect(try await isOnline(device, second) == false)
      try await first.store.note(heard: [(stay, Self.start + 30)], at: first.life)
      let presence = try await presence(device, second)
      #expect(presence?.node == "first" && presence?.since == Self.start + 20)
      #expect(presence?.heardAt == Self.start + 30)
      // From a node that was lost.
      _ = try await second.meets(device, at: Self.start + 40)
      try await runOut(second)
      try await first.store.note(heard: [(stay, Self.start + 50)], at: first.life)
      #expect(try await self.presence(device, second)?.node == "first")
    }
  }

  @Test func aSessionOfCWMPTakesNothingFromALink() async throws {
    try await withNodes { fixture, first, _ in
      let device = try await fixture.makeDevice(1)
      let stay = try await first.meets(device, at: Self.start)
      try await first.loses(device, at: Self.start + 1)
      _ = try await first.store.admit(
        Contact(
          identity: device.identity, protocolName: "cwmp", root: "Device.", reasons: .periodic,
          reasonTexts: ["2 PERIODIC"], values: [], session: 7, address: "192.0.2.1",
          at: Self.start + 2), mayCreate: false)
      try await first.store.note(stays: [stay], leaves: [], at: first.life)
      #expect(try await isOnline(device, first) == true)
    }
  }

  @Test func devicesAreSearchedByWhetherTheyAreConnected() async throws {
    try await withNodes { fixture, first, second in
      var devices: [DeviceRecord] = []
      for number in 1...4 { devices.append(try await fixture.makeDevice(number, tags: ["t"])) }
      _ = try await first.meets(devices[0], at: Self.start)
      _ = try await second.meets(devices[1], at: Self.start)
      _ = try await second.meets(devices[2], at: Self.start)
      try await second.loses(devices[2], at: Self.start + 1)
      func check(online: [Int], offline: [Int]) async throws {
        for (text, expected) in [
          ("online=true", online), ("online=false", offline), ("online!=true", offline + [3]),
          ("online", online + offline), ("!online", [3]), ("online in (true,false)", [0, 1, 2]),
          // From an index.
          ("tag=t,online=true", online), ("tag=t,online=false", offline),
        ] {
          let selector = try Selector(parsing: text)
          let found = try await fixture.store.deviceIDs(matching: selector, limit: 9)
          #expect(found == expected.sorted().map { devices[$0].id }, "\(text)")
          #expect(try await fixture.store.deviceCount(matching: selector) == expected.count)
        }
      }
      try await check(online: [0, 1], offline: [2])
      try await runOut(first)
      try await check(online: [1], offline: [0, 2])
    }
  }

  @Test func presenceGoesWithItsDevice() async throws {
    try await withNodes { fixture, first, _ in
      let device = try await fixture.makeDevice(1)
      let stay = try await first.meets(device, at: Self.start)
      try await fixture.store.deleteDevice(named: device.identity.name, by: "test")
      try await first.store.note(stays: [stay], leaves: [], at: first.life)
      try await first.store.note(heard: [(stay, Self.start + 9)], at: first.life)
      #expect(try await fixture.store.pool.query("SELECT FROM agent_presence").isEmpty)
    }
  }
}
