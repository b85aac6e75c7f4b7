import Fleet
import Postgres

/// Something that happened to a device, as the history keeps it.
package struct EventRecord: Sendable, Equatable {
  package var deviceID: Device.ID
  /// Seconds since 1970, to the microsecond.
  package var at: Double
  package var id: Int64
  package var kind: String
  /// A JSON object.
  package var detail: [UInt8]

  /// Where a page of events ended.
  package struct Position: Sendable, Equatable {
    package var at: Double
    package var id: Int64

    package init(at: Double, id: Int64) {
      self.at = at
      self.id = id
    }
  }

  package var position: Position { Position(at: at, id: id) }
}

extension FleetStore {
  private static let selectEvents: SQL = """
    SELECT device_id, at, event_id, kind, detail
    FROM event
    WHERE device_id = $1 AND (at, event_id) < ($2, $3)
    ORDER BY at DESC, event_id DESC
    LIMIT $4
    """

  /// The newest events of a device first.
  ///
  /// - Parameter before: the position of the last event of the page before; nil: from the newest on.
  package func events(of device: Device.ID, before: EventRecord.Position? = nil, limit: Int)
    async throws -> [EventRecord]
  {
    let rows = try await query(
      Statement(
        Self.selectEvents, .int8(device), .timestamptz(before?.at ?? .infinity),
        .int8(before?.id ?? Int64.max), .int8(Int64(limit))))
    return try rows.map { row in
      EventRecord(
        deviceID: try row.int64("device_id"), at: try row.timestamp("at"),
        id: try row.int64("event_id"), kind: try row.string("kind"), detail: try row.json("detail"))
    }
  }

  private static let insertEvents: SQL = """
    INSERT INTO event (device_id, at, kind, detail)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::jsonb[])
    """

  /// What adds events to the history at one moment, in seconds since 1970.
  static func insertion(of events: [(device: Device.ID, event: DeviceEvent)], at time: Double)
    -> Statement
  {
    Statement(
      insertEvents, .int8Array(events.map(\.device)),
      .timestamptzArray(events.map { _ in time }), .textArray(events.map(\.event.kind)),
      .jsonbArray(events.map { StoredJSON.text($0.event.detail) }))
  }
}
