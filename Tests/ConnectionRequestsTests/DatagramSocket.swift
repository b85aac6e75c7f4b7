import NIOCore
import NIOPosix

/// A UDP socket on 127.0.0.1 for tests: a device's side.
struct DatagramSocket {
  let channel: any Channel
  let received: AsyncStream<[UInt8]>
  var port: Int { channel.localAddress?.port ?? 0 }

  static func open() async throws -> DatagramSocket {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(continuation))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return DatagramSocket(channel: channel, received: stream)
  }

  func send(_ bytes: [UInt8], to port: Int) async throws {
    try await channel.writeAndFlush(
      AddressedEnvelope(
        remoteAddress: SocketAddress(ipAddress: "127.0.0.1", port: port),
        data: ByteBuffer(bytes: bytes)))
  }

  /// The next datagram; nil once the socket is closed.
  func next() async -> [UInt8]? {
    for await datagram in received { return datagram }
    return nil
  }

  func close() async throws {
    try await channel.close()
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(_ continuation: AsyncStream<[UInt8]>.Continuation) {
      self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      continuation.yield(Array(unwrapInboundIn(data).data.readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) {
      continuation.finish()
    }
  }
}
