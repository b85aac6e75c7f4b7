import Logging
import MQTT
import NIOCore
import NIOPosix
import Testing
import USP
import USPTransports

@testable import DeviceSimulator

/// What a person may say about a fleet of agents.
struct USPOptionTests {
  @Test func quirksAreReadAsTheyAreListed() throws {
    var quirks = AgentQuirks()
    for (form, _) in AgentQuirks.forms {
      let name = form.split(separator: "=")[0]
      let values = [
        "versions": "=1.0,1.2", "errors": "=current", "message-limit": "=4096",
        "ignored-requests": "=12.5",
      ]
      try quirks.insert(name + (values[String(name)] ?? ""))
    }
    #expect(quirks.versions == ["1.0", "1.2"])
    #expect(quirks.version == "1.2")
    #expect(quirks.errorShapes == .current)
    #expect(quirks.maximumMessageSize == 4096)
    #expect(quirks.ignoredRequests == 12.5)
    #expect(quirks.vanishes && quirks.dotsRequestPath && quirks.losesSubscriptionID)
  }

  @Test(arguments: [
    "nothing", "versions", "versions=", "versions=one", "errors=none", "message-limit=x",
    "message-limit=1", "ignored-requests=101", "vanishing-link=yes", "",
  ])
  func otherQuirksAreRefused(text: String) {
    #expect(throws: SimulatorError.self) {
      var quirks = AgentQuirks()
      try quirks.insert(text)
    }
  }

  @Test func versionsAreCompared() throws {
    var quirks = AgentQuirks()
    #expect(quirks.isAtLeast(minor: 4))
    try quirks.insert("versions=1.0,1.1")
    #expect(quirks.isAtLeast(minor: 1))
    #expect(!quirks.isAtLeast(minor: 2))
    try quirks.insert("versions=2.0")
    #expect(quirks.isAtLeast(minor: 4))
  }

  @Test func whatMakesNoSenseIsTold() throws {
    let options = try USPAgents.options()
    try options.validate()
    func refuses(_ change: (inout AgentOptions) -> Void) -> Bool {
      var changed = options
      change(&changed)
      do {
        try changed.validate()
        return false
      } catch {
        return true
      }
    }
    #expect(refuses { $0.count = 0 })
    #expect(refuses { $0.timeScale = 0 })
    #expect(refuses { $0.loops = 65 })
    #expect(refuses { $0.maximumRecordSize = 100 })
    #expect(
      refuses {
        $0.maximumRecordSize = 1000
        $0.sessionMode = .forbid
      })
    #expect(refuses { $0.behaviour.failFlash = 101 })
    #expect(refuses { $0.tls.certificate = "a" })
    #expect(refuses { $0.bootSpread = .infinity })
    #expect(refuses { $0.bootSpread = .nan })
    #expect(refuses { $0.behaviour.bootTime = .infinity })
    #expect(refuses { $0.serialOffset = .max })
    #expect(refuses { $0.behaviour.periodicInterval = Int(UInt32.max) + 1 })
  }

  @Test func momentsFarAwayAreMoments() {
    let start = NIODeadline.now()
    for scale in [0.4, 1e-300, 1, 10_000] {
      let clock = SimulationClock(start: start, scale: scale)
      #expect(clock.deadline(of: .seconds(Int64(UInt32.max))) > start)
    }
  }

  @Test(arguments: [false, true])
  func theSchemeDecidesWhetherABrokerIsReachedWithTLS(isSecure: Bool) async throws {
    var options = try USPAgents.options()
    options.tls.authorities = "/ca.pem"
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let logger = Logger(label: "test")
    let links = AgentLinks(
      options: options, client: WebSocketClient(group: group, logger: logger), engine: MQTTLoop(),
      tls: nil, eventLoop: group.next(), logger: logger)
    var mqtt = AgentOptions.MQTT(
      host: "127.0.0.1", port: 0, controllerTopic: "c", topicPrefix: "a/")
    mqtt.isSecure = isSecure
    var stomp = AgentOptions.STOMP(
      host: "127.0.0.1", port: 0, controllerDestination: "c", destinationPrefix: "a/")
    stomp.isSecure = isSecure
    #expect((links.settings(mqtt, options.controller).tls != nil) == isSecure)
    #expect((links.settings(stomp, options.controller).tls != nil) == isSecure)
    try await group.shutdownGracefully()
  }

  @Test func endpointIDsAreMadeOfTheIdentity() throws {
    var options = try USPAgents.options()
    let context = DeviceContext(
      model: try USPAgents.model().device, serialNumber: "S1", index: 1, seed: 1, acsURL: "")
    #expect(try options.endpoint(context).text == "os::02FA1E-S1")
    options.scheme = .ops
    #expect(try options.endpoint(context).text == "ops::02FA1E-SG181-S1")
    var odd = context
    odd.serialNumber = "no serial"
    #expect(throws: SimulatorError.self) { try options.endpoint(odd) }
  }

  @Test func theModelHasNothingThatTheDataModelForUSPLacks() throws {
    let paths = try USPAgents.model().paths
    #expect(paths.contains("Device.LocalAgent.Subscription.{i}.ReferenceList"))
    #expect(paths.contains("Device.DeviceInfo.FirmwareImage.{i}.Download()"))
    #expect(!paths.contains { $0.hasPrefix("Device.ManagementServer.") })
    #expect(!paths.contains { $0.hasPrefix("Device.IP.Diagnostics.IPPing.") })
    #expect(Set(paths).count == paths.count)
  }

  @Test func anotherRootIsRefused() throws {
    #expect(throws: SimulatorError.self) { try AgentModel(device: .tr098()) }
  }

  @Test func agentsShareWhatTheyHaveInCommon() throws {
    let model = try USPAgents.model()
    let one = try USPAgents().agent
    #expect(one.tree.model === model)
    #expect(one.tree.values.isEmpty)
  }
}
