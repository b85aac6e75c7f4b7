import Logging
import MQTT
import NIOCore
import NIOPosix
import TLSIdentity
import USP
import USPTransports

/// Many simulated USP agents in one process.
package final class AgentFleet: Sendable {
  private let group: MultiThreadedEventLoopGroup
  private let client: WebSocketClient
  let loops: [NIOLoopBound<AgentLoop>]

  private init(
    group: MultiThreadedEventLoopGroup, client: WebSocketClient, loops: [NIOLoopBound<AgentLoop>]
  ) {
    self.group = group
    self.client = client
    self.loops = loops
  }

  /// Switches the agents on, spread over the time that the options say.
  ///
  /// - Parameters:
  ///   - clock: Seconds since 1970 now.
  ///   - watch: Is told what happens to agents, by serial number, on any thread.
  package static func start(
    _ options: AgentOptions, model: AgentModel, clock: Int64, logger: Logger,
    watch: @escaping @Sendable (String, USPAgent.Note) -> Void
  ) async throws -> AgentFleet {
    try options.validate()
    // Before anything runs, so that what is wrong with the files is told at once.
    let credentials = try credentials(options)
    let fileTLS = options.tls == TLSOptions() ? nil : try options.tls.context()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: options.loops)
    let client = WebSocketClient(group: group, logger: logger)
    let simulationClock = SimulationClock(scale: options.timeScale)
    let blueprint = AgentBlueprint(model: model, options: options)
    let engine = MQTTLoop()
    do {
      var loops: [NIOLoopBound<AgentLoop>] = []
      for number in 0..<options.loops {
        let eventLoop = group.next()
        let loop = try await eventLoop.submit {
          let links = AgentLinks(
            options: options, client: client, engine: engine, tls: credentials,
            eventLoop: eventLoop, logger: logger)
          let loop = AgentLoop(
            eventLoop: eventLoop, options: options, clock: simulationClock, links: links,
            connector: Connector(eventLoop: eventLoop, tls: options.tls, context: fileTLS),
            watch: watch)
          for index in stride(from: number, to: options.count, by: options.loops) {
            let (agent, endpoint) = try agent(options, index, blueprint, clock: clock)
            loop.add(AgentHost(agent: agent, endpoint: endpoint, loop: loop))
          }
          return NIOLoopBound(loop, eventLoop: eventLoop)
        }.get()
        loops.append(loop)
      }
      for loop in loops { loop.eventLoop.execute { loop.value.start() } }
      return AgentFleet(group: group, client: client, loops: loops)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private static func credentials(_ options: AgentOptions) throws -> TLSClientCredentials? {
    guard case .webSocket(let url) = options.way, url.lowercased().hasPrefix("wss") else {
      return nil
    }
    var files = TLSClientFiles()
    files.authorities = options.tls.authorities ?? ""
    files.certificate = options.tls.certificate ?? ""
    files.key = options.tls.key ?? ""
    return try TLSClientCredentials(files)
  }

  private static func agent(
    _ options: AgentOptions, _ index: Int, _ blueprint: AgentBlueprint, clock: Int64
  ) throws(SimulatorError) -> (USPAgent, EndpointID) {
    let context = DeviceContext(
      model: blueprint.model.device, serialNumber: options.serialNumber(index),
      index: options.serialOffset + index, seed: options.seed, acsURL: "")
    let endpoint = try options.endpoint(context)
    let position = Double(index) / Double(options.count)
    let agent = USPAgent(
      tree: AgentTree(blueprint: blueprint, endpoint: endpoint.text, context: context),
      behaviour: options.behaviour, quirks: options.quirks, seed: context.seed, clockStart: clock,
      powerOn: .seconds(position * options.bootSpread * options.timeScale))
    return (agent, endpoint)
  }

  /// What has happened until now.
  package func counts() async throws -> AgentCounts {
    var sum = AgentCounts()
    for loop in loops {
      sum = sum + (try await loop.eventLoop.submit { loop.value.total() }.get())
    }
    return sum
  }

  /// Switches all agents off and frees threads and ports.
  package func stop() async throws {
    for loop in loops {
      let releases = try await loop.eventLoop.submit { loop.value.stop() }.get()
      for release in releases { await release.value }
    }
    await client.stop(patience: 2)
    for loop in loops { try await loop.eventLoop.submit { loop.value.links.gate.close() }.get() }
    try await group.shutdownGracefully()
  }
}
