import HTTPClient

/// Which addresses connection requests may be sent to.
///
/// A device names its own ConnectionRequestURL and UDPConnectionRequestAddress, so without rules any device could make
/// the server send requests to the server's own services or to a neighbour's. The rules judge addresses after name
/// resolution.
package struct AddressRules: Sendable {
  /// Addresses that are never asked unless allowed: this host, the link, groups, and the metadata services of clouds,
  /// of which all but one are on the link.
  package static let alwaysDenied: [AddressBlock] = [
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/96",
    "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128",
  ].compactMap(AddressBlock.init)

  /// IPv6 blocks whose addresses hold an IPv4 address, with its first byte: NAT64 (RFC 6052), IPv4-translated
  /// (RFC 2765), 6to4 (RFC 3056).
  private static let wrappers: [(block: AddressBlock, offset: Int)] = [
    ("64:ff9b::/96", 12), ("::ffff:0:0:0/96", 12), ("2002::/16", 2),
  ].compactMap { text, offset in AddressBlock(text).map { ($0, offset) } }

  /// Blocks that may be asked whatever else is said.
  package var allowed: [AddressBlock] = []
  /// Blocks that may not be asked, in addition to `alwaysDenied`.
  package var denied: [AddressBlock] = []
  /// The addresses and networks of this machine; nil: they are not known, and like any other.
  package var own: OwnAddresses?
  /// Whether this machine's own addresses may be asked.
  package var allowsOwnAddresses = false
  /// Whether every other address in the networks of this machine may be asked.
  package var allowsOwnNetworks = false
  /// Whether the very address that the device itself called from may be asked although it is this machine's, on the link, or in a
  /// network of this machine's; what is in `denied` stays so.
  ///
  /// The rest of such a network is not opened by a call: where a NAT or a bridge of containers stands in front, every device seems to
  /// call from there. Turn it off there, and where devices come in through a proxy.
  package var allowsContactAddress = true

  /// For whoever wonders why a device is not asked.
  static let hint =
    "see connectionRequests.allow, deny, ownAddresses, ownNetworks and contactAddress"

  package init() {}

  package func accepts(_ address: IPAddress, contactAddress: IPAddress?) -> Bool {
    if allowed.contains(where: { $0.contains(address) }) { return true }
    if denied.contains(where: { $0.contains(address) }) { return false }
    if allowsContactAddress, address == contactAddress { return true }
    if Self.alwaysDenied.contains(where: { $0.contains(address) }) { return false }
    if let own, !accepts(address, ofOwn: own) { return false }
    guard let wrapped = Self.wrapped(in: address) else { return true }
    return accepts(wrapped, contactAddress: nil)
  }

  private func accepts(_ address: IPAddress, ofOwn own: OwnAddresses) -> Bool {
    // What can't be told from this machine's own is not asked.
    guard let networks = own.networks(of: address) else { return false }
    if networks.isEmpty { return true }
    return networks.contains { $0.base == address } ? allowsOwnAddresses : allowsOwnNetworks
  }

  private static func wrapped(in address: IPAddress) -> IPAddress? {
    wrappers.first { $0.block.contains(address) }.flatMap { wrapper in
      IPAddress(bytes: Array(address.bytes[wrapper.offset..<wrapper.offset + 4]))
    }
  }
}
