/// Something that happened to a device.
package struct EventDetail: Codable, Sendable, Equatable {
  package var device: String
  package var at: Timestamp
  /// For example `contact`, `boot`, `task`.
  package var kind: String
  package var detail: JSONValue

  package init(device: String, at: Timestamp, kind: String, detail: JSONValue) {
    self.device = device
    self.at = at
    self.kind = kind
    self.detail = detail
  }
}

/// A change that an operator made.
package struct AuditDetail: Codable, Sendable, Equatable {
  package var id: Int64
  package var at: Timestamp
  /// The name of the token, or `system`.
  package var actor: String
  /// For example `task.create`, `rollout.pause`.
  package var action: String
  /// What was changed, for example `device/00D09E-Box-1` or `rollout/spring`.
  package var target: String
  package var detail: JSONValue

  package init(
    id: Int64, at: Timestamp, actor: String, action: String, target: String, detail: JSONValue
  ) {
    self.id = id
    self.at = at
    self.actor = actor
    self.action = action
    self.target = target
    self.detail = detail
  }
}
