import CStrophe
import Foundation
import Synchronization

/// The thread that drives one XMPP account through libstrophe.
///
/// `@unchecked Sendable`: everything of libstrophe, and all variables but `inbox` and `connected`, are touched by the
/// loop's own thread alone, libstrophe's callbacks included, which it makes from `xmpp_run_once` only; `event` is a
/// descriptor that lives as long as this object, and writing to it is safe from any thread.
final class XMPPLoop: @unchecked Sendable {
  struct Request: Sendable {
    var jid: String
    var username: String
    var password: String
    var completion: @Sendable (Result<Void, XMPPError>) -> Void
  }

  private struct Pending {
    var jid: String
    var deadline: Double
    var completion: @Sendable (Result<Void, XMPPError>) -> Void
  }

  private struct Inbox {
    var requests: [Request] = []
    var isOpen = true
  }

  /// libstrophe wants to be set up once before any thread uses it.
  private static let isSetUp: Bool = {
    xmpp_initialize()
    LowDescriptors.shared.refill()
    return true
  }()

  /// Seconds for which a connection may be on its way, TLS and authentication included.
  private static let connectPatience = 30.0
  /// Answers to others' requests that may wait for a slow server.
  private static let maximumQueue: Int32 = 256

  private let configuration: XMPPClient.Configuration
  private let onRequest: (@Sendable (XMPPClient.ReceivedRequest) -> XMPPClient.Answer)?
  private let onState: @Sendable (XMPPClient.State) -> Void
  private let inbox = Mutex(Inbox())
  private let connected = Mutex(false)
  private let event = acs_strophe_make_event()
  private let start = ContinuousClock.now

  private var context: OpaquePointer?
  private var connection: OpaquePointer?
  private var socket: Int32 = -1
  private var hasEnded = false
  /// Whether TLS stood, which libstrophe no longer tells at the end.
  private var wasSecured = false
  private var giveUpAt = 0.0
  private var retryAt = 0.0
  private var reason = ""
  private var reconnection: XMPPReconnection
  private var pending: [String: Pending] = [:]

  init(
    configuration: XMPPClient.Configuration,
    onRequest: (@Sendable (XMPPClient.ReceivedRequest) -> XMPPClient.Answer)?,
    onState: @escaping @Sendable (XMPPClient.State) -> Void
  ) {
    precondition(Self.isSetUp)
    self.configuration = configuration
    self.onRequest = onRequest
    self.onState = onState
    reconnection = XMPPReconnection(policy: configuration.reconnection)
    let thread = Thread { [self] in run() }
    thread.name = "xmpp"
    thread.start()
  }

  deinit { close(event) }

  var isConnected: Bool { connected.withLock { $0 } }

  func send(_ request: Request) {
    let refusal = inbox.withLock { inbox -> XMPPError? in
      guard inbox.isOpen else { return XMPPError(.shutDown, "the client has been stopped") }
      guard inbox.requests.count < configuration.maximumPending else { return Self.overload }
      inbox.requests.append(request)
      return nil
    }
    if let refusal {
      request.completion(.failure(refusal))
    } else {
      acs_strophe_raise_event(event)
    }
  }

  func stop() {
    inbox.withLock { $0.isOpen = false }
    acs_strophe_raise_event(event)
  }

  // MARK: The thread

  private static let overload = XMPPError(.overloaded, "too many requests wait for their answers")

  private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

  private func run() {
    Self.blockBrokenPipeSignal()
    // Without a log: libstrophe would write whole stanzas, and with them passwords.
    context = xmpp_ctx_new(nil, nil)
    while true {
      let (requests, isOpen) = inbox.withLock { inbox in
        defer { inbox.requests = [] }
        return (inbox.requests, inbox.isOpen)
      }
      guard isOpen, let context else {
        finish(requests)
        return
      }
      if connection == nil, now >= retryAt { connect(context) }
      for request in requests { submit(request, context) }
      expire()
      wait(context)
      if hasEnded || (connection != nil && !isConnected && now >= giveUpAt) { release() }
    }
  }

