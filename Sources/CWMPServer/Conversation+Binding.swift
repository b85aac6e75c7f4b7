import Fleet
import FleetStore

/// How a device is given the credential with which it signs its messages to the STUN server (TR-069 Annex G.2.1).
extension Conversation {
  private static let username = "ManagementServer.STUNUsername"
  private static let password = "ManagementServer.STUNPassword"

  /// A complete reading shows whether the device has the parameters, which many have not, and whether they are set already.
  func noteBindingCredential(after outcome: Outcome) {
    guard door.environment.bindingCredential != nil, case .reading? = purpose, case .done = outcome,
      let reading = run?.reading, let root = device?.root,
      let told = reading.values.first(where: { $0.path == root + Self.username }),
      reading.names.contains(where: { $0.path == root + Self.password && $0.writable })
    else { return }
    isBindingCredentialDue = told.value != name
  }

  func setBindingCredential(on device: AdmittedContact) {
    guard let credential = door.environment.bindingCredential?(name) else {
      startNext()
      return
    }
    start(
      .set([
        Assignment(
          path: device.root + Self.username, value: credential.username, type: .string),
        Assignment(
          path: device.root + Self.password, value: credential.password, type: .string),
      ]), for: .bindingCredential, on: device)
  }
}
