import Fleet
import Postgres

/// A message between a device and this server, as it went over the wire but for credentials.
package struct TraceMessage: Sendable, Equatable {
  /// Grows with each message of a device; 0 before it is stored.
  package var id: Int64
  package var deviceID: Device.ID
  /// Seconds since 1970.
  package var at: Double
  package var session: Int64
  /// True for what the device sent.
  package var isInbound: Bool
  package var peer: String
  /// The first line, then the header fields, a line each.
  package var head: String
  package var body: [UInt8]
  /// Bytes of the body as it was; more than there are in ``body`` where that was cut.
  package var bodySize: Int

  package init(
    id: Int64 = 0, deviceID: Device.ID, at: Double, session: Int64, isInbound: Bool, peer: String,
    head: String, body: [UInt8], bodySize: Int
  ) {
    self.id = id
    self.deviceID = deviceID
    self.at = at
    self.session = session
    self.isInbound = isInbound
    self.peer = peer
    self.head = head
    self.body = body
    self.bodySize = bodySize
  }
}

/// A device whose messages are to be kept.
package struct TracedDevice: Sendable, Equatable {
  package var id: Device.ID
  package var name: String
  /// Seconds since 1970.
  package var until: Double
}

/// How much of traces is kept.
package struct TraceLimits: Sendable, Equatable {
  /// Devices that are traced at a time.
  package var devices = 100
  /// Messages of one device; the oldest go first.
  package var messages = 2_000
  /// Bytes of their bodies; the oldest go first.
  package var bytes = 32 << 20
  /// Seconds that messages are kept.
  package var retention = 7.0 * 86_400
  /// Seconds for which a trace may be switched on.
  package var longest = 7.0 * 86_400

  package init() {}
}

extension FleetStore {
  private static let lockTraces: SQL = "LOCK TABLE trace IN SHARE ROW EXCLUSIVE MODE"

  private static let startTrace: SQL = """
    INSERT INTO trace (device_id, until, started_by)
    SELECT $1, $2, $3
    WHERE (SELECT count(*) FROM trace WHERE until > $4 AND device_id <> $1) < $5
    ON CONFLICT (device_id) DO UPDATE SET until = $2, started_by = $3, started_at = now()
    RETURNING device_id
    """

  /// Keeps the messages of a device until a moment in seconds since 1970.
  ///
  /// - Throws: ``StoreError`` with `conflict` where too many devices are traced.
  package func startTrace(
    of device: Device.ID, named name: String, until: Double, now: Double,
    limits: TraceLimits = TraceLimits(), by actor: String
  ) async throws {
    try await transaction { connection in
      try connection.query(Statement(Self.lockTraces))
      let row = try connection.query(
        Statement(
          Self.startTrace, .int8(device), .timestamptz(until), .text(actor), .timestamptz(now),
          .int8(Int64(limits.devices)))
      ).first
      guard row != nil else {
        throw StoreError(.conflict, "\(limits.devices) devices are traced already")
      }
      try connection.query(
        AuditEntry(
          actor: actor, action: "trace.start", target: "device/\(name)",
          detail: ["seconds": String(Int(until - now))]
        ).statement)
    }
  }

  private static let stopTrace: SQL = "DELETE FROM trace WHERE device_id = $1 RETURNING device_id"

  /// Ends a trace; what was kept stays until its time is over. Nothing happens where there is none.
  package func stopTrace(of device: Device.ID, named name: String, by actor: String) async throws {
    try await transaction { connection in
      guard try !connection.query(Statement(Self.stopTrace, .int8(device))).isEmpty else { return }
      try connection.query(
        AuditEntry(actor: actor, action: "trace.stop", target: "device/\(name)").statement)
    }
  }

  private static let selectTraced: SQL = """
    SELECT t.device_id, t.until, d.name
    FROM trace t JOIN device d ON d.device_id = t.device_id
    WHERE t.until > $1
    """

  /// The devices whose messages are to be kept.
  package func tracedDevices(now: Double) async throws -> [TracedDevice] {
    try await query(Statement(Self.selectTraced, .timestamptz(now))).map {
      TracedDevice(id: try $0.int64(0), name: try $0.string(2), until: try $0.timestamp(1))
    }
  }

