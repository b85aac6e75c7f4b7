import CWMP
import HTTPAuthentication
import NIOCore

/// Runs one ``SimulatedCPE``: gives it time, connections and files, on one event loop.
final class CPEHost: ACSConnectionOwner {
  /// A session on the wire, which may outlive a TCP connection.
  private struct OpenSession {
    var session = CPESession()
    var target: HTTPTarget
    var request: ACSRequest
    var credentials: SessionCredentials
    var cookies = SessionCookies()
    /// The body of the latest POST, for repeating it with credentials.
    var body = ByteBuffer()
    var isAwaitingResponse = false
    var redirections = 0
    /// Answers until the connection is dropped on purpose.
    var dropAfter: Int?
  }

  /// Consecutive redirections that are followed (TR-069 Amendment 6, 3.4.2).
  static let maximumRedirections = 5

  private(set) var cpe: SimulatedCPE
  private unowned let loop: FleetLoop
  private var open: OpenSession?
  private var connection: ACSConnection?
  private var timer: Scheduled<Void>?
  private(set) var lastActivity = NIODeadline.now()

  init(cpe: SimulatedCPE, loop: FleetLoop) {
    self.cpe = cpe
    self.loop = loop
  }

  private var now: Duration { loop.clock.now() }

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

  private func perform(_ effects: [SimulatedCPE.Effect]) {
    for effect in effects {
      switch effect {
      case .openSession: openSession()
      case .fetch(let download): fetch(download, authorization: nil)
      case .note(let note): loop.tell(self, note)
      }
    }
  }

  func stop() {
    timer?.cancel()
    timer = nil
    open = nil
    connection?.close()
    connection = nil
  }

  // MARK: Sessions

