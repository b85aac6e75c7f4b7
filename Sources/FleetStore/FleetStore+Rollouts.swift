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

  // MARK: - Steering

  private static let holdRollout: SQL = """
    SELECT rollout_id, state FROM rollout WHERE name = $1 FOR UPDATE
    """

  private static func hold(_ name: String, on connection: Connection) throws
    -> (id: Int64, state: RolloutState)
  {
    guard let row = try connection.query(Statement(holdRollout, .text(name))).first else {
      throw StoreError(.notFound, "there is no rollout “\(name)”")
    }
    guard let state = RolloutState(rawValue: try row.string(1)) else {
      throw StoreError(
        .damaged, "the rollout “\(name)” is in a state that this release does not know")
    }
    return (try row.int64(0), state)
  }

  private static func audit(_ action: String, _ name: String, by actor: String) -> Statement {
    AuditEntry(actor: actor, action: "rollout.\(action)", target: "rollout/\(name)").statement
  }

  /// Starts no further device; those under way go on. Changes nothing where it is paused already.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has ended.
  package func pauseRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      switch state {
      case .paused: return
      case .done, .cancelled:
        throw StoreError(.conflict, "the rollout “\(name)” has ended: \(state.rawValue)")
      case .running:
        _ = try connection.pipeline([
          Statement(
            "UPDATE rollout SET state = 'paused', reason = $2 WHERE rollout_id = $1", .int8(id),
            .text("Paused by \(actor).")),
          Self.audit("pause", name, by: actor),
        ])
      }
    }
  }

  private static let resume: SQL = """
    UPDATE rollout r
    SET state = 'running', reason = NULL,
      accepted_failures = (
        SELECT count(*) FROM rollout_target t
        WHERE t.rollout_id = r.rollout_id AND t.state = 'failed')
    WHERE r.rollout_id = $1
    """

  /// Goes on; the failures until now do not pause it again. Changes nothing where it is running.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has ended.
  package func resumeRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      switch state {
      case .running: return
      case .done, .cancelled:
        throw StoreError(.conflict, "the rollout “\(name)” has ended: \(state.rawValue)")
      case .paused:
        _ = try connection.pipeline([
          Statement(Self.resume, .int8(id)), Self.audit("resume", name, by: actor),
        ])
      }
    }
  }

  private static let selectQueuedDevices: SQL = """
    SELECT device_id FROM task
    WHERE rollout_id = $1 AND state = 'queued'
    ORDER BY device_id
    """

  private static let holdQueued: SQL = """
    SELECT device_id, task_id, kind, arguments, state, waiting_for, attempts, max_attempts, due_at,
      deadline, session, result, fault, rollout_id
    FROM task
    WHERE device_id = ANY ($1) AND rollout_id = $2 AND state = 'queued'
    ORDER BY device_id, task_id
    FOR NO KEY UPDATE
    """

  private static let cancelPending: SQL = """
    UPDATE rollout_target SET state = 'cancelled', updated_at = now()
    WHERE rollout_id = $1 AND state = 'pending'
    """

  private static let endCancelled: SQL = """
    UPDATE rollout SET state = 'cancelled', reason = $2, ended_at = now() WHERE rollout_id = $1
    """

  private static let holdStates: SQL = """
    SELECT device_id FROM device_state WHERE device_id = ANY ($1)
    ORDER BY device_id
    FOR NO KEY UPDATE
    """

  /// Ends it: devices that have not been sent their order are left alone; those that have taken it go on, and their targets
  /// tell how they ended.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has ended.
  package func cancelRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      guard state == .running || state == .paused else {
        throw StoreError(.conflict, "the rollout “\(name)” has ended: \(state.rawValue)")
      }
      let devices = try connection.query(Statement(Self.selectQueuedDevices, .int8(id))).map {
        try $0.int64(0)
      }
      if !devices.isEmpty {
        try connection.query(Statement(Self.holdStates, .int8Array(devices)))
        let cancelled = try connection.query(
          Statement(Self.holdQueued, .int8Array(devices), .int8(id))
        ).compactMap { try TaskRows.task(from: $0).cancelled() }
        if !cancelled.isEmpty { _ = try connection.pipeline(TaskRows.update(cancelled)) }
      }
      _ = try connection.pipeline([
        Statement(Self.cancelPending, .int8(id)),
        Statement(Self.endCancelled, .int8(id), .text("Cancelled by \(actor).")),
        Self.audit("cancel", name, by: actor),
      ])
      try Self.settleTargets(of: id, on: connection)
    }
  }

  private static let countActive: SQL = """
    SELECT count(*) FROM rollout_target WHERE rollout_id = $1 AND state = 'active'
    """

  /// Forgets a rollout that has ended; its tasks stay in the devices' histories.
  ///
  /// - Throws: ``StoreError`` with `notFound`; with `conflict` where it has not ended, or devices still carry it out.
  package func deleteRollout(named name: String, by actor: String) async throws {
    try await transaction { connection in
      let (id, state) = try Self.hold(name, on: connection)
      guard state == .done || state == .cancelled else {
        throw StoreError(.conflict, "the rollout “\(name)” has not ended: cancel it first")
      }
      let active = try connection.query(Statement(Self.countActive, .int8(id))).first?.int(0) ?? 0
      guard active == 0 else {
        throw StoreError(
          .conflict, "\(active) devices are still carrying out the rollout “\(name)”")
      }
      _ = try connection.pipeline([
        Statement("DELETE FROM rollout_target WHERE rollout_id = $1", .int8(id)),
        Statement("DELETE FROM rollout WHERE rollout_id = $1", .int8(id)),
        Self.audit("delete", name, by: actor),
      ])
    }
  }
}
