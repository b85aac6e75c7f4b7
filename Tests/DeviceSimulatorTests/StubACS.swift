import CWMP
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

@testable import DeviceSimulator

/// A little ACS for tests: takes every Inform, asks a fixed list of requests, serves one file.
final class StubACS: Sendable {
  /// What has happened, in order of arrival.
  struct Record: Sendable {
    var informs: [Inform] = []
    var answers: [Message] = []
    var reports: [TransferComplete] = []
    /// The requests of devices besides Informs.
    var requests: [Request] = []
    /// The heads of all requests.
    var heads: [HTTPRequestHead] = []
    /// What was put, by path.
    var files: [String: [UInt8]] = [:]
    var unauthorised = 0
    var sessionsEnded = 0
    /// Bodies that are no envelope.
    var malformed = 0
  }

  struct Script: Sendable {
    /// The requests for a session, by its Inform and the ACS's own URL.
    var requests: @Sendable (Inform, String) -> [Request] = { _, _ in [] }
    /// The value of WWW-Authenticate that every session without Authorization meets.
    var challenge: String?
    /// The contents of any GET.
    var file: [UInt8] = []
    /// Whether each answer ends the TCP connection.
    var closesConnections = false
    /// Whether a session is known by its cookie; if not, by its connection.
    var setsCookies = true
    /// Whether compressed bodies are answered by 415.
    var refusesCompression = false
    /// Whether devices come by TLS and show a certificate of the tests' authority.
    var isSecure = false
    var style = EnvelopeEncoder.Style()
    /// Milliseconds before each answer.
    var delay: Int64 = 0
  }

  private struct Session {
    var remaining: [Request]
  }

  private struct State {
    var record = Record()
    var sessions: [String: Session] = [:]
  }

  private let script: Script
  private let state = Mutex(State())
  private let group: MultiThreadedEventLoopGroup
  private let channel: Mutex<(any Channel)?> = Mutex(nil)

  private init(script: Script) {
    self.script = script
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }

