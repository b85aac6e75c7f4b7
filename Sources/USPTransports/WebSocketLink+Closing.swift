import NIOCore
import NIOWebSocket

extension WebSocketLink {
  func send(_ record: [UInt8]) {
    if eventLoop.inEventLoop {
      transmit(record)
    } else {
      eventLoop.execute { self.transmit(record) }
    }
  }

  func close(_ reason: LinkClosing) {
    if eventLoop.inEventLoop {
      beginClosing(reason)
    } else {
      eventLoop.execute { self.beginClosing(reason) }
    }
  }

  private func beginClosing(_ reason: LinkClosing) {
    switch reason {
    case .finished: fail(.normalClosure, "", why: "closed")
    case .goingAway: fail(.goingAway, "", why: "closed: this side stops")
    case .undecodable:
      // R-WS.16.
      fail(.unacceptableData, "no Record", why: "closed: what the peer sent is no Record")
    case .refused(let text): fail(.policyViolation, text, why: "closed: \(text)")
    case .timedOut: fail(.policyViolation, "timed out", why: "closed: timed out")
    }
  }

  /// A Record is one message, a message is one frame (R-WS.14a).
  private func transmit(_ record: [UInt8]) {
    guard case .open = state.value.phase else { return }
    write(.binary, ByteBuffer(bytes: record))
  }

  /// Bytes that the peer has not taken yet.
  var waitingBytes: Int {
    (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  func write(
    _ opcode: WebSocketOpcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>? = nil
  ) {
    guard let context = state.value.context else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    guard data.readableBytes <= terms.limits.maxQueued - waitingBytes else {
      if case .open = state.value.phase {
        state.value.why = "closed: the peer does not take what it is sent"
      }
      promise?.fail(ChannelError.writeMessageTooLarge)
      cut()
      return
    }
    let frame = WebSocketFrame(
      fin: true, opcode: opcode, maskKey: terms.isServer ? nil : .random(), data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
  }

  // MARK: - Closing

  /// Sends a Close frame and waits for the peer's.
  /// - Parameters:
  ///   - text: what the peer is told.
  ///   - why: what the receiver is told; nil: that the peer has broken the rules with `text`.
  ///   - promise: is kept when the Close frame has been written.
  func fail(
    _ code: WebSocketErrorCode, _ text: String, why: String? = nil,
    promise: EventLoopPromise<Void>? = nil
  ) {
    guard case .open = state.value.phase else { return }
    state.value.phase = .closing(until: .now() + terms.limits.closeTimeout)
    state.value.why = why ?? "closed: the peer has sent \(text)"
    state.value.message = nil
    state.value.arrivalBegan = nil
    sendClose(code, text, promise)
  }

  private func sendClose(
    _ code: WebSocketErrorCode, _ text: String, _ promise: EventLoopPromise<Void>?
  ) {
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    // RFC 6455, 5.5: a control frame holds at most 125 bytes.
    var room = 123
    for character in text.unicodeScalars {
      let bytes = UTF8.encode(character) ?? .init()
      room -= bytes.count
      guard room >= 0 else { break }
      data.writeBytes(bytes)
    }
    write(.connectionClose, data, promise: promise)
  }

  /// The peer has sent a Close frame.
  func takeClose(_ frame: WebSocketFrame) {
    switch state.value.phase {
    case .closed: return
    case .closing:
      // Both have said it; the server ends the connection (RFC 6455, 7.1.1).
      if terms.isServer { cut() }
    case .open:
      var data = frame.unmaskedData
      guard data.readableBytes != 1 else {
        fail(.protocolError, "a Close frame with half a code")
        return
      }
      let number = data.readInteger(as: UInt16.self)
      guard let text = String(validating: data.readableBytesView, as: UTF8.self) else {
        fail(.dataInconsistentWithMessage, "a Close frame with text that is no UTF-8")
        return
      }
      if let number, !Self.maySend(number) {
        fail(.protocolError, "a Close frame with a code that is none")
        return
      }
      state.value.phase = .closing(until: .now() + terms.limits.closeTimeout)
      state.value.why = Self.reason(number, text)
      state.value.message = nil
      let promise = eventLoop.makePromise(of: Void.self)
      // The server ends the connection, the client waits for that (RFC 6455, 7.1.1); the sweep waits for neither for ever.
      if terms.isServer { promise.futureResult.whenComplete { _ in self.cut() } }
      var answer = ByteBuffer()
      if let number { answer.writeInteger(number) }
      write(.connectionClose, answer, promise: promise)
    }
  }

  /// RFC 6455, 7.4: the codes that may stand in a Close frame.
  private static func maySend(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }

  private static func reason(_ code: UInt16?, _ text: String) -> String {
    let plain = String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { !$0.properties.isPatternWhitespace || $0 == " " }
          .filter { $0.properties.generalCategory != .control }.prefix(80)))
    let number = code.map { " (\($0))" } ?? ""
    return "the peer has closed the link\(number)\(plain.isEmpty ? "" : ": \(plain)")"
  }
}

extension WebSocketLink: SweptConnection {
  var place: Int {
    get { state.value.place }
    set { state.value.place = newValue }
  }

  var ended: EventLoopFuture<Void> { channel.closeFuture }

  func end() { close(.goingAway) }

  /// Ends the connection without more words.
  func cut() {
    if case .closed = state.value.phase { return }
    state.value.phase = .closed
    let channel = channel
    // Not from within a call of the receiver to this link.
    eventLoop.execute { channel.close(promise: nil) }
  }

  func sweep(now: NIODeadline) {
    switch state.value.phase {
    case .closed: break
    case .closing(let deadline):
      if now >= deadline { cut() }
    case .open:
      if let began = state.value.arrivalBegan, now - began > terms.limits.arrivalTimeout {
        fail(
          .policyViolation, "a Record took too long",
          why: "closed: a Record did not arrive in full in time")
        return
      }
      switch state.value.keepAlive.check(now: now, terms.keepAlive) {
      case .nothing: break
      case .ask: write(.ping, ByteBuffer())
      case .dead:
        state.value.why = "closed: the peer does not answer"
        cut()
      }
    }
  }
}
