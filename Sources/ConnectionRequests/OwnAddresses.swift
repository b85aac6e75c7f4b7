import HTTPClient
import NIOCore
import Synchronization

/// The addresses of this machine's interfaces and the networks around them, read again once in a while.
package final class OwnAddresses: Sendable {
  private struct Content {
    /// Nil until they have been read for the first time.
    var networks: [AddressBlock]?
    var readAt: ContinuousClock.Instant?

    mutating func update(now: ContinuousClock.Instant, _ read: () -> [AddressBlock]?) {
      guard let networks = read() else { return }
      self.networks = networks
      readAt = now
    }
  }

  package static let lifetime = Duration.seconds(30)

  private let content = Mutex(Content())
  private let lifetime: Duration
  private let read: @Sendable () -> [AddressBlock]?

  /// - Parameters:
  ///   - lifetime: how long what was read is believed.
  ///   - read: gives the address of each interface, with the length of its network's prefix, as they are at this moment; nil where they
  ///     can't be read, and what was read last stays in force. It is asked for the first time at once.
  package init(
    lifetime: Duration = lifetime,
    read: @escaping @Sendable () -> [AddressBlock]? = OwnAddresses.ofInterfaces
  ) {
    self.lifetime = lifetime
    self.read = read
    content.withLock { $0.update(now: .now, read) }
  }

  /// The networks that an address is in, each with this machine's own address in it as base; nil while the interfaces could never be
  /// read, so that nothing is known of any address.
  package func networks(of address: IPAddress) -> [AddressBlock]? {
    content.withLock { content in
      let now = ContinuousClock.now
      if content.readAt.map({ now - $0 > lifetime }) ?? true { content.update(now: now, read) }
      return content.networks?.filter { $0.contains(address) }
    }
  }

  @Sendable package static func ofInterfaces() -> [AddressBlock]? {
    guard let devices = try? System.enumerateDevices() else { return nil }
    let networks = devices.compactMap { device -> AddressBlock? in
      guard let address = device.address?.ipAddress.flatMap({ IPAddress($0) }) else { return nil }
      let mask = device.netmask?.ipAddress.flatMap { IPAddress($0) }
      return AddressBlock("\(address)/\(prefixLength(of: address, mask: mask))")
    }
    // There is always one, the loopback's.
    return networks.isEmpty ? nil : networks
  }

  /// - Parameter mask: nil where there is none; then, and where it says that the whole world is one network, the address stands alone.
  static func prefixLength(of address: IPAddress, mask: IPAddress?) -> Int {
    let width = address.bytes.count * 8
    guard let mask, mask.bytes.count == address.bytes.count else { return width }
    let length = mask.bytes.reduce(0) { $0 + $1.nonzeroBitCount }
    return length == 0 ? width : length
  }
}
