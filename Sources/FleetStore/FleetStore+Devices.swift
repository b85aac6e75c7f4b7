import Fleet
import Postgres

extension FleetStore {
  // MARK: - Searching

  /// Keys that a search brings at a time where all matches are wanted.
  private static let searchPage = 20_000

  /// The keys of the devices that a selector means, in their order.
  ///
  /// - Parameter after: the key of the last device of the page before; nil: from the first on.
  /// - Throws: ``StoreError`` with `invalid` where the selector names a parameter by which devices can't be searched.
  package func deviceIDs(
    matching selector: Selector, after: Device.ID? = nil, limit: Int
  ) async throws -> [Device.ID] {
    let search = try SelectorQuery(selector, facts: facts)
    return try await query(search.keys(after: after ?? 0, limit: limit)).map { try $0.int64(0) }
  }

  /// - Throws: ``StoreError`` with `invalid` where the selector names a parameter by which devices can't be searched.
  package func checkSearchable(_ selector: Selector) throws(StoreError) {
    _ = try SelectorQuery(selector, facts: facts)
  }

  /// How many devices a selector means.
  package func deviceCount(matching selector: Selector) async throws -> Int {
    if selector.terms.isEmpty {
      return try await query(Statement("SELECT count(*) FROM device")).first?.int(0) ?? 0
    }
    let search = try SelectorQuery(selector, facts: facts)
    return try await transaction { connection in
      var count = 0
      try Self.forEachPage(of: search, on: connection) { count += $0.count }
      return count
    }
  }

  /// Calls `body` with the keys of all devices that a search finds, a page at a time.
  static func forEachPage(
    of search: SelectorQuery, on connection: Connection, _ body: ([Device.ID]) throws -> Void
  ) throws {
    var after: Device.ID = 0
    while true {
      let keys = try connection.query(search.keys(after: after, limit: searchPage)).map {
        try $0.int64(0)
      }
      if !keys.isEmpty { try body(keys) }
      guard let last = keys.last, keys.count == searchPage else { return }
      after = last
    }
  }

  // MARK: - Reading

  private static let selectDevices: SQL = """
    SELECT d.device_id, d.name, d.manufacturer, d.oui, d.product_class, d.serial_number, d.tags,
      d.created_at, s.last_contact, s.last_boot, s.read_at, s.read_due, s.credential_state,
      s.protocol, s.root, s.address,
      (SELECT count(*) FROM task t
        WHERE s.open_work AND t.device_id = d.device_id
          AND t.state IN ('queued', 'running', 'waiting')) AS open_tasks,
      ARRAY(SELECT f.name FROM device_fact v JOIN fact f USING (fact_id)
        WHERE v.device_id = d.device_id ORDER BY f.name) AS fact_names,
      ARRAY(SELECT v.value FROM device_fact v JOIN fact f USING (fact_id)
        WHERE v.device_id = d.device_id ORDER BY f.name) AS fact_values,
      p.endpoint, p.transport, p.since, p.heard_at, n.name AS node, n.alive_until,
      n.alive_until > now() AS is_online
    FROM unnest($1::bigint[]) AS u (device_id)
    JOIN device d ON d.device_id = u.device_id
    JOIN device_state s ON s.device_id = d.device_id
    LEFT JOIN agent_presence p ON p.device_id = d.device_id
    LEFT JOIN node n ON n.node_id = p.node_id
    ORDER BY d.device_id
    """

  /// Devices by their keys, in the order of the keys; unknown ones are left out.
  package func devices(_ ids: [Device.ID]) async throws -> [DeviceRecord] {
    guard !ids.isEmpty else { return [] }
    return try await query(Statement(Self.selectDevices, .int8Array(ids))).map {
      try Self.device(from: $0)
    }
  }

  /// A page of the devices that a selector means, in the order of their keys.
  package func devices(matching selector: Selector, after: Device.ID? = nil, limit: Int)
    async throws -> [DeviceRecord]
  {
    try await devices(deviceIDs(matching: selector, after: after, limit: limit))
  }

  private static let selectID: SQL = "SELECT device_id FROM device_identity WHERE name = $1"

  /// The key of the device with this name, be it one of several that it has.
  package func deviceID(named name: String) async throws -> Device.ID? {
    try await query(Statement(Self.selectID, .text(name))).first?.int64(0)
  }

  package func device(named name: String) async throws -> DeviceRecord? {
    guard let id = try await deviceID(named: name) else { return nil }
    return try await devices([id]).first
  }

  private static func device(from row: Row) throws -> DeviceRecord {
    let names = try row.textArray("fact_names")
    let values = try row.textArray("fact_values")
    return DeviceRecord(
      id: try row.int64("device_id"),
      identity: DeviceIdentity(
        name: try row.string("name"), manufacturer: try row.string("manufacturer"),
        oui: try row.string("oui"), productClass: try row.string("product_class"),
        serialNumber: try row.string("serial_number")),
      tags: try row.textArray("tags"),
      facts: Dictionary(zip(names, values)) { first, _ in first },
      createdAt: try row.timestamp("created_at"),
      lastContact: try row.optionalTimestamp("last_contact"),
      lastBoot: try row.optionalTimestamp("last_boot"),
      readAt: try row.optionalTimestamp("read_at"),
      readDue: try row.optionalTimestamp("read_due"),
      credentialState: CredentialState(rawValue: try row.int16("credential_state")) ?? .due,
      protocolName: try row.string("protocol"), root: try row.string("root"),
      address: try row.string("address"), openTasks: try row.int("open_tasks"),
      presence: try AgentPresence(row))
  }

  // MARK: - Changing

