import Fleet

/// A device with what is known about it, its tree apart.
package struct DeviceRecord: Sendable, Equatable {
  package var id: Device.ID
  package var identity: DeviceIdentity
  package var tags: [String]
  /// By name without the root.
  package var facts: [String: String]
  /// Seconds since 1970, like the others.
  package var createdAt: Double
  /// Nil until the device has called for the first time.
  package var lastContact: Double?
  package var lastBoot: Double?
  /// The last complete reading of the tree.
  package var readAt: Double?
  package var readDue: Double?
  package var credentialState: CredentialState
  /// Empty until the device has called for the first time, like the root and the address.
  package var protocolName: String
  package var root: String
  package var address: String
  package var openTasks: Int
  /// Nil where no agent of the device has been connected.
  package var presence: AgentPresence?
}

/// A change of a device's tags.
package enum TagChange: Sendable, Equatable {
  case replace([String])
  case edit(adding: [String], removing: [String])

  /// The tags after the change: each once, sorted.
  package func applied(to tags: [String]) -> [String] {
    switch self {
    case .replace(let new): Set(new).sorted()
    case .edit(let adding, let removing):
      Set(tags).subtracting(removing).union(adding).sorted()
    }
  }
}
