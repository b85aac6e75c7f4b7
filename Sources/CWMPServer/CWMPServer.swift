import CWMP
import Fleet
import FleetStore
import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Refusals
import TLSIdentity

/// The door for devices that speak CWMP: its listening sockets, their connections, and the sessions on them.
package final class CWMPServer: Sendable {
  private let door: Door
  /// One a loop, all on the same address, so that no connection changes threads.
  private let channels: [any Channel]
  private let encryptedChannels: [any Channel]
  private let sweeps: [RepeatedTask]
  private let tls: TLSCredentials?
  private let connections: Allotment

  /// The port for connections without TLS; the one asked for, or the one given where 0 was asked for. Nil where there is none.
  package var plainPort: Int? { channels.first?.localAddress?.port }

  /// The port for connections with TLS; nil where there is none.
  package var encryptedPort: Int? { encryptedChannels.first?.localAddress?.port }

  /// The port that devices are most likely to be told of.
  package var port: Int { plainPort ?? encryptedPort ?? 0 }

  /// Sessions that are open now.
  package var openSessions: Int { door.table.count }

  /// Connections that are open now.
  package var openConnections: Int { connections.inUse }

  /// Bytes that have come of requests which are not there in full and belong to no session.
  var arrivingBytes: Int { door.arriving.inUse }

  /// What has happened since the start.
  package var counts: DoorCounts { door.counter.counts }

  private init(
    door: Door, channels: [any Channel], encryptedChannels: [any Channel],
    sweeps: [RepeatedTask], tls: TLSCredentials?, connections: Allotment
  ) {
    self.door = door
    self.channels = channels
    self.encryptedChannels = encryptedChannels
    self.sweeps = sweeps
    self.tls = tls
    self.connections = connections
  }

  /// Starts to listen.
  /// - Parameter key: signs the nonces of HTTP Digest; shared by all nodes, at least 16 bytes.
  /// - Throws: where an address can't be bound, or the TLS files can't be used.
  package static func start(
    settings: DoorSettings, environment: DoorEnvironment, key: [UInt8], group: any EventLoopGroup,
    logger: Logger
  ) async throws -> CWMPServer {
    let tls: TLSCredentials?
    if let files = settings.tls?.files {
      tls = try TLSCredentials(files, logger: logger)
    } else {
      tls = nil
    }
    let refusals = RefusalLog(
      logger: logger,
      limits: LogAllowance.Limits(
        linesPerPeer: settings.refusalLinesPerPeer, linesInAll: settings.refusalLines))
    let counter = DoorCounter()
    let authenticator = DeviceAuthenticator(
      settings: settings, store: environment.store, key: key, refusals: refusals,
      counter: counter, logger: logger)
    let door = Door(
      settings: settings, environment: environment, authenticator: authenticator,
      refusals: refusals, counter: counter, logger: logger)

    var loops: [ObjectIdentifier: NIOLoopBoundBox<DoorLoop>] = [:]
    for loop in group.makeIterator() {
      loops[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeBoxSendingValue(
        DoorLoop(settings: settings), eventLoop: loop)
    }
    let reception = Reception(
      door: door, loops: loops, connections: .init(limit: settings.maxConnections))
    var channels: [any Channel] = []
    var encryptedChannels: [any Channel] = []
    do {
      if settings.acceptsPlainConnections {
        channels = try await listen(on: settings.port, settings, group, reception, tls: nil)
      }
      if let tls, let port = settings.tls?.port {
        encryptedChannels = try await listen(on: port, settings, group, reception, tls: tls)
      }
    } catch {
      for channel in channels { try? await channel.close() }
      throw error
    }
    return CWMPServer(
      door: door, channels: channels, encryptedChannels: encryptedChannels,
      sweeps: sweeps(of: door, reception.loops, tls: tls), tls: tls,
      connections: reception.connections)
  }

  private static func listen(
    on wantedPort: Int, _ settings: DoorSettings, _ group: any EventLoopGroup,
    _ reception: Reception, tls: TLSCredentials?
  ) async throws -> [any Channel] {
    try await checkIsFree(wantedPort, settings, on: group.any())
    var channels: [any Channel] = []
    do {
      for loop in group.makeIterator() {
        let port = channels.first?.localAddress?.port ?? wantedPort
        let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
          .serverChannelOption(.backlog, value: 4_096)
          .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
          .serverChannelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: 1)
          .serverChannelOption(.maxMessagesPerRead, value: 64)
          .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
          .childChannelInitializer { reception.receive($0, tls: tls) }
        channels.append(try await bootstrap.bind(host: settings.host, port: port).get())
      }
    } catch {
      for channel in channels { try? await channel.close() }
      throw error
    }
    return channels
  }

  /// Sockets that share an address would also share it with another server on this machine, and neither would notice.
  private static func checkIsFree(
    _ port: Int, _ settings: DoorSettings, on loop: any EventLoop
  ) async throws {
    guard port != 0 else { return }
    let probe = try await ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: settings.host, port: port).get()
    try await probe.close()
  }

  private static func sweeps(
    of door: Door, _ loops: [ObjectIdentifier: NIOLoopBoundBox<DoorLoop>], tls: TLSCredentials?
  ) -> [RepeatedTask] {
    var sweeps = loops.values.map { box in
      box.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
        let now = NIODeadline.now()
        box.value.sweep(now: now)
        for conversation in door.table.all where conversation.loop === box.eventLoop {
          conversation.expire(now: now)
        }
      }
    }
    if let tls, let interval = door.settings.tls?.reloadInterval, let box = loops.values.first {
      sweeps.append(
        box.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
          Task { tls.reloadIfChanged() }
        })
    }
    return sweeps
  }

  /// Looks at once whether the TLS files have changed.
  package func reloadCertificates() { tls?.reloadIfChanged() }

  /// Tells a session that is open that work for its device has been ordered, so that it does not end without it.
  package func noteWork(for device: Device.ID) {
    door.table.conversation(of: device)?.noteWork()
  }

  /// Takes no new connections, and gives sessions under way a while to end.
  /// - Parameter patience: seconds.
  package func stop(patience: Double = 5) async {
    door.beginClosing()
    for channel in channels + encryptedChannels { try? await channel.close() }
    var left = patience
    while door.table.count > 0, left > 0 {
      try? await Task.sleep(for: .milliseconds(50))
      left -= 0.05
    }
    for sweep in sweeps { sweep.cancel() }
  }
}

