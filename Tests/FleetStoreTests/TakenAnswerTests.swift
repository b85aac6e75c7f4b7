import Fleet
import Logging
import Postgres
import Testing

@testable import FleetStore

/// Answers to challenges let a device in once.
@Suite struct TakenAnswerTests {
  private static let now = StoreFixture.start

  private static func contact(_ serial: String, session: Int64, at: Double = now) -> Contact {
    Contact(
      identity: DeviceIdentity(
        name: "00D09E-Box-\(serial)", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
        serialNumber: serial),
      protocolName: "cwmp", root: "Device.", reasons: .periodic, reasonTexts: ["test"],
      values: [], session: session, address: "192.0.2.1", at: at)
  }

  private static func answer(_ fingerprint: Int64) -> ChallengeAnswer {
    ChallengeAnswer(fingerprint: fingerprint, until: now + 60)
  }

  /// What became of a contact.
  private static func admit(
    _ serial: String, _ answer: ChallengeAnswer?, session: Int64 = 1, to store: FleetStore
  ) async -> StoreError.Code? {
    do {
      _ = try await store.admit(
        contact(serial, session: session), mayCreate: true, proof: .shared, answer: answer)
      return nil
    } catch {
      return (error as? StoreError)?.code ?? .database
    }
  }

  private static func node(_ database: String, committers: Int = 1) async throws
    -> FleetStore
  {
    var settings = StoreFixture.settings
    settings.committers = committers
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return try await FleetStore.open(database, settings: settings, logger: logger)
  }

  private static func count(_ store: FleetStore) async throws -> Int {
    try await store.pool.query("SELECT count(*) FROM taken_answer")[0].int(0)
  }

  @Test func noneIsTakenTwiceOnWhicheverNode() async throws {
    let database = try await TemporaryCluster.newDatabase()
    let one = try await Self.node(database)
    #expect(await Self.admit("1", Self.answer(-7), to: one) == nil)
    #expect(await Self.admit("1", Self.answer(-7), session: 2, to: one) == .replayed)
    // A node that has started since then knows it as well.
    let other = try await Self.node(database)
    #expect(await Self.admit("1", Self.answer(-7), session: 3, to: other) == .replayed)
    #expect(await Self.admit("2", Self.answer(-7), to: other) == .replayed)
    #expect(try await one.device(named: "00D09E-Box-2") == nil)
    #expect(await Self.admit("1", Self.answer(8), session: 4, to: other) == nil)
    #expect(await Self.admit("1", nil, session: 5, to: one) == nil)
    await one.close()
    await other.close()
  }

  @Test func ofManyAtATimeOneIsTaken() async throws {
    let database = try await TemporaryCluster.newDatabase()
    let nodes = [
      try await Self.node(database, committers: 2), try await Self.node(database, committers: 2),
    ]
    for round in Int64(0)..<10 {
      let ends = await withTaskGroup(of: StoreError.Code?.self) { group in
        for number in 0..<12 {
          group.addTask {
            await Self.admit(
              "\(number % 6)", Self.answer(round), session: round * 100 + Int64(number),
              to: nodes[number % 2])
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let replayed = ends.filter { $0 == .replayed }
      #expect(replayed.count == ends.count - 1)
      #expect(ends.allSatisfy { $0 == nil || $0 == .superseded || $0 == .replayed })
    }
    for node in nodes { await node.close() }
  }

  /// One captured answer, shown to several nodes with as many new names.
  @Test func aReplayMakesNoDeviceKnown() async throws {
    let database = try await TemporaryCluster.newDatabase()
    let nodes = [
      try await Self.node(database, committers: 2), try await Self.node(database, committers: 2),
    ]
    for round in Int64(0)..<10 {
      _ = await withTaskGroup(of: StoreError.Code?.self) { group in
        for number in 0..<8 {
          group.addTask {
            await Self.admit("\(round)x\(number)", Self.answer(round), to: nodes[number % 2])
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
    let devices = try await nodes[0].pool.query("SELECT count(*) FROM device")[0].int(0)
    #expect(devices == 10)
    let taken = try await Self.count(nodes[0])
    #expect(taken == 10)
    for node in nodes { await node.close() }
  }

  /// Somebody with the shared credential calls in the same moment as the device that has one of its own.
  @Test func whoHasNotProvedToBeTheDeviceSupersedesNobody() async throws {
    var settings = StoreFixture.settings
    settings.commitDelay = 0.05
    try await StoreFixture.run(settings: settings) { fixture in
      let store = fixture.store
      _ = try await store.admit(Self.contact("1", session: 1), mayCreate: true, proof: .own)
      for round in Int64(0)..<10 {
        async let strangers = withTaskGroup(of: StoreError.Code?.self) { group in
          for number in Int64(1)...4 {
            group.addTask {
              await Self.admit(
                "1", Self.answer(round * 10 + number), session: 1_000 + round * 10 + number,
                to: store)
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        let admitted = try await store.admit(
          Self.contact("1", session: 2 + round), mayCreate: true, proof: .own)
        #expect(admitted.deviceID > 0)
        #expect(await strangers.allSatisfy { $0 == .unproven })
      }
      let taken = try await Self.count(store)
      #expect(taken == 0)
    }
  }

  @Test func whatIsRefusedTakesNone() async throws {
    try await StoreFixture.run { fixture in
      await #expect {
        _ = try await fixture.store.admit(
          Self.contact("1", session: 1), mayCreate: false, proof: .shared,
          answer: Self.answer(1))
      } throws: { ($0 as? StoreError)?.code == .unknownDevice }
      let count = try await Self.count(fixture.store)
      #expect(count == 0)
      #expect(await Self.admit("1", Self.answer(1), to: fixture.store) == nil)
    }
  }

  /// Of two calls of one device in a batch the newer one counts, and neither answer is good again.
  @Test func theAnswerOfACallThatWasSupersededIsTakenToo() async throws {
    var settings = StoreFixture.settings
    settings.commitDelay = 0.3
    settings.committers = 1
    try await StoreFixture.run(settings: settings) { fixture in
      let store = fixture.store
      let ends = await withTaskGroup(of: StoreError.Code?.self) { group in
        for number in Int64(1)...3 {
          group.addTask {
            await Self.admit("1", Self.answer(number), session: number, to: store)
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(ends.allSatisfy { $0 == nil || $0 == .superseded })
      let count = try await Self.count(store)
      #expect(count == 3)
    }
  }

  @Test func theyAreForgottenWhenTheirChallengeIsPastItsLifetime() async throws {
    try await StoreFixture.run { fixture in
      #expect(await Self.admit("1", Self.answer(1), to: fixture.store) == nil)
      _ = try await fixture.store.keepHouse(now: Self.now + 59)
      #expect(try await Self.count(fixture.store) == 1)
      _ = try await fixture.store.keepHouse(now: Self.now + 61)
      #expect(try await Self.count(fixture.store) == 0)
    }
  }
}
