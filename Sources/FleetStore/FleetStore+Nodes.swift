import Fleet
import Postgres

/// The life of a node, by which all others know whether the links that it has written down are there.
package struct NodeLife: Sendable, Hashable {
  package var id: Int64

  package init(id: Int64) { self.id = id }
}

/// The lives of the nodes that share the database.
///
/// A life that is not prolonged is over, whatever has become of the node, and with it are all its links: nothing has to be written for
/// each of them, and no clock but the database's is asked.
extension FleetStore {
  private static let insertNode: SQL = """
    INSERT INTO node (name, alive_until) VALUES ($1, now() + $2 * interval '1 second')
    RETURNING node_id
    """

  /// Begins a life.
  /// - Parameters:
  ///   - name: for people.
  ///   - lease: seconds for which it lasts unless it is prolonged.
  package func beginLife(ofNodeNamed name: String, lease: Double) async throws -> NodeLife {
    guard
      let row = try await query(Statement(Self.insertNode, .text(name), .float8(lease))).first
    else { throw StoreError(.database, "the node has no number") }
    return NodeLife(id: try row.int64(0))
  }

  private static let prolongNode: SQL = """
    UPDATE node SET alive_until = now() + $2 * interval '1 second'
    WHERE node_id = $1 AND NOT has_ended
    RETURNING node_id
    """

  /// - Returns: false where the life has ended for good, and another has to begin.
  package func prolong(_ life: NodeLife, lease: Double) async throws -> Bool {
    try await !query(Statement(Self.prolongNode, .int8(life.id), .float8(lease))).isEmpty
  }

  private static let endNode: SQL = """
    UPDATE node SET alive_until = LEAST(alive_until, now()), has_ended = true WHERE node_id = $1
    """

  /// Ends a life: none of its agents is connected any more.
  package func end(_ life: NodeLife) async throws {
    _ = try await query(Statement(Self.endNode, .int8(life.id)))
  }

  private static let endLostNodes: SQL = """
    UPDATE node SET has_ended = true
    WHERE NOT has_ended AND alive_until < now() - $1 * interval '1 second'
    """

  private static let selectEndedNodes: SQL = """
    SELECT node_id FROM node WHERE has_ended ORDER BY node_id
    """

  private static let letAgentsGo: SQL = """
    WITH gone AS (
      SELECT p.device_id, n.alive_until
      FROM agent_presence p JOIN node n ON n.node_id = p.node_id
      WHERE p.node_id = $1
      LIMIT $2
      FOR UPDATE OF p SKIP LOCKED
    ), let_go AS (
      UPDATE agent_presence p
      SET node_id = NULL, since = GREATEST(p.since, g.alive_until)
      FROM gone g WHERE p.device_id = g.device_id
      RETURNING p.device_id
    )
    SELECT count(*) AS agents FROM let_go
    """

  private static let deleteNode: SQL = """
    DELETE FROM node n
    WHERE n.node_id = $1 AND n.has_ended
      AND NOT EXISTS (SELECT FROM agent_presence p WHERE p.node_id = n.node_id)
    RETURNING n.node_id
    """

  /// Seconds that a node which is not heard of may come back before its life ends for good.
  package static let nodeGrace = 300.0

  /// Writes down that the agents of ended lives are not connected, which everybody can tell before that, and forgets these lives.
  /// - Parameter slice: rows in one transaction at the most.
  /// - Returns: how many lives were forgotten.
  package func forgetEndedNodes(
    grace: Double = FleetStore.nodeGrace, slice: Int = 1000
  ) async throws -> Int {
    _ = try await query(Statement(Self.endLostNodes, .float8(grace)))
    var forgotten = 0
    for row in try await query(Statement(Self.selectEndedNodes)) {
      let id = Parameter.int8(try row.int64(0))
      while try await query(Statement(Self.letAgentsGo, id, .int8(Int64(slice)))).first?
        .int("agents") ?? 0 > 0
      {}
      forgotten += try await query(Statement(Self.deleteNode, id)).count
    }
    return forgotten
  }
}
