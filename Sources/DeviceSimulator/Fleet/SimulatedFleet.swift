import Cryptography
import HTTPAuthentication
import NIOCore
import NIOPosix

/// Many simulated devices in one process.
package final class SimulatedFleet: Sendable {
  private let group: MultiThreadedEventLoopGroup
  private let loops: [NIOLoopBound<FleetLoop>]
  private let listener: ConnectionRequestListener

  private init(
    group: MultiThreadedEventLoopGroup, loops: [NIOLoopBound<FleetLoop>],
    listener: ConnectionRequestListener
  ) {
    self.group = group
    self.loops = loops
    self.listener = listener
  }

  /// Switches the devices on, spread over the time that the options say.
  ///
  /// - Parameters:
  ///   - clock: Seconds since 1970 now.
  ///   - watch: Is told what happens to devices, by serial number, on any thread.
  package static func start(
    _ options: FleetOptions, clock: Int64,
    watch: @escaping @Sendable (String, SimulatedCPE.Note) -> Void
  ) async throws -> SimulatedFleet {
    try options.validate()
    guard let target = HTTPTarget(options.acsURL) else {
      throw SimulatorError(.invalidOption, "--acs is no http:// or https:// URL")
    }
    let address = try Connector.resolve(target)
    // Before anything runs, so that what is wrong with the files is told at once.
    let tlsContext =
      target.isSecure || options.tls != TLSOptions() ? try options.tls.context() : nil
    let group = MultiThreadedEventLoopGroup(numberOfThreads: options.loops)
    do {
      let routes = ConnectionRequestRoutes()
      let bindHost = options.connectionRequestHost.contains(":") ? "::" : "0.0.0.0"
      let isLoopback = ["127.0.0.1", "::1", "localhost"].contains(options.connectionRequestHost)
      let listener = try await ConnectionRequestListener.bind(
        host: isLoopback ? options.connectionRequestHost : bindHost,
        port: options.connectionRequestPort, group: group
      ) { path, authorization, uri in routes.ask(path, authorization: authorization, uri: uri) }
      let base = "http://\(urlHost(options.connectionRequestHost)):\(listener.port)"
      let simulationClock = SimulationClock(scale: options.timeScale)
      let nonces = NonceIssuer(key: SecureRandom.bytes(32))
      var loops: [NIOLoopBound<FleetLoop>] = []
      for number in 0..<options.loops {
        let eventLoop = group.next()
        let (loop, paths) = try await eventLoop.submit {
          let loop = FleetLoop(
            eventLoop: eventLoop, clock: simulationClock, nonces: nonces,
            password: options.password, dropConnection: options.dropConnection,
            seed: SeededRandom.mix(options.seed &+ UInt64(number)),
            bindHost: isLoopback ? "127.0.0.1" : "0.0.0.0", tls: options.tls,
            tlsContext: tlsContext, watch: watch)
          loop.connector.remember(address, for: target)
          var paths: [(String, NIOLoopBound<CPEHost>)] = []
          for index in stride(from: number, to: options.count, by: options.loops) {
            let path = options.connectionRequestPath(index)
            let host = loop.add(
              device(options, index, connectionRequestURL: base + path, clock: clock))
            paths.append((path, NIOLoopBound(host, eventLoop: eventLoop)))
          }
          return (NIOLoopBound(loop, eventLoop: eventLoop), paths)
        }.get()
        loops.append(loop)
        routes.add(paths)
      }
      for loop in loops { loop.eventLoop.execute { loop.value.start() } }
      return SimulatedFleet(group: group, loops: loops, listener: listener)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private static func urlHost(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
  }

  private static func device(
    _ options: FleetOptions, _ index: Int, connectionRequestURL: String, clock: Int64
  ) -> SimulatedCPE {
    let model = options.models[index % options.models.count]
    let context = DeviceContext(
      model: model, serialNumber: options.serialNumber(index),
      index: options.serialOffset + index, seed: options.seed, acsURL: options.acsURL,
      username: options.username, connectionRequestURL: connectionRequestURL,
      periodicInformInterval: options.periodicInformInterval)
    let position = Double(index) / Double(options.count)
    var cpe = SimulatedCPE(
      tree: DeviceTree(model: model, context: context), behaviour: options.behaviour,
      seed: context.seed, clockStart: clock,
      powerOn: .seconds(position * options.bootSpread * options.timeScale))
    cpe.factoryPassword = options.password
    return cpe
  }

  /// Lets devices do something of their own accord.
  ///
  /// - Parameter serialNumber: The device; nil for all of them.
  /// - Returns: How many devices there are with that number.
  @discardableResult
  package func trigger(_ trigger: Trigger, serialNumber: String? = nil) async throws -> Int {
    var count = 0
    for loop in loops {
      count += try await loop.eventLoop.submit {
        let hosts = loop.value.hosts.filter {
          serialNumber == nil || $0.cpe.tree.context.serialNumber == serialNumber
        }
        for host in hosts { host.trigger(trigger) }
        return hosts.count
      }.get()
    }
    return count
  }

  /// What has happened until now.
  package func counts() async throws -> FleetCounts {
    var sum = FleetCounts()
    for loop in loops {
      sum = sum + (try await loop.eventLoop.submit { loop.value.counts }.get())
    }
    return sum
  }

  /// Switches all devices off at once and frees threads and ports.
  package func stop() async throws {
    await listener.close()
    for loop in loops {
      try await loop.eventLoop.submit { loop.value.stop() }.get()
    }
    try await group.shutdownGracefully()
  }
}
