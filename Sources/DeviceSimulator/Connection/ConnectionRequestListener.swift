import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Where the connection requests of a fleet arrive: one port, a path for each device.
final class ConnectionRequestListener: Sendable {
  /// Asks the device whose path it is, with Authorization and the request's target.
  typealias Router =
    @Sendable (_ path: String, _ authorization: String?, _ uri: String) -> EventLoopFuture<
      ConnectionRequestReply
    >?

  /// How long a client may take for its request.
  static let idleTimeout = TimeAmount.seconds(10)

  private let channel: any Channel

  private init(channel: any Channel) {
    self.channel = channel
  }

  /// The port that was bound.
  var port: Int { channel.localAddress?.port ?? 0 }

  static func bind(host: String, port: Int, group: any EventLoopGroup, router: @escaping Router)
    async throws -> ConnectionRequestListener
  {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            IdleStateHandler(readTimeout: Self.idleTimeout))
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(ConnectionRequestHandler(router: router))
        }
      }
    do {
      return ConnectionRequestListener(
        channel: try await bootstrap.bind(host: host, port: port).get())
    } catch {
      throw SimulatorError(
        .invalidOption, "port \(port) for connection requests cannot be bound: \(error)")
    }
  }

  func close() async {
    try? await channel.close()
  }
}

/// Answers the requests of one connection.
private final class ConnectionRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let router: ConnectionRequestListener.Router
  private var head: HTTPRequestHead?

  init(router: @escaping ConnectionRequestListener.Router) {
    self.router = router
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard head.method == .GET else { return respond(.methodNotAllowed, [:], head, context) }
    let path = String(head.uri.prefix { $0 != "?" })
    guard let future = router(path, head.headers.first(name: "Authorization"), head.uri) else {
      return respond(.notFound, [:], head, context)
    }
    future.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
      guard case .success(let reply) = result else {
        return self.respond(.internalServerError, [:], head, context)
      }
      guard reply.delay > 0 else { return self.send(reply, head, context) }
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: .milliseconds(reply.delay)) {
        let (handler, context) = bound.value
        handler.send(reply, head, context)
      }
    }
  }

  private func send(
    _ reply: ConnectionRequestReply, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    switch reply.answer {
    case .accepted: respond(.ok, [:], head, context, reply)
    case .challenge(let value):
      respond(.unauthorized, ["WWW-Authenticate": value], head, context, reply)
    case .unavailable: respond(.serviceUnavailable, [:], head, context, reply)
    case .conflict: respond(.conflict, [:], head, context, reply)
    case .forbidden: respond(.forbidden, [:], head, context, reply)
    case .silence: context.close(promise: nil)
    }
  }

  private func respond(
    _ status: HTTPResponseStatus, _ fields: [String: String], _ request: HTTPRequestHead,
    _ context: ChannelHandlerContext, _ reply: ConnectionRequestReply? = nil
  ) {
    var headers = HTTPHeaders(fields.map { ($0.key, $0.value) })
    let hasLength = reply?.hasLength ?? true
    if hasLength { headers.add(name: "Content-Length", value: "0") }
    let isLast = !request.isKeepAlive || !hasLength || reply?.resets ?? false
    if isLast { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if reply?.resets ?? false {
      // A close that does not wait for anything is a reset for the other side.
      _ = (context.channel as? any SocketOptionProvider)?
        .setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
      if isLast { context.close(promise: nil) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
