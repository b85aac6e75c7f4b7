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
  /// The addresses of this machine, which are not asked; nil: they are like any other.
  package var own: OwnAddresses?
  /// Whether the address that the device itself called from may be asked although it is this machine's or on the
  /// link; what is in `denied` stays so.
  ///
  /// Turn it off where devices come in through a proxy on such an address.
  package var allowsContactAddress = true

  package init() {}

  package func accepts(_ address: IPAddress, contactAddress: IPAddress?) -> Bool {
    if allowed.contains(where: { $0.contains(address) }) { return true }
    if denied.contains(where: { $0.contains(address) }) { return false }
    if allowsContactAddress, address == contactAddress { return true }
    if Self.alwaysDenied.contains(where: { $0.contains(address) }) { return false }
    if own?.contains(address) ?? false { return false }
    guard let wrapped = Self.wrapped(in: address) else { return true }
    return accepts(wrapped, contactAddress: nil)
  }

  private static func wrapped(in address: IPAddress) -> IPAddress? {
    wrappers.first { $0.block.contains(address) }.flatMap { wrapper in
      IPAddress(bytes: Array(address.bytes[wrapper.offset..<wrapper.offset + 4]))
    }
  }
}
