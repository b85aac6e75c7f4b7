import CWMP
import ContentCoding
import FleetStore
import Logging
import NIOCore
import NIOHTTP1

/// How a request that is there in full finds its session.
extension ConnectionHandler {
  func answer(_ head: HTTPRequestHead, _ body: ByteBuffer) {
    if let conversation = conversationByCookie(head) {
      pass(decode(body, head), of: head, to: conversation)
      return
    }
    guard let conversation = conversationOfConnection() else {
      admit(head, body)
      return
    }
    let decoded = decode(body, head)
    // Devices may share a connection behind a proxy: without the cookie, what one has proved is not another's.
    if case .envelope(let envelope) = decoded.input, conversation.session.isOtherInform(envelope) {
      admit(head, body)
    } else {
      pass(decoded, of: head, to: conversation)
    }
  }

  /// Begins a session, once it is clear whose.
  private func admit(_ head: HTTPRequestHead, _ body: ByteBuffer) {
    if let certifiedDevice {
      start(body, of: head, caller: Caller(deviceName: certifiedDevice, proof: .certificate))
    } else if door.settings.enrolment == .open {
      start(body, of: head, caller: .unproved)
    } else {
      authenticate(head, body)
    }
  }

  /// - Parameter body: empty, and of no account, where the request shows no credential.
  func authenticate(_ head: HTTPRequestHead, _ body: ByteBuffer) {
    guard let context else { return }
    let request = DeviceAuthenticator.Request(
      authorization: head.headers.first(name: "authorization"), uri: head.uri,
      isEncrypted: isEncrypted, peer: peer, now: door.environment.now())
    if let verdict = door.authenticator.judgeAtOnce(request) {
      authenticated(verdict, head, body)
      return
    }
    let authenticator = door.authenticator
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    Task {
      let verdict = await authenticator.judge(request)
      bound.eventLoop.execute { bound.value.authenticated(verdict, head, body) }
    }
  }

  private func authenticated(
    _ verdict: DeviceAuthenticator.Verdict, _ head: HTTPRequestHead, _ body: ByteBuffer
  ) {
    if case .closed = state { return }
    switch verdict {
    case .admitted(let caller):
      start(body, of: head, caller: caller)
    case .challenged(let challenges):
      respond(
        DoorReply(status: .unauthorized, headers: challenges.map { ("WWW-Authenticate", $0) }),
        to: head, traced: exchangeWithClaimant(head, body))
    case .unavailable:
      respond(door.postponed(), to: head, traced: exchangeWithClaimant(head, body))
    }
  }

  /// The exchange that turns a device away, where the one that it says it is is traced.
  private func exchangeWithClaimant(_ head: HTTPRequestHead, _ body: ByteBuffer)
    -> TracedRequest.Exchange?
  {
    guard body.readableBytes > 0,
      door.environment.traces?.takeClaim(now: door.environment.now()) == true
    else { return nil }
    return exchangeWithClaimant(head, decode(body, head))
  }

  private func exchangeWithClaimant(_ head: HTTPRequestHead, _ decoded: Decoded)
    -> TracedRequest.Exchange?
  {
    guard case .envelope(let envelope) = decoded.input,
      case .request(.inform(let inform)) = envelope.message
    else { return nil }
    return TracedRequest(head, body: decoded.body, peer: peer, door: door)?.exchange(
      withClaimant: inform.deviceID.identity)
  }

  private func start(_ body: ByteBuffer, of head: HTTPRequestHead, caller: Caller) {
    guard let context else { return }
    let decoded = decode(body, head)
    if let status = decoded.status {
      respond(.refused(status), to: head)
      return
    }
    let begun = Conversation(
      door: door, loop: context.eventLoop, caller: caller, peer: peer,
      localAddress: context.localAddress?.ipAddress ?? "")
    if case .envelope = decoded.input {
      guard !door.isClosing, door.table.add(begun) else {
        respond(door.postponed(), to: head, traced: exchangeWithClaimant(head, decoded))
        return
      }
      conversation = begun
    }
    let traced = TracedRequest(head, body: decoded.body, peer: peer, door: door)
    latest = begun
    begun.arrived(over: number)
    begun.received(decoded.input) { [self] in
      if begun.device != nil { hasCarriedSession = true }
      respond($0, to: head, traced: traced?.exchange(in: begun), bears: begun.switches)
    }
  }

