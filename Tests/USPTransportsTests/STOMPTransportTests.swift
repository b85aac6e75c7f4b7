import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TLSIdentity
import Testing
import USP

@testable import USPTransports

/// The transport against Debian's RabbitMQ, which is started once for all of it.
@Suite(
  .enabled(
    if: RabbitMQ.isInstalled && BrokerCertificates.canBeMade,
    "the server is not installed (packages: rabbitmq-server, openssl)"),
  .timeLimit(.minutes(5)))
struct STOMPTransportTests {
  private static let loop = MultiThreadedEventLoopGroup.singleton.next()

  /// The last bytes of Records that are not numbers of others.
  private static let question: UInt8 = 254
  private static let response: UInt8 = 255

  private static func settings(_ server: RabbitMQ, _ destination: String) -> STOMPTransportSettings
  {
    var settings = STOMPTransportSettings(host: "127.0.0.1", destination: destination)
    settings.port = server.port
    settings.username = RabbitMQ.user
    settings.password = RabbitMQ.password
    settings.virtualHost = "/"
    // The server takes its time to start.
    settings.retry = BrokerRetry(firstWait: 0.1, multiplier: 1000, maximumWait: 0.2)
    return settings
  }

  private static func controller(
    _ settings: STOMPTransportSettings, _ ends: BrokerEnds
  ) throws -> STOMPTransport {
    try STOMPTransport.start(
      settings: settings, own: BrokerSamples.endpoint(BrokerSamples.controllerID),
      role: .controller, eventLoop: loop, logger: BrokerSamples.logger, accept: ends.accept)
  }

  private static func agent(
    _ settings: STOMPTransportSettings, _ id: String, _ ends: BrokerEnds
  ) throws -> STOMPTransport {
    try STOMPTransport.start(
      settings: settings, own: BrokerSamples.endpoint(id),
      role: .agent(controllerTopic: "/queue/controller"), eventLoop: loop,
      logger: BrokerSamples.logger, accept: ends.accept)
  }

  private static func reaches(
    _ transport: STOMPTransport, _ isIt: (BrokerState) -> Bool
  ) async throws {
    while !isIt(transport.state) { try await Task.sleep(for: .milliseconds(10)) }
  }

  @Test func everythingWithRabbitMQ() async throws {
    let certificates = try await BrokerCertificates()
    let server = try RabbitMQ(certificates: certificates)
    try await server.run {
      try await recordsGoBothWays(server)
      try await recordsGoThroughTLS(server, certificates)
      try await wrongPasswordsAreTold(server)
      try await nodesShareADestination(server)
      try await heartBeatsAreAgreedOn(server)
    }
  }

  private func recordsGoBothWays(_ server: RabbitMQ) async throws {
    let controllerEnds = BrokerEnds()
    let agentEnds = BrokerEnds()
    let controller = try Self.controller(
      Self.settings(server, "/queue/controller"), controllerEnds)
    try await Self.reaches(controller) { $0 == .ready }
    let agent = try Self.agent(Self.settings(server, "/queue/agent: 1"), "os::012345-A1", agentEnds)
    let agentEnd = try await agentEnds.next()
    #expect(agentEnd.link.kind == .stomp)
    let hello = BrokerSamples.record(from: "os::012345-A1", to: BrokerSamples.controllerID)
    agentEnd.link.send(hello)
    let controllerEnd = try await controllerEnds.next()
    #expect(try await controllerEnd.nextRecord() == hello)
    #expect(controllerEnd.link.claimedEndpoint?.text == "os::012345-A1")
    #expect(controllerEnd.link.proof == .broker)
    for size in [0, 1, 127, 70_000, 900_000] {
      let request = BrokerSamples.record(
        from: BrokerSamples.controllerID, to: "os::012345-A1", [UInt8](repeating: 0, count: size))
      controllerEnd.link.send(request)
      #expect(try await agentEnd.nextRecord() == request)
      let response = BrokerSamples.record(
        from: "os::012345-A1", to: BrokerSamples.controllerID, [UInt8](repeating: 10, count: size))
      agentEnd.link.send(response)
      #expect(try await controllerEnd.nextRecord() == response)
    }
    await agent.stop()
    #expect(try await agentEnd.nextClosing() == "the transport was stopped")
    #expect(agent.state == .stopped)
    await controller.stop()
    #expect(try await controllerEnd.nextClosing() == "the transport was stopped")
  }