/// Lets connections in, as many as may be.
private struct Reception: Sendable {
  let door: Door
  let loops: [ObjectIdentifier: NIOLoopBoundBox<DoorLoop>]
  let connections: Allotment

  func receive(_ channel: any Channel, tls: TLSCredentials?) -> EventLoopFuture<Void> {
    let peer = channel.remoteAddress?.ipAddress ?? ""
    // The peer of a connection that is closed here sees that at once and comes again; nothing is spent on it.
    let refused: EventLoopFuture<Void> = channel.eventLoop.makeFailedFuture(
      ChannelError.ioOnClosedChannel)
    guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else { return refused }
    guard connections.take(1) else {
      door.counter.add(to: \.refusedConnections)
      door.refusals.note(
        "a connection was refused: there are too many (cwmp.maxConnections)", peer: peer)
      return refused
    }
    let connections = connections
    channel.closeFuture.whenComplete { _ in connections.giveBack(1) }
    guard tls == nil || door.handshakes.take(1) else {
      door.counter.add(to: \.failedHandshakes)
      door.refusals.note(
        "a connection was refused: too many TLS handshakes are under way (cwmp.maxHandshakes)",
        peer: peer)
      return refused
    }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = min(16 << 10, door.settings.maxHeaderBytes)
      limits.maxHeaderListSize = door.settings.maxHeaderBytes
      limits.maxHeaderFieldCount = door.settings.maxHeaders
      let connection = ConnectionHandler(door: door, loop: loop.value, isEncrypted: tls != nil)
      try pipeline.addHandler(RequestBeginnings(connection: connection))
      try pipeline.addHandler(HTTPResponseEncoder())
      try pipeline.addHandler(
        ByteToMessageHandler(
          HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
      try pipeline.addHandler(connection)
    }
  }
}