  private func pass(_ decoded: Decoded, of head: HTTPRequestHead, to conversation: Conversation) {
    guard let context else { return }
    let status = decoded.status
    let traced = TracedRequest(head, body: decoded.body, peer: peer, door: door)
    latest = conversation
    if conversation.loop.inEventLoop {
      self.conversation = conversation
      conversation.arrived(over: number)
      conversation.received(decoded.input) { [self] reply in
        if conversation.device != nil { hasCarriedSession = true }
        respond(
          status.map { .refused($0) } ?? reply, to: head,
          traced: traced?.exchange(in: conversation), bears: conversation.switches)
      }
      return
    }
    // The session lives on the loop on which it began; the device has come back over another connection.
    let number = number
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    conversation.loop.execute {
      conversation.arrived(over: number)
      conversation.received(decoded.input) { reply in
        let exchange = traced?.exchange(in: conversation)
        let switches = conversation.switches
        let isLetIn = conversation.device != nil
        bound.eventLoop.execute {
          if isLetIn { bound.value.hasCarriedSession = true }
          bound.value.respond(
            status.map { .refused($0) } ?? reply, to: head, traced: exchange, bears: switches)
        }
      }
    }
  }

  // MARK: - Body

  /// What a body is to the session, and the status to answer with where it can't be taken at all.
  private struct Decoded {
    var input: Session.Input
    var status: HTTPResponseStatus?
    /// Without its content coding, as far as that could be undone.
    var body: ByteBuffer
  }

  private func decode(_ body: ByteBuffer, _ head: HTTPRequestHead) -> Decoded {
    let coding = ContentCoding.read(head.headers[canonicalForm: "content-encoding"])
    // Some devices name a coding for the empty message, too.
    if case .coded = coding, door.settings.compression != .off { compresses = true }
    guard body.readableBytes > 0 else { return Decoded(input: .empty, body: body) }
    switch coding {
    case .identity:
      return parse(body, head)
    case .coded(let coding) where door.settings.compression != .off:
      switch inflate(body, coding) {
      case .success(let inflated):
        return inflated.readableBytes == 0
          ? Decoded(input: .empty, body: inflated) : parse(inflated, head)
      case .failure(let problem):
        return refused(problem, body)
      }
    case .coded, .unsupported:
      let name = head.headers.first(name: "content-encoding") ?? ""
      note("a request was refused: its coding is not taken", ["coding": "\(name.prefix(40))"])
      return Decoded(
        input: .malformed("its content coding is not taken"), status: .unsupportedMediaType,
        body: body)
    }
  }

  private func inflate(_ body: ByteBuffer, _ coding: ContentCoding)
    -> Result<ByteBuffer, Inflater.Problem>
  {
    let inflater = Inflater(
      coding,
      limits: Inflater.Limits(
        size: bodyLimit, ratio: door.settings.maxCompressionRatio))
    var inflated = ByteBuffer()
    return body.withUnsafeReadableBytes { bytes in
      do throws(Inflater.Problem) {
        try inflater.inflate(bytes) { inflated.writeBytes($0) }
        try inflater.finish()
        return .success(inflated)
      } catch {
        return .failure(error)
      }
    }
  }

  private func refused(_ problem: Inflater.Problem, _ body: ByteBuffer) -> Decoded {
    let reason: String
    switch problem {
    case .broken: reason = "its compressed body is broken"
    case .tooLarge: reason = "its body inflates to more than \(bodyLimitName)"
    case .tooDense:
      reason = "its body inflates to more than cwmp.maxCompressionRatio times its size"
    }
    note("a request was refused: \(reason)", ["compressed": "\(body.readableBytes)"])
    return Decoded(
      input: .malformed(reason), status: problem == .broken ? .badRequest : .payloadTooLarge,
      body: body)
  }

  private func parse(_ body: ByteBuffer, _ head: HTTPRequestHead) -> Decoded {
    do {
      return Decoded(
        input: .envelope(
          try body.withUnsafeReadableBytes {
            try loop.decoder.decode($0, charset: charset(in: head))
          }), body: body)
    } catch {
      return Decoded(input: .malformed("\(error)"), body: body)
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
}
