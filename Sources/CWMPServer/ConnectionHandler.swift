import CWMP
import Logging
import NIOCore
import NIOHTTP1

/// One HTTP connection of a CPE: gathers requests, finds their sessions, sends the answers.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    /// Between requests.
    case idle
    case receiving(HTTPRequestHead, ByteBuffer?)
    /// The request has been answered already; the rest of it is thrown away.
    case ignoring
    /// The answer is being made.
    case answering(HTTPRequestHead)
    case closed
  }

  private let door: Door
  private let loop: DoorLoop
  private var state = State.idle
  private var context: ChannelHandlerContext?
  /// The session that began on this connection, for devices that return no cookie.
  private var conversation: Conversation?
  private var hasCarriedSession = false
  /// When the present state began, as far as time-outs go.
  private var since = NIODeadline.now()

  init(door: Door, loop: DoorLoop) {
    self.door = door
    self.loop = loop
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    loop.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    state = .closed
    self.context = nil
    loop.remove(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    // The session may go on over a new connection; its own time-out ends it if not.
    state = .closed
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError {
      switch state {
      case .idle, .receiving:
        door.logger.notice(
          "a request that is no HTTP was refused",
          metadata: ["peer": "\(peer(of: context))", "reason": "\(error)"])
        respond(.refused(.badRequest), to: nil)
        return
      case .ignoring, .answering, .closed:
        break
      }
    }
    context.close(promise: nil)
  }

  /// Closes the connection if it has waited too long for a request or for the rest of one.
  func expire(now: NIODeadline) {
    guard let context else { return }
    switch state {
    case .idle:
      // A device may take its time between the messages of a session.
      let patience =
        hasCarriedSession
        ? max(door.settings.sessionTimeout, door.settings.requestTimeout)
        : door.settings.requestTimeout
      if now - since > patience { context.close(promise: nil) }
    case .receiving(let head, _):
      guard now - since > door.settings.requestTimeout else { return }
      door.logger.notice(
        "a request did not arrive in full in time", metadata: ["peer": "\(peer(of: context))"])
      respond(.refused(.requestTimeout), to: head)
    case .ignoring:
      if now - since > door.settings.requestTimeout { context.close(promise: nil) }
    case .answering, .closed:
      break
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context: context)
    case .body(let piece): take(piece)
    case .end: end(context: context)
    }
  }

  // MARK: - Request

  private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
    guard case .idle = state else {
      // The next request before the answer to the last one: nobody could tell which answer belongs to which.
      if case .closed = state { return }
      context.close(promise: nil)
      return
    }
    since = .now()
    guard head.method == .POST else {
      refuse(.refused(.methodNotAllowed, headers: [("Allow", "POST")]), to: head)
      return
    }
    if let encoding = head.headers.first(name: "content-encoding")?.lowercased(),
      encoding != "identity", !encoding.isEmpty,
      // Some devices name an encoding for the empty message, too.
      head.headers.first(name: "content-length") != "0"
    {
      refuse(.refused(.unsupportedMediaType), to: head)
      return
    }
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
      length > door.settings.maxBody
    {
      tooLarge(head, context: context)
      return
    }
    if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
      context.writeAndFlush(
        wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))),
        promise: nil)
    }
    state = .receiving(head, nil)
  }

  private func take(_ piece: ByteBuffer) {
    guard case .receiving(let head, let body) = state else { return }
    guard (body?.readableBytes ?? 0) + piece.readableBytes <= door.settings.maxBody else {
      if let context { tooLarge(head, context: context) }
      return
    }
    if var body {
      // Only one reference may be left, or each piece would copy all before it.
      state = .ignoring
      body.writeImmutableBuffer(piece)
      state = .receiving(head, body)
    } else {
      state = .receiving(head, piece)
    }
  }

  private func tooLarge(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
    door.logger.notice(
      "a request was refused: its body is larger than cwmp.maxBody",
      metadata: ["peer": "\(peer(of: context))", "limit": "\(door.settings.maxBody)"])
    refuse(.refused(.payloadTooLarge), to: head)
  }

  /// Answers before the request is there in full.
  private func refuse(_ reply: DoorReply, to head: HTTPRequestHead) {
    state = .ignoring
    respond(reply, to: head)
  }

  private func end(context: ChannelHandlerContext) {
    guard case .receiving(let head, let received) = state else {
      if case .ignoring = state { state = .idle }
      return
    }
    state = .answering(head)
    let body = received ?? ByteBuffer()
    if let conversation = openConversation(head) {
      pass(body, of: head, to: conversation)
      return
    }
    guard door.settings.enrolment != .open else {
      start(body, of: head, principal: nil, isAuthenticated: false, context: context)
      return
    }
    authenticate(head, body, context: context)
  }

  private func openConversation(_ head: HTTPRequestHead) -> Conversation? {
    for header in head.headers[canonicalForm: "cookie"] {
      for token in SessionCookie.tokens(in: String(header)) {
        if let found = door.table.conversation(withCookie: String(token)) { return found }
      }
    }
    // Only the session of this connection's own loop can be looked into; another's carries a cookie.
    while let next = conversation?.successor { conversation = next }
    guard let conversation, !conversation.isOver else { return nil }
    return conversation
  }

  private func authenticate(
    _ head: HTTPRequestHead, _ body: ByteBuffer, context: ChannelHandlerContext
  ) {
    let header = head.headers.first(name: "authorization")
    let now = door.environment.now()
    let verdict = door.authenticator.judgeAtOnce(
      header, method: "POST", uri: head.uri, now: now)
    if let verdict {
      authenticated(verdict, head, body, context: context)
      return
    }
    let door = door
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    Task {
      let verdict = await door.authenticator.judge(
        header, method: "POST", uri: head.uri, now: now)
      bound.eventLoop.execute {
        let (handler, context) = bound.value
        handler.authenticated(verdict, head, body, context: context)
      }
    }
  }

  private func authenticated(
    _ verdict: DeviceAuthenticator.Verdict, _ head: HTTPRequestHead, _ body: ByteBuffer,
    context: ChannelHandlerContext
  ) {
    if case .closed = state { return }
    switch verdict {
    case .admitted(let deviceName):
      start(body, of: head, principal: deviceName, isAuthenticated: true, context: context)
    case .challenged(let challenges):
      respond(
        DoorReply(status: .unauthorized, headers: challenges.map { ("WWW-Authenticate", $0) }),
        to: head)
    case .unavailable:
      respond(.busy(retryAfter: door.retryDelay()), to: head)
    }
  }

  // MARK: - Session

  private func start(
    _ body: ByteBuffer, of head: HTTPRequestHead, principal: String?, isAuthenticated: Bool,
    context: ChannelHandlerContext
  ) {
    let input = decode(body, head)
    let begun = Conversation(
      door: door, loop: context.eventLoop, principal: principal, isAuthenticated: isAuthenticated,
      peer: peer(of: context), localAddress: context.localAddress?.ipAddress ?? "")
    if case .envelope = input {
      guard !door.isClosing, door.table.add(begun) else {
        respond(.busy(retryAfter: door.retryDelay()), to: head)
        return
      }
      conversation = begun
      hasCarriedSession = true
    }
    begun.received(input) { [self] in respond($0, to: head) }
  }

  private func pass(_ body: ByteBuffer, of head: HTTPRequestHead, to conversation: Conversation) {
    guard let context else { return }
    hasCarriedSession = true
    let input = decode(body, head)
    if conversation.loop.inEventLoop {
      self.conversation = conversation
      conversation.received(input) { [self] in respond($0, to: head) }
      return
    }
    // The session lives on the loop on which it began; the device has come back over another connection.
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    conversation.loop.execute {
      conversation.received(input) { reply in
        bound.eventLoop.execute { bound.value.respond(reply, to: head) }
      }
    }
  }

  private func decode(_ body: ByteBuffer, _ head: HTTPRequestHead) -> Session.Input {
    guard body.readableBytes > 0 else { return .empty }
    do {
      return .envelope(
        try body.withUnsafeReadableBytes {
          try loop.decoder.decode($0, charset: charset(in: head))
        })
    } catch {
      return .malformed("\(error)")
    }
  }

  private func charset(in head: HTTPRequestHead) -> String? {
    guard let type = head.headers.first(name: "content-type") else { return nil }
    for part in type.lowercased().split(separator: ";").dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].filter({ $0 != " " }) == "charset" else { continue }
      let name = pair[1].filter { $0 != "\"" && $0 != "'" && $0 != " " }
      return name.isEmpty ? nil : name
    }
    return nil
  }

  // MARK: - Response

  private func respond(_ reply: DoorReply, to head: HTTPRequestHead?) {
    guard let context else { return }
    if case .closed = state { return }
    let keepsAlive = !reply.closes && head?.isKeepAlive ?? false
    var headers = HTTPHeaders()
    if let body = reply.body {
      headers.add(name: "Content-Type", value: "text/xml; charset=\"utf-8\"")
      headers.add(name: "Content-Length", value: String(body.readableBytes))
    } else if reply.status != .noContent {
      headers.add(name: "Content-Length", value: "0")
    }
    if let cookie = reply.cookie {
      headers.add(name: "Set-Cookie", value: SessionCookie.header(cookie))
    }
    for (name, value) in reply.headers { headers.add(name: name, value: value) }
    headers.add(name: "Connection", value: keepsAlive ? "keep-alive" : "close")
    context.write(
      wrapOutboundOut(
        .head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers))),
      promise: nil)
    if let body = reply.body {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    since = .now()
    if keepsAlive {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      state = .idle
    } else {
      state = .ignoring
      let promise = context.eventLoop.makePromise(of: Void.self)
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      promise.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }
  }

  private func peer(of context: ChannelHandlerContext) -> String {
    context.remoteAddress?.ipAddress ?? ""
  }
}
