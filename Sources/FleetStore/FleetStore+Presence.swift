import Fleet
import Postgres

/// A link of a device's agent to this node.
package struct AgentStay: Sendable, Equatable {
  package var device: Device.ID
  /// The token of the contact with which it came.
  package var session: Int64
  package var endpoint: String
  /// `webSocket`, `unix`, `mqtt` or `stomp`.
  package var transport: String
  /// Seconds since 1970.
  package var since: Double

  package init(
    device: Device.ID, session: Int64, endpoint: String, transport: String, since: Double
  ) {
    self.device = device
    self.session = session
    self.endpoint = endpoint
    self.transport = transport
    self.since = since
  }
}

/// An agent that is not connected to this node any more.
package struct AgentLeave: Sendable, Equatable {
  package var device: Device.ID
  /// Seconds since 1970.
  package var at: Double

  package init(device: Device.ID, at: Double) {
    self.device = device
    self.at = at
  }
}

/// Which agents are connected to which node.
///
/// Each node writes for all of its agents what has changed since it wrote last, in one transaction; nobody waits for it.
extension FleetStore {
  // An agent that has gone on to another node has shown itself there, by which its session here was superseded: what is told of this one
  // late is refused. A session of CWMP takes nothing from a link.
  private static let writeStays: SQL = """
    INSERT INTO agent_presence (device_id, endpoint, transport, node_id, since, heard_at)
    SELECT u.device_id, u.endpoint, u.transport, $1, u.since, u.since
    FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])
      AS u (device_id, session, endpoint, transport, since)
    JOIN device_state s ON s.device_id = u.device_id
    WHERE s.session = u.session OR s.protocol <> 'usp'
    ORDER BY u.device_id
    ON CONFLICT (device_id) DO UPDATE
    SET endpoint = EXCLUDED.endpoint, transport = EXCLUDED.transport, node_id = EXCLUDED.node_id,
      since = EXCLUDED.since, heard_at = GREATEST(agent_presence.heard_at, EXCLUDED.heard_at)
    """

  private static let writeLeaves: SQL = """
    UPDATE agent_presence p SET node_id = NULL, since = u.at
    FROM unnest($2::bigint[], $3::timestamptz[]) AS u (device_id, at)
    WHERE p.device_id = u.device_id AND p.node_id = $1
    """

  /// Writes which agents have come to a node and which have left it.
  ///
  /// One that is connected to another node by now stays so.
  package func note(stays: [AgentStay], leaves: [AgentLeave], at node: NodeLife) async throws {
    var statements: [Statement] = []
    if !stays.isEmpty {
      statements.append(
        Statement(
          Self.writeStays, .int8(node.id), .int8Array(stays.map(\.device)),
          .int8Array(stays.map(\.session)), .textArray(stays.map(\.endpoint)),
          .textArray(stays.map(\.transport)), .timestamptzArray(stays.map(\.since))))
    }
    if !leaves.isEmpty {
      let sorted = leaves.sorted { $0.device < $1.device }
      statements.append(
        Statement(
          Self.writeLeaves, .int8(node.id), .int8Array(sorted.map(\.device)),
          .timestamptzArray(sorted.map(\.at))))
    }
    guard !statements.isEmpty else { return }
    let written = statements
    try await transaction { _ = try $0.pipeline(written) }
  }

  private static let takeLost: SQL = """
    WITH lost AS (
      SELECT p.device_id, n.alive_until
      FROM agent_presence p JOIN node n ON n.node_id = p.node_id
      WHERE n.alive_until <= now() AND p.transport = ANY ($1::text[])
      LIMIT $2
      FOR UPDATE OF p SKIP LOCKED
    )
    UPDATE agent_presence p SET node_id = NULL, since = GREATEST(p.since, l.alive_until)
    FROM lost l WHERE p.device_id = l.device_id
    RETURNING p.device_id
    """

  /// Takes agents that were connected to nodes whose time is over, to look for them: each is given to one node, once.
  /// - Parameter transports: as in ``AgentStay/transport``.
  package func takeLostAgents(over transports: [String], limit: Int) async throws -> [Device.ID] {
    try await query(
      Statement(Self.takeLost, .textArray(transports), .int8(Int64(limit)))
    ).map { try $0.int64(0) }
  }

  /// What is lost of it in a crash is heard again.
  private static let commitLater: SQL = "SET LOCAL synchronous_commit = off"

  private static let writeHeard: SQL = """
    UPDATE agent_presence p SET heard_at = GREATEST(p.heard_at, u.heard_at)
    FROM unnest($2::bigint[], $3::timestamptz[]) AS u (device_id, heard_at)
    WHERE p.device_id = u.device_id AND p.node_id = $1
    RETURNING p.device_id
    """

  // An agent that is heard here and that nobody holds is here: its coming was refused because of a session that led to nothing, or
  // another link has ended after that.
  private static let takeHeard: SQL = """
    INSERT INTO agent_presence AS p (device_id, endpoint, transport, node_id, since, heard_at)
    SELECT u.device_id, u.endpoint, u.transport, $1, u.since, u.heard_at
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
      AS u (device_id, endpoint, transport, since, heard_at)
    JOIN device d ON d.device_id = u.device_id
    ORDER BY u.device_id
    ON CONFLICT (device_id) DO UPDATE
    SET endpoint = EXCLUDED.endpoint, transport = EXCLUDED.transport, node_id = EXCLUDED.node_id,
      since = GREATEST(p.since, EXCLUDED.since), heard_at = EXCLUDED.heard_at
    WHERE EXCLUDED.heard_at > p.since
      AND NOT EXISTS (
        SELECT FROM node n WHERE n.node_id = p.node_id AND n.alive_until > now())
    """

  /// Writes when agents that are connected to a node were heard last.
  /// - Parameter heard: seconds since 1970, beside each link.
  package func note(heard: [(stay: AgentStay, at: Double)], at node: NodeLife) async throws {
    guard !heard.isEmpty else { return }
    let sorted = heard.sorted { $0.stay.device < $1.stay.device }
    try await transaction { connection in
      let written = try connection.pipeline([
        Statement(Self.commitLater),
        Statement(
          Self.writeHeard, .int8(node.id), .int8Array(sorted.map(\.stay.device)),
          .timestamptzArray(sorted.map(\.at))),
      ])[1]
      let held = Set(try written.map { try $0.int64(0) })
      let others = sorted.filter { !held.contains($0.stay.device) }
      guard !others.isEmpty else { return }
      _ = try connection.query(
        Statement(
          Self.takeHeard, .int8(node.id), .int8Array(others.map(\.stay.device)),
          .textArray(others.map(\.stay.endpoint)), .textArray(others.map(\.stay.transport)),
          .timestamptzArray(others.map(\.stay.since)), .timestamptzArray(others.map(\.at))))
    }
  }
}