  private static let insertMessages: SQL = """
    INSERT INTO trace_message
      (device_id, at, session, is_inbound, peer, head, body, body_size)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::boolean[], $5::text[],
      $6::text[], $7::bytea[], $8::integer[])
    """

  // What came from somebody who was turned away has a small part of its own, so that it crowds nothing out. The newest message
  // of either kind stays, however large it is.
  private static let trimMessages: SQL = """
    DELETE FROM trace_message m
    USING (
      SELECT device_id, session = 0 AS is_claim, message_id,
        row_number() OVER newest AS number, sum(octet_length(body)) OVER newest AS bytes
      FROM trace_message
      WHERE device_id IN (SELECT DISTINCT d FROM unnest($1::bigint[]) AS d)
      WINDOW newest AS (PARTITION BY device_id, session = 0 ORDER BY message_id DESC)
    ) AS o
    WHERE m.device_id = o.device_id AND m.message_id = o.message_id AND o.number > 1
      AND (o.number > CASE WHEN o.is_claim THEN $2 / 10 ELSE $2 END
        OR o.bytes > CASE WHEN o.is_claim THEN $3 / 10 ELSE $3 END)
    """

  /// Keeps messages, in the order given.
  package func append(_ messages: [TraceMessage], limits: TraceLimits = TraceLimits()) async throws
  {
    guard !messages.isEmpty else { return }
    try await transaction { connection in
      try connection.query(
        Statement(
          Self.insertMessages, .int8Array(messages.map(\.deviceID)),
          .timestamptzArray(messages.map(\.at)), .int8Array(messages.map(\.session)),
          .boolArray(messages.map(\.isInbound)), .textArray(messages.map(\.peer)),
          // PostgreSQL's texts can't hold U+0000, which a device may well send.
          .textArray(messages.map { $0.head.replacing("\0", with: "\u{FFFD}") }),
          .byteaArray(messages.map(\.body)),
          .int4Array(messages.map { Int32(clamping: $0.bodySize) })))
      try connection.query(
        Statement(
          Self.trimMessages, .int8Array(messages.map(\.deviceID)),
          .int8(Int64(limits.messages)), .int8(Int64(limits.bytes))))
    }
  }

  private static let selectMessages: SQL = """
    SELECT message_id, device_id, at, session, is_inbound, peer, head, body, body_size
    FROM trace_message
    WHERE device_id = $1 AND message_id > $2
    ORDER BY message_id
    LIMIT $3
    """

  /// The kept messages of a device, the oldest first.
  ///
  /// - Parameter after: the `id` of the last message that is known.
  package func traceMessages(of device: Device.ID, after: Int64 = 0, limit: Int) async throws
    -> [TraceMessage]
  {
    try await query(
      Statement(Self.selectMessages, .int8(device), .int8(after), .int8(Int64(limit)))
    ).map { row in
      TraceMessage(
        id: try row.int64("message_id"), deviceID: try row.int64("device_id"),
        at: try row.timestamp("at"), session: try row.int64("session"),
        isInbound: try row.bool("is_inbound"), peer: try row.string("peer"),
        head: try row.string("head"), body: try row.bytes("body"),
        bodySize: try row.int("body_size"))
    }
  }

  private static let selectLast: SQL = """
    SELECT COALESCE(max(message_id), 0) FROM trace_message WHERE device_id = $1
    """

  /// The `id` of the newest kept message of a device; 0 where there is none.
  package func lastTraceMessage(of device: Device.ID) async throws -> Int64 {
    try await query(Statement(Self.selectLast, .int8(device))).first?.int64(0) ?? 0
  }

  private static let removeMessages: SQL = """
    DELETE FROM trace_message WHERE at < $1
    """

  private static let removeEnded: SQL = "DELETE FROM trace WHERE until < $1"

  /// Removes what is older than it is to be kept.
  package func removeOldTraces(now: Double, limits: TraceLimits = TraceLimits()) async throws {
    try await transaction { connection in
      try connection.query(Statement(Self.removeMessages, .timestamptz(now - limits.retention)))
      try connection.query(Statement(Self.removeEnded, .timestamptz(now)))
    }
  }
}
