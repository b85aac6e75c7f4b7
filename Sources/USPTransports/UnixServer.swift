import Logging
import NIOCore
import NIOPosix
import Refusals
import USP

/// Where a server for UNIX domain sockets listens, and what it bears.
package struct UnixServerSettings: Sendable {
  /// The path of the socket; at most 107 bytes.
  package var path: String
  /// The server's own endpoint ID.
  package var own: EndpointID
  /// The mode of the socket file: who may connect.
  package var mode: UInt32 = 0o600
  package var limits = LinkLimits()
  package var maxConnections = 1_000
  /// How long a caller may take for its handshake (R-UDS.18).
  package var handshakeTimeout = TimeAmount.seconds(30)

  package init(path: String, own: EndpointID) {
    self.path = path
    self.own = own
  }
}

/// Takes links over a UNIX domain socket (TR-369, 4.7).
package final class UnixServer: Sendable {
  private let channel: any Channel
  private let file: UnixSocketFile
  private let terms: UnixTerms

  /// Connections that are open now.
  package var openConnections: Int { terms.open.count }

  private init(channel: any Channel, file: UnixSocketFile, terms: UnixTerms) {
    self.channel = channel
    self.file = file
    self.terms = terms
  }

  /// Starts to listen; a socket file that nobody listens on any more is replaced.
  /// - Parameter refusals: where it tells what it refuses; nil: in the log, with an allowance of its own.
  /// - Throws: ``TransportError``.
  package static func start(
    settings: UnixServerSettings, group: any EventLoopGroup, logger: Logger,
    refusals: RefusalLog? = nil, accept: @escaping LinkAcceptor
  ) async throws -> UnixServer {
    let terms = UnixTerms(
      role: .server, path: settings.path, own: settings.own, limits: settings.limits,
      handshakeTimeout: settings.handshakeTimeout, open: OpenUnixLinks(), accept: accept)
    let places = Allotment(limit: settings.maxConnections)
    let refusals = RefusalTally(log: refusals ?? RefusalLog(logger: logger))
    let (file, descriptor) = try UnixSocketFile.bind(settings.path, mode: settings.mode)
    do {
      let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        .childChannelOption(.recvAllocator, value: ReceiveBuffer.allocator)
        .childChannelInitializer { channel in
          guard places.take(1) else {
            refusals.note(.linkLimit, peer: settings.path)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
          }
          channel.closeFuture.whenComplete { _ in places.giveBack(1) }
          return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              UnixLink(channel: channel, terms: terms))
          }
        }
        .withBoundSocket(descriptor).get()
      return UnixServer(channel: channel, file: file, terms: terms)
    } catch {
      file.remove()
      throw TransportError.unusable("\(settings.path): \(error)")
    }
  }

  /// Takes no more links, ends those that are open and removes the socket file.
  package func stop() async {
    file.remove()
    try? await channel.close()
    let links = terms.open.all
    for link in links { link.close(.goingAway) }
    for link in links { try? await link.channel.closeFuture.get() }
  }
}
