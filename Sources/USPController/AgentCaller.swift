import FleetStore

/// Who an agent is, as far as it was proved.
struct AgentCaller: Sendable, Equatable {
  /// The only device that it may be; nil: any.
  var deviceName: String?
  var proof: ContactProof

  /// Whether the agent may be that of a device, with what it proved and what the controller demands.
  func mayBe(_ name: String, enrolment: ControllerSettings.Enrolment) -> Bool {
    if let deviceName, deviceName.lowercased() != name.lowercased() { return false }
    switch enrolment {
    case .open: return true
    case .shared: return proof != .nothing
    case .known: return deviceName != nil || proof == .certificate
    }
  }
}
