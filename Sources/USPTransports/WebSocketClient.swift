import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import Refusals
import TLSIdentity
import USP

/// Opens WebSockets to endpoints that listen (TR-369, 4.4).
package final class WebSocketClient: Sendable {
  private let settings: WebSocketClientSettings
  private let group: any EventLoopGroup
  private let logger: Logger
  private let terms: WebSocketTerms
  private let tables: LoopTables
  /// For callers that have none of their own; made when first wanted.
  private let credentials = NIOLockedValueBox<TLSClientCredentials?>(nil)
  private let isStopped = NIOLockedValueBox(false)
  private let resolver: (any Resolver & Sendable)?

  /// Links that are open now.
  package var openLinks: Int { terms.links.inUse }

  /// - Parameter resolver: finds the addresses of a host; nil: the system does.
  package init(
    settings: WebSocketClientSettings = WebSocketClientSettings(), group: any EventLoopGroup,
    logger: Logger, resolver: (any Resolver & Sendable)? = nil
  ) {
    self.settings = settings
    self.group = group
    self.logger = logger
    self.resolver = resolver
    terms = WebSocketTerms(
      limits: settings.limits, keepAlive: settings.keepAlive, isServer: false, maxLinks: .max)
    tables = LoopTables(group: group)
  }

  /// Connects and shakes hands.
  /// - Parameters:
  ///   - url: `ws://host:port/path` or `wss://…`; `eid` is added to its query.
  ///   - own: who this side is.
  ///   - peer: who is expected there, where that is known.
  ///   - headers: more fields of the request, for example `Authorization`.
  ///   - tls: for `wss`; nil: the authorities of the system, no certificate of one's own.
  ///   - loop: where the link shall live, one of the group; nil: any.
  ///   - accept: takes the link, before this function returns it.
  /// - Throws: ``TransportError``.
  package func connect(
    to url: String, own: EndpointID, peer: EndpointID? = nil,
    headers: [(name: String, value: String)] = [], tls: TLSClientCredentials? = nil,
    on loop: (any EventLoop)? = nil, accept: @escaping LinkAcceptor
  ) async throws -> any Link {
    let address = try WebSocketURL(url)
    let call = WebSocketCall(
      address: address, own: own, peer: peer, headers: headers, settings: settings, terms: terms,
      accept: accept)
    let credentials = address.isEncrypted ? try tls ?? ownCredentials() : nil
    let loop = loop ?? group.next()
    guard !isStopped.withLockedValue({ $0 }) else {
      throw TransportError.unreachable("the client has been stopped")
    }
    guard let table = tables.table(on: loop) else {
      throw TransportError.unusable("the event loop is none of the client's")
    }
    let promise = loop.makePromise(of: (any Link).self)
    // Not in the initializer, which runs once for each address of the host: only one of them becomes the link.
    ClientBootstrap(group: loop)
      .resolver(resolver)
      .connectTimeout(settings.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: ReceiveBuffer.allocator)
      .connect(host: address.host, port: address.port)
      .whenComplete { [isStopped] result in
        switch result {
        case .failure(let error): promise.fail(TransportError(connecting: error))
        case .success(let channel):
          do {
            guard !isStopped.withLockedValue({ $0 }) else {
              throw TransportError.unreachable("the client has been stopped")
            }
            try WebSocketDial.begin(
              on: channel, tls: credentials, call: call, table: table.value, promise: promise)
          } catch {
            promise.fail(TransportError(connecting: error))
            channel.close(promise: nil)
          }
        }
      }
    return try await promise.futureResult.get()
  }

  private func ownCredentials() throws -> TLSClientCredentials {
    if let made = credentials.withLockedValue({ $0 }) { return made }
    let made = try TLSClientCredentials()
    credentials.withLockedValue { $0 = made }
    return made
  }

  /// Does what would be due at a time.
  func sweep(now: NIODeadline) async throws { try await tables.sweep(now: now) }

  /// Opens no more WebSockets, and ends those that are open (1001).
  /// - Parameter patience: seconds that they may take.
  package func stop(patience: Double = 5) async {
    isStopped.withLockedValue { $0 = true }
    await tables.end(patience: .milliseconds(Int64(patience * 1_000)))
  }
}

/// Whom a client calls, and as whom.
struct WebSocketCall: Sendable {
  let address: WebSocketURL
  let own: EndpointID
  let peer: EndpointID?
  let headers: [(name: String, value: String)]
  let settings: WebSocketClientSettings
  let terms: WebSocketTerms
  let accept: LinkAcceptor
}