  static func start(_ script: Script = Script()) async throws -> StubACS {
    let acs = StubACS(script: script)
    let security = try script.isSecure ? tlsContext() : nil
    let channel = try await ServerBootstrap(group: acs.group)
      .serverChannelOption(.backlog, value: 512)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let security {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: security))
          }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(acs: acs))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    acs.channel.withLock { $0 = channel }
    return acs
  }

  private static func tlsContext() throws -> NIOSSLContext {
    func certificates(_ pem: String) throws -> [NIOSSLCertificate] {
      try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try certificates(SimulatorCertificates.server).map { .certificate($0) },
      privateKey: .privateKey(
        try NIOSSLPrivateKey(bytes: Array(SimulatorCertificates.serverKey.utf8), format: .pem)))
    configuration.trustRoots = .certificates(try certificates(SimulatorCertificates.authority))
    configuration.certificateVerification = .noHostnameVerification
    return try NIOSSLContext(configuration: configuration)
  }

  var url: String {
    "\(script.isSecure ? "https" : "http")://127.0.0.1:\(channel.withLock { $0?.localAddress?.port } ?? 0)/cwmp"
  }

  var record: Record { state.withLock { $0.record } }

  func stop() async throws {
    try await channel.withLock { $0 }?.close()
    try await group.shutdownGracefully()
  }

  /// Waits until the record shows something, at most ten seconds.
  func wait(until isTrue: (Record) -> Bool) async throws -> Record {
    for _ in 0..<1000 {
      let record = record
      if isTrue(record) { return record }
      try await Task.sleep(for: .milliseconds(10))
    }
    return record
  }

  /// The session's name in the Cookie, whatever else stands there; else the one of the connection.
  private func sessionKey(_ head: HTTPRequestHead, _ connection: String) -> String {
    let text = head.headers[canonicalForm: "Cookie"].joined(separator: ",")
    guard let start = text.range(of: "session=") else { return connection }
    let name = text[start.upperBound...].drop { $0 == "\"" }.prefix { $0.isNumber }
    return "session=" + name
  }

  private func answer(_ head: HTTPRequestHead, _ coded: [UInt8], connection: String) -> (
    status: HTTPResponseStatus, fields: [(String, String)], body: [UInt8]
  ) {
    if head.method == .GET { return (.ok, [], script.file) }
    state.withLock { $0.record.heads.append(head) }
    let encodings = head.headers["Content-Encoding"]
    if script.refusesCompression, !coded.isEmpty, !encodings.isEmpty {
      return (.unsupportedMediaType, [], [])
    }
    guard let body = Compression.inflate(coded, coded.isEmpty ? [] : encodings) else {
      return (.badRequest, [], [])
    }
    if head.method == .PUT {
      state.withLock { $0.record.files[head.uri] = body }
      return (.created, [], [])
    }
    let cookie = head.headers.first(name: "Cookie")
    if let challenge = script.challenge, cookie == nil,
      head.headers.first(name: "Authorization") == nil,
      state.withLock({ $0.sessions[connection] == nil })
    {
      state.withLock { $0.record.unauthorised += 1 }
      return (.unauthorized, [("WWW-Authenticate", challenge)], [])
    }
    var envelope: Envelope?
    if !body.isEmpty {
      let charset = head.headers.first(name: "Content-Type").flatMap { type in
        type.range(of: "charset=").map { range in
          String(type[range.upperBound...].filter { $0 != "\"" })
        }
      }
      envelope = try? EnvelopeDecoder().decode(body, charset: charset)
      if envelope == nil {
        state.withLock { $0.record.malformed += 1 }
        return (.badRequest, [], [])
      }
    }
    let url = url
    return state.withLock { state in
      if case .request(.inform(let inform)) = envelope?.message {
        let key =
          script.setsCookies ? "session=\(state.record.informs.count)" : connection
        state.record.informs.append(inform)
        state.sessions[key] = Session(remaining: script.requests(inform, url))
        return (
          .ok, script.setsCookies ? [("Set-Cookie", key + "; Path=/")] : [],
          encoded(.response(.inform), envelope?.id)
        )
      }
      let key = sessionKey(head, connection)
      guard var session = state.sessions[key] else { return (.badRequest, [], []) }
      switch envelope?.message {
      case .request(let request):
        if case .transferComplete(let report) = request { state.record.reports.append(report) }
        state.record.requests.append(request)
        return (.ok, [], encoded(.response(request.confirmation), envelope?.id))
      case .some(let message): state.record.answers.append(message)
      case nil: break
      }
      guard !session.remaining.isEmpty else {
        state.sessions[key] = nil
        state.record.sessionsEnded += 1
        return (.noContent, [], [])
      }
      let request = session.remaining.removeFirst()
      state.sessions[key] = session
      return (.ok, [], encoded(.request(request), "acs-\(session.remaining.count)"))
    }
  }

  private func encoded(_ message: Message, _ id: String?) -> [UInt8] {
    var bytes: [UInt8] = []
    EnvelopeEncoder(style: script.style).encode(
      Envelope(namespace: .v1_2, id: id, message: message), into: &bytes)
    return bytes
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let acs: StubACS
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(acs: StubACS) {
      self.acs = acs
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        self.head = head
        body = []
      case .body(let bytes): body += bytes.readableBytesView
      case .end:
        guard let head else { return }
        let (status, fields, body) = acs.answer(
          head, body, connection: "\(ObjectIdentifier(context.channel))")
        var headers = HTTPHeaders(fields)
        if status != .noContent { headers.add(name: "Content-Length", value: "\(body.count)") }
        let closes = acs.script.closesConnections
        if closes { headers.add(name: "Connection", value: "close") }
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(acs.script.delay)) {
          let (handler, context) = loopBound.value
          context.write(handler.wrapOutboundOut(.head(response)), promise: nil)
          context.write(
            handler.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
          context.writeAndFlush(handler.wrapOutboundOut(.end(nil)), promise: nil)
          if closes { context.close(promise: nil) }
        }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
