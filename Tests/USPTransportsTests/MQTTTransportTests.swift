import Foundation
import LogRecording
import Logging
import MQTT
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TLSIdentity
import Testing
import USP

@testable import USPTransports

/// The transport against Debian's broker.
@Suite(
  .enabled(if: Mosquitto.isInstalled, "the broker is not installed (packages: mosquitto)"),
  .timeLimit(.minutes(5)))
struct MQTTTransportTests {
  private static let loop = MultiThreadedEventLoopGroup.singleton.next()
  private static let engine = MQTTLoop()

  private static func settings(
    _ broker: Mosquitto, _ user: String, topic: String, version: MQTTVersion = .v5
  ) -> MQTTTransportSettings {
    var settings = MQTTTransportSettings(host: "127.0.0.1", topic: topic)
    settings.port = broker.port
    settings.username = user
    settings.password = Mosquitto.passwords[user] ?? ""
    settings.version = version
    // The broker may still be starting.
    settings.retry = BrokerRetry(firstWait: 0.05, multiplier: 1000, maximumWait: 0.1)
    return settings
  }

  private static func controller(
    _ settings: MQTTTransportSettings, _ ends: BrokerEnds, logger: Logger = BrokerSamples.logger
  ) throws -> MQTTTransport {
    try MQTTTransport.start(
      settings: settings, own: BrokerSamples.endpoint(BrokerSamples.controllerID),
      role: .controller, eventLoop: loop, logger: logger, accept: ends.accept)
  }

  private static func agent(
    _ settings: MQTTTransportSettings, _ id: String, _ ends: BrokerEnds
  ) throws -> MQTTTransport {
    try MQTTTransport.start(
      settings: settings, own: BrokerSamples.endpoint(id),
      role: .agent(controllerTopic: "usp/controller"), eventLoop: loop, engine: engine,
      logger: BrokerSamples.logger, accept: ends.accept)
  }

  /// Waits for the transport's connection, which its own events do not tell.
  private static func becomesReady(_ transport: MQTTTransport) async throws {
    try await reaches(transport) { $0 == .ready }
  }

  private static func reaches(
    _ transport: MQTTTransport, _ isIt: (BrokerState) -> Bool
  ) async throws {
    while !isIt(transport.state) { try await Task.sleep(for: .milliseconds(10)) }
  }

  private static func record(to agent: String, _ payload: [UInt8] = [1]) -> [UInt8] {
    BrokerSamples.record(from: BrokerSamples.controllerID, to: agent, payload)
  }

  private static func record(from agent: String, _ payload: [UInt8] = [1]) -> [UInt8] {
    BrokerSamples.record(from: agent, to: BrokerSamples.controllerID, payload)
  }

