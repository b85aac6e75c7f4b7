import CWMP
import ContentCoding
import HTTPAuthentication
import NIOCore
import NIOSSL

/// Runs one ``SimulatedCPE``: gives it time, connections and files, on one event loop.
final class CPEHost: ACSConnectionOwner {
  /// Consecutive redirections that are followed (TR-069 Amendment 6, 3.4.2).
  static let maximumRedirections = 5
  /// How long a body waits for `100 Continue`, as libcurl does.
  static let continueTimeout = TimeAmount.seconds(1)

  var cpe: SimulatedCPE
  unowned let loop: FleetLoop
  private let post: DevicePost
  private let dialect: EnvelopeDialect
  private var open: OpenSession?
  private var connection: ACSConnection?
  /// What a session that was left open still has.
  private var abandoned: ACSConnection?
  private var timer: Scheduled<Void>?
  private var continueTimer: Scheduled<Void>?
  var binding: STUNBinding?
  /// Whether a connection request has met a closed connection, for the quirk.
  var hasClosedOnce = false
  private(set) var lastActivity = NIODeadline.now()

  init(cpe: SimulatedCPE, loop: FleetLoop) {
    self.cpe = cpe
    self.loop = loop
    post = DevicePost(cpe.quirks)
    dialect = EnvelopeDialect(cpe.quirks)
  }

  var now: Duration { loop.clock.now() }

  // MARK: Time

  /// Lets the device do what is due and sets the alarm for what comes next.
  func wake() {
    timer?.cancel()
    timer = nil
    guard !loop.isStopping else { return }
    perform(cpe.advance(to: now))
    guard let deadline = cpe.deadline else { return }
    let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
    timer = loop.eventLoop.scheduleTask(deadline: loop.clock.deadline(of: deadline)) {
      bound.value.wake()
    }
  }

  func perform(_ effects: [SimulatedCPE.Effect]) {
    for effect in effects {
      switch effect {
      case .openSession: openSession()
      case .fetch(let download): fetch(download)
      case .store(let upload, let contents): store(upload, contents)
      case .fetchUnit(let source): fetch(source)
      case .send(let notification): send(notification)
      case .note(let note): loop.tell(self, note)
      }
    }
  }

  func trigger(_ trigger: Trigger) {
    perform(cpe.trigger(trigger, at: now))
    wake()
  }

  func stop() {
    timer?.cancel()
    timer = nil
    continueTimer?.cancel()
    open = nil
    connection?.close()
    connection = nil
    abandoned?.close()
    abandoned = nil
    binding?.stop()
    binding = nil
  }

  // MARK: Sessions

  private func openSession() {
    let now = now
    lastActivity = .now()
    guard let target = HTTPTarget(cpe.acsURL(now)) else {
      return end(.failed("ManagementServer.URL is no http:// or https:// URL"))
    }
    var session = OpenSession(
      target: target,
      credentials: SessionCredentials(
        username: cpe.username(now), password: cpe.password(now) ?? loop.password,
        manner: .init(cpe.quirks)))
    switch cpe.stored("ManagementServer.HTTPCompression", now) {
    case "GZIP": session.coding = .gzip
    case "Deflate": session.coding = .deflate
    default: break
    }
    if loop.random.happens(percent: loop.dropConnection) {
      session.dropAfter = Int.random(in: 1...3, using: &loop.random)
    }
    let output = session.session.start(&cpe, at: now)
    open = session
    loop.sessionOpened(self)
    act(on: output)
  }

  private func act(on output: CPESession.Output) {
    switch output {
    case .send(let envelope):
      var bytes: [UInt8] = []
      loop.encoder.encode(envelope, into: &bytes)
      send(DevicePost.Contents(body: dialect.write(bytes), method: envelope.method))
    case .sendEmpty: send(DevicePost.Contents())
    case .finished, .failed, .crashed: end(output)
    case .abandoned:
      abandoned?.close()
      abandoned = connection
      abandoned?.abandon()
      connection = nil
      openSession()
    }
  }

  private func send(_ contents: DevicePost.Contents) {
    guard var session = open else { return }
    lastActivity = .now()
    session.contents = contents
    guard let connection else {
      open = session
      return connect()
    }
    var authorization = session.credentials.header(method: "POST", uri: session.target.path)
    if cpe.quirks.contains(.authorizationOnce), contents.method != "Inform" { authorization = nil }
    let parts = post.parts(
      contents, to: session.target, cookies: session.cookies.pairs, authorization: authorization,
      coding: session.coding)
    session.isAwaitingResponse = true
    session.requestCount += 1
    session.heldBack = parts.afterContinue
    open = session
    connection.send(parts.first)
    if parts.afterContinue != nil { awaitContinue() }
    breakOff(at: session.requestCount)
  }

  private func awaitContinue() {
    let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
    continueTimer = loop.eventLoop.scheduleTask(in: Self.continueTimeout) {
      bound.value.connectionMayContinue()
    }
  }

  func connectionMayContinue() {
    continueTimer?.cancel()
    guard let body = open?.heldBack else { return }
    open?.heldBack = nil
    connection?.send(body)
  }

