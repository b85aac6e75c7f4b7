import Fleet
import FleetStore

/// How a device is given the credential with which it signs its messages to the STUN server (TR-069 Annex G.2.1).
extension Conversation {
  private static let username = "ManagementServer.STUNUsername"
  private static let password = "ManagementServer.STUNPassword"
  private static let server = "ManagementServer.STUNServerAddress"

  /// A complete reading shows whether the device has the parameters, which many have not, and whether they are set already.
  ///
  /// A credential that is there is for whoever gave it. Whether the device uses STUN yet (STUNEnable) does not matter: it needs the
  /// credential as soon as it does.
  func noteBindingCredential(after outcome: Outcome) {
    guard door.environment.bindingCredential != nil, case .reading? = purpose, case .done = outcome,
      let reading = run?.reading, let root = device?.root
    else { return }
    func told(_ name: String) -> String? {
      reading.values.first { $0.path == root + name }?.value
    }
    guard told(Self.username)?.allSatisfy(\.isWhitespace) == true,
      [Self.username, Self.password].allSatisfy({ name in
        reading.names.contains { $0.path == root + name && $0.writable }
      })
    else { return }
    isBindingCredentialDue = isOwnServer(
      told(Self.server) ?? "", asReachedAt: told("ManagementServer.URL") ?? "")
  }

  /// Whether a STUNServerAddress means the server that belongs to this one.
  /// - Parameter url: the ACS URL that the device has, by whose host it reaches this server whatever stands between.
  private func isOwnServer(_ address: String, asReachedAt url: String) -> Bool {
    let address = address.trimmingWhitespace().lowercased()
    // Then it asks the host of the ACS URL (TR-069 Annex G.2.1.1).
    if address.isEmpty { return true }
    let own = [
      Self.host(ofURL: url), localAddress, door.settings.host, door.environment.bindingHost,
    ]
    return own.contains { $0.lowercased() == address }
  }

  /// The host of a URL, without the brackets of an IPv6 address; empty where there is none.
  static func host(ofURL url: String) -> String {
    let url = url.trimmingWhitespace()
    guard let scheme = url.firstRange(of: "://") else { return "" }
    var authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    if let at = authority.lastIndex(of: "@") {
      authority = authority[authority.index(after: at)...]
    }
    if authority.first == "[" { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
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

extension String {
  fileprivate func trimmingWhitespace() -> String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
