import Postgres

/// Whether a device's USP agent is connected, to any node.
package struct AgentPresence: Sendable, Equatable {
  package var isOnline: Bool
  /// Since when it is connected, or not; seconds since 1970, like the other.
  package var since: Double
  /// Over which transport it is connected, or was: `webSocket`, `unix`, `mqtt` or `stomp`.
  package var transport: String
  /// The endpoint ID under which it came.
  package var endpoint: String
  /// The name of the node that holds the link; nil where the agent is not connected.
  package var node: String?
  /// When something was heard of it last, to within the pause between two notes of that.
  package var heardAt: Double
}

extension AgentPresence {
  /// - Parameter row: of a device, beside which there may be neither a presence nor a node.
  init?(_ row: Row) throws(PostgresError) {
    guard let endpoint = try row.optionalString("endpoint") else { return nil }
    self.endpoint = endpoint
    transport = try row.string("transport")
    heardAt = try row.timestamp("heard_at")
    isOnline = try row.optionalBool("is_online") ?? false
    let since = try row.timestamp("since")
    if isOnline {
      self.since = since
      node = try row.string("node")
    } else {
      // The node's time was over, and nobody has written that down for each of its agents yet.
      self.since = max(since, try row.optionalTimestamp("alive_until") ?? since)
    }
  }
}
