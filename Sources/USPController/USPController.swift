import Fleet
import FleetStore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Refusals
import TLSIdentity
import USP
import USPTransports

/// The USP Controller (TR-369): takes the links of agents, keeps what they tell, and carries out what is ordered for them.
package final class USPController: Sendable {
  /// Where agents reach the controller.
  package struct Doors: Sendable {
    package var webSocket: WebSocketServerSettings?
    package var unixSocket: UnixServerSettings?
    package var mqtt: MQTTTransportSettings?
    package var stomp: STOMPTransportSettings?
    /// Agents that take WebSockets themselves, by their URLs.
    package var agents: [String] = []
    /// How they are called.
    package var calls = WebSocketClientSettings()
    /// With what TLS is spoken with them.
    package var callTLS = TLSClientFiles()

    package init() {}
  }

  /// Why a door can't be opened.
  package struct DoorProblem: Error, CustomStringConvertible {
    package var door: TransportKind
    package var reason: any Error

    package var description: String { "\(door): \(reason)" }
  }

  private let core: ControllerCore
  private let webSocket: WebSocketServer?
  private let unixSocket: UnixServer?
  private let mqtt: MQTTTransport?
  private let stomp: STOMPTransport?
  private let client: WebSocketClient?
  private let dials: [AgentDial]
  /// What is done again and again.
  private let chores = NIOLockedValueBox<[Task<Void, Never>]>([])

  /// Starts to listen, and to look for work.
  /// - Throws: ``DoorProblem`` where an address can't be bound, or a broker's settings can't be used; a broker that is away is
  ///   tried again. ``StoreError`` where the node can't make itself known.
  package static func start(
    settings: ControllerSettings, doors: Doors, environment: ControllerEnvironment,
    refusals: RefusalLog, group: any EventLoopGroup, logger: Logger
  ) async throws -> USPController {
    let core = ControllerCore(
      settings: settings, environment: environment, refusals: refusals, logger: logger)
    var opened = Opened()
    // Before the first agent comes.
    try await core.presence.open()
    do {
      try await opened.open(doors, core, group, logger)
    } catch {
      await opened.close()
      await core.presence.close()
      throw error
    }
    let controller = USPController(core, opened)
    controller.startChores()
    return controller
  }

  /// What has been opened so far.
  private struct Opened {
    var webSocket: WebSocketServer?
    var unixSocket: UnixServer?
    var mqtt: MQTTTransport?
    var stomp: STOMPTransport?
    /// What the dials call with.
    var client: WebSocketClient?
    var dials: [AgentDial] = []

    mutating func open(
      _ doors: Doors, _ core: ControllerCore, _ group: any EventLoopGroup, _ logger: Logger
    ) async throws {
      let accept: LinkAcceptor = { core.accept($0) }
      if let settings = doors.webSocket {
        webSocket = try await opening(.webSocket) {
          try await WebSocketServer.start(
            settings: settings, group: group, logger: logger, refusals: core.refusals,
            authorize: { await core.judge($0) }, accept: accept)
        }
      }
      if let settings = doors.unixSocket {
        unixSocket = try await opening(.unix) {
          try await UnixServer.start(
            settings: settings, group: group, logger: logger, refusals: core.refusals,
            accept: accept)
        }
      }
      if let settings = doors.mqtt {
        mqtt = try await opening(.mqtt) {
          try MQTTTransport.start(
            settings: settings, own: core.settings.endpoint, role: .controller,
            eventLoop: group.next(), logger: logger, accept: accept)
        }
      }
      if let settings = doors.stomp {
        stomp = try await opening(.stomp) {
          try STOMPTransport.start(
            settings: settings, own: core.settings.endpoint, role: .controller,
            eventLoop: group.next(), logger: logger, accept: accept)
        }
      }
      guard !doors.agents.isEmpty else { return }
      let client = WebSocketClient(settings: doors.calls, group: group, logger: logger)
      self.client = client
      dials = doors.agents.map {
        AgentDial(url: $0, core: core, client: client, tls: doors.callTLS, logger: logger)
      }
      for dial in dials { dial.start() }
    }

    private func opening<Door>(_ door: TransportKind, _ open: () async throws -> Door) async throws
      -> Door
    {
      do {
        return try await open()
      } catch {
        throw DoorProblem(door: door, reason: error)
      }
    }

    func close() async {
      for dial in dials { dial.stop() }
      await client?.stop()
      await webSocket?.stop()
      await unixSocket?.stop()
      await mqtt?.stop()
      await stomp?.stop()
    }
  }

  private init(_ core: ControllerCore, _ opened: Opened) {
    self.core = core
    webSocket = opened.webSocket
    unixSocket = opened.unixSocket
    mqtt = opened.mqtt
    stomp = opened.stomp
    client = opened.client
    dials = opened.dials
  }

  private func startChores() {
    let core = core
    let started = [
      Self.every(core.settings.workInterval) { await Self.lookForWork(core) },
      Self.every(core.presence.pause) { await core.presence.beat() },
      Self.every(core.settings.heardInterval) {
        await core.presence.write(heard: core.table.heard)
      },
      Self.every(core.presence.pause) { await self.lookForLostAgents() },
    ]
    chores.withLockedValue { $0 = started }
  }

  /// - Parameter pause: seconds before each time.
  private static func every(
    _ pause: Double, _ action: @escaping @Sendable () async -> Void
  ) -> Task<Void, Never> {
    Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(pause))
        guard !Task.isCancelled else { return }
        await action()
      }
    }
  }

  /// The port of the WebSocket door.
  package var webSocketPort: Int? { webSocket?.port }

  /// Agents that are connected to this node and known, by transport.
  package var connectedAgents: [(transport: TransportKind, count: Int)] {
    let counts = core.presence.counts
    return TransportKind.allCases.map { ($0, counts[$0.rawValue] ?? 0) }
  }

  package var counts: ControllerCounts { core.counter.now }

  /// Tells that there is work for a device.
  /// - Returns: false where it has no link to this node.
  @discardableResult
  package func noteWork(for device: Device.ID) -> Bool {
    guard let conversation = core.table.conversation(of: device) else { return false }
    Task { await conversation.noteWork() }
    return true
  }

  /// Takes up the link to a device's agent that has come through a broker before: it notices nothing of a restart here.
  /// - Returns: false where there is no such way to it, or the agent does not answer.
  package func reach(_ device: Device.ID) async -> Bool {
    guard mqtt != nil || stomp != nil else { return false }
    let now = core.environment.now()
    guard reached.withLockedValue({ $0.take(device, now: now) }) else { return false }
    guard let known = try? await core.environment.store.agentAddresses(of: device) else {
      return false
    }
    for (text, place) in known {
      guard let endpoint = EndpointID(text), let address = BrokerAddress(place) else { continue }
      let link: (any Link)? =
        switch address {
        case .mqtt: await mqtt?.link(to: endpoint, at: address)
        case .stomp: await stomp?.link(to: endpoint, at: address)
        }
      guard let link, let conversation = core.table.conversation(over: link) else { continue }
      if await conversation.approach() { return true }
    }
    return false
  }

  /// Agents behind a broker notice nothing of the end of the node that had their links, be it this one before a restart or another: they
  /// are asked whether they are there, a few at a time, for most of those that come by themselves shall not wait behind them.
  private func lookForLostAgents() async {
    var transports: [TransportKind] = []
    if let mqtt, mqtt.state == .ready { transports.append(.mqtt) }
    if let stomp, stomp.state == .ready { transports.append(.stomp) }
    guard !transports.isEmpty else { return }
    let limit = max(1, core.settings.maxOnboarding / 4)
    while !Task.isCancelled {
      let lost = try? await core.environment.store.takeLostAgents(
        over: transports.map(\.rawValue), limit: limit)
      guard let lost, !lost.isEmpty else { return }
      await withTaskGroup { group in
        for device in lost { group.addTask { _ = await self.reach(device) } }
      }
    }
  }

  private let reached = NIOLockedValueBox(RecentDevices())

  /// Devices to which a way was looked for not long ago.
  private struct RecentDevices {
    private var times: [Device.ID: Double] = [:]
    /// Seconds.
    private static let pause = 60.0
    private static let limit = 100_000

    mutating func take(_ device: Device.ID, now: Double) -> Bool {
      if let last = times[device], now - last < Self.pause { return false }
      if times.count >= Self.limit { times = times.filter { now - $0.value < Self.pause } }
      guard times.count < Self.limit else { return false }
      times[device] = now
      return true
    }
  }

  /// How a device is connected to this node; nil where it is not.
  package func connection(of device: Device.ID) async -> AgentConnection? {
    guard let conversation = core.table.conversation(of: device) else { return nil }
    return await conversation.connection
  }

  /// Asks a device for a sign of life over its link, or over one through a broker, which is taken up for that.
  /// - Returns: nil where this node has no way to it; else whether it answered in time.
  package func probe(_ device: Device.ID, within seconds: Double) async -> Bool? {
    if let conversation = core.table.conversation(of: device) {
      return await conversation.probe(within: seconds)
    }
    guard await reach(device) else { return nil }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    // The agent is first asked who it is.
    while clock.now < deadline, !Task.isCancelled {
      if let conversation = core.table.conversation(of: device) {
        return await conversation.probe(within: (deadline - clock.now) / .seconds(1))
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  /// Ends all links, and takes no more.
  package func stop() async {
    for chore in chores.withLockedValue({ $0 }) { chore.cancel() }
    let opened = Opened(
      webSocket: webSocket, unixSocket: unixSocket, mqtt: mqtt, stomp: stomp, client: client,
      dials: dials)
    // One row instead of one for each agent.
    await core.presence.close()
    for conversation in core.table.all { await conversation.close(.goingAway) }
    await opened.close()
  }

  /// Agents are always there: what other nodes were told to do, and what was put off until now, begins without their calling.
  private static func lookForWork(_ core: ControllerCore) async {
    let devices = core.table.devices
    guard !devices.isEmpty else { return }
    for start in stride(from: 0, to: devices.count, by: 10_000) {
      let slice = Array(devices[start..<min(start + 10_000, devices.count)])
      let due = try? await core.environment.store.devicesWithDueWork(
        among: slice, now: core.environment.now())
      for device in due ?? [] {
        guard let conversation = core.table.conversation(of: device) else { continue }
        await conversation.noteWork()
      }
    }
  }
}

/// How an agent is connected.
package struct AgentConnection: Sendable, Equatable {
  package var endpoint: String
  package var transport: TransportKind
  package var address: String
  /// Of USP.
  package var versions: [String]
}

extension AgentConversation {
  var connection: AgentConnection {
    AgentConnection(
      endpoint: endpoint?.text ?? "", transport: link.kind, address: link.peerAddress,
      versions: versions ?? [])
  }

  /// Whether the agent answers in time.
  func probe(within seconds: Double) async -> Bool {
    var request = USPGetSupportedProtocol()
    request.controllerSupportedProtocolVersions = ControllerCore.versions
    switch await ask(.getSupportedProtocol(request), within: seconds) {
    case .response, .error: return true
    case .broken: return false
    }
  }
}
