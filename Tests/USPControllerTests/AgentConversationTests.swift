import Fleet
import FleetStore
import Foundation
import Logging
import NIOConcurrencyHelpers
import Postgres
import Refusals
import Testing
import USP
import USPTransports

@testable import USPController

/// What is done with an agent over a link, with a real database behind it.
@Suite(.timeLimit(.minutes(3))) struct AgentConversationTests {
  static let own = EndpointID("self::controller")
  static let endpoint = "os::02FA1E-1"
  static let name = "02FA1E-GW-1"

  struct Fixture {
    var store: FleetStore
    var core: ControllerCore
    /// Seconds by which the controller's clock is ahead.
    var ahead: NIOLockedValueBox<Double>
  }

  func withController(
    _ adjust: (inout ControllerSettings) -> Void = { _ in },
    destination: @escaping @Sendable (DeviceTask, String) async throws -> String? = { _, _ in nil },
    _ body: (Fixture) async throws -> Void
  ) async throws {
    var settings = ControllerSettings(endpoint: try #require(Self.own))
    settings.periodicInterval = 0
    adjust(&settings)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var storeSettings = FleetStore.Settings()
    storeSettings.connections = 2
    try await TemporaryCluster.withDatabase { database in
      let store = try await FleetStore.open(database, settings: storeSettings, logger: logger)
      let ahead = NIOLockedValueBox(0.0)
      let core = ControllerCore(
        settings: settings,
        environment: ControllerEnvironment(
          store: store, source: { _, _ in nil }, destination: destination,
          now: { Date().timeIntervalSince1970 + ahead.withLockedValue { $0 } }),
        refusals: RefusalLog(logger: logger), logger: logger)
      do {
        try await body(Fixture(store: store, core: core, ahead: ahead))
      } catch {
        for conversation in core.table.all { await conversation.close(.goingAway) }
        await store.close()
        throw error
      }
      for conversation in core.table.all { await conversation.close(.goingAway) }
      await store.close()
    }
  }

  /// An agent with a small tree.
  /// - Parameters:
  ///   - requests: the rows of its table of requests; nil: it has no such table.
  ///   - row: the parameters of its row of the controller; nil: it shows none.
  func link(
    _ endpoint: String = endpoint, proof: LinkProof = .fileSystem, serialNumber: String = "1",
    kind: TransportKind = .webSocket, isSilent: @escaping @Sendable () -> Bool = { false },
    requests: (@Sendable () -> [[String: String]])? = nil, row: [String: String]? = nil,
    hears: @escaping @Sendable (USPOperate) -> Void = { _ in }
  ) throws -> ScriptedLink {
    ScriptedLink(endpoint, controller: try #require(Self.own), proof: proof, kind: kind) {
      request in
      if isSilent() { return nil }
      switch request {
      case .getSupportedProtocol:
        var response = USPGetSupportedProtocolResp()
        response.agentSupportedProtocolVersions = "1.3"
        return .getSupportedProtocolResp(response)
      case .get(let get):
        var response = USPGetResp()
        response.reqPathResults = get.paramPaths.map { path in
          var result = USPGetResp.RequestedPathResult()
          result.requestedPath = path
          if path == "Device.DeviceInfo." {
            var resolved = USPGetResp.ResolvedPathResult()
            resolved.resolvedPath = path
            resolved.resultParams = [
              "ManufacturerOUI": "02FA1E", "ProductClass": "GW", "SerialNumber": serialNumber,
              "Manufacturer": "M", "SoftwareVersion": "1.0", "UpTime": "1000",
            ]
            result.resolvedPathResults = [resolved]
          }
          if path == "Device.LocalAgent.Controller.[EndpointID==\"self::controller\"].", let row {
            var resolved = USPGetResp.ResolvedPathResult()
            resolved.resolvedPath = "Device.LocalAgent.Controller.1."
            resolved.resultParams = row
            result.resolvedPathResults = [resolved]
          }
          if path == "Device.LocalAgent.Request.", let requests {
            result.resolvedPathResults = requests().enumerated().map {
              var resolved = USPGetResp.ResolvedPathResult()
              resolved.resolvedPath = "\(path)\($0.offset + 1)."
              resolved.resultParams = $0.element
              return resolved
            }
          }
          if path == "Device.DeviceInfo.FirmwareImage." {
            result.resolvedPathResults = [("1", "Active"), ("2", "NoImage")].map {
              var resolved = USPGetResp.ResolvedPathResult()
              resolved.resolvedPath = "\(path)\($0)."
              resolved.resultParams = ["Status": $1]
              return resolved
            }
          }
          return result
        }
        return .getResp(response)
      case .getSupportedDm:
        var object = USPGetSupportedDMResp.SupportedObjectResult()
        object.supportedObjPath = "Device.DeviceInfo."
        object.supportedParams = ["SerialNumber", "SoftwareVersion"].map {
          var parameter = USPGetSupportedDMResp.SupportedParamResult()
          parameter.paramName = $0
          return parameter
        }
        var result = USPGetSupportedDMResp.RequestedObjectResult()
        result.supportedObjs = [object]
        if requests != nil {
          var row = USPGetSupportedDMResp.SupportedObjectResult()
          row.supportedObjPath = "Device.LocalAgent.Request.{i}."
          row.isMultiInstance = true
          result.supportedObjs.append(row)
        }
        var response = USPGetSupportedDMResp()
        response.reqObjResults = [result]
        return .getSupportedDmResp(response)
      case .getInstances: return .getInstancesResp(USPGetInstancesResp())
      case .set: return .setResp(USPSetResp())
      case .add: return .addResp(USPAddResp())
      case .operate(let operate):
        hears(operate)
        var result = USPOperateResp.OperationResult()
        result.executedCommand = operate.command
        result.operationResp = .reqObjPath("Device.LocalAgent.Request.1")
        var response = USPOperateResp()
        response.operationResults = [result]
        return .operateResp(response)
      default: return nil
      }
    }
  }

  func notification(_ id: String, _ value: String) -> USPMsg {
    var change = USPNotify.ValueChange()
    change.paramPath = "Device.DeviceInfo.ProvisioningCode"
    change.paramValue = value
    var notify = USPNotify()
    notify.subscriptionID = "values"
    notify.sendResp = true
    notify.notification = .valueChange(change)
    return .request(id: id, .notify(notify))
  }

  func isAcknowledged(_ id: String, _ messages: [USPMsg]) -> Bool {
    messages.contains {
      guard $0.id == id, case .notifyResp(let response)? = $0.response else { return false }
      return response.subscriptionID == "values"
    }
  }

  func wait(_ what: () async throws -> Bool) async throws {
    while !(try await what()) { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test func anAgentIsTheDeviceThatItsDeviceInfoTells() async throws {
    try await withController { fixture in
      let link = try link()
      link.connect(to: fixture.core.accept(link))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      let device = try #require(try await fixture.store.device(named: Self.endpoint))
      #expect(device.identity.name == Self.name)
      #expect(device.protocolName == "usp")
      #expect(device.facts["DeviceInfo.SoftwareVersion"] == "1.0")
      #expect(fixture.core.table.conversation(of: device.id) != nil)
      #expect(try await fixture.store.endpoints(of: device.id) == [Self.endpoint])
    }
  }

  @Test func aNotificationIsStoredOnceBeforeItIsAcknowledged() async throws {
    try await withController { fixture in
      let link = try link()
      link.connect(to: fixture.core.accept(link))
      // It comes before it is known whose it is.
      link.tell(notification("n1", "a"))
      try await link.wait { isAcknowledged("n1", $0) }
      let device = try #require(try await fixture.store.device(named: Self.name))
      func value() async throws -> String? {
        try await fixture.store.tree(of: device.id)
          .first { $0.path == "Device.DeviceInfo.ProvisioningCode" }?.value
      }
      // The agent does not show the parameter when its tree is read.
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      link.tell(notification("n2", "b"))
      try await link.wait { isAcknowledged("n2", $0) }
      #expect(try await value() == "b")
      // The answer was lost: it is given again, and nothing is stored.
      let answers = link.messages.count
      link.tell(notification("n1", "a"))
      try await link.wait { $0.count > answers && isAcknowledged("n1", Array($0[answers...])) }
      #expect(try await value() == "b")
    }
  }

  @Test func theNewerLinkOfAnAgentWins() async throws {
    try await withController { fixture in
      let older = try link()
      older.connect(to: fixture.core.accept(older))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      let newer = try link()
      newer.connect(to: fixture.core.accept(newer))
      guard case .refused = try await older.waitForClosing() else {
        Issue.record("\(String(describing: older.closing))")
        return
      }
      newer.tell(notification("n1", "a"))
      try await newer.wait { isAcknowledged("n1", $0) }
      #expect(newer.closing == nil)
    }
  }

  func isRefused(_ link: ScriptedLink) async throws -> Bool {
    if case .refused = try await link.waitForClosing() { true } else { false }
  }

  func claims(_ name: String, _ fixture: Fixture) async throws -> Int {
    guard let device = try await fixture.store.deviceID(named: name) else { return 0 }
    return try await fixture.store.events(of: device, limit: 100)
      .count { $0.kind == "identityClaimed" }
  }

  @Test func silentLinksHoldNoPlaces() async throws {
    try await withController({ $0.maxOnboarding = 1 }) { fixture in
      // Whoever proves nothing gets none.
      let nobody = try link(proof: .nothing, isSilent: { true })
      nobody.connect(to: fixture.core.accept(nobody))
      #expect(try await isRefused(nobody))
      #expect(nobody.messages.isEmpty)
      let silent = try link("os::02FA1E-2", isSilent: { true })
      silent.connect(to: fixture.core.accept(silent))
      try await silent.wait { !$0.isEmpty }
      let gone = try link("os::02FA1E-3", serialNumber: "3")
      gone.connect(to: fixture.core.accept(gone))
      try await wait { fixture.core.onboarding.waiting == 1 }
      gone.close(.finished)
      try await wait { fixture.core.onboarding.waiting == 0 }
      let next = try link()
      next.connect(to: fixture.core.accept(next))
      silent.close(.finished)
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      #expect(gone.messages.isEmpty)
    }
  }

  @Test func aCredentialThatWasReplacedIsTakenSoon() async throws {
    try await withController { fixture in
      func set(_ password: String) async throws {
        _ = try await fixture.store.setCredential(
          NewCredentialRecord(
            username: "shared", password: password, realm: "fairlead", deviceName: nil), by: "test")
      }
      func verdict(_ password: String) async -> WebSocketVerdict {
        await fixture.core.judge(
          WebSocketHandshake(
            peerAddress: "192.0.2.7", endpoint: nil,
            authorization: ["Basic " + Data("shared:\(password)".utf8).base64EncodedString()],
            isEncrypted: true))
      }
      let admitted = WebSocketVerdict.admitted(.credential(username: "shared"))
      try await set("first one")
      #expect(await verdict("first one") == admitted)
      try await set("second one")
      // A flood of wrong ones is not looked up each time.
      fixture.ahead.withLockedValue { $0 = 1.5 }
      #expect(await verdict("second one") == admitted)
      #expect(await verdict("first one") != admitted)
    }
  }

  /// A CWMP session of the same device takes the right to write, and the link takes it back.
  @Test func anotherSessionOfTheDeviceIsOutlived() async throws {
    try await withController { fixture in
      let link = try link()
      link.connect(to: fixture.core.accept(link))
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      _ = try await fixture.store.admit(
        Contact(
          identity: DeviceIdentity(
            manufacturer: "M", oui: "02FA1E", productClass: "GW", serialNumber: "1"),
          protocolName: "cwmp", root: "Device.", reasons: [.periodic], reasonTexts: [], values: [],
          session: 7, address: "192.0.2.7", at: Date().timeIntervalSince1970), mayCreate: false)
      link.tell(notification("n1", "a"))
      try await link.wait { isAcknowledged("n1", $0) }
      let device = try #require(try await fixture.store.device(named: Self.name))
      #expect(
        try await fixture.store.tree(of: device.id)
          .first { $0.path == "Device.DeviceInfo.ProvisioningCode" }?.value == "a")
    }
  }

  @Test func thereAreOnlySoManyAgents() async throws {
    try await withController({ $0.maxAgents = 1 }) { fixture in
      let first = try link()
      first.connect(to: fixture.core.accept(first))
      let second = try link("os::02FA1E-2", serialNumber: "2")
      second.connect(to: fixture.core.accept(second))
      guard case .refused = try await second.waitForClosing() else {
        Issue.record("\(String(describing: second.closing))")
        return
      }
      try await wait { try await fixture.store.device(named: Self.name) != nil }
    }
  }

  @Test func anAnswerThatIsTooLongIsNotAwaited() async throws {
    try await withController({ $0.limits.messageItems = 20 }) { fixture in
      let link = try link()
      let conversation = try #require(fixture.core.accept(link) as? AgentConversation)
      link.connect(to: conversation)
      try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
      var get = USPGet()
      get.paramPaths = (0...20).map { "Device.X.\($0)." }
      let answer = await conversation.ask(.get(get))
      guard case .broken(let reason) = answer else {
        Issue.record("\(answer)")
        return
      }
      #expect(reason.hasPrefix("the agent's answer can't be taken: "))
      #expect(reason.contains("usp.maxItems"))
      #expect(link.closing == nil)
    }
  }

  @Test func whatCanNotBeReadEndsTheLink() async throws {
    try await withController { fixture in
      let link = try link()
      link.connect(to: fixture.core.accept(link))
      link.push([0xFF, 0xFF, 0xFF])
      #expect(try await link.waitForClosing() == .undecodable)
    }
  }
}