  private func openSession() {
    let now = now
    lastActivity = .now()
    guard let target = HTTPTarget(cpe.acsURL(now)) else {
      return end(failure: "ManagementServer.URL is no http:// URL")
    }
    var session = OpenSession(
      target: target, request: ACSRequest(target: target),
      credentials: SessionCredentials(
        username: cpe.username(now), password: cpe.password(now) ?? loop.password))
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
      post(ByteBuffer(bytes: bytes))
    case .sendEmpty: post(ByteBuffer())
    case .finished: end(failure: nil)
    case .failed(let reason): end(failure: reason)
    }
  }

  private func post(_ body: ByteBuffer) {
    guard var session = open else { return }
    lastActivity = .now()
    session.body = body
    guard let connection else {
      open = session
      return connect()
    }
    var bytes = ByteBufferAllocator().buffer(capacity: body.readableBytes + 512)
    session.request.write(
      body: body, cookies: session.cookies.pairs,
      authorization: session.credentials.header(method: "POST", uri: session.target.path),
      into: &bytes)
    session.isAwaitingResponse = true
    open = session
    connection.send(bytes)
  }

  private func connect() {
    guard let target = open?.target else { return }
    loop.connector.connect(to: target, handler: ACSConnection(owner: self)) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(let connection):
        guard self.open != nil, self.connection == nil else { return connection.close() }
        self.connection = connection
        self.post(self.open?.body ?? ByteBuffer())
      case .failure:
        if self.open != nil { self.end(failure: "the ACS cannot be reached") }
      }
    }
  }

  func connectionReceived(_ response: HTTPResponse) {
    guard var session = open, session.isAwaitingResponse else { return }
    lastActivity = .now()
    session.isAwaitingResponse = false
    session.cookies.receive(response.cookies)
    if response.closes {
      connection?.close()
      connection = nil
    }
    if let dropAfter = session.dropAfter {
      session.dropAfter = dropAfter - 1
      if dropAfter <= 1 {
        open = session
        return end(failure: "dropped on purpose")
      }
    }
    let input: CPESession.Input
    switch response.status {
    case 200 where response.body.readableBytes > 0:
      session.credentials.accepted()
      do throws(CWMPError) {
        input = .envelope(try loop.decoder.decode(Array(response.body.readableBytesView)))
      } catch {
        input = .malformed(String(describing: error))
      }
    case 200, 204:
      session.credentials.accepted()
      input = .empty
    case 401 where session.credentials.receive(response.challenges):
      open = session
      return post(session.body)
    case 301, 302, 307:
      guard let location = response.location, let target = HTTPTarget(location),
        session.redirections < Self.maximumRedirections
      else { fallthrough }
      session.redirections += 1
      session.target = target
      session.request = ACSRequest(target: target)
      open = session
      connection?.close()
      connection = nil
      return post(session.body)
    default: input = .status(response.status)
    }
    session.redirections = 0
    let output = session.session.receive(input, &cpe, at: now)
    open = session
    act(on: output)
  }

  func connectionClosed(_ error: (any Error)?) {
    connection = nil
    // Between two requests the session goes on over a new connection (TR-069 Amendment 6, 3.4.1).
    guard let open, open.isAwaitingResponse else { return }
    end(failure: error.map { Self.reason($0) } ?? "the ACS closed the connection")
  }

  private static func reason(_ error: any Error) -> String {
    if let error = error as? SimulatorError { return error.message }
    return error is IOError ? "the connection broke" : String(describing: error)
  }

  func timedOut() {
    end(failure: "no answer in \(FleetLoop.responseTimeout.nanoseconds / 1_000_000_000) s")
  }

  private func end(failure: String?) {
    connection?.close()
    connection = nil
    if let session = open?.session {
      loop.counts.requestsAnswered += session.answered
      loop.counts.faultsSent += session.faults
    }
    open = nil
    loop.sessionClosed(self)
    if let failure {
      loop.counts.failed(failure)
      perform(cpe.sessionFailed(at: now))
    } else {
      loop.counts.sessionsSucceeded += 1
      perform(cpe.sessionSucceeded(at: now))
    }
    wake()
  }

  // MARK: Files

  private func fetch(_ download: Download, authorization: String?) {
    guard let target = HTTPTarget(download.url) else { return downloaded(.unreachable) }
    let fetcher = FileFetcher(target: target, authorization: authorization) { [weak self] result in
      guard let self else { return }
      switch result {
      case .ended(let outcome): self.downloaded(outcome)
      case .challenged(let challenges):
        var credentials = SessionCredentials(
          username: download.username, password: download.password)
        guard authorization == nil, !download.username.isEmpty,
          credentials.receive(challenges),
          let header = credentials.header(method: "GET", uri: target.path)
        else { return self.downloaded(.refused(status: 401)) }
        self.fetch(download, authorization: header)
      }
    }
    loop.connector.connect(
      to: target, idleTimeout: FileFetcher.idleTimeout, handler: fetcher
    ) { [weak self] result in
      if case .failure = result { self?.downloaded(.unreachable) }
    }
  }

  private func downloaded(_ outcome: DownloadOutcome) {
    guard !loop.isStopping else { return }
    perform(cpe.downloadEnded(outcome, at: now))
    wake()
  }

  // MARK: Connection requests

  /// Answers a GET to the device's connection request URL (TR-069 Amendment 6, 3.2.2).
  func connectionRequest(authorization: String?, uri: String) -> ConnectionRequestAnswer {
    let now = now
    guard cpe.isOn, !loop.isStopping else { return .unavailable }
    // Nonces live by our time, however fast the device's own goes.
    let clock = Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000)
    guard let (username, password) = cpe.connectionRequestCredentials(now),
      let authorization, case .digest(let credentials)? = Authorization.parse(authorization)
    else { return challenge(clock, stale: false) }
    let verdict = loop.nonces.check(credentials.nonce, now: clock)
    let verifier = Verifier(
      username: username, realm: ConnectionRequestAnswer.realm, password: password)
    guard verdict != .forged, credentials.username == username,
      verifier.verifies(credentials, method: "GET", requestURI: uri)
    else { return challenge(clock, stale: false) }
    guard verdict == .fresh else { return challenge(clock, stale: true) }
    guard cpe.connectionRequested(at: now) else { return .unavailable }
    loop.counts.connectionRequests += 1
    wake()
    return .accepted
  }

  private func challenge(_ clock: Int64, stale: Bool) -> ConnectionRequestAnswer {
    .challenge(
      Challenge.digest(
        realm: ConnectionRequestAnswer.realm, nonce: loop.nonces.issue(now: clock), stale: stale
      ).headerValue)
  }
}
