import Fleet
import Postgres

/// The places of a rollout: as many devices as its concurrency says may be under way at a time.
///
/// A device has one from its order on. Where it has not called for its task within ``Settings/rolloutCallWithin``, the place goes to
/// another; its task stays, and takes a place again when the device calls. Who needs one then and finds none is put off, and has the
/// next that gets free kept for a while.
extension FleetStore {
  /// Seconds until a device that found no place is asked to call again.
  static let placePause = 300.0
  /// The most seconds by which the clocks of two nodes may differ.
  private static let clockTolerance = 60.0

  private static let holdRolloutForPlace: SQL = """
    SELECT name, spec, state FROM rollout WHERE rollout_id = $1 FOR NO KEY UPDATE SKIP LOCKED
    """

  // Those that found no place are not counted: none of them may keep the others waiting.
  private static let countOtherPlaces: SQL = """
    SELECT count(*)
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.state = 'active' AND rt.device_id <> $2
      AND t.state IN ('queued', 'running', 'waiting')
      AND (t.attempts > 0 OR (t.fault IS NULL AND t.due_at > $3))
    """

  /// Why a task can't be started although it is due; nil where it can.
  ///
  /// The transaction must hold the row of the device. Once it has found a place, it holds the rollout's row as well, so that
  /// nobody else gives the same place away.
  func hindrance(toStarting task: DeviceTask, now: Double, on connection: Connection) throws
    -> String?
  {
    guard let id = task.rolloutID, task.attempts == 0, task.state == .queued else { return nil }
    let within = settings.rolloutCallWithin
    // It surely has the place of its order still, whatever clock is asked.
    let tolerance = min(Self.clockTolerance, within / 2)
    if task.fault == nil, task.dueAt > now - within + tolerance { return nil }
    // A rollout that is held is being carried on; waiting for it here could wait in a circle.
    guard let row = try connection.query(Statement(Self.holdRolloutForPlace, .int8(id))).first
    else { return "The rollout was giving places away." }
    guard try row.string("state") == RolloutState.running.rawValue else {
      return "The rollout is \(try row.string("state"))."
    }
    let spec = try Self.spec(from: row.json("spec"), of: row.string("name"))
    let taken =
      try connection.query(
        Statement(
          Self.countOtherPlaces, .int8(id), .int8(task.deviceID), .timestamptz(now - within))
      ).first?.int(0) ?? 0
    return taken < spec.concurrency
      ? nil : "The places of the rollout are taken: \(taken) of \(spec.concurrency)."
  }

  /// How the active targets of a rollout stand to its places.
  struct Places: Sendable {
    /// Have been sent their order, or are expected to call for it.
    var taken = 0
    /// Have not called for it in time.
    var absent = 0
    /// Found no place when they called.
    var postponed = 0
  }

  private static let countPlaces: SQL = """
    SELECT
      count(*) FILTER (WHERE t.attempts > 0 OR t.due_at > $3 AND t.due_at <= $2) AS taken,
      count(*) FILTER (WHERE t.attempts = 0 AND t.due_at <= $3) AS absent,
      count(*) FILTER (WHERE t.attempts = 0 AND t.due_at > $2) AS postponed
    FROM rollout_target rt
    JOIN task t ON t.device_id = rt.device_id AND t.task_id = rt.task_id
    WHERE rt.rollout_id = $1 AND rt.state = 'active'
      AND t.state IN ('queued', 'running', 'waiting')
    """

  /// The transaction must hold the rollout's row.
  func places(of id: Int64, now: Double, on connection: Connection) throws -> Places {
    guard
      let row = try connection.query(
        Statement(
          Self.countPlaces, .int8(id), .timestamptz(now),
          .timestamptz(now - settings.rolloutCallWithin))
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
      AND t.state = 'queued' AND t.attempts = 0 AND t.due_at > $2
    ORDER BY t.due_at, t.device_id
    LIMIT $3
    """

  private static let makeDue: SQL = """
    UPDATE task SET due_at = $3
    WHERE rollout_id = $1 AND device_id = ANY ($2)
      AND state = 'queued' AND attempts = 0 AND due_at > $3
    """

  /// Lets those that found no place, and have waited longest, come for one that is free now.
  ///
  /// The transaction must hold the rollout's row.
  ///
  /// - Returns: the devices, to be asked to call.
  func recall(_ count: Int, of id: Int64, now: Double, on connection: Connection) throws
    -> [Device.ID]
  {
    let devices = try connection.query(
      Statement(Self.selectPostponed, .int8(id), .timestamptz(now), .int8(Int64(count)))
    ).map { try $0.int64(0) }
    guard !devices.isEmpty else { return [] }
    // One that is in a session at this moment is left to a later run.
    let held = try connection.query(
      Statement(Self.holdDevicesAtLeisure, .int8Array(devices.sorted()))
    ).map { try $0.int64(0) }
    guard !held.isEmpty else { return [] }
    try connection.query(
      Statement(Self.makeDue, .int8(id), .int8Array(held), .timestamptz(now)))
    return held
  }
}
