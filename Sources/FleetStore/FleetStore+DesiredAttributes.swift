import Fleet
import Foundation
import Postgres

/// How a device shall report changes of a parameter, as it was ordered.
package struct DesiredAttribute: Sendable, Equatable {
  package var change: AttributeChange
  /// Seconds since 1970 at which the device took it.
  package var at: Double
}

extension FleetStore {
  /// Paths of one device whose attributes are kept as desired; the ones that were ordered last stay.
  package static let maxDesiredAttributes = 1_000
  /// By whom tasks are ordered that bring a device back to what is desired of it.
  package static let desiredStateActor = "desired state"

  private static let upsertDesired: SQL = """
    INSERT INTO desired_attribute AS a (device_id, path, notification, access_list, at)
    SELECT $1, u.path, u.notification,
      CASE WHEN u.access_list IS NOT NULL
        THEN ARRAY(SELECT jsonb_array_elements_text(u.access_list)) END, $5
    FROM unnest($2::text[], $3::smallint[], $4::jsonb[]) AS u (path, notification, access_list)
    ON CONFLICT (device_id, path) DO UPDATE
    SET notification = COALESCE(EXCLUDED.notification, a.notification),
      access_list = COALESCE(EXCLUDED.access_list, a.access_list), at = EXCLUDED.at
    """

  private static let trimDesired: SQL = """
    DELETE FROM desired_attribute
    WHERE device_id = $1 AND path IN (
      SELECT path FROM desired_attribute
      WHERE device_id = $1
      ORDER BY at DESC, path
      OFFSET $2)
    """

  /// Statements that keep what a device has taken as desired of it.
  static func desire(_ changes: [AttributeChange], of device: Device.ID, at time: Double)
    -> [Statement]
  {
    // A row is written once in a statement; of two changes of one path the later one adds to the earlier.
    var byPath: [String: AttributeChange] = [:]
    for change in changes {
      let before = byPath[change.path]
      byPath[change.path] = AttributeChange(
        path: change.path, notification: change.notification ?? before?.notification,
        accessList: change.accessList ?? before?.accessList)
    }
    let sorted = byPath.values.sorted { $0.path < $1.path }
    return [
      Statement(
        upsertDesired, .int8(device), .textArray(sorted.map(\.path)),
        .int2Array(sorted.map { $0.notification.map { Int16($0.rawValue) } }),
        .jsonbArray(sorted.map { $0.accessList.flatMap { try? StoredJSON.bytes($0) } }),
        .timestamptz(time)),
      Statement(trimDesired, .int8(device), .int8(Int64(maxDesiredAttributes))),
    ]
  }

  private static let selectDesired: SQL = """
    SELECT path, notification, access_list IS NOT NULL AS has_access_list,
      COALESCE(access_list, '{}') AS access_list, at
    FROM desired_attribute
    WHERE device_id = $1
    ORDER BY path
    """

  /// How a device shall report changes of its parameters, sorted by path.
  package func desiredAttributes(of device: Device.ID) async throws -> [DesiredAttribute] {
    try await query(Statement(Self.selectDesired, .int8(device))).map {
      try Self.desiredAttribute(from: $0)
    }
  }

  private static func desiredAttribute(from row: Row) throws -> DesiredAttribute {
    DesiredAttribute(
      change: AttributeChange(
        path: try row.string("path"),
        notification: try row.optionalInt16("notification").flatMap {
          UInt8(exactly: $0).flatMap(Notification.init(rawValue:))
        },
        accessList: try row.bool("has_access_list") ? try row.textArray("access_list") : nil),
      at: try row.timestamp("at"))
  }

  private static let selectOpenRestoration: SQL = """
    SELECT FROM task
    WHERE device_id = $1 AND kind = 'setAttributes' AND ordered_by = $2
      AND state IN ('queued', 'running', 'waiting')
    LIMIT 1
    """

  /// Orders again, for a device that has come back from its factory settings, the attributes that are desired of it; an
  /// order that is still open is enough.
  ///
  /// - Parameter now: seconds since 1970.
  /// - Returns: whether there is something to do.
  /// - Throws: ``StoreError`` `superseded` once a newer session has begun.
  package func restoreDesiredAttributes(of device: Device.ID, session: Int64, now: Double)
    async throws -> Bool
  {
    let policy = settings.policy
    return try await transaction { connection in
      let results = try connection.pipeline([
        Statement(Self.holdState, .int8(device)), Statement(Self.selectDesired, .int8(device)),
        Statement(Self.selectOpenRestoration, .int8(device), .text(Self.desiredStateActor)),
      ])
      guard let state = results[0].first, try state.int64(0) == session else {
        throw StoreError(.superseded, "a newer session of the device has begun")
      }
      guard !results[1].isEmpty else { return false }
      guard results[2].isEmpty else { return true }
      let changes = try results[1].map { try Self.desiredAttribute(from: $0).change }
      _ = try Self.insert(
        TaskRequest(
          operation: .setAttributes(changes), dueAt: now,
          deadline: now + policy.lifetime(of: .setAttributes), maxAttempts: policy.maxAttempts),
        for: [device], orderedBy: Self.desiredStateActor, on: connection)
      return true
    }
  }
}
