import NIOCore
import NIOHTTP1
import NIOSSL
import NIOWebSocket
import Refusals
import USP

/// One connection of an endpoint that calls, until it has become a link: takes the request, has it decided on, answers it.
final class WebSocketReception: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    case waiting
    /// The head has come.
    case receiving(WebSocketRequest, HTTPRequestHead)
    case deciding(WebSocketRequest, HTTPRequestHead)
    /// It has been answered, with a link or with a refusal.
    case answered
  }

  private let desk: WebSocketDesk
  private let table: LoopTable
  private let channel: any Channel
  private let encoder: HTTPResponseEncoder
  private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
  private let since = NIODeadline.now()
  private var state = State.waiting
  private var context: ChannelHandlerContext?
  private var holdsHandshake = true
  var place = 0

  /// Puts all that a new connection needs into its pipeline. A handshake has been taken; it is given back when the connection
  /// has become a link or is gone.
  static func begin(
    on channel: any Channel, tls: NIOSSLContext?, desk: WebSocketDesk, table: LoopTable
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    let reception = WebSocketReception(desk: desk, table: table, channel: channel)
    do {
      if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
      try pipeline.addHandler(reception.encoder)
      try pipeline.addHandler(reception.decoder)
      try pipeline.addHandler(reception)
    } catch {
      reception.release()
      throw error
    }
  }

  private init(desk: WebSocketDesk, table: LoopTable, channel: any Channel) {
    self.desk = desk
    self.table = table
    self.channel = channel
    encoder = HTTPResponseEncoder()
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = desk.settings.maxHeaderBytes
    limits.maxHeaderListSize = desk.settings.maxHeaderBytes
    limits.maxHeaderFieldCount = desk.settings.maxHeaders
    // What comes behind the request are frames already.
    decoder = ByteToMessageHandler(
      HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
  }

  private var peer: String { channel.remoteAddress?.ipAddress ?? "" }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    table.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { release() }

  func channelInactive(context: ChannelHandlerContext) {
    release()
    context.fireChannelInactive()
  }

  private func release() {
    context = nil
    state = .answered
    table.remove(self)
    if holdsHandshake { desk.handshakes.giveBack(1) }
    holdsHandshake = false
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (state, error) {
    case (.waiting, let error as HTTPParserError), (.receiving, let error as HTTPParserError):
      refuse(
        .init(error == .headerOverflow ? 431 : 400, "no HTTP: \(error)"))
    case (.waiting, is NIOSSLError), (.waiting, is BoringSSLError):
      desk.refusals.note(.tls, peer: peer, Self.reason(of: error))
      context.close(promise: nil)
    default:
      context.close(promise: nil)
    }
  }

  /// The library's own word, for example `CERTIFICATE_VERIFY_FAILED`, without the places in its sources around it.
  private static func reason(of error: any Error) -> String {
    let text = "\(error)"
    guard let mark = text.firstRange(of: "OPENSSL_internal:") else {
      return String(text.prefix(120))
    }
    return String(text[mark.upperBound...].prefix { $0 != " " && $0 != "]" })
  }

  // MARK: - Request

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard case .waiting = state else { return }
      do throws(WebSocketRequest.Refusal) {
        state = .receiving(try WebSocketRequest(head, path: desk.settings.path), head)
      } catch {
        refuse(error)
      }
    case .body: break
    case .end: decide(context: context)
    }
  }

  private func decide(context: ChannelHandlerContext) {
    guard case .receiving(let request, let head) = state else { return }
    guard !desk.terms.links.isExhausted else {
      refuseForWantOfRoom()
      return
    }
    state = .deciding(request, head)
    // Who sends on before the answer is there does not fill the memory with it.
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    let certificate = EndpointID.all(
      inPeerCertificateOn: context.pipeline.syncOperations)
    let handshake = WebSocketHandshake(
      peerAddress: peer,
      endpoint: request.endpoint ?? (certificate?.count == 1 ? certificate?.first : nil),
      certificate: certificate, authorization: head.headers["authorization"],
      isEncrypted: desk.settings.tls != nil)
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    Task { [authorize = desk.authorize] in
      let verdict = await authorize(handshake)
      bound.eventLoop.execute { bound.value.take(verdict, handshake.endpoint) }
    }
  }

  private func take(_ verdict: WebSocketVerdict, _ endpoint: EndpointID?) {
    guard case .deciding(let request, let head) = state, context != nil else { return }
    switch verdict {
    case .admitted(let proof):
      guard desk.terms.links.take(1) else {
        refuseForWantOfRoom()
        return
      }
      let link = WebSocketLink(
        channel: channel, peerAddress: peer, claimedEndpoint: endpoint, proof: proof,
        terms: desk.terms, table: table)
      admit(link, request, head)
    case .unauthorized(let challenges):
      refuse(
        .init(401, "no or wrong credentials"),
        more: challenges.map { ("WWW-Authenticate", $0) }, as: .unauthorized)
    case .refused(let status, let retryAfter):
      refuse(
        .init(UInt(min(max(status, 400), 599)), "it is not let in"),
        more: retryAfter.map { [("Retry-After", "\($0)")] } ?? [], as: .unauthorized)
    }
  }

  // MARK: - Answer

  private func admit(_ link: WebSocketLink, _ request: WebSocketRequest, _ head: HTTPRequestHead) {
    var headers = HTTPHeaders([("Sec-WebSocket-Protocol", WebSocketRequest.subprotocol)])
    if request.offersOldExtension {
      // R-WS.11a.
      headers.add(
        name: "Sec-WebSocket-Extensions",
        value: "\(WebSocketRequest.oldExtension); eid=\"\(desk.settings.own.text)\"")
    }
    let told = headers
    let bound = NIOLoopBound((self, link), eventLoop: channel.eventLoop)
    // Used for its arithmetic alone: the key and what is answered to it (RFC 6455, 4.2.2).
    NIOWebSocketServerUpgrader(
      shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(told) },
      upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
    ).buildUpgradeResponse(
      channel: channel, upgradeRequest: head, initialResponseHeaders: [:]
    ).whenComplete { result in
      let (reception, link) = bound.value
      switch result {
      case .success(let headers): reception.become(link, headers)
      case .failure:
        reception.desk.terms.links.giveBack(1)
        reception.refuse(.init(400, "no handshake of a WebSocket"))
      }
    }
  }

  private func become(_ link: WebSocketLink, _ headers: HTTPHeaders) {
    guard let context else {
      desk.terms.links.giveBack(1)
      return
    }
    state = .answered
    context.write(
      wrapOutboundOut(
        .head(.init(version: .http1_1, status: .switchingProtocols, headers: headers))),
      promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    let pipeline = context.pipeline.syncOperations
    // In this order: what the decoder has left over goes to whoever stands behind it when it leaves.
    _ = pipeline.removeHandler(encoder)
    _ = pipeline.removeHandler(context: context)
    do {
      try link.begin(in: pipeline, accept: desk.accept)
    } catch {
      // The connection is gone.
      desk.terms.links.giveBack(1)
      return
    }
    _ = pipeline.removeHandler(decoder)
    try? channel.syncOptions?.setOption(.autoRead, value: true)
  }

  private func refuseForWantOfRoom() {
    refuse(
      .init(503, "maxLinks"), more: [("Retry-After", "\(desk.settings.retryAfter)")],
      as: .linkLimit)
  }

  private func refuse(
    _ refusal: WebSocketRequest.Refusal, more: [(String, String)] = [],
    as kind: RefusalTally.Kind = .request
  ) {
    desk.refusals.note(kind, peer: peer, refusal.why)
    state = .answered
    guard let context else { return }
    var headers = HTTPHeaders(more)
    for (name, value) in refusal.headers { headers.add(name: name, value: value) }
    headers.add(name: "Content-Length", value: "0")
    // An Upgrade field wants to be named here too (RFC 9110, 7.8).
    headers.add(
      name: "Connection", value: refusal.headers["Upgrade"] == nil ? "close" : "upgrade, close")
    let status = HTTPResponseStatus(statusCode: Int(refusal.status))
    context.write(
      wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))),
      promise: nil)
    let channel = channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }
}

extension WebSocketReception: SweptConnection {
  var ended: EventLoopFuture<Void> { channel.closeFuture }

  func sweep(now: NIODeadline) {
    guard now - since > desk.settings.handshakeTimeout else { return }
    desk.refusals.note(.slow, peer: peer)
    cut()
  }

  func end() { cut() }

  func cut() {
    let channel = channel
    channel.eventLoop.execute { channel.close(promise: nil) }
  }
}
