import HTTPClient
import NIOCore
import Synchronization

/// The addresses of this machine's interfaces, read again once in a while.
package final class OwnAddresses: Sendable {
  private struct Content {
    var addresses: Set<IPAddress> = []
    var readAt: ContinuousClock.Instant?
  }

  private static let lifetime = Duration.seconds(30)

  private let content = Mutex(Content())
  private let read: @Sendable () -> Set<IPAddress>

  /// - Parameter read: Gives the addresses at this moment.
  package init(read: @escaping @Sendable () -> Set<IPAddress> = OwnAddresses.ofInterfaces) {
    self.read = read
  }

  package func contains(_ address: IPAddress) -> Bool {
    content.withLock { content in
      let now = ContinuousClock.now
      if content.readAt.map({ now - $0 > Self.lifetime }) ?? true {
        content.addresses = read()
        content.readAt = now
      }
      return content.addresses.contains(address)
    }
  }

  @Sendable package static func ofInterfaces() -> Set<IPAddress> {
    let devices = (try? System.enumerateDevices()) ?? []
    return Set(devices.compactMap { $0.address?.ipAddress.flatMap { IPAddress($0) } })
  }
}
