import HTTPClient

/// Which addresses connection requests may be sent to.
///
/// A device names its own ConnectionRequestURL, so without rules any device could make the server send
/// requests to the server's own services or to a neighbour's. The rules judge addresses after name resolution.
package struct AddressRules: Sendable {
  /// Addresses that are never asked unless allowed: this host, the link, and groups.
  package static let alwaysDenied: [AddressBlock] = [
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/96",
    "fe80::/10", "fec0::/10", "ff00::/8",
  ].compactMap(AddressBlock.init)

  /// Blocks that may be asked whatever else is said.
  package var allowed: [AddressBlock] = []
  /// Blocks that may not be asked, in addition to `alwaysDenied`.
  package var denied: [AddressBlock] = []
  /// Whether the address that the device itself called from may be asked even if it is denied.
  ///
  /// Turn it off where devices come in through a proxy on a denied address.
  package var allowsContactAddress = true

  package init() {}

  package func accepts(_ address: IPAddress, contactAddress: IPAddress?) -> Bool {
    if allowed.contains(where: { $0.contains(address) }) { return true }
    if allowsContactAddress, address == contactAddress { return true }
    return !Self.alwaysDenied.contains { $0.contains(address) }
      && !denied.contains { $0.contains(address) }
  }
}
