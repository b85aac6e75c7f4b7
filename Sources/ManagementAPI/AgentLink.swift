/// How a USP agent is connected.
package struct AgentLink: Sendable, Equatable {
  /// `webSocket`, `mqtt`, `stomp` or `unix`.
  package var transport: String
  /// Of USP.
  package var versions: [String]

  package init(transport: String, versions: [String]) {
    self.transport = transport
    self.versions = versions
  }
}
