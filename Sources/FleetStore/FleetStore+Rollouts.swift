import Fleet
import Postgres

extension FleetStore {
  // MARK: - Applying

  private static let selectSpec: SQL = """
    SELECT r.spec,
      (SELECT count(*) FROM rollout_target t WHERE t.rollout_id = r.rollout_id) AS targets
    FROM rollout r
    WHERE r.name = $1
    """

  private static let insertRollout: SQL = """
    INSERT INTO rollout (name, spec, document, applied_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO NOTHING
    RETURNING rollout_id
    """

  private static let insertTargets: SQL = """
    INSERT INTO rollout_target (device_id, rollout_id)
    SELECT u.device_id, $2 FROM unnest($1::bigint[]) AS u (device_id)
    """

  private static let countFiles: SQL = "SELECT count(*) FROM file WHERE sha256 = $1"

  /// Applies a rollout: chooses its devices now and starts it.
  ///
  /// Applying the same specification again under the same name changes nothing.
  ///
  /// - Parameters:
  ///   - document: the text that the specification was read from.
  ///   - isDryRun: only tells what would come of it.
  /// - Throws: ``StoreError`` with `conflict` where another specification has this name; with `notFound` where the image is
  ///   not stored; with `invalid` where no device matches.
  package func applyRollout(
    named name: String, _ spec: RolloutSpec, document: String, isDryRun: Bool = false,
    by actor: String
  ) async throws -> RolloutApplication {
    let spec = Self.stored(spec)
    let search = try SelectorQuery(spec.selector, facts: facts)
    return try await transaction { connection in
      if let known = try Self.compare(name, spec, on: connection) { return known }
      let isImageStored =
        try connection.query(Statement(Self.countFiles, .text(spec.image.sha256))).first?.int(0)
        == 1
      var targets = 0
      if isDryRun {
        try Self.forEachPage(of: search, on: connection) { targets += $0.count }
      } else {
        let inserted = try connection.query(
          Statement(
            Self.insertRollout, .text(name), .jsonb(try StoredJSON.bytes(spec)), .text(document),
            .text(actor)))
        guard let id = try inserted.first?.int64(0) else {
          // Somebody else was faster; their transaction has ended by now.
          if let known = try Self.compare(name, spec, on: connection) { return known }
          throw StoreError(.unavailable, "the rollout “\(name)” is being changed by somebody else")
        }
        try Self.hold(file: spec.image.sha256, on: connection)
        try Self.forEachPage(of: search, on: connection) { keys in
          try connection.query(Statement(Self.insertTargets, .int8Array(keys), .int8(id)))
          targets += keys.count
        }
      }
      guard targets > 0 else {
        throw StoreError(.invalid, "no device matches the selector “\(spec.selector)”")
      }
      if !isDryRun {
        try connection.query(
          AuditEntry(
            actor: actor, action: "rollout.create", target: "rollout/\(name)",
            detail: ["targets": "\(targets)", "version": spec.image.version]
          ).statement)
      }
      return RolloutApplication(
        outcome: .created, targets: targets, isImageStored: isImageStored)
    }
  }

  /// Where the operator has the file is no part of what the rollout does.
  private static func stored(_ spec: RolloutSpec) -> RolloutSpec {
    var spec = spec
    spec.image.file = nil
    return spec
  }

  private static func compare(_ name: String, _ spec: RolloutSpec, on connection: Connection)
    throws -> RolloutApplication?
  {
    guard let row = try connection.query(Statement(selectSpec, .text(name))).first else {
      return nil
    }
    guard try self.spec(from: row.json("spec"), of: name) == spec else {
      throw StoreError(
        .conflict,
        "the rollout “\(name)” was applied with another specification; give the new one another"
          + " name, or delete the old one first")
    }
    return RolloutApplication(
      outcome: .unchanged, targets: try row.int("targets"), isImageStored: true)
  }

  static func spec(from json: [UInt8], of name: String) throws(StoreError) -> RolloutSpec {
    try StoredJSON.value(RolloutSpec.self, json, of: "the specification of the rollout “\(name)”")
  }

  // MARK: - Reading

  private static let selectSpecByKey: SQL = """
    SELECT name, spec FROM rollout WHERE rollout_id = $1
    """

  /// The policy that holds for a task: its rollout's, or the store's for a task of no rollout.
  ///
  /// - Parameter connection: may be in a transaction.
  func policy(for task: DeviceTask, on connection: Connection) throws -> TaskPolicy {
    guard let id = task.rolloutID,
      let row = try connection.query(Statement(Self.selectSpecByKey, .int8(id))).first
    else { return settings.policy }
    return try Self.spec(from: row.json(1), of: row.string(0)).taskPolicy(
      basedOn: settings.policy)
  }

