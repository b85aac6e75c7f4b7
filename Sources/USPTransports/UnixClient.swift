import Logging
import NIOCore
import NIOPosix
import USP

/// Opens links over UNIX domain sockets (TR-369, 4.7).
package enum UnixClient {
  /// Connects and exchanges handshakes.
  /// - Parameter accept: takes the link, before this function returns it.
  /// - Throws: ``TransportError``.
  package static func connect(
    path: String, own: EndpointID, limits: LinkLimits = LinkLimits(),
    handshakeTimeout: TimeAmount = .seconds(30), on loop: any EventLoop, logger: Logger,
    accept: @escaping LinkAcceptor
  ) async throws -> any Link {
    guard (1...UnixSocketFile.longestPath).contains(path.utf8.count) else {
      throw TransportError.unusable(
        "the path of a socket has 1 to \(UnixSocketFile.longestPath) bytes: \(path.prefix(200))")
    }
    let promise = loop.makePromise(of: (any Link).self)
    let terms = UnixTerms(
      role: .client(promise: promise), path: path, own: own, limits: limits,
      handshakeTimeout: handshakeTimeout, open: OpenUnixLinks(), accept: accept)
    ClientBootstrap(group: loop)
      .channelOption(.recvAllocator, value: ReceiveBuffer.allocator)
      .connect(unixDomainSocketPath: path)
      .whenComplete { result in
        switch result {
        case .failure(let error): promise.fail(TransportError(connecting: error, to: path))
        case .success(let channel):
          do {
            try channel.pipeline.syncOperations.addHandler(UnixLink(channel: channel, terms: terms))
          } catch {
            promise.fail(TransportError(connecting: error, to: path))
            channel.close(promise: nil)
          }
        }
      }
    return try await promise.futureResult.get()
  }
}
