import Fleet
import FleetStore
import USP

/// Who an agent is, as far as it was proved.
struct AgentCaller: Sendable, Equatable {
  /// The only device that it may be; nil: any.
  var deviceName: String?
  /// The endpoint ID that its certificate names.
  var endpoint: EndpointID?
  var proof: ContactProof

  /// Whether the agent may be that of a device, with what it proved and what the controller demands.
  func mayBe(
    _ identity: DeviceIdentity, _ standing: AgentStanding,
    enrolment: ControllerSettings.Enrolment
  ) -> Bool {
    if let deviceName, deviceName.lowercased() != identity.name.lowercased() { return false }
    if let endpoint, !isNamed(endpoint, identity, standing) { return false }
    switch enrolment {
    case .open: return true
    case .shared: return proof != .nothing
    case .known: return deviceName != nil || endpoint != nil
    }
  }

  /// Whether a certificate for an endpoint is that of a device: by its OUI and serial number where the endpoint has them, else the
  /// device with which it came first has it for good.
  private func isNamed(
    _ endpoint: EndpointID, _ identity: DeviceIdentity, _ standing: AgentStanding
  ) -> Bool {
    if let isOf = endpoint.isOf(identity) { return isOf }
    if let holder = standing.holder, holder.isCertified {
      return holder.deviceName == identity.name
    }
    return standing.certifiedEndpoints.isEmpty
  }

  /// The proof with which the device is let in: a certificate that names no device proves one from the second time on.
  func proof(_ standing: AgentStanding) -> ContactProof {
    guard let endpoint, !endpoint.namesDevice else { return proof }
    return standing.holder?.isCertified == true ? .certificate : .shared
  }
}

extension EndpointID {
  /// Whether the scheme puts a device's OUI and serial number into the ID.
  var namesDevice: Bool { scheme == .os || scheme == .ops }

  /// Whether the ID is that of a device; nil where its scheme does not tell.
  func isOf(_ identity: DeviceIdentity) -> Bool? {
    let parts =
      switch scheme {
      case .os: [identity.oui, identity.serialNumber]
      case .ops: [identity.oui, identity.productClass, identity.serialNumber]
      default: [String]()
      }
    guard !parts.isEmpty else { return nil }
    let told = parts.joined(separator: "-").lowercased()
    return told == instance.lowercased() || told == unescapedInstance?.lowercased()
  }
}
