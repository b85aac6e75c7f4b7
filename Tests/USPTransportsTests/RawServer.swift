import NIOCore
import NIOPosix

/// A server that does what the test does.
final class RawServer: Sendable {
  private let channel: any Channel
  private let peers: AsyncStream<RawPeer>

  var port: Int { channel.localAddress?.port ?? 0 }

  init(path: String? = nil) async throws {
    let (peers, continuation) = AsyncStream<RawPeer>.makeStream()
    self.peers = peers
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        RawPeer.Inbox.begin(on: channel).map { continuation.yield(RawPeer($0, $1)) }
      }
    if let path {
      channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
    } else {
      channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    }
  }

  deinit { channel.close(promise: nil) }

  /// The next one who connects.
  func next() async throws -> RawPeer {
    var iterator = peers.makeAsyncIterator()
    guard let peer = await iterator.next() else { throw RawPeer.Gone() }
    return peer
  }
}
