import NIOCore
import NIOPosix
import NIOSSL

/// Opens TCP connections on one event loop, with TLS where the URL says so, and remembers the addresses of hosts.
final class Connector {
  static let connectTimeout = TimeAmount.seconds(10)

  let eventLoop: any EventLoop
  private var addresses: [String: SocketAddress] = [:]
  private let tls: TLSOptions
  private var context: NIOSSLContext?

  /// - Parameter context: What `tls` makes, where it was made already.
  init(eventLoop: any EventLoop, tls: TLSOptions = TLSOptions(), context: NIOSSLContext? = nil) {
    self.eventLoop = eventLoop
    self.tls = tls
    self.context = context
  }

  /// Looks a host up; it blocks, so it is for the time before a loop is busy.
  static func resolve(_ target: HTTPTarget) throws(SimulatorError) -> SocketAddress {
    do {
      return try SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
    } catch {
      throw SimulatorError(.unreachable, "\(target.host) cannot be resolved: \(error)")
    }
  }

  func remember(_ address: SocketAddress, for target: HTTPTarget) {
    addresses["\(target.host):\(target.port)"] = address
  }

  /// Connects with a handler in the pipeline; `done` is called on the loop.
  func connect<Handler: ChannelInboundHandler>(
    to target: HTTPTarget, idleTimeout: TimeAmount? = nil, handler: Handler,
    done: @escaping (Result<Handler, any Error>) -> Void
  ) {
    let security: NIOLoopBound<NIOSSLClientHandler>?
    do {
      security = try target.isSecure ? NIOLoopBound(secure(target), eventLoop: eventLoop) : nil
    } catch {
      return done(.failure(error))
    }
    let bound = NIOLoopBound(handler, eventLoop: eventLoop)
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let security { try channel.pipeline.syncOperations.addHandler(security.value) }
          if let idleTimeout {
            try channel.pipeline.syncOperations.addHandler(
              IdleStateHandler(readTimeout: idleTimeout))
          }
          try channel.pipeline.syncOperations.addHandler(bound.value)
        }
      }
    let key = "\(target.host):\(target.port)"
    let address =
      addresses[key] ?? (try? SocketAddress(ipAddress: target.host, port: target.port))
    let future: EventLoopFuture<any Channel>
    if let address {
      future = bootstrap.connect(to: address)
    } else {
      future = bootstrap.connect(host: target.host, port: target.port)
    }
    future.assumeIsolated().whenComplete { result in
      done(result.map { _ in handler })
    }
  }

  /// A name goes into the handshake and is what the certificate must be for; an address is only the latter.
  private func secure(_ target: HTTPTarget) throws -> NIOSSLClientHandler {
    let made = try context ?? tls.context()
    context = made
    let isAddress = (try? SocketAddress(ipAddress: target.host, port: target.port)) != nil
    return try NIOSSLClientHandler(context: made, serverHostname: isAddress ? nil : target.host)
  }
}