  private static let insertDevice: SQL = """
    WITH claimed AS (
      INSERT INTO device_identity (name, device_id)
      VALUES ($1, nextval(pg_get_serial_sequence('device', 'device_id')))
      ON CONFLICT (name) DO NOTHING
      RETURNING device_id
    ), made AS (
      INSERT INTO device (device_id, name, manufacturer, oui, product_class, serial_number, tags)
      SELECT device_id, $1, $2, $3, $4, $5, $6 FROM claimed
    )
    INSERT INTO device_state
      (device_id, revision, session, batch_size, protocol, root, address, volatile)
    SELECT device_id, 0, 0, $7, '', '', '', '' FROM claimed
    RETURNING device_id
    """

  /// Makes a device known before it calls.
  ///
  /// - Parameter credential: what only this device may show at the door; nil: it uses a shared one.
  /// - Throws: ``StoreError`` with `conflict` where a device has this name.
  package func createDevice(
    _ identity: DeviceIdentity, tags: [String], credential: NewCredentialRecord? = nil,
    by actor: String
  ) async throws -> DeviceRecord {
    let batchSize = Int16(clamping: settings.initialBatchSize)
    let id = try await transaction { connection in
      guard
        let id = try connection.query(
          Statement(
            Self.insertDevice, .text(identity.name), .text(identity.manufacturer),
            .text(identity.oui), .text(identity.productClass), .text(identity.serialNumber),
            .textArray(TagChange.replace(tags).applied(to: [])), .int2(batchSize))
        ).first?.int64(0)
      else { throw StoreError(.conflict, "there is a device “\(identity.name)” already") }
      if let credential {
        if let taken = try connection.query(Self.selectOwner, .text(credential.username)).first,
          try taken.optionalString(0) != identity.name
        {
          throw StoreError(
            .conflict, "the username “\(credential.username)” belongs to another credential")
        }
        _ = try Self.insert(credential, on: connection, by: actor)
      }
      try connection.query(
        AuditEntry(actor: actor, action: "device.create", target: "device/\(identity.name)")
          .statement)
      return id
    }
    guard let record = try await devices([id]).first else {
      throw StoreError(.notFound, "the device was removed at the same time")
    }
    return record
  }

  private static let selectOwner: SQL = "SELECT device_name FROM credential WHERE username = $1"

  private static let holdTags: SQL = """
    SELECT d.device_id, d.tags
    FROM device_identity i JOIN device d ON d.device_id = i.device_id
    WHERE i.name = $1
    FOR NO KEY UPDATE OF d
    """

  private static let updateTags: SQL = "UPDATE device SET tags = $2 WHERE device_id = $1"

  /// - Parameter expected: the tags as the caller saw them; nil: whatever they are.
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where the tags are not those expected.
  package func changeTags(
    of name: String, _ change: TagChange, expected: [String]? = nil, by actor: String
  ) async throws {
    try await transaction { connection in
      guard let row = try connection.query(Statement(Self.holdTags, .text(name))).first else {
        throw StoreError(.notFound, "there is no device “\(name)”")
      }
      let before = try row.textArray(1)
      if let expected, expected != before {
        throw StoreError(.conflict, "the tags have been changed by somebody else")
      }
      let after = change.applied(to: before)
      guard after != before else { return }
      _ = try connection.pipeline([
        Statement(Self.updateTags, .int8(try row.int64(0)), .textArray(after)),
        AuditEntry(
          actor: actor, action: "device.tag", target: "device/\(name)",
          detail: ["before": before.joined(separator: " "), "after": after.joined(separator: " ")]
        ).statement,
      ])
    }
  }

  private static let holdToDelete: SQL = """
    SELECT s.device_id, d.name
    FROM device_identity i
    JOIN device_state s ON s.device_id = i.device_id
    JOIN device d ON d.device_id = i.device_id
    WHERE i.name = $1
    FOR UPDATE OF s
    """

  /// Removes a device with its tree, tasks, events and own credentials; it becomes known again if it calls and is let in.
  ///
  /// - Throws: ``StoreError`` with `notFound`.
  package func deleteDevice(named name: String, by actor: String) async throws {
    try await transaction { connection in
      guard let row = try connection.query(Statement(Self.holdToDelete, .text(name))).first else {
        throw StoreError(.notFound, "there is no device “\(name)”")
      }
      let id = Parameter.int8(try row.int64(0))
      _ = try connection.pipeline([
        Statement(
          "DELETE FROM credential WHERE device_name IN (SELECT name FROM device_identity WHERE device_id = $1)",
          id),
        Statement("DELETE FROM device_identity WHERE device_id = $1", id),
        Statement("DELETE FROM agent_address WHERE device_id = $1", id),
        Statement("DELETE FROM agent_presence WHERE device_id = $1", id),
        Statement("DELETE FROM rollout_target WHERE device_id = $1", id),
        Statement("DELETE FROM task WHERE device_id = $1", id),
        Statement("DELETE FROM event WHERE device_id = $1", id),
        Statement("DELETE FROM upload WHERE device_id = $1", id),
        Statement("DELETE FROM desired_attribute WHERE device_id = $1", id),
        Statement("DELETE FROM trace WHERE device_id = $1", id),
        Statement("DELETE FROM trace_message WHERE device_id = $1", id),
        Statement("DELETE FROM device_fact WHERE device_id = $1", id),
        Statement("DELETE FROM device_chunk WHERE device_id = $1", id),
        Statement("DELETE FROM device_state WHERE device_id = $1", id),
        Statement("DELETE FROM device WHERE device_id = $1", id),
        AuditEntry(
          actor: actor, action: "device.delete", target: "device/\(try row.string(1))"
        ).statement,
      ])
    }
  }
}