  @Test(arguments: [
    (MQTTVersion.v5, MQTTVersion.v5), (.v5, .v311), (.v311, .v311), (.v311, .v5),
  ])
  func recordsGoBothWays(controllerVersion: MQTTVersion, agentVersion: MQTTVersion) async throws {
    // A controller of 3.1.1 can't tell an agent of 5 where to answer, and can't read where that wants its answer.
    guard controllerVersion == .v5 || agentVersion == .v311 else { return }
    let broker = try Mosquitto()
    try await broker.run {
      let controllerEnds = BrokerEnds()
      let agentEnds = BrokerEnds()
      let controller = try Self.controller(
        Self.settings(broker, "controller", topic: "usp/controller", version: controllerVersion),
        controllerEnds)
      try await Self.becomesReady(controller)
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1", version: agentVersion),
        "os::012345-A1",
        agentEnds)
      let agentEnd = try await agentEnds.next()
      #expect(agentEnd.link.kind == .mqtt)
      let hello = BrokerSamples.record(from: "os::012345-A1", to: BrokerSamples.controllerID)
      agentEnd.link.send(hello)
      let controllerEnd = try await controllerEnds.next()
      #expect(try await controllerEnd.nextRecord() == hello)
      #expect(controllerEnd.link.claimedEndpoint?.text == "os::012345-A1")
      #expect(controllerEnd.link.proof == .broker)
      #expect(
        (controllerEnd.link as? BrokerLink)?.mqttVersion == (agentVersion == .v5 ? .v5 : .v311))
      for size in [0, 1, 127, 128, 70_000, 900_000] {
        let request = BrokerSamples.record(
          from: BrokerSamples.controllerID, to: "os::012345-A1", [UInt8](repeating: 0, count: size))
        controllerEnd.link.send(request)
        #expect(try await agentEnd.nextRecord() == request)
        let response = BrokerSamples.record(
          from: "os::012345-A1", to: BrokerSamples.controllerID,
          [UInt8](repeating: 255, count: size))
        agentEnd.link.send(response)
        #expect(try await controllerEnd.nextRecord() == response)
      }
      await agent.stop()
      #expect(try await agentEnd.nextClosing() == "the transport was stopped")
      #expect(agent.state == .stopped)
      await controller.stop()
      #expect(try await controllerEnd.nextClosing() == "the transport was stopped")
    }
  }

  @Test(arguments: MQTTVersion.allCases)
  func wrongPasswordsAreTold(version: MQTTVersion) async throws {
    let broker = try Mosquitto()
    try await broker.run {
      var settings = Self.settings(broker, "controller", topic: "usp/controller", version: version)
      settings.password = "not the secret"
      let controller = try Self.controller(settings, BrokerEnds())
      try await Self.reaches(controller) { state in
        guard case .waiting(let reason) = state else { return false }
        return reason.hasPrefix("the broker refuses the connection: ")
          && reason.lowercased().contains("not authori")
      }
      await controller.stop()
    }
  }

  @Test(.enabled(if: BrokerCertificates.canBeMade, "openssl is not installed"))
  func recordsGoThroughTLS() async throws {
    let certificates = try await BrokerCertificates()
    let broker = try Mosquitto(certificates: certificates)
    try await broker.run {
      var tls = TLSClientFiles()
      tls.authorities = certificates.authority
      tls.certificate = certificates.client
      tls.key = certificates.clientKey
      var settings = Self.settings(broker, "controller", topic: "usp/controller")
      settings.tls = tls
      settings.host = "localhost"
      let controllerEnds = BrokerEnds()
      let controller = try Self.controller(settings, controllerEnds)
      try await Self.becomesReady(controller)
      var agentSettings = Self.settings(broker, "agent", topic: "usp/agent/1")
      agentSettings.tls = tls
      let agentEnds = BrokerEnds()
      let agent = try Self.agent(agentSettings, "os::012345-A1", agentEnds)
      let agentEnd = try await agentEnds.next()
      // Larger than what TLS gives away at once.
      let hello = Self.record(from: "os::012345-A1", [UInt8](repeating: 3, count: 300_000))
      for _ in 0..<5 { agentEnd.link.send(hello) }
      let controllerEnd = try await controllerEnds.next()
      for _ in 0..<5 { #expect(try await controllerEnd.nextRecord() == hello) }

      // Nobody is talked to whose certificate is of somebody else, or that is not shown one.
      for path in [\TLSClientFiles.authorities, \TLSClientFiles.certificate] {
        var refused = settings
        if path == \TLSClientFiles.authorities {
          refused.tls?.authorities = certificates.otherAuthority
        } else {
          refused.tls?.certificate = ""
          refused.tls?.key = ""
        }
        let other = try Self.controller(refused, BrokerEnds())
        try await Self.reaches(other) { if case .waiting = $0 { true } else { false } }
        #expect(other.state != .ready)
        await other.stop()
      }
      await agent.stop()
      await controller.stop()
    }
  }

  /// A broker that goes away and comes back costs an agent its link, and a controller nothing.
  @Test func theBrokerComesBack() async throws {
    let broker = try Mosquitto()
    let controllerEnds = BrokerEnds()
    let agentEnds = BrokerEnds()
    let controller = try Self.controller(
      Self.settings(broker, "controller", topic: "usp/controller"), controllerEnds)
    let agent = try Self.agent(
      Self.settings(broker, "agent", topic: "usp/agent/1"), "os::012345-A1", agentEnds)
    let ends = try await broker.run {
      try await Self.becomesReady(controller)
      let agentEnd = try await agentEnds.next()
      agentEnd.link.send(Self.record(from: "os::012345-A1"))
      let controllerEnd = try await controllerEnds.next()
      _ = try await controllerEnd.nextRecord()
      return (agent: agentEnd, controller: controllerEnd)
    }
    _ = try await ends.agent.nextClosing()
    try await Self.reaches(controller) { if case .waiting = $0 { true } else { false } }
    try await broker.run {
      let agentEnd = try await agentEnds.next()
      try await Self.becomesReady(controller)
      ends.controller.link.send(Self.record(to: "os::012345-A1"))
      #expect(try await agentEnd.nextRecord() == Self.record(to: "os::012345-A1"))
      agentEnd.link.send(Self.record(from: "os::012345-A1", [2]))
      #expect(try await ends.controller.nextRecord() == Self.record(from: "os::012345-A1", [2]))
    }
    // While it is away nothing can be sent.
    try await Self.reaches(controller) { $0 != .ready }
    ends.controller.link.send(Self.record(to: "os::012345-A1"))
    #expect(try await ends.controller.nextClosing() == "the broker is not connected")
    await agent.stop()
    await controller.stop()
  }

  /// First contacts reach one node of several, and answers the one that has asked.
  @Test(arguments: MQTTVersion.allCases)
  func nodesShareATopic(version: MQTTVersion) async throws {
    let question: UInt8 = 254
    let response: UInt8 = 255
    let contacts = 40
    let broker = try Mosquitto()
    try await broker.run {
      var nodes: [(transport: MQTTTransport, ends: BrokerEnds)] = []
      for number in 1...2 {
        // Debian's broker shares subscriptions with clients of 3.1.1 as well.
        var settings = Self.settings(
          broker, "controller", topic: "usp/controller", version: version)
        settings.clientID = "node-\(number)"
        settings.group = "acs"
        settings.replyTopic = "usp/nodes/\(number)"
        let ends = BrokerEnds()
        let transport = try Self.controller(settings, ends)
        try await Self.becomesReady(transport)
        nodes.append((transport, ends))
      }
      let agentEnds = BrokerEnds { link, record in
        if record.last == question { link.send(Self.record(from: "os::012345-A1", [response])) }
      }
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1", version: version), "os::012345-A1",
        agentEnds)
      let agentEnd = try await agentEnds.next()
      for number in 0..<contacts {
        agentEnd.link.send(Self.record(from: "os::012345-A1", [UInt8(number)]))
      }
      let seen = NIOLockedValueBox<[[UInt8]]>([[], []])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, node) in nodes.enumerated() {
          group.addTask {
            let end = try await node.ends.next()
            while true {
              let last = try await end.nextRecord().last ?? 0
              if last == response { return }
              seen.withLockedValue { $0[index].append(last) }
            }
          }
        }
        while seen.withLockedValue({ $0[0].count + $0[1].count }) < contacts {
          try await Task.sleep(for: .milliseconds(10))
        }
        // Whether the agent has spoken to this node or not; the answer comes after whatever came twice.
        for node in nodes {
          let link = try #require(
            await node.transport.link(
              to: BrokerSamples.endpoint("os::012345-A1"),
              at: .mqtt(topic: "usp/agent/1", version: version)))
          link.send(Self.record(to: "os::012345-A1", [question]))
        }
        try await group.waitForAll()
      }
      let all = seen.withLockedValue { $0 }
      #expect((all[0] + all[1]).sorted() == (0..<UInt8(contacts)).map { $0 })
      #expect(!all[0].isEmpty && !all[1].isEmpty)
      await agent.stop()
      for node in nodes { await node.transport.stop() }
    }
  }

  /// The broker tells that an agent has gone, which the agent itself may not have done.
  @Test func aPeerThatHasGoneIsNoticed() async throws {
    let broker = try Mosquitto()
    try await broker.run {
      let controllerEnds = BrokerEnds()
      let controller = try Self.controller(
        Self.settings(broker, "controller", topic: "usp/controller"), controllerEnds)
      try await Self.becomesReady(controller)
      let agentEnds = BrokerEnds()
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1"), "os::012345-A1", agentEnds)
      try await agentEnds.next().link.send(Self.record(from: "os::012345-A1"))
      let end = try await controllerEnds.next()
      _ = try await end.nextRecord()
      await agent.stop(isGraceful: false)
      while controller.state == .ready, !end.hasClosed {
        end.link.send(Self.record(to: "os::012345-A1"))
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(
        try await end.nextClosing() == "nobody at the broker has subscribed to the peer's topic")
      await controller.stop()
    }
  }

  /// Whoever may not use the topics reaches nobody, and cannot hear others.
  @Test func strangersReachNobody() async throws {
    let broker = try Mosquitto()
    try await broker.run {
      let controllerEnds = BrokerEnds()
      let controller = try Self.controller(
        Self.settings(broker, "controller", topic: "usp/controller"), controllerEnds)
      try await Self.becomesReady(controller)
      let strangerEnds = BrokerEnds()
      let stranger = try Self.agent(
        Self.settings(broker, "stranger", topic: "usp/agent/1"), "os::012345-S1", strangerEnds)
      let strangerEnd = try await strangerEnds.next()
      strangerEnd.link.send(Self.record(from: "os::012345-S1"))
      // The broker refuses the message, and an agent begins anew.
      #expect(
        try await strangerEnd.nextClosing().hasPrefix("the broker refuses the message: Not author"))
      let agentEnds = BrokerEnds()
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1"), "os::012345-A1", agentEnds)
      try await agentEnds.next().link.send(Self.record(from: "os::012345-A1"))
      let first = try await controllerEnds.next()
      #expect(first.link.claimedEndpoint?.text == "os::012345-A1")
      await stranger.stop()
      await agent.stop()
      await controller.stop()
    }
  }

  /// Whoever has given the controller or an agent a wrong name finds it in the log.
  @Test func recordsForOthersAreToldOf() async throws {
    let broker = try Mosquitto()
    try await broker.run {
      let lines = LogLines()
      let controllerEnds = BrokerEnds()
      let controller = try Self.controller(
        Self.settings(broker, "controller", topic: "usp/controller"), controllerEnds,
        logger: lines.logger())
      try await Self.becomesReady(controller)
      let agentEnds = BrokerEnds()
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1"), "os::012345-A1", agentEnds)
      let agentEnd = try await agentEnds.next()
      agentEnd.link.send(BrokerSamples.record(from: "os::012345-A1", to: "self::other"))
      agentEnd.link.send(Self.record(from: "os::012345-A1"))
      _ = try await controllerEnds.next()
      #expect(
        lines.all.filter { $0.hasPrefix("notice a message from a broker was dropped") }
          .map {
            $0.contains("for self::other, and this endpoint is \(BrokerSamples.controllerID)")
          }
          == [true])
      await agent.stop()
      await controller.stop()
    }
  }

  @Test func tooLargeARecordClosesTheLink() async throws {
    let broker = try Mosquitto()
    try await broker.run {
      var settings = Self.settings(broker, "controller", topic: "usp/controller")
      settings.limits.recordBytes = 1000
      let controllerEnds = BrokerEnds()
      let controller = try Self.controller(settings, controllerEnds)
      try await Self.becomesReady(controller)
      let agentEnds = BrokerEnds()
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1"), "os::012345-A1", agentEnds)
      let agentEnd = try await agentEnds.next()
      // The one that is too large is dropped on the way; the next one comes.
      agentEnd.link.send(Self.record(from: "os::012345-A1", [UInt8](repeating: 1, count: 20_000)))
      agentEnd.link.send(Self.record(from: "os::012345-A1", [UInt8](repeating: 1, count: 2_000)))
      agentEnd.link.send(Self.record(from: "os::012345-A1", [2]))
      let end = try await controllerEnds.next()
      #expect(try await end.nextRecord() == Self.record(from: "os::012345-A1", [2]))
      end.link.send(Self.record(to: "os::012345-A1", [UInt8](repeating: 1, count: 2_000)))
      #expect(try await end.nextClosing().contains("more than the limit allows"))
      await agent.stop()
      await controller.stop()
    }
  }

  /// Many agents share one thread; each has its own answers.
  @Test func manyAgentsOfOneThread() async throws {
    let agents = 50
    let broker = try Mosquitto()
    try await broker.run {
      let controllerEnds = BrokerEnds { link, record in
        // What came, back to whom it came from.
        link.send(Self.record(to: link.claimedEndpoint?.text ?? "", Array(record.suffix(1))))
      }
      var settings = Self.settings(broker, "controller", topic: "usp/controller")
      settings.limits.links = agents
      let controller = try Self.controller(settings, controllerEnds)
      try await Self.becomesReady(controller)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<agents {
          group.addTask {
            let ends = BrokerEnds()
            let id = "os::012345-A\(number)"
            let agent = try Self.agent(
              Self.settings(broker, "agent", topic: "usp/agent/\(number)"), id, ends)
            let end = try await ends.next()
            for round in 0..<5 {
              let payload = [UInt8(number), UInt8(round)]
              end.link.send(Self.record(from: id, payload))
              #expect(try await end.nextRecord() == Self.record(to: id, [UInt8(round)]))
            }
            await agent.stop()
          }
        }
        try await group.waitForAll()
      }
      await controller.stop()
    }
  }

  @Test func stoppingIsSafeAtAnyTime() async throws {
    // Nobody is there.
    var settings = MQTTTransportSettings(host: "127.0.0.1", topic: "usp/controller")
    settings.port = 9
    for _ in 0..<3 {
      let transport = try Self.controller(settings, BrokerEnds())
      await transport.stop()
      #expect(transport.state == .stopped)
      #expect(
        await transport.link(
          to: try BrokerSamples.endpoint("os::012345-A1"),
          at: .mqtt(topic: "usp/agent/1", version: .v5)) == nil)
      await transport.stop()
    }
  }

  /// What the broker has kept for a controller that was away can be answered as soon as it comes.
  @Test(arguments: MQTTVersion.allCases)
  func theBrokerKeepsWhatComes(version: MQTTVersion) async throws {
    let broker = try Mosquitto()
    try await broker.run {
      var settings = Self.settings(
        broker, "controller", topic: "usp/controller", version: version)
      settings.clientID = "controller"
      settings.sessionExpiry = 600
      let before = try Self.controller(settings, BrokerEnds())
      try await Self.becomesReady(before)
      await before.stop(isGraceful: version == .v5)
      let agentEnds = BrokerEnds()
      let agent = try Self.agent(
        Self.settings(broker, "agent", topic: "usp/agent/1", version: version), "os::012345-A1",
        agentEnds)
      let agentEnd = try await agentEnds.next()
      agentEnd.link.send(Self.record(from: "os::012345-A1"))
      agentEnd.link.send(Self.record(from: "os::012345-A1", [2]))
      let controllerEnds = BrokerEnds { link, _ in link.send(Self.record(to: "os::012345-A1")) }
      let after = try Self.controller(settings, controllerEnds)
      let end = try await controllerEnds.next()
      #expect(try await end.nextRecord() == Self.record(from: "os::012345-A1"))
      #expect(try await end.nextRecord() == Self.record(from: "os::012345-A1", [2]))
      for _ in 0..<2 {
        #expect(try await agentEnd.nextRecord() == Self.record(to: "os::012345-A1"))
      }
      #expect(
        (end.link as? BrokerLink)?.address == .mqtt(topic: "usp/agent/1", version: version))
      await agent.stop()
      await after.stop()
    }
  }
}
