import Fleet
import Logging
import Postgres
import Synchronization
import Testing

@testable import FleetStore

@Suite(.serialized) struct ContactTests {
  private static let now = 1_800_000_000.0

  private static func contact(
    _ serial: String, session: Int64, reasons: Contact.Reasons = .periodic,
    values: [(String, String)] = [("Device.DeviceInfo.SoftwareVersion", "1.0")], at: Double = now
  ) -> Contact {
    Contact(
      identity: DeviceIdentity(
        name: "00D09E-Box-\(serial)", manufacturer: "Acme", oui: "00D09E", productClass: "Box",
        serialNumber: serial),
      protocolName: "cwmp", root: "Device.", reasons: reasons, reasonTexts: ["test"],
      values: values.map { ReportedValue(path: $0.0, value: $0.1) }, session: session,
      address: "192.0.2.1", at: at)
  }

  @Test func theFirstContactMakesADevice() async throws {
    let store = try await openTestStore()
    let first = try await store.admit(
      Self.contact("1", session: 5, reasons: [.bootstrap, .boot]), mayCreate: true)
    #expect(first.isNew)
    #expect(first.isReadDue)
    #expect(!first.hasOpenWork)
    #expect(first.credentialState == .due)
    #expect(first.softwareVersion == "1.0")
    let tree = try await store.tree(of: first.deviceID)
    #expect(tree.map(\.path) == ["Device.DeviceInfo.SoftwareVersion"])

    let second = try await store.admit(
      Self.contact("1", session: 6, at: Self.now + 1), mayCreate: true)
    #expect(second.deviceID == first.deviceID)
    #expect(!second.isNew)
    await store.close()
  }

