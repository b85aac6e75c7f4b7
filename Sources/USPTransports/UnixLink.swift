import NIOCore
import USP

/// One connection over a UNIX domain socket, of either side (TR-369, 4.7): first the handshakes, then Records.
final class UnixLink: Link, ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase {
    /// The peer has not said who it is.
    case shakingHands
    case open
    /// What was to be sent has been sent; nothing that comes counts any more.
    case closing
    case closed
  }

  /// What changes; on the event loop only.
  struct State {
    var phase = Phase.shakingHands
    var context: ChannelHandlerContext?
    var receiver: (any LinkReceiver)?
    var decoder: UnixFrame.Decoder
    var peer: EndpointID?
    var hasGreeted = false
    /// Ends the handshake, and later the closing.
    var timer: Scheduled<Void>?
    var why: String?
  }

  let channel: any Channel
  let terms: UnixTerms
  let state: NIOLoopBoundBox<State>

  var kind: TransportKind { .unix }
  var eventLoop: any EventLoop { channel.eventLoop }
  var peerAddress: String { terms.path }
  var localAddress: String { "" }
  var proof: LinkProof { .fileSystem }
  /// What the peer's handshake has said; set before the link is handed out.
  var claimedEndpoint: EndpointID? { identity.value }

  private let identity = SetOnce<EndpointID>()

  /// Made on the event loop.
  init(channel: any Channel, terms: UnixTerms) {
    self.channel = channel
    self.terms = terms
    state = NIOLoopBoundBox(
      State(decoder: UnixFrame.Decoder(limit: terms.limits.maxRecord + 1_024)),
      eventLoop: channel.eventLoop)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    state.value.context = context
    terms.open.add(self)
    schedule(terms.handshakeTimeout) { $0.fail("the handshake took too long") }
    if context.channel.isActive { greetFirst() }
  }

  func channelActive(context: ChannelHandlerContext) {
    greetFirst()
    context.fireChannelActive()
  }

  /// R-UDS.16: the one who connects says first who it is.
  private func greetFirst() {
    // A connection that has just come about is told active once more.
    guard case .client = terms.role, !state.value.hasGreeted else { return }
    state.value.hasGreeted = true
    write(.handshake(terms.own))
  }

  func handlerRemoved(context: ChannelHandlerContext) { finish() }

  func channelInactive(context: ChannelHandlerContext) {
    finish()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if state.value.why == nil { state.value.why = "the connection broke: \(error)" }
    context.close(promise: nil)
  }

  private func finish() {
    guard state.value.context != nil else { return }
    state.value.context = nil
    state.value.phase = .closed
    state.value.timer?.cancel()
    state.value.timer = nil
    terms.open.remove(self)
    let why = state.value.why ?? "the peer has cut the connection"
    if case .client(let promise) = terms.role {
      // Where the link has come about, this is too late to matter.
      promise.fail(TransportError.unreachable(why))
    }
    guard let receiver = state.value.receiver else { return }
    state.value.receiver = nil
    // Not from within a call of the receiver to this link.
    eventLoop.execute { receiver.closed(why) }
  }

  private func schedule(_ delay: TimeAmount, _ action: @escaping @Sendable (UnixLink) -> Void) {
    state.value.timer?.cancel()
    state.value.timer = eventLoop.scheduleTask(in: delay) { [weak self] in
      if let self { action(self) }
    }
  }

  // MARK: - Frames

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    switch state.value.phase {
    case .shakingHands, .open: break
    case .closing, .closed: return
    }
    let elements: [UnixFrame.Element]
    do throws(USPFault) {
      elements = try state.value.decoder.received(bytes.readableBytesView)
    } catch {
      fail(error.text)
      return
    }
    for element in elements { take(element) }
  }

  private func take(_ element: UnixFrame.Element) {
    switch (element, state.value.phase) {
    case (_, .closing), (_, .closed): break
    case (.error(let text), _):
      // R-UDS.25.
      state.value.why = "the peer has closed the link: \(Self.plain(text))"
      cut()
    case (.handshake(let endpoint), .shakingHands): shakeHands(endpoint)
    case (.handshake(let endpoint), .open):
      if endpoint != state.value.peer { fail("another endpoint ID in a second handshake") }
    // R-UDS.20.
    case (.record, .shakingHands): break
    case (.record(let record), .open):
      guard record.count <= terms.limits.maxRecord else {
        fail("a Record is longer than \(terms.limits.maxRecord) bytes")
        return
      }
      let receiver = state.value.receiver
      receiver?.received(record)
    }
  }

  private func shakeHands(_ peer: EndpointID) {
    state.value.peer = peer
    identity.set(peer)
    state.value.timer?.cancel()
    state.value.timer = nil
    state.value.phase = .open
    // R-UDS.17.
    if case .server = terms.role { write(.handshake(terms.own)) }
    guard case .open = state.value.phase else { return }
    state.value.receiver = terms.accept(self)
    if case .client(let promise) = terms.role { promise.succeed(self) }
  }

  // MARK: - Sending

  func send(_ record: [UInt8]) {
    if eventLoop.inEventLoop {
      transmit(record)
    } else {
      eventLoop.execute { self.transmit(record) }
    }
  }

  private func transmit(_ record: [UInt8]) {
    guard case .open = state.value.phase else { return }
    write(.record(record))
  }

  private func write(_ element: UnixFrame.Element, promise: EventLoopPromise<Void>? = nil) {
    guard let context = state.value.context else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    let bytes = UnixFrame.encode(element)
    let waiting = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    guard bytes.count <= terms.limits.maxQueued - waiting else {
      state.value.why = "closed: the peer does not take what it is sent"
      promise?.fail(ChannelError.writeMessageTooLarge)
      cut()
      return
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: promise)
  }

  // MARK: - Closing

  func close(_ reason: LinkClosing) {
    if eventLoop.inEventLoop {
      beginClosing(reason)
    } else {
      eventLoop.execute { self.beginClosing(reason) }
    }
  }

  private func beginClosing(_ reason: LinkClosing) {
    switch reason {
    case .finished: closeAfterWrites(nil, why: "closed")
    case .goingAway: closeAfterWrites(nil, why: "closed: this side stops")
    // R-UDS.23.
    case .undecodable: closeAfterWrites("no Record", why: "closed: what the peer sent is no Record")
    case .refused(let text): closeAfterWrites(text, why: "closed: \(text)")
    case .timedOut: closeAfterWrites("timed out", why: "closed: timed out")
    }
  }

  /// The peer has broken the rules: it is told so (R-UDS.21, R-UDS.24), and the connection ends.
  private func fail(_ text: String) {
    closeAfterWrites(text, why: "closed: \(text)")
  }

  private func closeAfterWrites(_ error: String?, why: String) {
    switch state.value.phase {
    case .shakingHands, .open: break
    case .closing, .closed: return
    }
    state.value.phase = .closing
    state.value.why = why
    state.value.decoder = UnixFrame.Decoder(limit: 0)
    schedule(terms.limits.closeTimeout) { $0.cut() }
    let promise = eventLoop.makePromise(of: Void.self)
    promise.futureResult.whenComplete { _ in self.cut() }
    if let error {
      write(.error(error), promise: promise)
    } else if let context = state.value.context {
      // What was written before is before it.
      context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    } else {
      promise.fail(ChannelError.ioOnClosedChannel)
    }
  }

  func cut() {
    if case .closed = state.value.phase { return }
    state.value.phase = .closed
    let channel = channel
    // Not from within a call of the receiver to this link.
    eventLoop.execute { channel.close(promise: nil) }
  }

  /// What a peer says, fit for a log.
  private static func plain(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(120).filter { $0.value >= 0x20 && $0.value != 0x7F }
    return String(String.UnicodeScalarView(scalars))
  }
}
