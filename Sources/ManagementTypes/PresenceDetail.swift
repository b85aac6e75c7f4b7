/// Whether a device's USP agent is connected, to whichever node.
package struct PresenceDetail: Codable, Sendable, Equatable {
  package var online: Bool
  /// Since when it is connected, or not.
  package var since: Timestamp
  /// How it is connected, or was: `webSocket`, `mqtt`, `stomp` or `unix`.
  package var transport: String
  /// The endpoint ID under which it came.
  package var endpoint: String
  /// The node that holds the link; nil where the agent is not connected.
  package var node: String?
  /// When something was heard of it last, to within `usp.heardInterval`.
  package var lastHeard: Timestamp

  package init(
    online: Bool, since: Timestamp, transport: String, endpoint: String, node: String?,
    lastHeard: Timestamp
  ) {
    self.online = online
    self.since = since
    self.transport = transport
    self.endpoint = endpoint
    self.node = node
    self.lastHeard = lastHeard
  }
}
