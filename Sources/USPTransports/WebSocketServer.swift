import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Refusals
import TLSIdentity
import USP

/// Takes the WebSockets of endpoints that call (TR-369, 4.4).
package final class WebSocketServer: Sendable {
  private let channel: any Channel
  private let desk: WebSocketDesk
  private let tables: LoopTables
  private let tls: TLSCredentials?
  private let reload: RepeatedTask?

  /// The port; the one asked for, or the one given where 0 was asked for.
  package var port: Int { channel.localAddress?.port ?? 0 }

  /// Links that are open now.
  package var openLinks: Int { desk.terms.links.inUse }

  /// Connections on which no link has come about yet.
  package var openHandshakes: Int { desk.handshakes.inUse }

  /// Bytes of Records that are not there in full.
  package var arrivingBytes: Int { desk.terms.arriving.inUse }

  /// What has been refused since the start, by kind.
  package var refusals: [String: Int] {
    Dictionary(
      uniqueKeysWithValues: RefusalTally.Kind.allCases.map {
        ("\($0)", desk.refusals.count($0))
      })
  }

  private init(
    channel: any Channel, desk: WebSocketDesk, tables: LoopTables, tls: TLSCredentials?
  ) {
    self.channel = channel
    self.desk = desk
    self.tables = tables
    self.tls = tls
    reload = tls.map { tls in
      let interval = desk.settings.tlsReloadInterval
      return channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
        Task { tls.reloadIfChanged() }
      }
    }
  }

  deinit { reload?.cancel() }

  /// Starts to listen.
  /// - Parameter refusals: where it tells what it refuses; nil: in the log, with an allowance of its own.
  /// - Throws: where the address can't be bound, or the TLS files can't be used.
  package static func start(
    settings: WebSocketServerSettings, group: any EventLoopGroup, logger: Logger,
    refusals: RefusalLog? = nil, authorize: @escaping WebSocketAuthorizer,
    accept: @escaping LinkAcceptor
  ) async throws -> WebSocketServer {
    let tls = try settings.tls.map { try TLSCredentials($0, logger: logger) }
    let desk = WebSocketDesk(
      settings: settings, refusals: refusals ?? RefusalLog(logger: logger), authorize: authorize,
      accept: accept)
    let tables = LoopTables(group: group)
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4_096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: 64)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.recvAllocator, value: ReceiveBuffer.allocator)
      .childChannelInitializer { receive($0, desk: desk, tables: tables, tls: tls) }
      .bind(host: settings.host, port: settings.port).get()
    return WebSocketServer(channel: channel, desk: desk, tables: tables, tls: tls)
  }

  private static func receive(
    _ channel: any Channel, desk: WebSocketDesk, tables: LoopTables, tls: TLSCredentials?
  ) -> EventLoopFuture<Void> {
    guard let table = tables.table(on: channel.eventLoop), desk.handshakes.take(1) else {
      desk.refusals.note(.handshakeLimit, peer: channel.remoteAddress?.ipAddress ?? "")
      // Nothing is spent on it.
      return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }
    return channel.eventLoop.makeCompletedFuture {
      try WebSocketReception.begin(
        on: channel, tls: tls?.context, desk: desk, table: table.value)
    }
  }

  /// Looks at once whether the TLS files have changed.
  package func reloadCertificates() { tls?.reloadIfChanged() }

  /// Does what would be due at a time.
  func sweep(now: NIODeadline) async throws { try await tables.sweep(now: now) }

  /// Takes no more links, and ends those that are open (1001).
  /// - Parameter patience: seconds that they may take.
  package func stop(patience: Double = 5) async {
    reload?.cancel()
    try? await channel.close()
    await tables.end(patience: .milliseconds(Int64(patience * 1_000)))
  }
}