  private func finish(_ requests: [Request]) {
    let error = XMPPError(.shutDown, "the client has been stopped")
    for request in requests { request.completion(.failure(error)) }
    for request in pending.values { request.completion(.failure(error)) }
    pending = [:]
    if let connection, let context {
      if isConnected {
        xmpp_disconnect(connection)
        // The closing tag, and a moment for the server's own.
        for _ in 0..<10 where !hasEnded { xmpp_run_once(context, 20) }
      }
      connected.withLock { $0 = false }
      discard(connection)
    }
    if let context { xmpp_ctx_free(context) }
    context = nil
  }

  private func connect(_ context: OpaquePointer) {
    hasEnded = false
    wasSecured = false
    socket = -1
    reason = "the server does not answer"
    LowDescriptors.shared.refill()
    giveUpAt = now + Self.connectPatience
    guard let connection = xmpp_conn_new(context) else { return }
    self.connection = connection
    xmpp_conn_set_jid(connection, configuration.jid)
    xmpp_conn_set_pass(connection, configuration.password)
    if !configuration.certificateAuthorities.isEmpty {
      xmpp_conn_set_cafile(connection, configuration.certificateAuthorities)
    }
    xmpp_conn_set_sockopt_callback(connection, XMPPCallbacks.noteSocket)
    let flags = acs_strophe_flags(configuration.security == .required ? 1 : 0)
    let host: String? = configuration.host.isEmpty ? nil : configuration.host
    guard xmpp_conn_set_flags(connection, flags) == XMPP_EOK,
      xmpp_connect_client(
        connection, host, configuration.port, XMPPCallbacks.connectionChanged,
        Unmanaged.passUnretained(self).toOpaque()) == XMPP_EOK
    else {
      reason = "the server cannot be reached"
      hasEnded = true
      return
    }
  }

  private func release() {
    guard let connection else { return }
    connected.withLock { $0 = false }
    discard(connection)
    hasEnded = false
    retryAt = reconnection.lost(now: now, random: Double.random(in: 0...1))
    let error = XMPPError(.notConnected, "the connection to the XMPP server broke")
    for request in pending.values { request.completion(.failure(error)) }
    pending = [:]
    onState(.disconnected(reason: reason))
  }

  private func discard(_ connection: OpaquePointer) {
    XMPPCallbacks.sockets.withLock { _ = $0.removeValue(forKey: UInt(bitPattern: connection)) }
    xmpp_conn_release(connection)
    self.connection = nil
    LowDescriptors.shared.refill()
  }

  private func submit(_ request: Request, _ context: OpaquePointer) {
    guard let connection, isConnected else {
      request.completion(
        .failure(XMPPError(.notConnected, "there is no connection to the XMPP server")))
      return
    }
    guard pending.count < configuration.maximumPending else {
      request.completion(.failure(Self.overload))
      return
    }
    // Nobody else can guess it, so nobody else can answer.
    let id = String(UInt64.random(in: .min ... .max), radix: 36)
    guard
      let stanza = ConnectionRequestStanza.make(
        context, to: request.jid, id: id, username: request.username, password: request.password)
    else {
      request.completion(.failure(XMPPError(.invalidAddress, "the stanza cannot be written")))
      return
    }
    pending[id] = Pending(
      jid: request.jid, deadline: now + configuration.timeout / .seconds(1),
      completion: request.completion)
    xmpp_send(connection, stanza)
    xmpp_stanza_release(stanza)
  }

  private func expire() {
    let now = now
    for (id, request) in pending where request.deadline <= now {
      pending[id] = nil
      request.completion(.failure(XMPPError(.timedOut, "the device has not answered in time")))
    }
  }

  /// Sleeps until something is to be read, written or sent, then lets libstrophe do it.
  private func wait(_ context: OpaquePointer) {
    if let connection, isConnected {
      let wants = xmpp_conn_send_queue_len(connection) > 0 ? POLLIN | POLLOUT : POLLIN
      sleep(milliseconds: 200, socket: socket, wants: Int16(wants))
      // TLS may hold more than one reading takes, which the socket does not show.
      for _ in 0..<4 where !hasEnded { xmpp_run_once(context, 0) }
    } else if connection != nil {
      if !hasEnded { xmpp_run_once(context, 20) }
      if let connection, xmpp_conn_is_secured(connection) != 0 { wasSecured = true }
      acs_strophe_clear_event(event)
    } else {
      sleep(milliseconds: Int32(max(1, min(1000, (retryAt - now) * 1000))), socket: -1, wants: 0)
    }
  }

