import NIOCore
import NIOHTTP1
import NIOSSL
import NIOWebSocket
import Refusals
import TLSIdentity
import USP

/// One connection of a client, until it has become a link: sends the request and judges the answer.
final class WebSocketDial: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private enum State {
    case waiting
    case receiving(HTTPResponseHead)
    /// The response is good. The decoder of HTTP is about to leave; until then nothing but HTTP can be written past it, and
    /// what it has left over is kept.
    case leaving(HTTPResponseHead, leftOver: [NIOAny])
    case done
  }

  private let call: WebSocketCall
  private let table: LoopTable
  private let channel: any Channel
  private let verifiesServer: Bool
  private let promise: EventLoopPromise<any Link>
  private let encoder: HTTPRequestEncoder
  private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
  private let since = NIODeadline.now()
  /// Used for its arithmetic: the key, and what is to be answered to it (RFC 6455, 4.1).
  private let upgrader = NIOWebSocketClientUpgrader(upgradePipelineHandler: { channel, _ in
    channel.eventLoop.makeSucceededVoidFuture()
  })
  private var state = State.waiting
  private var context: ChannelHandlerContext?
  private var hasAsked = false
  var place = 0

  /// Puts all that a new connection needs into its pipeline.
  /// - Parameter promise: is given the link, or why there is none.
  static func begin(
    on channel: any Channel, tls: TLSClientCredentials?, call: WebSocketCall, table: LoopTable,
    promise: EventLoopPromise<any Link>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    if let tls {
      try pipeline.addHandler(tls.handler(host: call.address.host))
    }
    let dial = WebSocketDial(
      call: call, table: table, channel: channel, verifiesServer: tls?.verifiesServer ?? false,
      promise: promise)
    try pipeline.addHandler(dial.encoder)
    try pipeline.addHandler(dial.decoder)
    try pipeline.addHandler(dial)
  }

  private init(
    call: WebSocketCall, table: LoopTable, channel: any Channel, verifiesServer: Bool,
    promise: EventLoopPromise<any Link>
  ) {
    self.call = call
    self.table = table
    self.channel = channel
    self.verifiesServer = verifiesServer
    self.promise = promise
    encoder = HTTPRequestEncoder()
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = call.settings.maxHeaderBytes
    limits.maxHeaderListSize = call.settings.maxHeaderBytes
    limits.maxHeaderFieldCount = call.settings.maxHeaders
    // The first frame may come in the same segment as the response.
    decoder = ByteToMessageHandler(
      HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    table.add(self)
    if context.channel.isActive { ask(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    ask(context)
    context.fireChannelActive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { release() }

  func channelInactive(context: ChannelHandlerContext) {
    fail(.unreachable("the connection was cut before the handshake was over"))
    release()
    context.fireChannelInactive()
  }

  private func release() {
    context = nil
    table.remove(self)
    // A promise that is kept already takes no notice.
    if case .done = state { return }
    state = .done
    promise.fail(TransportError.unreachable("the connection is gone"))
  }

  private func ask(_ context: ChannelHandlerContext) {
    // A connection that has just come about is told active once more.
    guard !hasAsked else { return }
    hasAsked = true
    var headers = HTTPHeaders([
      ("Host", call.address.hostField), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
    ])
    upgrader.addCustom(upgradeRequestHeaders: &headers)
    headers.add(name: "Sec-WebSocket-Protocol", value: WebSocketRequest.subprotocol)
    for (name, value) in call.headers { headers.add(name: name, value: value) }
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: call.address.target(as: call.own), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  // MARK: - Response

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .leaving(let head, let leftOver) = state {
      state = .leaving(head, leftOver: leftOver + [data])
      return
    }
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard case .waiting = state else { return }
      guard head.status == .switchingProtocols else {
        // Its body is of no interest.
        fail(.refused(status: Int(head.status.code), head.status.reasonPhrase))
        return
      }
      state = .receiving(head)
    case .body: break
    case .end:
      guard case .receiving(let head) = state else { return }
      if let violation = violation(in: head) {
        fail(.violation(violation))
      } else {
        leave(head, context.pipeline.syncOperations)
      }
    }
  }

  private func leave(_ head: HTTPResponseHead, _ pipeline: ChannelPipeline.SynchronousOperations) {
    state = .leaving(head, leftOver: [])
    _ = pipeline.removeHandler(encoder)
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    pipeline.removeHandler(decoder).whenComplete { _ in bound.value.become() }
  }

  /// RFC 6455, 4.1; what is said of extensions is passed over, also where nobody asked for one (R-WS.11b).
  private func violation(in head: HTTPResponseHead) -> String? {
    let headers = head.headers
    guard WebSocketRequest.holds(headers, "upgrade", "websocket"),
      WebSocketRequest.holds(headers, "connection", "upgrade")
    else { return "the response does not upgrade to WebSocket" }
    guard upgrader.shouldAllowUpgrade(upgradeResponse: head) else {
      return "Sec-WebSocket-Accept is wrong"
    }
    // R-WS.12.
    guard
      WebSocketRequest.only(headers, "sec-websocket-protocol") == WebSocketRequest.subprotocol
    else { return "the subprotocol \(WebSocketRequest.subprotocol) is not accepted" }
    return nil
  }

  private func become() {
    guard case .leaving(let head, let leftOver) = state, let context else { return }
    guard call.terms.links.take(1) else {
      fail(.unreachable("there are too many links"))
      return
    }
    let pipeline = context.pipeline.syncOperations
    let certificate = verifiesServer ? EndpointID.all(inPeerCertificateOn: pipeline) : nil
    let told = WebSocketRequest.oldExtension(in: head.headers)?.eid.flatMap { EndpointID($0) }
    let link = WebSocketLink(
      channel: channel, peerAddress: channel.remoteAddress?.ipAddress ?? "",
      claimedEndpoint: call.peer ?? told ?? (certificate?.count == 1 ? certificate?.first : nil),
      proof: certificate.map { .certificate($0) } ?? .nothing, terms: call.terms, table: table)
    do {
      try link.begin(in: pipeline, accept: call.accept)
    } catch {
      call.terms.links.giveBack(1)
      fail(.unreachable("the connection is gone"))
      return
    }
    state = .done
    promise.succeed(link)
    for data in leftOver { context.fireChannelRead(data) }
    _ = pipeline.removeHandler(context: context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as HTTPParserError: fail(.violation("no HTTP: \(error)"))
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
      fail(.unreachable("no TLS: \(String("\(error)".prefix(200)))"))
    default: fail(.unreachable("\(error)"))
    }
  }

  private func fail(_ error: TransportError) {
    if case .done = state { return }
    state = .done
    promise.fail(error)
    cut()
  }
}

extension WebSocketDial: SweptConnection {
  var ended: EventLoopFuture<Void> { channel.closeFuture }

  func sweep(now: NIODeadline) {
    if now - since > call.settings.handshakeTimeout { fail(.timedOut("the handshake")) }
  }

  func end() { fail(.unreachable("the client has been stopped")) }

  func cut() {
    let channel = channel
    channel.eventLoop.execute { channel.close(promise: nil) }
  }
}
