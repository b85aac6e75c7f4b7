import CWMP
import Fleet
import FleetStore
import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// The door for devices that speak CWMP: a listening socket, its connections, and their sessions.
package final class CWMPServer: Sendable {
  private let door: Door
  private let group: any EventLoopGroup
  /// One a loop, all on the same address, so that no connection changes threads.
  private let channels: [any Channel]
  private let sweeps: [RepeatedTask]

  /// The port that the server listens on; the one asked for, or the one given where 0 was asked for.
  package var port: Int { channels.first?.localAddress?.port ?? 0 }

  /// Sessions that are open now.
  package var openSessions: Int { door.table.count }

  private init(
    door: Door, group: any EventLoopGroup, channels: [any Channel], sweeps: [RepeatedTask]
  ) {
    self.door = door
    self.group = group
    self.channels = channels
    self.sweeps = sweeps
  }

  /// Starts to listen.
  /// - Parameter key: signs the nonces of HTTP Digest; shared by all nodes, at least 16 bytes.
  /// - Throws: where the address can't be bound.
  package static func start(
    settings: DoorSettings, environment: DoorEnvironment, key: [UInt8], group: any EventLoopGroup,
    logger: Logger
  ) async throws -> CWMPServer {
    let authenticator = DeviceAuthenticator(
      settings: settings, store: environment.store, key: key, logger: logger)
    let door = Door(
      settings: settings, environment: environment, authenticator: authenticator, logger: logger)

    var loops: [ObjectIdentifier: NIOLoopBoundBox<DoorLoop>] = [:]
    for loop in group.makeIterator() {
      loops[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeBoxSendingValue(
        DoorLoop(settings: settings), eventLoop: loop)
    }
    let resources = loops
    let connections = NIOLockedValueBox(0)

    let bootstrap = { @Sendable (loop: any EventLoop) in
      ServerBootstrap(group: loop, childGroup: loop)
        .serverChannelOption(.backlog, value: 4_096)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: 1)
        .serverChannelOption(.maxMessagesPerRead, value: 64)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
          let isWelcome = connections.withLockedValue { count in
            guard count < settings.maxConnections else { return false }
            count += 1
            return true
          }
          guard isWelcome, let loop = resources[ObjectIdentifier(channel.eventLoop)] else {
            // The peer sees a reset at once and comes again; nothing is spent on it.
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
          }
          channel.closeFuture.whenComplete { _ in connections.withLockedValue { $0 -= 1 } }
          return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPResponseEncoder())
            try pipeline.addHandler(
              ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
            try pipeline.addHandler(ConnectionHandler(door: door, loop: loop.value))
          }
        }
    }
    try await Self.checkIsFree(settings, on: group.any())
    var channels: [any Channel] = []
    do {
      for loop in group.makeIterator() {
        let port = channels.first?.localAddress?.port ?? settings.port
        channels.append(try await bootstrap(loop).bind(host: settings.host, port: port).get())
      }
    } catch {
      for channel in channels { try? await channel.close() }
      throw error
    }

    let sweeps = resources.values.map { box in
      box.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
        let now = NIODeadline.now()
        box.value.sweep(now: now)
        for conversation in door.table.all where conversation.loop === box.eventLoop {
          conversation.expire(now: now)
        }
      }
    }
    return CWMPServer(door: door, group: group, channels: channels, sweeps: sweeps)
  }

  /// Sockets that share an address would also share it with another server on this machine, and neither would notice.
  private static func checkIsFree(_ settings: DoorSettings, on loop: any EventLoop) async throws {
    guard settings.port != 0 else { return }
    let probe = try await ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: settings.host, port: settings.port).get()
    try await probe.close()
  }

  /// Tells a session that is open that work for its device has been ordered, so that it does not end without it.
  package func noteWork(for device: Device.ID) {
    door.table.conversation(of: device)?.noteWork()
  }

  /// Takes no new connections, and gives sessions under way a while to end.
  /// - Parameter patience: seconds.
  package func stop(patience: Double = 5) async {
    door.beginClosing()
    for channel in channels { try? await channel.close() }
    var left = patience
    while door.table.count > 0, left > 0 {
      try? await Task.sleep(for: .milliseconds(50))
      left -= 0.05
    }
    for sweep in sweeps { sweep.cancel() }
  }
}
