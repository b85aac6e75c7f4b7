/// An IPv4 or IPv6 address with a UDP port, as STUN's address attributes carry it.
package struct TransportAddress: Sendable, Hashable {
  /// 4 or 16 bytes in network order.
  package let address: [UInt8]
  package let port: UInt16

  package var isIPv4: Bool { address.count == 4 }

  /// - Returns: nil for an address of neither 4 nor 16 bytes.
  package init?(address: [UInt8], port: UInt16) {
    guard address.count == 4 || address.count == 16 else { return nil }
    self.address = address
    self.port = port
  }

  /// Reads the value of an address attribute: a zero byte, the family, the port, the address (RFC 3489, 11.2.1).
  init?(attributeValue value: [UInt8]) {
    guard value.count >= 8 else { return nil }
    switch (value[1], value.count) {
    case (1, 8), (2, 20): break
    default: return nil
    }
    self.init(address: Array(value[4...]), port: UInt16(value[2]) << 8 | UInt16(value[3]))
  }

  var attributeValue: [UInt8] {
    [0, isIPv4 ? 1 : 2, UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] + address
  }
}
