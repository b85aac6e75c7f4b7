import Fleet
import FleetStore
import Logging
import Postgres

extension SessionWrite {
  /// For stores with one committer, in which the name decides nothing.
  init(
    deviceID: Device.ID, session: Int64, tree: TreeUpdate? = nil, tasks: [DeviceTask] = [],
    isReadDone: Bool = false, batchSize: Int? = nil, credentialState: CredentialState? = nil,
    ownCredential: OwnCredential? = nil, events: [DeviceEvent] = [], at: Double
  ) {
    self.init(
      deviceID: deviceID, deviceName: "", session: session, tree: tree, tasks: tasks,
      isReadDone: isReadDone, batchSize: batchSize, credentialState: credentialState,
      ownCredential: ownCredential, events: events, at: at)
  }
}

/// A store of its own for one test.
struct StoreFixture: Sendable {
  let store: FleetStore

  /// 2026-01-01T00:00:00Z, where tests are free to choose.
  static let start = 1_767_225_600.0

  /// Gives the body a store on an empty database and closes it afterwards.
  @discardableResult
  static func run<Result>(
    settings: FleetStore.Settings = Self.settings, _ body: (StoreFixture) async throws -> Result
  ) async throws -> Result {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return try await TemporaryCluster.withDatabase { database in
      let store = try await FleetStore.open(database, settings: settings, logger: logger)
      do {
        let result = try await body(StoreFixture(store: store))
        await store.close()
        return result
      } catch {
        await store.close()
        throw error
      }
    }
  }

  static var settings: FleetStore.Settings {
    var settings = FleetStore.Settings()
    settings.connections = 4
    return settings
  }

  /// Makes a device known and gives it facts, as a contact would.
  @discardableResult
  func makeDevice(_ number: Int, tags: [String] = [], facts: [String: String] = [:]) async throws
    -> DeviceRecord
  {
    let serial = String(number)
    let record = try await store.createDevice(
      DeviceIdentity(
        name: "00D09E-Box-\(serial)", manufacturer: "Maker", oui: "00D09E", productClass: "Box",
        serialNumber: serial), tags: tags, by: "tester")
    try await setFacts(facts, of: record.id)
    return record
  }

  func setFacts(_ facts: [String: String], of device: Device.ID) async throws {
    let sorted = facts.sorted { $0.key < $1.key }
    try await store.pool.query(
      """
      INSERT INTO device_fact (device_id, fact_id, value)
      SELECT $1, f.fact_id, u.value
      FROM unnest($2::text[], $3::text[]) AS u (name, value) JOIN fact f ON f.name = u.name
      ON CONFLICT (device_id, fact_id) DO UPDATE SET value = EXCLUDED.value
      """, .int8(device), .textArray(sorted.map(\.key)), .textArray(sorted.map(\.value)))
  }

  /// Brings tasks into new states, as sessions do.
  func commit(_ tasks: [DeviceTask]) async throws {
    _ = try await store.pool.pipeline(TaskRows.update(tasks))
  }

  func hasOpenWork(_ device: Device.ID) async throws -> Bool {
    let rows = try await store.pool.query(
      "SELECT open_work FROM device_state WHERE device_id = $1", .int8(device))
    return try rows[0].bool(0)
  }

  func auditedActions() async throws -> [String] {
    try await store.auditLog(limit: 1000).reversed().map(\.action)
  }

  static func request(
    _ operation: Operation, due: Double = start, lifetime: Double = 3600
  ) -> TaskRequest {
    TaskRequest(operation: operation, dueAt: due, deadline: due + lifetime, maxAttempts: 3)
  }
}