  private func sleep(milliseconds: Int32, socket: Int32, wants: Int16) {
    // A negative descriptor is left out by poll.
    var descriptors = [
      pollfd(fd: event, events: Int16(POLLIN), revents: 0),
      pollfd(fd: socket, events: wants, revents: 0),
    ]
    let soonest = pending.values.map(\.deadline).min().map { Int32(max(1, ($0 - now) * 1000)) }
    _ = poll(&descriptors, 2, min(milliseconds, soonest ?? milliseconds))
    acs_strophe_clear_event(event)
  }

  /// OpenSSL writes to sockets without MSG_NOSIGNAL; a server that hangs up must not end the process.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  // MARK: What libstrophe tells

  func stood(_ connection: OpaquePointer) {
    socket = XMPPCallbacks.sockets.withLock { $0[UInt(bitPattern: connection)] } ?? -1
    let secured = xmpp_conn_is_secured(connection) != 0
    guard secured || configuration.security == .off else {
      reason = "the server offers no TLS"
      xmpp_disconnect(connection)
      return
    }
    reason = ""
    reconnection.connected(now: now)
    xmpp_handler_add(
      connection, XMPPCallbacks.receive, nil, "iq", nil, Unmanaged.passUnretained(self).toOpaque())
    connected.withLock { $0 = true }
    let jid = xmpp_conn_get_bound_jid(connection).map { String(cString: $0) }
    onState(.connected(jid: jid ?? configuration.jid))
  }

  /// - Parameter detail: what libstrophe tells, which often is nothing.
  func ended(_ detail: String?) {
    // Its number is free again, and others open files all the time.
    LowDescriptors.shared.refill()
    reason =
      if let detail {
        detail
      } else if isConnected {
        "the server closed the connection"
      } else if wasSecured {
        "the server does not take the account or its password"
      } else if configuration.security == .required {
        "the server is not there, or offers no TLS"
      } else {
        "the server is not there, or does not take the account or its password"
      }
    hasEnded = true
  }

  func received(_ stanza: OpaquePointer, on connection: OpaquePointer) {
    guard let context else { return }
    switch ConnectionRequestStanza.read(stanza, context) {
    case .result(let id, let sender):
      answer(id, from: sender, .success(()))
    case .error(let id, let sender, let code, let condition):
      answer(id, from: sender, .failure(XMPPError(code, "the answer was \(condition)")))
    case .request(let request):
      switch onRequest?(request) ?? .serviceUnavailable {
      case .accept:
        reply(to: stanza, on: connection, error: nil)
      case .serviceUnavailable:
        reply(to: stanza, on: connection, error: ("cancel", "service-unavailable"))
      case .notAuthorized:
        reply(to: stanza, on: connection, error: ("cancel", "not-authorized"))
      case .silence: break
      }
    case .otherRequest:
      // RFC 6120, 8.2.3: every get and set is answered.
      reply(to: stanza, on: connection, error: ("cancel", "service-unavailable"))
    case .nothing: break
    }
  }

  private func answer(_ id: String, from sender: String, _ result: Result<Void, XMPPError>) {
    guard let request = pending[id], JabberID.isSame(sender, request.jid) else { return }
    pending[id] = nil
    request.completion(result)
  }

  private func reply(
    to stanza: OpaquePointer, on connection: OpaquePointer,
    error: (type: String, condition: String)?
  ) {
    guard xmpp_conn_send_queue_len(connection) < Self.maximumQueue else { return }
    let reply: OpaquePointer?
    if let error {
      reply = xmpp_stanza_reply_error(stanza, error.type, error.condition, nil)
    } else {
      reply = xmpp_stanza_reply(stanza)
      if let reply { xmpp_stanza_set_type(reply, "result") }
    }
    guard let reply else { return }
    xmpp_send(connection, reply)
    xmpp_stanza_release(reply)
  }
}