  /// The policy that holds for a task: its rollout's, or the store's for a task of no rollout.
  package func policy(for task: DeviceTask) async throws -> TaskPolicy {
    guard task.rolloutID != nil else { return settings.policy }
    return try await transaction { try self.policy(for: task, on: $0) }
  }

  private static let selectRollout: SQL = """
    SELECT r.rollout_id, r.name, r.spec, r.document, r.state, r.reason, r.applied_by, r.created_at,
      r.ended_at, c.states, c.counts
    FROM rollout r,
      LATERAL (
        SELECT array_agg(g.state ORDER BY g.state) AS states,
          array_agg(g.number ORDER BY g.state) AS counts
        FROM (
          SELECT t.state, count(*) AS number
          FROM rollout_target t
          WHERE t.rollout_id = r.rollout_id
          GROUP BY t.state
        ) AS g
      ) AS c
    WHERE r.name = $1
    """

  package func rollout(named name: String) async throws -> RolloutRecord? {
    try await query(Statement(Self.selectRollout, .text(name))).first.map {
      try Self.rollout(from: $0)
    }
  }

  private static let selectRollouts: SQL = """
    SELECT r.rollout_id, r.name, r.spec, r.document, r.state, r.reason, r.applied_by, r.created_at,
      r.ended_at, c.states, c.counts
    FROM rollout r,
      LATERAL (
        SELECT array_agg(g.state ORDER BY g.state) AS states,
          array_agg(g.number ORDER BY g.state) AS counts
        FROM (
          SELECT t.state, count(*) AS number
          FROM rollout_target t
          WHERE t.rollout_id = r.rollout_id
          GROUP BY t.state
        ) AS g
      ) AS c
    WHERE r.rollout_id < $1
    ORDER BY r.rollout_id DESC
    LIMIT $2
    """

  /// The newest rollouts first.
  ///
  /// - Parameter before: the key of the last rollout of the page before; nil: from the newest on.
  package func rollouts(before: Int64? = nil, limit: Int) async throws -> [RolloutRecord] {
    try await query(
      Statement(Self.selectRollouts, .int8(before ?? Int64.max), .int8(Int64(limit)))
    ).map { try Self.rollout(from: $0) }
  }

  private static let selectTargets: SQL = """
    SELECT t.device_id, d.name, t.state, t.task_id, t.from_version, t.detail, t.updated_at
    FROM rollout r
    JOIN rollout_target t ON t.rollout_id = r.rollout_id
    JOIN device d ON d.device_id = t.device_id
    WHERE r.name = $1 AND t.state = ANY ($2) AND t.device_id > $3
    ORDER BY t.device_id
    LIMIT $4
    """

  /// The devices of a rollout in the order of their keys; none where there is no such rollout.
  ///
  /// - Parameters:
  ///   - state: nil: in any state.
  ///   - after: the key of the last device of the page before; nil: from the first on.
  package func rolloutTargets(
    of name: String, state: RolloutTarget.State? = nil, after: Device.ID? = nil, limit: Int
  ) async throws -> [RolloutTargetRecord] {
    let states = state.map { [$0] } ?? RolloutTarget.State.allCases
    let rows = try await query(
      Statement(
        Self.selectTargets, .text(name), .textArray(states.map(\.rawValue)), .int8(after ?? 0),
        .int8(Int64(limit))))
    return try rows.map { row in
      RolloutTargetRecord(
        deviceID: try row.int64("device_id"), deviceName: try row.string("name"),
        state: try Self.targetState(try row.string("state")),
        task: try row.optionalInt64("task_id"),
        fromVersion: try row.optionalString("from_version"),
        detail: try row.optionalString("detail"), updatedAt: try row.timestamp("updated_at"))
    }
  }

  private static func rollout(from row: Row) throws -> RolloutRecord {
    let name = try row.string("name")
    guard let state = RolloutState(rawValue: try row.string("state")) else {
      throw StoreError(
        .damaged, "the rollout “\(name)” is in a state that this release does not know")
    }
    var counts = RolloutCounts()
    let states = try row.optionalTextArray("states") ?? []
    for (target, number) in zip(states, try row.optionalInt64Array("counts") ?? []) {
      counts[try targetState(target)] = Int(number)
    }
    return RolloutRecord(
      id: try row.int64("rollout_id"), name: name, spec: try spec(from: row.json("spec"), of: name),
      document: try row.string("document"), state: state, reason: try row.optionalString("reason"),
      appliedBy: try row.string("applied_by"), createdAt: try row.timestamp("created_at"),
      endedAt: try row.optionalTimestamp("ended_at"), counts: counts)
  }

  static func targetState(_ text: String) throws(StoreError) -> RolloutTarget.State {
    guard let state = RolloutTarget.State(rawValue: text) else {
      throw StoreError(.damaged, "a target is in a state that this release does not know")
    }
    return state
  }
}
