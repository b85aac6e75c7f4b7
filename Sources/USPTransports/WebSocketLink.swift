import NIOCore
import NIOWebSocket
import Refusals
import USP

/// A WebSocket after its handshake (RFC 6455): each binary message is one Record (R-WS.14).
final class WebSocketLink: Link, ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  enum Phase {
    case open
    /// A Close frame has been sent; nothing that comes counts any more.
    case closing(until: NIODeadline)
    case closed
  }

  /// What changes; on the event loop only.
  struct State {
    var phase = Phase.open
    var context: ChannelHandlerContext?
    var receiver: (any LinkReceiver)?
    var keepAlive: KeepAlive
    /// The fragments of a message, as far as it has come; nil: none has begun.
    var message: [UInt8]?
    /// Bytes of the frame that is arriving.
    var held = 0
    /// Bytes that count against what all links may hold.
    var reserved = 0
    /// When the first byte came of a Record that is not there in full.
    var arrivalBegan: NIODeadline?
    /// What comes is thrown away unread.
    var takesNoMore = false
    var place = 0
    let table: LoopTable
    /// What the receiver will be told.
    var why: String?
  }

  let channel: any Channel
  let peerAddress: String
  let localAddress: String
  let claimedEndpoint: EndpointID?
  let proof: LinkProof
  let terms: WebSocketTerms
  let state: NIOLoopBoundBox<State>

  private static let maxWaitingForPong = 64 << 10

  var kind: TransportKind { .webSocket }
  var eventLoop: any EventLoop { channel.eventLoop }

  /// Made on the event loop. A place among the links has been taken.
  init(
    channel: any Channel, peerAddress: String, claimedEndpoint: EndpointID?, proof: LinkProof,
    terms: WebSocketTerms, table: LoopTable
  ) {
    self.channel = channel
    self.peerAddress = peerAddress
    localAddress = channel.localAddress?.ipAddress ?? ""
    self.claimedEndpoint = claimedEndpoint
    self.proof = proof
    self.terms = terms
    state = NIOLoopBoundBox(
      State(keepAlive: KeepAlive(now: .now()), table: table), eventLoop: channel.eventLoop)
  }

  /// Puts the link behind what is in the pipeline; from here on what comes are frames.
  func begin(in pipeline: ChannelPipeline.SynchronousOperations, accept: LinkAcceptor) throws {
    try pipeline.addHandler(WebSocketFrameEncoder())
    try pipeline.addHandler(ByteToMessageHandler(MeteredFrameDecoder(link: self)))
    try pipeline.addHandler(self)
    state.value.receiver = accept(self)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    state.value.context = context
    state.value.table.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { finish() }

  func channelInactive(context: ChannelHandlerContext) {
    finish()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case NIOWebSocketError.invalidFrameLength:
      fail(.messageTooLarge, "a Record is longer than \(terms.limits.maxRecord) bytes")
    case NIOWebSocketError.fragmentedControlFrame:
      fail(.protocolError, "a control frame in fragments")
    case NIOWebSocketError.multiByteControlFrameLength:
      fail(.protocolError, "a control frame that is too long")
    default:
      if state.value.why == nil { state.value.why = "the connection broke: \(error)" }
      cut()
    }
  }

  /// Gives back what the link holds, and tells the receiver.
  private func finish() {
    if case .closed = state.value.phase, state.value.context == nil { return }
    state.value.phase = .closed
    state.value.context = nil
    state.value.message = nil
    state.value.held = 0
    _ = reserve()
    terms.links.giveBack(1)
    state.value.table.remove(self)
    let why = state.value.why ?? "the peer has cut the connection"
    guard let receiver = state.value.receiver else { return }
    state.value.receiver = nil
    // Not from within a call of the receiver to this link.
    eventLoop.execute { receiver.closed(why) }
  }

  // MARK: - Limits

  /// Notes how much is there of the frame that is arriving.
  /// - Returns: false where that is too much for all links together.
  func noteHeld(_ bytes: Int) -> Bool {
    state.value.held = bytes
    if bytes > 0 { noteArrival() }
    return reserve()
  }

  private func noteArrival() {
    let now = NIODeadline.now()
    state.value.keepAlive.noteHeard(now: now)
    if state.value.arrivalBegan == nil { state.value.arrivalBegan = now }
  }

  /// Brings what is taken of the common allotment to what the link holds.
  private func reserve() -> Bool {
    let wanted = state.value.held + (state.value.message?.count ?? 0)
    let more = wanted - state.value.reserved
    if more > 0 {
      guard terms.arriving.take(more) else { return false }
    } else if more < 0 {
      terms.arriving.giveBack(-more)
    }
    state.value.reserved = wanted
    return true
  }

  // MARK: - Frames

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    if case .closed = state.value.phase { return }
    state.value.keepAlive.noteHeard(now: .now())
    // The decoder tells anew what it holds of the next one.
    state.value.held = 0
    if state.value.message == nil { state.value.arrivalBegan = nil }
    _ = reserve()
    guard frame.reservedBits.isEmpty else {
      fail(.protocolError, "a frame with reserved bits")
      return
    }
    guard (frame.maskKey != nil) == terms.isServer else {
      fail(
        .protocolError,
        terms.isServer ? "a frame that is not masked" : "a frame that is masked")
      return
    }
    switch frame.opcode {
    case .connectionClose: takeClose(frame)
    case .ping: answer(frame)
    case .pong: break
    case .text: fail(.unacceptableData, "text")
    case .binary: begin(frame)
    case .continuation: goOn(frame)
    default: fail(.protocolError, "a frame of an unknown kind")
    }
  }

  private var isOpen: Bool {
    if case .open = state.value.phase { true } else { false }
  }

  private func begin(_ frame: WebSocketFrame) {
    guard isOpen else { return }
    guard state.value.message == nil else {
      fail(.protocolError, "a message within another")
      return
    }
    // The decoder has seen to the length.
    let bytes = Array(buffer: frame.unmaskedData)
    if frame.fin {
      deliver(bytes)
    } else {
      state.value.message = bytes
      noteFragment()
    }
  }

  private func goOn(_ frame: WebSocketFrame) {
    guard isOpen else { return }
    guard let count = state.value.message?.count else {
      fail(.protocolError, "a fragment of no message")
      return
    }
    guard frame.length <= terms.limits.maxRecord - count else {
      fail(.messageTooLarge, "a Record is longer than \(terms.limits.maxRecord) bytes")
      return
    }
    state.value.message?.append(contentsOf: frame.unmaskedData.readableBytesView)
    if frame.fin {
      let message = state.value.message ?? []
      state.value.message = nil
      state.value.arrivalBegan = nil
      _ = reserve()
      deliver(message)
    } else {
      noteFragment()
    }
  }

  private func noteFragment() {
    noteArrival()
    if !reserve() { failForWantOfRoom() }
  }

  var takesNoMore: Bool { state.value.takesNoMore }

  /// There is room neither for the rest of what is arriving nor for the peer's own Close frame behind it.
  func failForWantOfRoom() {
    guard !state.value.takesNoMore else { return }
    state.value.takesNoMore = true
    state.value.held = 0
    state.value.message = nil
    _ = reserve()
    guard isOpen else {
      cut()
      return
    }
    let promise = eventLoop.makePromise(of: Void.self)
    promise.futureResult.whenComplete { _ in self.cut() }
    // 1013, "Try Again Later" of the IANA registry.
    fail(.unknown(1013), "too much is arriving at a time", promise: promise)
  }

  private func deliver(_ record: [UInt8]) {
    let receiver = state.value.receiver
    receiver?.received(record)
  }

  private func answer(_ ping: WebSocketFrame) {
    // Who does not take what waits for it would only pile up answers; they say nothing new (RFC 6455, 5.5.3).
    guard isOpen, waitingBytes <= Self.maxWaitingForPong else { return }
    write(.pong, ping.unmaskedData)
  }
}
