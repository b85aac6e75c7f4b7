import Fleet
import Postgres
import Testing

@testable import FleetStore

/// Under which endpoint IDs devices are known, and where they are reached.
@Suite(.serialized) struct EndpointsTests {
  @Test func anIDMovesUnlessItsDeviceHasProvedMore() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let (first, second) = (try await fixture.makeDevice(1), try await fixture.makeDevice(2))
      #expect(try await store.noteEndpoint("self::a", of: first.id))
      #expect(try await store.noteEndpoint("self::a", of: second.id))
      #expect(try await store.deviceID(named: "self::a") == second.id)
      try await store.pool.query(
        "UPDATE device_state SET own_credential = 2 WHERE device_id = $1", .int8(second.id))
      #expect(try await !store.noteEndpoint("self::a", of: first.id))
      #expect(try await store.deviceID(named: "self::a") == second.id)
      let standing = try await store.standing(of: "self::a", inDeviceNamed: first.identity.name)
      #expect(standing.holder?.device == second.id)
      #expect(standing.holder?.deviceName == second.identity.name)
      #expect(standing.holder?.isProven == true && standing.holder?.isCertified == false)
      #expect(standing.device == first.id && standing.certifiedEndpoints == [])
      // A certificate is proof of the ID itself.
      #expect(try await store.noteEndpoint("self::a", of: first.id, isCertified: true))
      #expect(try await !store.noteEndpoint("self::a", of: second.id))
      let certified = try await store.standing(of: "self::a", inDeviceNamed: first.identity.name)
      #expect(certified.holder?.isCertified == true && certified.certifiedEndpoints == ["self::a"])
      // Coming without it takes nothing from it.
      #expect(try await store.noteEndpoint("self::a", of: first.id))
      #expect(
        try await store.standing(of: "self::a", inDeviceNamed: "").holder?.isCertified == true)
    }
  }

  @Test func aDeviceHasOnlySoManyIDs() async throws {
    try await StoreFixture.run { fixture in
      let device = try await fixture.makeDevice(1)
      #expect(try await fixture.store.noteEndpoint("self::first", of: device.id, isCertified: true))
      let count = FleetStore.maxEndpoints + 4
      for number in 0..<count {
        #expect(try await fixture.store.noteEndpoint("self::\(100 + number)", of: device.id))
      }
      let endpoints = try await fixture.store.endpoints(of: device.id)
      #expect(
        endpoints == (4..<count).map { "self::\(100 + $0)" } + ["self::first"])
      #expect(try await fixture.store.deviceID(named: device.identity.name) == device.id)
    }
  }

  @Test func whatIsTheSameIsNotWrittenAgain() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      func rows() async throws -> [String] {
        try await store.pool.query(
          """
          SELECT xmin::text || xmax::text FROM device_identity WHERE name = 'self::a'
          UNION ALL SELECT xmin::text || xmax::text FROM agent_address
          """
        ).map { try $0.string(0) }
      }
      func note(_ address: String) async throws {
        _ = try await store.noteEndpoint("self::a", of: device.id)
        try await store.noteAddress(address, of: "self::a", over: "mqtt", of: device.id)
      }
      try await note("x")
      let before = try await rows()
      #expect(before.count == 2)
      try await note("x")
      #expect(try await rows() == before)
      try await note("y")
      #expect(try await rows() != before)
    }
  }

  @Test func addressesGoWithTheirDevice() async throws {
    try await StoreFixture.run { fixture in
      let store = fixture.store
      let device = try await fixture.makeDevice(1)
      _ = try await store.noteEndpoint("self::a", of: device.id)
      try await store.noteAddress("topic", of: "self::a", over: "mqtt", of: device.id)
      try await store.noteAddress("queue", of: "self::a", over: "stomp", of: device.id)
      try await store.noteAddress("topic2", of: "self::b", over: "mqtt", of: device.id)
      let addresses = try await store.agentAddresses(of: device.id)
      #expect(addresses.map(\.endpoint) == ["self::b", "self::a"])
      #expect(addresses.map(\.address) == ["topic2", "queue"])
      try await store.deleteDevice(named: device.identity.name, by: "test")
      #expect(try await store.agentAddresses(of: device.id).isEmpty)
      #expect(try await store.deviceID(named: "self::a") == nil)
    }
  }
}