  private func connect() {
    guard let target = open?.target else { return }
    loop.connector.connect(to: target, handler: ACSConnection(owner: self)) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(let connection):
        guard let open = self.open, self.connection == nil else { return connection.close() }
        self.connection = connection
        self.send(open.contents)
      case .failure:
        if self.open != nil { self.end(.failed("the ACS cannot be reached")) }
      }
    }
  }

  private func disconnect() {
    connection?.close()
    connection = nil
  }

  func connectionReceived(_ response: HTTPResponse) {
    guard var session = open, session.isAwaitingResponse else { return }
    lastActivity = .now()
    session.isAwaitingResponse = false
    session.cookies.receive(
      response.cookies, needsPath: cpe.quirks.contains(.cookieNeedsPath))
    // A server that has not waited for the body cannot be sent another request behind it.
    if response.closes || session.heldBack != nil || breaksConnection(session.requestCount) {
      disconnect()
    }
    session.heldBack = nil
    continueTimer?.cancel()
    if let dropAfter = session.dropAfter {
      session.dropAfter = dropAfter - 1
      if dropAfter <= 1 {
        open = session
        return end(.failed("dropped on purpose"))
      }
    }
    if repeats(&session, response) {
      open = session
      return send(session.contents)
    }
    switch response.status {
    case 200, 204:
      session.credentials.accepted()
      session.redirections = 0
    default: break
    }
    let output = session.session.receive(input(response), &cpe, at: now)
    open = session
    act(on: output)
  }

  /// Whether a quirk ends the session before its answer is there.
  private func breakOff(at requestCount: Int) {
    if cpe.quirks.number(.cutAtRequest) == requestCount, !cpe.quirkMemory.hadCut {
      cpe.quirkMemory.hadCut = true
      end(.failed("cut on purpose"))
    } else if cpe.quirks.number(.powerLossAtRequest) == requestCount,
      !cpe.quirkMemory.hadPowerLoss
    {
      cpe.quirkMemory.hadPowerLoss = true
      losePower()
    }
  }

  /// Whether a quirk breaks the connection behind the answer to that request.
  private func breaksConnection(_ requestCount: Int) -> Bool {
    cpe.quirks.contains(.newConnectionEachRequest) || cpe.quirks.contains(.http10)
      || cpe.quirks.number(.breakAtRequest) == requestCount
  }

  /// Whether the same POST goes out again: with credentials, uncompressed, or elsewhere.
  private func repeats(_ session: inout OpenSession, _ response: HTTPResponse) -> Bool {
    switch response.status {
    case 401 where session.credentials.receive(response.challenges):
      if cpe.quirks.contains(.authorizationNewConnection) { disconnect() }
      return true
    case 415 where session.coding != nil:
      session.coding = nil
      return true
    case 301, 302, 307:
      guard let location = response.location, let target = HTTPTarget(location),
        session.redirections < Self.maximumRedirections
      else { return false }
      session.redirections += 1
      session.target = target
      disconnect()
      return true
    default: return false
    }
  }

  private func input(_ response: HTTPResponse) -> CPESession.Input {
    switch response.status {
    case 200 where response.body.readableBytes > 0:
      if cpe.quirks.contains(.closeRefused), response.closes {
        return .malformed("Connection: close")
      }
      guard
        let body = Compression.inflate(Array(response.body.readableBytesView), response.encodings)
      else { return .malformed("a Content-Encoding that cannot be undone") }
      if cpe.quirks.contains(.declarationRefused), body.starts(with: Array("<?xml".utf8)) {
        return .malformed("an XML declaration")
      }
      do throws(CWMPError) {
        return .envelope(try loop.decoder.decode(body))
      } catch {
        return .malformed(String(describing: error))
      }
    case 200, 204: return .empty
    default: return .status(response.status)
    }
  }

  func connectionClosed(_ error: (any Error)?) {
    connection = nil
    // Between two requests the session goes on over a new connection (TR-069 Amendment 6, 3.4.1).
    guard let open, open.isAwaitingResponse else { return }
    end(.failed(error.map { Self.reason($0) } ?? "the ACS closed the connection"))
  }

  private static func reason(_ error: any Error) -> String {
    if let error = error as? SimulatorError { return error.message }
    if error is NIOSSLError || error is BoringSSLError { return TLSOptions.reason(error) }
    return error is IOError ? "the connection broke" : String(describing: error)
  }

  func timedOut() {
    end(.failed("no answer in \(FleetLoop.responseTimeout.nanoseconds / 1_000_000_000) s"))
  }

  private func losePower() {
    closeSession()
    loop.counts.failed("lost power on purpose")
    perform(cpe.powerLost(at: now))
    wake()
  }

  private func closeSession() {
    continueTimer?.cancel()
    disconnect()
    abandoned?.close()
    abandoned = nil
    if let session = open?.session {
      loop.counts.requestsAnswered += session.answered
      loop.counts.faultsSent += session.faults
    }
    open = nil
    loop.sessionClosed(self)
  }

  private func end(_ output: CPESession.Output) {
    closeSession()
    switch output {
    case .failed(let reason):
      loop.counts.failed(reason)
      perform(cpe.sessionFailed(at: now))
    case .crashed(let reason):
      loop.counts.failed(reason)
      perform(cpe.sessionCrashed(at: now))
    default:
      loop.counts.sessionsSucceeded += 1
      perform(cpe.sessionSucceeded(at: now))
    }
    updateBinding()
    wake()
  }
}
