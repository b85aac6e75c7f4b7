import Logging
import NIOCore
import Testing
import USP
import USPTransports

@testable import DeviceSimulator

/// Simulated agents over real links.
struct USPFleetTests {
  private static let clock: Int64 = 1_795_410_960
  private static let first = "os::02FA1E-SIM000001"

  private func options(_ way: AgentOptions.Way, count: Int = 1) throws -> AgentOptions {
    var options = AgentOptions(
      count: count, way: way, controller: try #require(EndpointID(USPStubController.endpoint)),
      password: USPStubController.password)
    options.username = "agents"
    options.bootSpread = 0
    options.timeScale = 100
    return options
  }

  private func start(_ options: AgentOptions) async throws -> AgentFleet {
    try await AgentFleet.start(
      options, model: USPAgents.model(), clock: Self.clock, logger: Logger(label: "test")
    ) { _, _ in }
  }

  private func reading(_ path: String) -> USPRequest.OneOf_ReqType {
    var request = USPGet()
    request.paramPaths = [path]
    return .get(request)
  }

  private func value(_ message: USPMsg) -> String? {
    guard case .getResp(let response)? = message.response else { return nil }
    return response.reqPathResults.first?.resolvedPathResults.first?.resultParams.values.first
  }

  @Test func agentsConnectAnswerAndTellOverWebSockets() async throws {
    let controller = try USPStubController()
    let url = try await controller.listen()
    var options = try options(.webSocket(url: url), count: 20)
    options.loops = 2
    options.hasFactorySubscriptions = true
    let fleet = try await start(options)
    await controller.wait { $0.links.count == 20 && $0.connects.count == 20 }
    await controller.wait { state in
      state.notifications.filter { !$0.onBoardReq.serialNumber.isEmpty }.count >= 20
        && state.notifications.filter { $0.event.eventName == "Boot!" }.count >= 20
    }
    let answer = try await controller.ask(
      Self.first, id: "g1", reading("Device.LocalAgent.EndpointID"))
    #expect(value(answer) == Self.first)
    #expect(controller.read { $0.connects.allSatisfy { $0 == .webSocket } })
    let counts = try await fleet.counts()
    #expect(counts.linksOpen == 20)
    #expect(counts.boots == 20)
    #expect(counts.requests >= 1)
    try await fleet.stop()
    await controller.wait { $0.disconnects == 20 }
    try await controller.stop()
  }

  @Test func aRebootBringsANewLink() async throws {
    let controller = try USPStubController()
    var options = try options(.webSocket(url: try await controller.listen()))
    options.hasFactorySubscriptions = true
    let fleet = try await start(options)
    await controller.wait { $0.connects.count == 1 }
    _ = try await controller.ask(Self.first, id: "r", USPAgents.operate("Device.Reboot()"))
    await controller.wait { state in
      state.connects.count == 2 && state.closed == 1
        && state.notifications.contains { $0.event.params["Cause"] == "RemoteReboot" }
    }
    try await fleet.stop()
    try await controller.stop()
  }

  @Test func aQuirkLeavesTheOldLinkOpen() async throws {
    let controller = try USPStubController()
    var options = try options(.webSocket(url: try await controller.listen()))
    try options.quirks.insert("vanishing-link")
    let fleet = try await start(options)
    await controller.wait { $0.connects.count == 1 }
    _ = try await controller.ask(Self.first, id: "r", USPAgents.operate("Device.Reboot()"))
    await controller.wait { $0.connects.count == 2 }
    // A link that is closed tells no Disconnect either.
    #expect(controller.read { $0.disconnects == 0 && $0.closed == 0 })
    try await fleet.stop()
    try await controller.stop()
  }

  @Test func aWrongPasswordIsCounted() async throws {
    let controller = try USPStubController()
    var options = try options(.webSocket(url: try await controller.listen()))
    options.password = "wrong"
    let fleet = try await start(options)
    var counts = try await fleet.counts()
    for _ in 0..<6_000 where counts.linksFailed == 0 {
      try await Task.sleep(for: .milliseconds(10))
      counts = try await fleet.counts()
    }
    #expect(counts.linksMade == 0)
    #expect(counts.reasons.keys.contains { $0.contains("401") })
    try await fleet.stop()
    try await controller.stop()
  }

  @Test func largeMessagesGoInSegments() async throws {
    let controller = try USPStubController(sessionMode: .require)
    var options = try options(.webSocket(url: try await controller.listen()))
    options.sessionMode = .require
    options.maximumRecordSize = 1024
    let fleet = try await start(options)
    let answer = try await controller.ask(Self.first, id: "g", reading("Device."))
    guard case .getResp(let response)? = answer.response else { throw Unexpected(answer) }
    #expect(response.reqPathResults[0].resolvedPathResults.count > 50)
    try await fleet.stop()
    try await controller.stop()
  }

  @Test func whatIsGivenBackIsForgotten() async throws {
    let controller = try USPStubController()
    let fleet = try await start(try options(.webSocket(url: try await controller.listen())))
    let loop = fleet.loops[0]
    try await loop.eventLoop.submit { for _ in 0..<5 { loop.value.release {} } }.get()
    var count = 5
    for _ in 0..<6_000 where count > 0 {
      try await Task.sleep(for: .milliseconds(10))
      count = try await loop.eventLoop.submit { loop.value.releases.count }.get()
    }
    #expect(count == 0)
    try await fleet.stop()
    try await controller.stop()
  }

  @Test func agentsConnectOverASocket() async throws {
    let controller = try USPStubController()
    let path = "/tmp/fairlead-usp-\(UInt64.random(in: 0...UInt64.max)).sock"
    try await controller.listen(path: path)
    let fleet = try await start(try options(.unix(path: path), count: 3))
    await controller.wait { $0.connects == [.unix, .unix, .unix] }
    let answer = try await controller.ask(
      Self.first, id: "g1", reading("Device.DeviceInfo.SerialNumber"))
    #expect(value(answer) == "SIM000001")
    try await fleet.stop()
    try await controller.stop()
  }

  @Test func aLoadRunCountsWhatIsAcknowledged() async throws {
    let controller = try USPStubController()
    var agents = try options(.webSocket(url: try await controller.listen()), count: 10)
    agents.hasFactorySubscriptions = true
    // Some of them without an agent.
    agents.loops = 12
    agents.timeScale = 1
    agents.behaviour.periodicInterval = 86_400
    var options = AgentLoadOptions(agents: agents)
    options.connectRate = 1000
    options.rate = 200
    options.duration = 0.5
    options.quiet = 0.3
    options.spacing = .even
    let report = try await AgentLoad.run(
      options, model: USPAgents.model(), clock: Self.clock, logger: Logger(label: "test"))
    #expect(report.links == 10)
    #expect(report.planned == 100)
    #expect(report.acknowledged == 100)
    #expect(report.unsent == 0)
    #expect(report.latency != nil)
    try await controller.stop()
  }
}
