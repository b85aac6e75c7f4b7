import Cryptography
import Fleet
import HTTPClient
import NIOCore
import STUN
import Synchronization

/// Sends UDP connection requests (TR-069 Amendment 6, Annex G.2.2.3) from the STUN server's socket.
package final class UDPConnectionRequestSender: Sendable {
  package struct Options: Sendable {
    /// Packets a request, all the same.
    package var copies = 3
    package var pause = TimeAmount.milliseconds(250)
    /// Devices whose last timestamp is remembered.
    package var maximumDevices = 100_000

    package init() {}
  }

  private struct Last {
    var timestamp: UInt64
    var id: UInt32
  }

  private let server: STUNServer
  private let rules: AddressRules
  private let options: Options
  private let now: @Sendable () -> Double
  private let last: Mutex<RecentTable<Device.ID, Last>>

  /// - Parameter now: Seconds since 1970.
  package init(
    server: STUNServer, rules: AddressRules, options: Options = Options(),
    now: @escaping @Sendable () -> Double
  ) {
    self.server = server
    self.rules = rules
    self.options = options
    self.now = now
    last = Mutex(RecentTable(limit: options.maximumDevices))
  }

  package var channel: ConnectionRequestChannel {
    ConnectionRequestChannel(
      isPossible: { [server] target in
        !target.udpAddress.isEmpty || server.binding(of: target.deviceName) != nil
      }, send: { await self.send($0) })
  }

  /// Sends to where the last Binding Request came from, and to where the device itself says, if that differs.
  package func send(_ target: ConnectionRequestTarget) async -> ConnectionRequestResult {
    var addresses = server.binding(of: target.deviceName).map { [$0] } ?? []
    if let told = TransportAddress(udpAddress: target.udpAddress), !addresses.contains(told) {
      addresses.append(told)
    }
    guard !addresses.isEmpty else {
      return .failed(
        .addressNotAllowed, detail: "UDPConnectionRequestAddress is no address and port")
    }
    let contact = IPAddress(target.contactAddress)
    addresses.removeAll { address in
      IPAddress(bytes: address.address).map { !rules.accepts($0, contactAddress: contact) } ?? true
    }
    guard !addresses.isEmpty else {
      return .failed(.addressNotAllowed, detail: "the address is not allowed: \(AddressRules.hint)")
    }
    let request = request(to: target)
    var problem: (any Error)?
    var hasSent = false
    for address in addresses {
      let packet = request.encoded(
        host: address.host, port: address.port, password: target.password)
      do {
        try await server.send(packet, to: address, copies: options.copies, pause: options.pause)
        hasSent = true
      } catch { problem = error }
    }
    if let problem, !hasSent { return .failed(.unreachable, detail: "\(problem)") }
    return .accepted
  }

  /// A request with a timestamp above, and an id other than, those of the one before.
  private func request(to target: ConnectionRequestTarget) -> UDPConnectionRequest {
    let time = UInt64(max(0, now()))
    let stamp = last.withLock { table in
      let previous = table[target.deviceID]
      var id = UInt32.random(in: 1...UInt32.max)
      if id == previous?.id { id = id == 1 ? 2 : id - 1 }
      let stamp = Last(timestamp: max(time, (previous?.timestamp ?? 0) + 1), id: id)
      table[target.deviceID] = stamp
      return stamp
    }
    return UDPConnectionRequest(
      timestamp: stamp.timestamp, id: stamp.id, username: target.username,
      nonce: SecureRandom.token(bytes: 12))
  }
}

extension TransportAddress {
  /// The value of UDPConnectionRequestAddress: an address, and a port if it is not 80; names are not resolved, since
  /// STUN tells none.
  init?(udpAddress text: String) {
    guard text.utf8.count <= 256, let parts = try? ConnectionRequestURL("http://" + text),
      parts.target == "/", let address = IPAddress(parts.host)
    else { return nil }
    self.init(address: address.bytes, port: parts.port)
  }

  /// As it stands in a URL.
  var host: String {
    let text = IPAddress(bytes: address)?.description ?? ""
    return isIPv4 ? text : "[\(text)]"
  }
}
