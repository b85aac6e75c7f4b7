import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS
import Refusals
import TLSIdentity

/// One HTTP connection of a CPE: gathers requests, finds their sessions, sends the answers.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  enum State {
    /// TLS is being agreed on.
    case handshaking
    /// Between requests.
    case idle
    case receiving(HTTPRequestHead)
    /// The request shows nothing that could let it in, and nobody wants to see it: its body is counted and thrown away, then it is challenged.
    case draining(HTTPRequestHead)
    /// The request has been answered already; the rest of it is thrown away.
    case ignoring
    /// The answer is being made.
    case answering
    case closed
  }

  let door: Door
  let loop: DoorLoop
  let isEncrypted: Bool
  var state: State
  var context: ChannelHandlerContext?
  /// The session that began on this connection, for devices that return no cookie.
  var conversation: Conversation?
  /// Tells this connection from all others, also later ones.
  let number = UInt64.random(in: .min ... .max)
  /// The session of the latest message; it may live on another loop.
  var latest: Conversation?
  /// Whether a device has been let in over this connection.
  var hasCarriedSession = false
  /// Whether the device has compressed a message, or said that it does.
  var compresses = false
  /// When the present state began, as far as time-outs go.
  var since = NIODeadline.now()
  /// When the first byte came of a request whose head is not there yet.
  var headBegan: NIODeadline?

  /// The device that a certificate names, where it is of the form of TR-069 3.4.4.
  private(set) var certifiedDevice: String?

  /// What has come of the body.
  private var body: ByteBuffer?
  private var bodyLength = 0
  private(set) var bodyLimit = 0
  /// The session that the request belonged to when it began.
  private var present: Conversation?
  /// Bytes of the body that count against what all connections may hold.
  private var reserved = 0
  private var reservedInSession = 0
  private var holdsHandshake: Bool

  /// - Parameter isEncrypted: TLS comes first; a handshake has been taken from the door's allotment.
  init(door: Door, loop: DoorLoop, isEncrypted: Bool) {
    self.door = door
    self.loop = loop
    self.isEncrypted = isEncrypted
    holdsHandshake = isEncrypted
    state = isEncrypted ? .handshaking : .idle
  }

  var isClosed: Bool {
    if case .closed = state { true } else { false }
  }

  var peer: String { context?.remoteAddress?.ipAddress ?? "" }

  // MARK: - Connection

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    loop.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    release()
    state = .closed
    self.context = nil
    loop.remove(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    // The session may go on over a new connection; its own time-out ends it if not.
    if let latest {
      let number = number
      latest.loop.execute { latest.connectionBroke(number) }
    }
    release()
    state = .closed
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshaking = state, case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
      endHandshake()
      certifiedDevice = PeerCertificate.deviceName(on: context)
      state = .idle
      since = .now()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch state {
    case .handshaking:
      door.counter.add(to: \.failedHandshakes)
      door.refusals.note(
        "a TLS handshake failed", peer: peer, ["reason": "\(Self.reason(of: error))"])
    case .idle, .receiving, .draining:
      if let problem = error as? HTTPParserError {
        let status: HTTPResponseStatus =
          problem == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
        note("a request that is no HTTP was refused", ["reason": "\(problem)"])
        respond(.refused(status), to: nil)
        return
      }
    case .ignoring, .answering, .closed:
      break
    }
    context.close(promise: nil)
  }

  /// The library's own word, for example `CERTIFICATE_VERIFY_FAILED`, without the places in its sources around it.
  private static func reason(of error: any Error) -> String {
    let text = "\(error)"
    guard let mark = text.firstRange(of: "OPENSSL_internal:") else {
      return String(text.prefix(120))
    }
    return String(text[mark.upperBound...].prefix { $0 != " " && $0 != "]" })
  }

  /// Closes the connection if it has waited too long for a request or for the rest of one.
  func expire(now: NIODeadline) {
    guard let context else { return }
    switch state {
    case .handshaking:
      guard let tls = door.settings.tls, now - since > tls.handshakeTimeout else { return }
      door.counter.add(to: \.failedHandshakes)
      door.refusals.note("a TLS handshake took too long", peer: peer)
      context.close(promise: nil)
    case .idle:
      if let headBegan {
        guard now - headBegan > door.settings.requestTimeout else { return }
        note("a request did not arrive in full in time")
        respond(.refused(.requestTimeout), to: nil)
        return
      }
      // A device may take its time between the messages of a session.
      let patience =
        hasCarriedSession
        ? max(door.settings.sessionTimeout, door.settings.requestTimeout)
        : door.settings.requestTimeout
      if now - since > patience { context.close(promise: nil) }
    case .receiving(let head), .draining(let head):
      guard now - since > door.settings.requestTimeout else { return }
      note("a request did not arrive in full in time")
      respond(.refused(.requestTimeout), to: head)
    case .ignoring:
      if now - since > door.settings.requestTimeout { context.close(promise: nil) }
    case .answering, .closed:
      break
    }
  }

  func note(_ message: Logger.Message, _ details: @autoclosure () -> Logger.Metadata = [:]) {
    door.counter.add(to: \.refusedRequests)
    door.refusals.note(message, peer: peer, details())
  }

  // MARK: - Request

  /// Something has come that the HTTP decoder will make a request of, or the rest of one.
  func noteBytes() {
    switch state {
    // What comes while an answer is being made is the beginning of the next request.
    case .idle, .answering: if headBegan == nil { headBegan = .now() }
    case .handshaking, .receiving, .draining, .ignoring, .closed: break
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context: context)
    case .body(let piece): take(piece)
    case .end: end()
    }
  }

  private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
    guard case .idle = state else {
      // The next request before the answer to the last one: nobody could tell which answer belongs to which.
      if case .closed = state { return }
      context.close(promise: nil)
      return
    }
    since = .now()
    headBegan = nil
    guard head.method == .POST else {
      note("a request was refused: it is no POST", ["method": "\(head.method.rawValue.prefix(20))"])
      refuse(.refused(.methodNotAllowed, headers: [("Allow", "POST")]), to: head)
      return
    }
    present = openConversation(head)
    bodyLength = 0
    bodyLimit =
      present == nil
      ? min(door.settings.maxFirstBody, door.settings.maxBody) : door.settings.maxBody
    if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
      length > bodyLimit
    {
      tooLarge(head)
      return
    }
    if head.version == .http1_1,
      head.headers.first(name: "expect")?.lowercased() == "100-continue"
    {
      context.writeAndFlush(
        wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))),
        promise: nil)
    }
    let mayComeIn =
      present != nil || door.settings.enrolment == .open || certifiedDevice != nil
      || head.headers.contains(name: "authorization")
      // Who it is that is turned away is in the body.
      || door.environment.traces?.hasRoomForClaim(now: door.environment.now()) == true
    state = mayComeIn ? .receiving(head) : .draining(head)
  }

  private func take(_ piece: ByteBuffer) {
    let head: HTTPRequestHead
    switch state {
    case .receiving(let current), .draining(let current): head = current
    case .handshaking, .idle, .ignoring, .answering, .closed: return
    }
    bodyLength += piece.readableBytes
    guard bodyLength <= bodyLimit else {
      tooLarge(head)
      return
    }
    guard case .receiving = state else { return }
    if let present {
      // A long message over a slow line is no silence, as long as its session goes on.
      if door.table.conversation(withCookie: present.cookie) === present {
        since = .now()
        present.noteArrival()
      }
      guard door.arrivingInSessions.take(piece.readableBytes) else {
        note("a message was refused: too much is arriving at a time (cwmp.maxArrivingInSessions)")
        state = .ignoring
        respond(.busy(retryAfter: door.retryDelay()), to: head)
        return
      }
      reservedInSession += piece.readableBytes
    } else {
      guard door.arriving.take(piece.readableBytes) else {
        note("a request was put off: too much is arriving at a time (cwmp.maxArriving)")
        state = .ignoring
        respond(door.postponed(), to: head)
        return
      }
      reserved += piece.readableBytes
    }
    if body == nil {
      body = piece
    } else {
      body?.writeImmutableBuffer(piece)
    }
  }

  private func end() {
    switch state {
    case .receiving(let head):
      state = .answering
      let received = body ?? ByteBuffer()
      body = nil
      answer(head, received)
    case .draining(let head):
      state = .answering
      authenticate(head, ByteBuffer())
    case .ignoring:
      state = .idle
    case .handshaking, .idle, .answering, .closed:
      break
    }
  }

  var bodyLimitName: String {
    bodyLimit < door.settings.maxBody ? "cwmp.maxFirstBody" : "cwmp.maxBody"
  }

  private func tooLarge(_ head: HTTPRequestHead) {
    note(
      "a request was refused: its body is too large",
      [
        "limit": "\(bodyLimit)",
        "setting": "\(bodyLimitName)",
      ])
    refuse(.refused(.payloadTooLarge), to: head)
  }

  /// Answers before the request is there in full.
  private func refuse(_ reply: DoorReply, to head: HTTPRequestHead) {
    state = .ignoring
    respond(reply, to: head)
  }

  /// The session to which a request belongs by its cookie, or else by its connection.
  func openConversation(_ head: HTTPRequestHead) -> Conversation? {
    conversationByCookie(head) ?? conversationOfConnection()
  }

  func conversationByCookie(_ head: HTTPRequestHead) -> Conversation? {
    for header in head.headers[canonicalForm: "cookie"] {
      for token in SessionCookie.tokens(in: String(header)) {
        if let found = door.table.conversation(withCookie: String(token)) { return found }
      }
    }
    return nil
  }

  func conversationOfConnection() -> Conversation? {
    // Only the session of this connection's own loop can be looked into; another's carries a cookie.
    while let next = conversation?.successor { conversation = next }
    guard let conversation, !conversation.isOver else { return nil }
    return conversation
  }

  // MARK: - What is held

  /// Gives back what the present request holds.
  func releaseBody() {
    body = nil
    present = nil
    if reserved > 0 { door.arriving.giveBack(reserved) }
    reserved = 0
    if reservedInSession > 0 { door.arrivingInSessions.giveBack(reservedInSession) }
    reservedInSession = 0
  }

  private func endHandshake() {
    if holdsHandshake { door.handshakes.giveBack(1) }
    holdsHandshake = false
  }

  private func release() {
    releaseBody()
    endHandshake()
  }
}
