import Glibc

/// An IPv4 or IPv6 address without port and zone.
///
/// An IPv6 address that only wraps an IPv4 address (`::ffff:192.0.2.1`) is that IPv4 address, so that no rule
/// can be evaded by another spelling.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 bytes in network order.
  package let bytes: [UInt8]

  package var isIPv4: Bool { bytes.count == 4 }

  /// The address of 4 or 16 bytes in network order; `nil` for any other number.
  package init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self.bytes = bytes
    case 16:
      let wrapsIPv4 =
        bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
      self.bytes = wrapsIPv4 ? Array(bytes.suffix(4)) : bytes
    default: return nil
    }
  }

  /// The address of a numeric text, with or without brackets and zone; names give `nil`.
  package init?(_ text: some StringProtocol) {
    var text = text[...]
    if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
    if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
    let parsed: [UInt8]? = String(text).withCString { pointer in
      var four = in_addr()
      if inet_pton(AF_INET, pointer, &four) == 1 { return withUnsafeBytes(of: four, Array.init) }
      var six = in6_addr()
      if inet_pton(AF_INET6, pointer, &six) == 1 { return withUnsafeBytes(of: six, Array.init) }
      return nil
    }
    guard let parsed else { return nil }
    self.init(bytes: parsed)
  }

  /// The address in a `sockaddr` of `length` bytes; `nil` for another family.
  init?(socketAddress: UnsafeRawPointer, length: Int) {
    guard length >= MemoryLayout<sockaddr>.size else { return nil }
    switch Int32(socketAddress.loadUnaligned(as: sockaddr.self).sa_family) {
    case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
      let address = socketAddress.loadUnaligned(as: sockaddr_in.self).sin_addr
      self.init(bytes: withUnsafeBytes(of: address, Array.init))
    case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
      let address = socketAddress.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      self.init(bytes: withUnsafeBytes(of: address, Array.init))
    default: return nil
    }
  }

  package var description: String {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = isIPv4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A block of addresses in CIDR notation, for example `10.0.0.0/8`.
package struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
  package let base: IPAddress
  /// The number of leading bits that count.
  package let prefixLength: Int

  /// The block of a text `ADDRESS/LENGTH`, or of one `ADDRESS`; `nil` for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2, let base = IPAddress(first) else { return nil }
    let width = base.bytes.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
        length <= width
      else { return nil }
      prefixLength = length
    } else {
      prefixLength = width
    }
    self.base = base
  }

  package func contains(_ address: IPAddress) -> Bool {
    guard address.bytes.count == base.bytes.count else { return false }
    let whole = prefixLength / 8
    guard address.bytes.prefix(whole) == base.bytes.prefix(whole) else { return false }
    let rest = prefixLength % 8
    guard rest > 0 else { return true }
    let shift = UInt8(8 - rest)
    return address.bytes[whole] >> shift == base.bytes[whole] >> shift
  }

  package var description: String { "\(base)/\(prefixLength)" }
}
