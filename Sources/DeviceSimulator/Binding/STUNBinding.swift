import Cryptography
import NIOCore
import NIOPosix
import STUN

/// The UDP socket on which a device keeps its STUN binding and waits for connection requests.
///
/// It stays on its event loop, as its owner does.
final class STUNBinding: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private(set) var client: STUNClient
  private let server: SocketAddress
  private let eventLoop: any EventLoop
  /// Our seconds for each second of the device.
  private let timeScale: Double
  private let learned: (TransportAddress, _ local: TransportAddress?) -> Void
  private let requested: () -> Void
  private var channel: (any Channel)?
  private var timer: Scheduled<Void>?
  private var isStopped = false

  init(
    settings: STUNClient.Settings, server: SocketAddress, eventLoop: any EventLoop,
    timeScale: Double, learned: @escaping (TransportAddress, TransportAddress?) -> Void,
    requested: @escaping () -> Void
  ) {
    client = STUNClient(settings: settings)
    self.server = server
    self.eventLoop = eventLoop
    self.timeScale = timeScale
    self.learned = learned
    self.requested = requested
  }

  /// - Parameter host: The address to bind to.
  func start(host: String) {
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    DatagramBootstrap(group: eventLoop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(bound.value)
        }
      }
      .bind(host: host, port: 0).assumeIsolated().whenComplete { result in
        guard case .success(let channel) = result else { return }
        if self.isStopped { return channel.close(promise: nil) }
        self.channel = channel
        self.keepAlive()
      }
  }

  func stop() {
    isStopped = true
    timer?.cancel()
    timer = nil
    channel?.close(promise: nil)
    channel = nil
  }

  private func keepAlive() {
    guard !isStopped else { return }
    perform(client.request(transactionID: SecureRandom.bytes(16)))
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let wait = max(0.01, client.settings.keepAlive / timeScale)
    timer = eventLoop.scheduleTask(in: .nanoseconds(Int64(wait * 1e9))) { bound.value.keepAlive() }
  }

  private func perform(_ action: STUNClient.Action) {
    switch action {
    case .none: break
    case .send(let bytes):
      channel?.writeAndFlush(
        AddressedEnvelope(remoteAddress: server, data: ByteBuffer(bytes: bytes)), promise: nil)
    case .bound(let address): learned(address, channel?.localAddress.flatMap(Self.address))
    case .connectionRequest: requested()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    perform(
      client.receive(
        Array(envelope.data.readableBytesView), transactionID: SecureRandom.bytes(16)))
  }

  /// A lost datagram, or a port that nobody listens on, is for the next keep-alive.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  private static func address(_ address: SocketAddress) -> TransportAddress? {
    guard let text = address.ipAddress, let port = address.port.flatMap(UInt16.init) else {
      return nil
    }
    let octets = text.split(separator: ".").compactMap { UInt8($0) }
    return octets.count == 4 ? TransportAddress(address: octets, port: port) : nil
  }
}