  @Test func aDeviceThatIsNotKnownStaysOutsideUnlessItMayMakeItselfKnown() async throws {
    let store = try await openTestStore()
    await #expect {
      _ = try await store.admit(Self.contact("1", session: 1), mayCreate: false)
    } throws: { ($0 as? StoreError)?.code == .unknownDevice }
    #expect(try await store.pool.query("SELECT FROM device").isEmpty)
    await store.close()
  }

  @Test func devicesAreFoundByTheGatewayThatTheyName() async throws {
    let store = try await openTestStore()
    let gateway = [("Device.GatewayInfo.SerialNumber", "G1")]
    let behind = try await store.admit(
      Self.contact("1", session: 1, values: gateway), mayCreate: true)
    _ = try await store.admit(Self.contact("2", session: 2), mayCreate: true)
    let found = try await store.devices(
      matching: try Selector(parsing: "GatewayInfo.SerialNumber=G1"), limit: 9)
    #expect(found.map(\.id) == [behind.deviceID])
    await store.close()
  }

  /// TR-098 has the WAN's address in one of two places, and what is in the other says nothing.
  @Test func theAddressIsThatOfWhicheverConnectionHasOne() async throws {
    let store = try await openTestStore()
    let connection = "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1."
    let ip = connection + "WANIPConnection.1.ExternalIPAddress"
    let ppp = connection + "WANPPPConnection.1.ExternalIPAddress"
    var session: Int64 = 0
    func call(_ values: [(String, String)]) async throws -> AdmittedContact {
      session += 1
      var contact = Self.contact(
        "1", session: session, values: values, at: Self.now + Double(session))
      contact.root = "InternetGatewayDevice."
      return try await store.admit(contact, mayCreate: true)
    }
    let device = try await call([(ip, "85.1.2.3")]).deviceID
    func read(_ values: [(String, String)]) async throws {
      try await store.commit(
        SessionWrite(
          deviceID: device, session: session,
          tree: TreeUpdate(
            names: values.map { ReportedName(path: $0.0, writable: false) },
            completeBelow: "InternetGatewayDevice.WANDevice.",
            values: values.map { ReportedValue(path: $0.0, value: $0.1) },
            at: Self.now + Double(session)),
          at: Self.now + Double(session)))
    }
    func address() async throws -> String? {
      try await store.devices([device]).first?.facts["IP.Interface.1.IPv4Address.1.IPAddress"]
    }
    try await read([(ip, "85.1.2.3"), (ppp, "0.0.0.0")])
    #expect(try await address() == "85.1.2.3")
    // The connection changes from one kind to the other.
    try await read([(ip, ""), (ppp, "85.1.2.4")])
    #expect(try await address() == "85.1.2.4")
    // The one in the tree counts where a call tells of the other alone.
    _ = try await call([(ip, "0.0.0.0")])
    #expect(try await address() == "85.1.2.4")
    _ = try await call([(ip, "85.1.2.5")])
    #expect(try await address() == "85.1.2.5")
    // A row goes, and the other stays.
    try await read([(ip, "85.1.2.5")])
    #expect(try await address() == "85.1.2.5")
    _ = try await call([(ip, "")])
    #expect(try await address() == nil)
    await store.close()
  }

  @Test func aReadingThatDoesNotComeToItsEndIsDueAgainLater() async throws {
    let store = try await openTestStore()
    let first = try await store.admit(
      Self.contact("1", session: 1, reasons: .bootstrap), mayCreate: true)
    #expect(first.isReadDue)
    // A few sessions may break; then the device is left alone for a while, and for longer each time.
    var at = Self.now
    var session: Int64 = 1
    func isReadDue(after seconds: Double) async throws -> Bool {
      at += seconds
      session += 1
      return try await store.admit(
        Self.contact("1", session: session, at: at), mayCreate: true
      ).isReadDue
    }
    for _ in 0..<3 { #expect(try await isReadDue(after: 0.1)) }
    #expect(try await !isReadDue(after: store.settings.readRetryDelay - 1))
    #expect(try await isReadDue(after: 2))
    #expect(try await !isReadDue(after: store.settings.readRetryDelay * 2 - 1))
    #expect(try await isReadDue(after: 2))
    try await store.commit(
      SessionWrite(
        deviceID: first.deviceID, session: session, isReadDone: true, at: at))
    session += 1
    let done = try await store.admit(
      Self.contact("1", session: session, at: Self.now + 1e6), mayCreate: true)
    #expect(!done.isReadDue)
    await store.close()
  }

  /// However often that is: requests can't become smaller for ever.
  @Test func aReadingThatBrokeAtALargeRequestIsDueAtOnceWithASmallerOne() async throws {
    let store = try await openTestStore()
    var size = try await store.admit(Self.contact("1", session: 1), mayCreate: true).batchSize
    var session: Int64 = 1
    while size > 1 {
      let device = try await store.pool.query("SELECT device_id FROM device_state")[0].int64(0)
      size /= 2
      try await store.commit(
        SessionWrite(deviceID: device, session: session, batchSize: size, at: Self.now))
      session += 1
      let next = try await store.admit(
        Self.contact("1", session: session, at: Self.now + 1), mayCreate: true)
      #expect(next.isReadDue)
      #expect(next.batchSize == size)
    }
    #expect(session > 4)
    await store.close()
  }

  /// What an older session brings is committed before the newer one is admitted, whichever committers there are.
  @Test func writesAndContactsOfADeviceKeepTheirOrder() async throws {
    var settings = StoreFixture.settings
    settings.committers = 4
    let store = try await openTestStore(settings)
    var devices: [Device.ID] = []
    for number in 0..<12 {
      devices.append(
        try await store.admit(Self.contact("\(number)", session: 1), mayCreate: true).deviceID)
    }
    for session in Int64(1)...10 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, device) in devices.enumerated() {
          let contact = Self.contact("\(number)", session: session + 1)
          let write = SessionWrite(
            deviceID: device, deviceName: contact.identity.name, session: session,
            batchSize: Int(session), at: Self.now)
          group.addTask {
            let failure = Mutex<StoreError?>(nil)
            _ = try await withCheckedThrowingContinuation { continuation in
              store.commit(write) { result in
                if case .failure(let error) = result { failure.withLock { $0 = error } }
              }
              store.admit(contact, mayCreate: true) { continuation.resume(with: $0) }
            }
            #expect(failure.withLock { $0?.code } == nil)
          }
        }
        try await group.waitForAll()
      }
    }
    let written = try await store.pool.query(
      "SELECT count(*) FROM device_state WHERE batch_size = 10")[0].int(0)
    #expect(written == 12)
    await store.close()
  }

  @Test func aNewVersionHasTheTreeReadAgain() async throws {
    let store = try await openTestStore()
    let first = try await store.admit(Self.contact("1", session: 1), mayCreate: true)
    try await store.commit(
      SessionWrite(deviceID: first.deviceID, session: 1, isReadDone: true, at: Self.now))
    let same = try await store.admit(Self.contact("1", session: 2), mayCreate: true)
    #expect(!same.isReadDue)
    let newer = try await store.admit(
      Self.contact("1", session: 3, values: [("Device.DeviceInfo.SoftwareVersion", "2.0")]),
      mayCreate: true)
    #expect(newer.isReadDue)
    #expect(newer.softwareVersion == "2.0")
    let facts = try await store.pool.query(
      """
      SELECT f.value FROM device_fact f JOIN fact USING (fact_id)
      WHERE f.device_id = $1 AND fact.name = 'DeviceInfo.SoftwareVersion'
      """, .int8(first.deviceID))
    #expect(try facts.map { try $0.string(0) } == ["2.0"])
    await store.close()
  }

  @Test func anOlderSessionIsRefused() async throws {
    let store = try await openTestStore()
    let first = try await store.admit(Self.contact("1", session: 1), mayCreate: true)
    _ = try await store.admit(Self.contact("1", session: 2), mayCreate: true)
    let write = SessionWrite(
      deviceID: first.deviceID, session: 1,
      tree: TreeUpdate(values: [ReportedValue(path: "Device.A", value: "1")], at: Self.now),
      at: Self.now)
    await #expect {
      try await store.commit(write)
    } throws: { ($0 as? StoreError)?.code == .superseded }
    #expect(
      try await store.tree(of: first.deviceID).map(\.path) == ["Device.DeviceInfo.SoftwareVersion"])
    await store.close()
  }

  @Test func aTreeIsStoredAndReadBack() async throws {
    let store = try await openTestStore()
    let device = try await store.admit(Self.contact("1", session: 1), mayCreate: true).deviceID
    let values = (0..<700).map {
      ReportedValue(path: "Device.Hosts.Host.\($0).Name", value: "name \($0)", type: .string)
    }
    try await store.commit(
      SessionWrite(
        deviceID: device, session: 1,
        tree: TreeUpdate(
          names: values.map { ReportedName(path: $0.path, writable: false) },
          completeBelow: "Device.Hosts.", values: values, at: Self.now), isReadDone: true,
        at: Self.now))
    // What a contact brings stands above the tree; what the tree knows besides stays.
    _ = try await store.admit(
      Self.contact("1", session: 2, values: [("Device.Hosts.Host.3.Name", "new")]), mayCreate: true)
    let tree = try await store.tree(of: device)
    #expect(tree.count == 701)
    #expect(tree.first { $0.path == "Device.Hosts.Host.3.Name" }?.value == "new")
    #expect(tree.first { $0.path == "Device.Hosts.Host.699.Name" }?.value == "name 699")
    // What the device now says in answer to a question is newer than its contact.
    try await store.commit(
      SessionWrite(
        deviceID: device, session: 2,
        tree: TreeUpdate(
          values: [ReportedValue(path: "Device.Hosts.Host.3.Name", value: "newest")], at: Self.now),
        at: Self.now))
    #expect(
      try await store.tree(of: device).first { $0.path == "Device.Hosts.Host.3.Name" }?.value
        == "newest")
    await store.close()
  }

  @Test func aHotRowThatWouldGrowTooWideMovesItsValuesToTheTree() async throws {
    var settings = FleetStore.Settings()
    settings.maxVolatileSize = 300
    let store = try await openTestStore(settings)
    // A fact among the values that move must not be written twice in one statement.
    let version = String(repeating: "9", count: 200)
    let many =
      [("Device.DeviceInfo.SoftwareVersion", version)]
      + (0..<20).map {
        ("Device.X.\($0).Description", "a text of some length, number \($0)")
      }
    let device = try await store.admit(Self.contact("1", session: 1, values: many), mayCreate: true)
    let size = try await store.pool.query(
      "SELECT octet_length(volatile) FROM device_state WHERE device_id = $1", .int8(device.deviceID)
    )
    #expect(try size[0].int32(0) <= 300)
    #expect(
      try await store.tree(of: device.deviceID).compactMap(\.value).sorted()
        == many.map(\.1).sorted())
    await store.close()
  }

  @Test func aNewDeviceIsFoundByItsIdentity() async throws {
    let store = try await openTestStore()
    _ = try await store.admit(
      Self.contact("4711", session: 1, values: [("Device.A", "1")]), mayCreate: true)
    let facts = try await store.pool.query(
      "SELECT fact.name, f.value FROM device_fact f JOIN fact USING (fact_id) ORDER BY fact.name")
    #expect(
      try facts.map { try $0.string(0) + "=" + $0.string(1) } == [
        "DeviceInfo.Manufacturer=Acme", "DeviceInfo.ProductClass=Box",
        "DeviceInfo.SerialNumber=4711",
      ])
    await store.close()
  }

  @Test func aContactWithVeryManyValuesIsBorne() async throws {
    let store = try await openTestStore()
    let many = (0..<20_000).map { ("Device.X_TEST.Thing.\($0).Value", "\($0)") }.shuffled()
    let device = try await store.admit(
      Self.contact("1", session: 1, values: many), mayCreate: true
    ).deviceID
    #expect(try await store.tree(of: device).count == many.count)
    await store.close()
  }

  @Test func twoNodesDoNotOverwriteEachOther() async throws {
    let database = try await TemporaryCluster.newDatabase()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let one = try await FleetStore.open(database, logger: logger)
    let other = try await FleetStore.open(database, logger: logger)
    let rounds = 25
    try await withThrowingTaskGroup { group in
      for (number, store) in [one, other].enumerated() {
        group.addTask {
          for round in 0..<rounds {
            _ = try await store.admit(
              Self.contact(
                "1", session: Int64(1 + round * 2 + number),
                values: [("Device.Node\(number).Value\(round)", "x")]), mayCreate: true)
          }
        }
      }
      try await group.waitForAll()
    }
    let device = try await one.pool.query("SELECT device_id, revision FROM device_state")
    #expect(device.count == 1)
    #expect(try device[0].int64(1) == Int64(2 * rounds))
    #expect(try await one.tree(of: try device[0].int64(0)).count == 2 * rounds)
    await one.close()
    await other.close()
  }

  @Test func ofManyCallsOfOneDeviceTheNewestCounts() async throws {
    var settings = StoreFixture.settings
    settings.commitDelay = 0.2
    let store = try await openTestStore(settings)
    _ = try await store.admit(Self.contact("1", session: 1), mayCreate: true)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for session in 2...20 {
        group.addTask {
          do {
            _ = try await store.admit(Self.contact("1", session: Int64(session)), mayCreate: true)
            return true
          } catch {
            return (error as? StoreError)?.code != .superseded
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.count == 19)
    #expect(outcomes.contains(true))
    #expect(outcomes.contains(false))
    await store.close()
  }

  @Test func aValueOfOneEndlessCharacterIsSearchableByItsBeginning() async throws {
    let store = try await openTestStore()
    let text = "a" + String(repeating: "\u{301}", count: 3_000)
    let device = try await store.admit(
      Self.contact("1", session: 1, values: [("Device.DeviceInfo.SoftwareVersion", text)]),
      mayCreate: true
    ).deviceID
    #expect(try await store.tree(of: device).first?.value == text)
    await store.close()
  }

  @Test func startingAgainUsesUpNoNumbersOfFacts() async throws {
    let database = try await TemporaryCluster.newDatabase()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var last: [Int64] = []
    for _ in 0..<2 {
      let store = try await FleetStore.open(
        database, settings: StoreFixture.settings, logger: logger)
      let rows = try await store.pool.query("SELECT last_value FROM fact_fact_id_seq")
      last.append(try rows[0].int64(0))
      await store.close()
    }
    #expect(last[0] == last[1])
  }

  @Test func whatCannotBeReadIsDroppedAndReadAgain() async throws {
    let store = try await openTestStore()
    let device = try await store.admit(Self.contact("1", session: 1), mayCreate: true).deviceID
    let write = SessionWrite(
      deviceID: device, session: 1,
      tree: TreeUpdate(values: [ReportedValue(path: "Device.A", value: "1")], at: Self.now),
      isReadDone: true, at: Self.now)
    try await store.commit(write)
    try await store.pool.query(
      "UPDATE device_chunk SET data = '\\x00' WHERE device_id = $1", .int8(device))
    try await store.pool.query(
      "UPDATE device_state SET volatile = '\\xff' WHERE device_id = $1", .int8(device))
    let again = try await store.admit(Self.contact("1", session: 2), mayCreate: true)
    #expect(again.isReadDue)
    try await store.commit(
      SessionWrite(
        deviceID: device, session: 2,
        tree: TreeUpdate(values: [ReportedValue(path: "Device.B", value: "2")], at: Self.now),
        at: Self.now))
    #expect(
      try await store.tree(of: device).map(\.path) == [
        "Device.B", "Device.DeviceInfo.SoftwareVersion",
      ])
    await store.close()
  }

  @Test func theDatabaseMayComeAndGo() async throws {
    let store = try await openTestStore()
    _ = try await store.admit(Self.contact("1", session: 1), mayCreate: true)
    // As a restart of the server does to connections that are idle.
    try await store.pool.query(
      "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    let admitted = try await store.admit(Self.contact("1", session: 2), mayCreate: true)
    #expect(!admitted.isNew)
    await store.close()
  }

  @Test func manyDevicesAreAdmittedTogether() async throws {
    let store = try await openTestStore()
    let admitted = try await withThrowingTaskGroup(of: AdmittedContact.self) { group in
      for number in 0..<300 {
        group.addTask {
          try await store.admit(
            Self.contact("\(number)", session: Int64(number + 1)), mayCreate: true)
        }
      }
      return try await group.reduce(into: Set<Device.ID>()) { $0.insert($1.deviceID) }
    }
    #expect(admitted.count == 300)
    await store.close()
  }

  @Test func oneBadContactDoesNotTakeOthersAlong() async throws {
    let store = try await openTestStore()
    try await withThrowingTaskGroup { group in
      for number in 0..<20 {
        group.addTask {
          // PostgreSQL can't store U+0000 in text.
          let serial = number == 7 ? "bad\u{0}" : "\(number)"
          let contact = Self.contact(serial, session: 1)
          if number == 7 {
            await #expect(throws: StoreError.self) {
              _ = try await store.admit(contact, mayCreate: true)
            }
          } else {
            _ = try await store.admit(contact, mayCreate: true)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await store.pool.query("SELECT FROM device").count == 19)
    await store.close()
  }
}
