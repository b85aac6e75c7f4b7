import NIOCore
import NIOPosix

/// Opens TCP connections on one event loop and remembers the addresses of hosts.
final class Connector {
  static let connectTimeout = TimeAmount.seconds(10)

  let eventLoop: any EventLoop
  private var addresses: [String: SocketAddress] = [:]

  init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
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
    let bound = NIOLoopBound(handler, eventLoop: eventLoop)
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
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
}
