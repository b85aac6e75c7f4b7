import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import STUN

/// The UDP socket of TR-069 Annex G: answers Binding Requests, learns from them where devices can be reached, and sends
/// UDP connection requests.
///
/// Both belong together because the NAT in front of a device lets in only what comes from the address and port to
/// which the device itself sends.
package final class STUNServer: Sendable {
  package struct Configuration: Sendable {
    package var host = "0.0.0.0"
    /// 0: any free one.
    package var port = 3478
    /// Whether a device that names itself must sign its requests.
    package var requiresSignature = true
    /// Datagrams a second from one source, on average; the burst is twice that.
    package var maximumRate = 200
    /// Addresses of devices that are remembered.
    package var maximumBindings = 100_000

    package init() {}
  }

  /// What has been done since the start.
  package struct Counters: Sendable, Equatable {
    package var answered = 0
    /// Datagrams that got no answer: no Binding Request, or one that would have made this server hit a third party.
    package var ignored = 0
    /// Datagrams of sources that send too many, or to which no more can be sent at the moment.
    package var dropped = 0
    package var requestsSent = 0

    package init() {}
  }

  private struct State {
    var bindings: RecentTable<String, TransportAddress>
    var counters = Counters()
  }

  private let channel: any Channel
  private let state: NIOLockedValueBox<State>
  private let isIPv6: Bool

  private init(channel: any Channel, state: NIOLockedValueBox<State>) {
    self.channel = channel
    self.state = state
    isIPv6 = channel.localAddress?.protocol == .inet6
  }

  /// - Parameter password: STUNPassword of a username; nil if there is no such user.
  package static func start(
    configuration: Configuration = Configuration(), group: any EventLoopGroup, logger: Logger,
    password: @escaping @Sendable (_ username: String) -> String?
  ) async throws -> STUNServer {
    var rules = STUNResponder.Configuration()
    rules.requiresSignature = configuration.requiresSignature
    let responder = STUNResponder(configuration: rules, password: password)
    let state = NIOLockedValueBox(
      State(bindings: RecentTable(limit: configuration.maximumBindings)))
    let channel = try await DatagramBootstrap(group: group)
      // A larger datagram is cut off here and refused for its length.
      .channelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: STUNMessage.maximumSize)
      )
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            STUNHandler(
              responder: responder, allowance: SourceAllowance(rate: configuration.maximumRate),
              logger: logger
            ) { event in
              state.withLockedValue { state in
                switch event {
                case .answered: state.counters.answered += 1
                case .ignored: state.counters.ignored += 1
                case .dropped: state.counters.dropped += 1
                case .learned(let binding):
                  state.bindings[binding.username] = binding.address
                }
              }
            })
        }
      }
      .bind(host: configuration.host, port: configuration.port).get()
    return STUNServer(channel: channel, state: state)
  }

  package var port: Int { channel.localAddress?.port ?? 0 }

  package var counters: Counters { state.withLockedValue(\.counters) }

  /// Where a device is reached, as its last Binding Request showed it; nil where none has come since the start.
  package func binding(of username: String) -> TransportAddress? {
    state.withLockedValue { $0.bindings[username] }
  }

  /// Sends a datagram several times, since each may be lost.
  ///
  /// - Returns: Once the first is on its way; the copies follow by themselves.
  /// - Throws: What the socket says about the first.
  package func send(
    _ datagram: [UInt8], to destination: TransportAddress, copies: Int, pause: TimeAmount
  ) async throws {
    let address = try SocketAddress(destination, mappedToIPv6: isIPv6)
    state.withLockedValue { $0.counters.requestsSent += 1 }
    let envelope = AddressedEnvelope(
      remoteAddress: address, data: channel.allocator.buffer(bytes: datagram))
    for copy in 1..<max(1, copies) {
      channel.eventLoop.scheduleTask(in: pause * copy) { [channel] in
        channel.writeAndFlush(envelope, promise: nil)
      }
    }
    try await channel.writeAndFlush(envelope)
  }

  package func stop() async {
    try? await channel.close()
  }
}

extension SocketAddress {
  /// - Parameter mappedToIPv6: Whether the socket is one of IPv6, which takes IPv4 addresses only in that form.
  fileprivate init(_ address: TransportAddress, mappedToIPv6: Bool) throws {
    let bytes =
      address.isIPv4 && mappedToIPv6
      ? Array(repeating: 0, count: 10) + [0xFF, 0xFF] + address.address : address.address
    try self.init(packedIPAddress: ByteBuffer(bytes: bytes), port: Int(address.port))
  }
}
