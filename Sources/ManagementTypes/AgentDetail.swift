/// The USP agent of a device.
package struct AgentDetail: Codable, Sendable, Equatable {
  /// The endpoint IDs under which it is known.
  package var endpoints: [String]
  /// How it is connected to the node that answers: `webSocket`, `mqtt`, `stomp` or `unix`; nil where it is not.
  package var transport: String?
  /// The versions of USP that it speaks, as far as it has told over this link.
  package var versions: [String]

  package init(endpoints: [String], transport: String? = nil, versions: [String] = []) {
    self.endpoints = endpoints
    self.transport = transport
    self.versions = versions
  }
}