  private func recordsGoThroughTLS(_ server: RabbitMQ, _ certificates: BrokerCertificates)
    async throws
  {
    var tls = TLSClientFiles()
    tls.authorities = certificates.authority
    tls.certificate = certificates.client
    tls.key = certificates.clientKey
    var controllerSettings = Self.settings(server, "/queue/tls-controller")
    controllerSettings.port = server.tlsPort
    controllerSettings.tls = tls
    controllerSettings.host = "localhost"
    let controllerEnds = BrokerEnds()
    let controller = try Self.controller(controllerSettings, controllerEnds)
    try await Self.reaches(controller) { $0 == .ready }
    // By its address, which is in the certificate as well.
    var agentSettings = controllerSettings
    agentSettings.destination = "/queue/tls-agent"
    agentSettings.host = "127.0.0.1"
    let agentEnds = BrokerEnds()
    let agent = try STOMPTransport.start(
      settings: agentSettings, own: BrokerSamples.endpoint("os::012345-A2"),
      role: .agent(controllerTopic: "/queue/tls-controller"), eventLoop: Self.loop,
      logger: BrokerSamples.logger, accept: agentEnds.accept)
    let hello = BrokerSamples.record(from: "os::012345-A2", to: BrokerSamples.controllerID)
    try await agentEnds.next().link.send(hello)
    #expect(try await controllerEnds.next().nextRecord() == hello)

    // Nobody is talked to whose certificate is of somebody else, or that is not shown one.
    for change in [\TLSClientFiles.authorities, \TLSClientFiles.certificate] {
      var refused = controllerSettings
      if change == \TLSClientFiles.authorities {
        refused.tls?.authorities = certificates.otherAuthority
      } else {
        refused.tls?.certificate = ""
        refused.tls?.key = ""
      }
      let other = try Self.controller(refused, BrokerEnds())
      try await Self.reaches(other) { if case .waiting = $0 { true } else { false } }
      await other.stop()
    }
    await agent.stop()
    await controller.stop()
  }

  private func wrongPasswordsAreTold(_ server: RabbitMQ) async throws {
    var settings = Self.settings(server, "/queue/controller")
    settings.password = "not the secret"
    let controller = try Self.controller(settings, BrokerEnds())
    try await Self.reaches(controller) { state in
      guard case .waiting(let reason) = state else { return false }
      return reason.hasPrefix("the server says: Bad CONNECT: Access refused")
    }
    await controller.stop()
  }

  /// First contacts reach one node of several, and answers the one that has asked.
  private func nodesShareADestination(_ server: RabbitMQ) async throws {
    let agentEnds = BrokerEnds { link, record in
      guard record.last == Self.question else { return }
      link.send(
        BrokerSamples.record(from: "os::012345-A3", to: BrokerSamples.controllerID, [Self.response])
      )
    }
    var nodes: [(transport: STOMPTransport, ends: BrokerEnds)] = []
    for number in 1...2 {
      var settings = Self.settings(server, "/queue/controller")
      settings.replyDestination = "/queue/controller-node-\(number)"
      let ends = BrokerEnds()
      let transport = try Self.controller(settings, ends)
      try await Self.reaches(transport) { $0 == .ready }
      nodes.append((transport, ends))
    }
    let agent = try Self.agent(Self.settings(server, "/queue/agent-3"), "os::012345-A3", agentEnds)
    let agentEnd = try await agentEnds.next()
    let sent = 20
    for number in 0..<sent {
      agentEnd.link.send(
        BrokerSamples.record(
          from: "os::012345-A3", to: BrokerSamples.controllerID, [100, UInt8(number)]))
    }
    let seen = NIOLockedValueBox<[UInt8]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes {
        group.addTask {
          let end = try await node.ends.next()
          while true {
            let record = try await end.nextRecord()
            if record.last == Self.response { return }
            seen.withLockedValue { $0.append(record.last ?? 0) }
          }
        }
      }
      while seen.withLockedValue({ $0.count }) < sent {
        try await Task.sleep(for: .milliseconds(10))
      }
      for node in nodes { try await Self.ask(node.transport) }
      try await group.waitForAll()
    }
    #expect(seen.withLockedValue { $0.sorted() } == (0..<UInt8(sent)).map { $0 })
    for _ in nodes { _ = try await agentEnd.nextRecord() }
    await agent.stop()
    for node in nodes { await node.transport.stop() }
  }

  /// Whether the agent has spoken to this node or not.
  private static func ask(_ node: STOMPTransport) async throws {
    let link = try #require(
      await node.link(
        to: BrokerSamples.endpoint("os::012345-A3"), at: .stomp(destination: "/queue/agent-3")))
    link.send(
      BrokerSamples.record(from: BrokerSamples.controllerID, to: "os::012345-A3", [Self.question]))
  }

  private func heartBeatsAreAgreedOn(_ server: RabbitMQ) async throws {
    var settings = Self.settings(server, "/queue/agent-4")
    settings.heartBeatOutgoing = 30_000
    settings.heartBeatIncoming = 30_000
    let ends = BrokerEnds()
    let agent = try Self.agent(settings, "os::012345-A4", ends)
    let end = try await ends.next()
    #expect(agent.state == .ready)
    // Whoever closes the link leaves the server, and comes back with another.
    end.link.close(.finished)
    #expect(try await end.nextClosing() == "the link was closed by this side")
    let next = try await ends.next()
    await agent.stop(isGraceful: false)
    #expect(try await next.nextClosing() == "the transport was stopped")
  }
}
