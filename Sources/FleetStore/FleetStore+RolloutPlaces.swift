import Fleet
import Postgres

/// The places of a rollout: as many devices as its concurrency says may be under way at a time.
///
/// A device has one from its order on. Where it has not called for its task within ``Settings/rolloutCallWithin``, the place goes to
/// another; its task stays, and takes a place again when the device calls. Who needs one then and finds none is put off, and has the
/// next that gets free kept for a while.
extension FleetStore {
  /// The most seconds by which the clocks of two nodes may differ.
  private static let clockTolerance = 60.0

  private static let selectRolloutForPlace: SQL = """
    SELECT name, spec, state FROM rollout WHERE rollout_id = $1
    """

  private static let holdRolloutForPlace: SQL = """
    SELECT name, spec, state FROM rollout WHERE rollout_id = $1 FOR NO KEY UPDATE
    """

  // Who loads the image ahead and who is upgraded have places of their own.
  // Those that found no place are not counted: none of them may keep the others waiting.
  private static let countOtherPlaces: SQL = """
    SELECT count(*) FROM (
      SELECT FROM task
      WHERE rollout_id = $1 AND device_id <> $2 AND state IN ('queued', 'running', 'waiting')
        AND (arguments ->> 'stage' IS NOT DISTINCT FROM 'load') = $5
        AND (attempts > 0 OR (fault IS NULL AND due_at > $3))
      LIMIT $4) AS taken
    """

  /// Why a task can't be started although it is due; nil where it can.
  ///
  /// The transaction must hold the row of the device. Once it has found a place, it holds the rollout's row as well, so that
  /// nobody else gives the same place away.
  ///
  /// - Throws: ``BusyRollout`` where another device of this node stands in line for the rollout's row, or where others hold it for so
  ///   long that the device's row should not be held any longer.
  func hindrance(
    toStarting task: DeviceTask, turn: RolloutTurns.Holder, now: Double, on connection: Connection
  ) throws -> String? {
    guard let id = task.rolloutID, task.attempts == 0, task.state == .queued else { return nil }
    let within = settings.rolloutCallWithin
    // It surely has the place of its order still, whatever clock is asked.
    let tolerance = min(Self.clockTolerance, within / 2)
    if task.fault == nil, task.dueAt > now - within + tolerance { return nil }
    // Of the many that call after an outage most find none, and need not stand in line to learn that.
    let seen = try connection.query(Statement(Self.selectRolloutForPlace, .int8(id))).first
    if let reason = try lackOfPlace(for: task, in: seen, now: now, on: connection) {
      return reason
    }
    guard turn.take(id) else { throw BusyRollout(id: id) }
    let held: Rows
    do {
      held = try Self.querySoon(
        Statement(Self.holdRolloutForPlace, .int8(id)), within: Self.placeLockTimeout,
        on: connection)
    } catch  where error.isLockTimeout {
      throw BusyRollout(id: id, underlying: error)
    }
    return try lackOfPlace(for: task, in: held.first, now: now, on: connection)
  }

  private func lackOfPlace(
    for task: DeviceTask, in rollout: Row?, now: Double, on connection: Connection
  ) throws -> String? {
    guard let id = task.rolloutID, let rollout else { return "The rollout is gone." }
    guard try rollout.string("state") == RolloutState.running.rawValue else {
      return "The rollout is \(try rollout.string("state"))."
    }
    let spec = try Self.spec(from: rollout.json("spec"), of: rollout.string("name"))
    let places = task.isPreparation ? spec.prepare?.concurrency ?? 0 : spec.concurrency
    let taken =
      try connection.query(
        Statement(
          Self.countOtherPlaces, .int8(id), .int8(task.deviceID),
          .timestamptz(now - settings.rolloutCallWithin), .int8(Int64(places)),
          .bool(task.isPreparation))
      ).first?.int(0) ?? 0
    return taken < places
      ? nil : "The places of the rollout are taken: \(taken) of \(places)."
  }

  // MARK: - Waiting for a rollout

  /// Milliseconds; meanwhile the device's row is held, for which others may wait that hold the rollout's.
  private static let placeLockTimeout = 100

  // MARK: - The rollout's own count

  /// How the active targets of a rollout stand to its places.
  struct Places: Sendable {
    /// Have been sent their order, or are expected to call for it.
    var taken = 0
    /// Have not called for it in time.
    var absent = 0
    /// Found no place when they called, and have none kept for them.
    var postponed = 0
  }

  private static let countPlaces: SQL = """
    SELECT
      count(*) FILTER (WHERE t.attempts > 0 OR t.fault IS NULL AND t.due_at > $2) AS taken,
      count(*) FILTER (WHERE t.attempts = 0 AND t.due_at <= $2) AS absent,
      count(*) FILTER (
        WHERE t.attempts = 0 AND t.fault IS NOT NULL AND t.due_at > $2) AS postponed
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.state = $3
      AND t.state IN ('queued', 'running', 'waiting')
    """

  /// The transaction must hold the rollout's row.
  /// - Parameter state: `active`, or `preparing` for those that load the image ahead.
  func places(
    of id: Int64, in state: RolloutTarget.State = .active, now: Double, on connection: Connection
  ) throws -> Places {
    guard
      let row = try connection.query(
        Statement(
          Self.countPlaces, .int8(id), .timestamptz(now - settings.rolloutCallWithin),
          .text(state.rawValue))
      ).first
    else { return Places() }
    return Places(
      taken: try row.int("taken"), absent: try row.int("absent"),
      postponed: try row.int("postponed"))
  }

  private static let selectPostponed: SQL = """
    SELECT t.device_id
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.state = 'active'
      AND t.state = 'queued' AND t.attempts = 0 AND t.fault IS NOT NULL AND t.due_at > $2
    ORDER BY t.due_at, t.device_id
    LIMIT $3
    """

  // Without the fault it counts as one that is expected, so that nobody who calls before it takes its place.
  private static let keepPlaces: SQL = """
    UPDATE task SET due_at = $3, fault = NULL
    WHERE rollout_id = $1 AND device_id = ANY ($2)
      AND state = 'queued' AND attempts = 0 AND fault IS NOT NULL
    """

  /// Keeps places that are free now for those that found none and have waited longest: until they have had
  /// ``Settings/rolloutCallWithin`` to call, nobody else gets them.
  ///
  /// The transaction must hold the rollout's row.
  ///
  /// - Returns: the devices, to be asked to call.
  func recall(_ count: Int, of id: Int64, now: Double, on connection: Connection) throws
    -> [Device.ID]
  {
    let devices = try connection.query(
      Statement(
        Self.selectPostponed, .int8(id), .timestamptz(now - settings.rolloutCallWithin),
        .int8(Int64(count)))
    ).map { try $0.int64(0) }
    guard !devices.isEmpty else { return [] }
    // One that is in a session at this moment is left to a later run.
    let held = try connection.query(
      Statement(Self.holdDevicesAtLeisure, .int8Array(devices.sorted()))
    ).map { try $0.int64(0) }
    guard !held.isEmpty else { return [] }
    try connection.query(
      Statement(Self.keepPlaces, .int8(id), .int8Array(held), .timestamptz(now)))
    return held
  }
}

extension DeviceTask {
  /// Whether its device is only to load the image, ahead of its turn.
  fileprivate var isPreparation: Bool {
    if case .download(let order) = operation { order.stage == .load } else { false }
  }
}
