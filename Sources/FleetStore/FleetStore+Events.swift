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
    return try rows.map { try Self.event(from: $0) }
  }

  private static func event(from row: Row) throws -> EventRecord {
    EventRecord(
      deviceID: try row.int64("device_id"), at: try row.timestamp("at"),
      id: try row.int64("event_id"), kind: try row.string("kind"), detail: try row.json("detail"))
  }

  private static let insertEventByName: SQL = """
    INSERT INTO event (device_id, at, kind, detail)
    SELECT device_id, $2, $3, $4 FROM device_identity WHERE name = $1
    """

  /// Adds an event to the history of a device, where one of this name is known.
  ///
  /// - Parameter time: seconds since 1970.
  package func note(_ event: DeviceEvent, ofDeviceNamed name: String, at time: Double) async throws
  {
    _ = try await query(
      Statement(
        Self.insertEventByName, .text(name), .timestamptz(time), .text(event.kind),
        .jsonb(StoredJSON.text(event.detail))))
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

// MARK: - Following

extension EventRecord {
  /// How far a reader has followed the events of all devices.
  ///
  /// Events are followed in the order of their transactions, and only below the oldest transaction that still runs:
  /// so none can appear behind a reader's back.
  package struct Mark: Sendable, Equatable, LosslessStringConvertible {
    package var transaction: UInt64
    package var id: Int64

    package init(transaction: UInt64, id: Int64) {
      self.transaction = transaction
      self.id = id
    }

    /// The mark of a text that ``description`` gave.
    package init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let transaction = UInt64(parts[0]), let id = Int64(parts[1]), id >= 0
      else { return nil }
      self.init(transaction: transaction, id: id)
    }

    package var description: String { "\(transaction).\(id)" }
  }
}

/// Events of all devices that follow a mark.
package struct FollowedEvents: Sendable {
  package var events: [(record: EventRecord, mark: EventRecord.Mark)]
  /// Where to go on; it moves on also past events that were not wanted.
  package var mark: EventRecord.Mark
  /// True where more are there already.
  package var hasMore: Bool
}

extension FleetStore {
  /// How far back events can be followed: seconds.
  package static let followedSpan = 86_400.0

  private static let selectMark: SQL = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"

  /// The mark after which only events follow that are not visible yet.
  package func eventMark() async throws -> EventRecord.Mark {
    try Self.mark(try await query(Statement(Self.selectMark)).first?.string(0) ?? "", 0)
  }

  // The bound on the time keeps all but the newest partitions out. The row without an event tells how far it was looked.
  private static let selectFollowing: SQL = """
    SELECT e.device_id, e.at, e.event_id, e.kind, e.detail, e.transaction::text AS transaction,
      bound.transaction::text AS seen
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS transaction) AS bound
    LEFT JOIN LATERAL (
      SELECT *
      FROM event
      WHERE transaction >= $1::text::xid8 AND transaction < bound.transaction
        AND (transaction, event_id) > ($1::text::xid8, $2)
        AND at > now() - $3 * interval '1 second'
        AND (cardinality($4::bigint[]) = 0 OR device_id = ANY ($4))
        AND (cardinality($5::text[]) = 0 OR kind = ANY ($5))
      ORDER BY transaction, event_id
      LIMIT $6
    ) AS e ON true
    ORDER BY e.transaction, e.event_id
    """

  /// The events that became visible after a mark, in their order.
  ///
  /// - Parameters:
  ///   - devices: those wanted; none: all.
  ///   - kinds: those wanted; none: all.
  package func events(
    after mark: EventRecord.Mark, devices: [Device.ID] = [], kinds: [String] = [], limit: Int
  ) async throws -> FollowedEvents {
    let rows = try await query(
      Statement(
        Self.selectFollowing, .text(String(mark.transaction)), .int8(mark.id),
        .float8(Self.followedSpan), .int8Array(devices), .textArray(kinds),
        .int8(Int64(limit))))
    var followed = FollowedEvents(events: [], mark: mark, hasMore: rows.count == limit)
    for row in rows {
      guard let transaction = try row.optionalString("transaction") else { continue }
      let event = try Self.event(from: row)
      followed.mark = try Self.mark(transaction, event.id)
      followed.events.append((event, followed.mark))
    }
    if !followed.hasMore, let row = rows.first {
      // Nothing is left below, so that what is filtered out need not be looked at again.
      let seen = try Self.mark(try row.string("seen"), 0)
      if seen.transaction > followed.mark.transaction { followed.mark = seen }
    }
    return followed
  }

  private static func mark(_ transaction: String, _ id: Int64) throws -> EventRecord.Mark {
    guard let transaction = UInt64(transaction) else {
      throw StoreError(.damaged, "a transaction's number can't be read")
    }
    return EventRecord.Mark(transaction: transaction, id: id)
  }
}
