import CWMP
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOTLS

/// A CPE that speaks TLS, with a certificate of its own or without.
final class EncryptedCPE: Sendable {
  private let channel: any Channel
  private let exchange: NIOLoopBound<Exchange>
  /// The server's certificate (DER), where a handshake was completed on this side.
  let serverCertificate: [UInt8]?

  /// - Parameters:
  ///   - certificate: in PEM, like the key; nil: none is shown.
  ///   - version: the newest version of TLS that the CPE speaks.
  init(
    port: Int, certificate: String? = nil, key: String? = nil, version: TLSVersion = .tlsv13
  ) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    // Who the server is, is not the question here.
    configuration.certificateVerification = .none
    configuration.maximumTLSVersion = version
    if let certificate, let key {
      configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
        .map { .certificate($0) }
      configuration.privateKey = .privateKey(
        try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
    }
    let context = try NIOSSLContext(configuration: configuration)
    let handshake = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: [UInt8]?.self)
    let (channel, exchange) = try await ClientBootstrap(group: handshake.futureResult.eventLoop)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          let exchange = Exchange(handshake: handshake)
          try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(exchange)
          return (channel, NIOLoopBound(exchange, eventLoop: channel.eventLoop))
        }
      }
    self.channel = channel
    self.exchange = exchange
    serverCertificate = try await handshake.futureResult.get()
  }

  deinit { channel.close(promise: nil) }

  /// Posts a message and waits for the answer; nil where the server closes the connection instead.
  func post(_ message: Message?, headers: [(String, String)] = []) async throws -> TestResponse? {
    let bytes = message.map { TestCPE.body($0) } ?? []
    var fields = HTTPHeaders([("Host", "acs"), ("Content-Length", "\(bytes.count)")])
    fields.add(contentsOf: headers)
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: fields)
    let body = ByteBuffer(bytes: bytes)
    let exchange = exchange
    return try await channel.eventLoop.flatSubmit { exchange.value.send(head, body) }.get()
  }

  private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let handshake: EventLoopPromise<[UInt8]?>
    private var context: ChannelHandlerContext?
    private var isClosed = false
    private var waiting: EventLoopPromise<TestResponse?>?
    private var response: TestResponse?

    init(handshake: EventLoopPromise<[UInt8]?>) { self.handshake = handshake }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func send(_ head: HTTPRequestHead, _ body: ByteBuffer) -> EventLoopFuture<TestResponse?> {
      guard let context, !isClosed else {
        return handshake.futureResult.eventLoop.makeSucceededFuture(nil)
      }
      let promise = context.eventLoop.makePromise(of: TestResponse?.self)
      waiting = promise
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        response = TestResponse(
          status: Int(head.status.code), headers: head.headers.map { ($0.name, $0.value) },
          body: [])
      case .body(let piece): response?.body += Array(piece.readableBytesView)
      case .end:
        waiting?.succeed(response)
        waiting = nil
      }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        handshake.succeed(try? certificate?.toDERBytes())
      }
      context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      isClosed = true
      handshake.succeed(nil)
      waiting?.succeed(nil)
      waiting = nil
    }
  }
}
