import Fleet

/// What is known of an endpoint ID, and of the device that its agent says it is in, before the agent is let in.
package struct AgentStanding: Sendable, Equatable {
  /// The device that has the endpoint ID.
  package struct Holder: Sendable, Equatable {
    package var device: Device.ID
    package var deviceName: String
    /// Whether the device has shown a credential of its own.
    package var isProven: Bool
    /// Whether a certificate has named the ID.
    package var isCertified: Bool
  }

  package var holder: Holder?
  /// The device that the agent says it is in, where it is known.
  package var device: Device.ID?
  /// Endpoint IDs of that device that certificates have named.
  package var certifiedEndpoints: [String] = []

  package init() {}
}
