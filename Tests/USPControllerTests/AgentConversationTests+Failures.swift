import Fleet
import FleetStore
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Refusals
import Testing
import USP
import USPTransports

@testable import USPController

/// What goes wrong on the way, and how it goes on.
extension AgentConversationTests {
  private struct Unreachable: Error {}

  func known(_ fixture: Fixture, _ link: ScriptedLink) async throws -> DeviceRecord {
    link.connect(to: fixture.core.accept(link))
    try await wait { try await fixture.store.device(named: Self.name)?.readAt != nil }
    return try #require(try await fixture.store.device(named: Self.name))
  }

  private func order(_ operation: Fleet.Operation, attempts: Int = 1) -> TaskRequest {
    let now = Date().timeIntervalSince1970
    return TaskRequest(operation: operation, dueAt: now, deadline: now + 600, maxAttempts: attempts)
  }

  private func takeRight(_ fixture: Fixture, over protocolName: String) async throws {
    _ = try await fixture.store.admit(
      Contact(
        identity: DeviceIdentity(
          manufacturer: "M", oui: "02FA1E", productClass: "GW", serialNumber: "1"),
        protocolName: protocolName, root: "Device.", reasons: [.periodic], reasonTexts: [],
        values: [], session: 7, address: "192.0.2.7", at: Date().timeIntervalSince1970),
      mayCreate: false)
  }

  @Test func aTaskThatCanNotBePreparedIsTriedAgainAndGivenUp() async throws {
    let calls = NIOLockedValueBox(0)
    try await withController(destination: { _, _ in
      calls.withLockedValue { $0 += 1 }
      throw Unreachable()
    }) { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      let task = try await fixture.store.createTask(
        for: Self.name, order(.upload(UploadOrder(fileType: UploadOrder.logFile)), attempts: 2),
        by: "test")
      await fixture.core.table.conversation(of: device.id)?.noteWork()
      try await wait {
        try await fixture.store.task(task.task.id, of: Self.name)?.task.state == .failed
      }
      #expect(calls.withLockedValue { $0 } == 2)
      #expect(link.closing == nil)
    }
  }

  @Test func aNullIsReplaced() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      link.tell(notification("n1", "a\0b"))
      try await link.wait { isAcknowledged("n1", $0) }
      #expect(
        try await fixture.store.tree(of: device.id)
          .first { $0.path == "Device.DeviceInfo.ProvisioningCode" }?.value == "a\u{FFFD}b")
    }
  }

  @Test func anotherLinkOfTheAgentElsewhereWins() async throws {
    try await withController { fixture in
      let link = try link()
      _ = try await known(fixture, link)
      try await takeRight(fixture, over: "usp")
      link.tell(notification("n1", "a"))
      #expect(try await isRefused(link))
    }
  }

  @Test func aSessionThatIsAtATaskIsLeftAlone() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      try await takeRight(fixture, over: "cwmp")
      _ = try await fixture.store.createTask(for: Self.name, order(.reboot), by: "test")
      let now = Date().timeIntervalSince1970
      let claimed = try #require(
        try await fixture.store.claim(device.id, session: 7, now: now + 1))
      #expect(try await fixture.store.devicesWithDueWork(among: [device.id], now: now + 2) == [])
      #expect(
        try await fixture.store.devicesWithDueWork(
          among: [device.id], now: now + FleetStore.sessionTime + 2) == [device.id])
      link.tell(notification("n1", "a"))
      try await Task.sleep(for: .seconds(5))
      let holder = try await fixture.store.sessionHolder(of: device.id, now: now)
      #expect(holder?.session == 7)
      #expect(!isAcknowledged("n1", link.messages))
      try await fixture.store.commit(
        SessionWrite(
          deviceID: device.id, deviceName: Self.name, session: 7,
          tasks: [
            claimed.task.after(
              .done(OperationResult()), now: now, policy: claimed.policy, random: 0)
          ], at: now))
      try await link.wait { isAcknowledged("n1", $0) }
    }
  }

  @Test func whatATaskWritesAndWhatIsToldTakeTheRightBackTogether() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      try await takeRight(fixture, over: "cwmp")
      let task = try await fixture.store.createTask(
        for: Self.name, order(.get(paths: ["Device.DeviceInfo."])), by: "test")
      await fixture.core.table.conversation(of: device.id)?.noteWork()
      link.tell(notification("n1", "a"))
      try await link.wait { isAcknowledged("n1", $0) }
      try await wait {
        try await fixture.store.task(task.task.id, of: Self.name)?.task.state == .done
      }
      #expect(link.closing == nil)
    }
  }

  @Test func theLinkOfARemovedDeviceEnds() async throws {
    try await withController { fixture in
      let link = try link()
      _ = try await known(fixture, link)
      try await fixture.store.deleteDevice(named: Self.name, by: "test")
      link.tell(notification("n1", "a"))
      #expect(try await isRefused(link))
    }
  }

  private func event(_ id: String, _ name: String, _ parameters: [String: String]) -> USPMsg {
    var event = USPNotify.Event()
    event.objPath = "Device.LocalAgent."
    event.eventName = name
    event.params = parameters
    var notify = USPNotify()
    notify.subscriptionID = "values"
    notify.sendResp = true
    notify.notification = .event(event)
    return .request(id: id, .notify(notify))
  }

  /// The report of the transfer is stored only when the link may write again.
  @Test func newFirmwareIsStartedOnce() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      let task = try await fixture.store.createTask(
        for: Self.name,
        order(
          .download(
            DownloadOrder(
              file: "", remote: RemoteFile(url: "http://192.0.2.1/f"),
              windows: [TransferWindow(start: 0, end: 600, mode: .immediately)]))),
        by: "test")
      await fixture.core.table.conversation(of: device.id)?.noteWork()
      try await wait {
        try await fixture.store.task(task.task.id, of: Self.name)?.task.waitingFor == .transfer
      }
      try await takeRight(fixture, over: "cwmp")
      link.tell(
        event(
          "n1", "TransferComplete!",
          [
            "CommandKey": task.task.commandKey, "FaultCode": "0",
            "Affected": "Device.DeviceInfo.FirmwareImage.2",
          ]))
      try await link.wait { isAcknowledged("n1", $0) }
      let starts = link.messages.count {
        guard case .operate(let operate)? = $0.request else { return false }
        return operate.command.hasSuffix("Activate()")
      }
      #expect(starts == 1)
    }
  }

  /// What is only to be loaded is not started when it has been loaded, but by the order after it.
  @Test func loadedFirmwareWaitsForItsOrder() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      func started() -> Int {
        link.messages.count {
          guard case .operate(let operate)? = $0.request else { return false }
          return operate.command.hasSuffix("Activate()")
        }
      }
      let task = try await fixture.store.createTask(
        for: Self.name,
        order(
          .download(
            DownloadOrder(
              file: "", expectedVersion: "2.0", remote: RemoteFile(url: "http://192.0.2.1/f"),
              stage: .load))), by: "test")
      await fixture.core.table.conversation(of: device.id)?.noteWork()
      try await wait {
        try await fixture.store.task(task.task.id, of: Self.name)?.task.waitingFor == .transfer
      }
      link.tell(
        event(
          "n1", "TransferComplete!",
          [
            "CommandKey": task.task.commandKey, "FaultCode": "0",
            "Affected": "Device.DeviceInfo.FirmwareImage.2",
          ]))
      try await link.wait { isAcknowledged("n1", $0) }
      #expect(
        try await fixture.store.task(task.task.id, of: Self.name)?.task.state == .done)
      #expect(started() == 0)
    }
  }

  private func readings(_ link: ScriptedLink) -> Int {
    link.messages.count {
      if case .getSupportedDm? = $0.request { true } else { false }
    }
  }

  @Test func whatOneDeviceInstalledIsNotOnTheOthers() async throws {
    try await withController { fixture in
      let first = try link()
      _ = try await known(fixture, first)
      #expect(readings(first) == 1)
      first.tell(event("n1", "DUStateChange!", ["UUID": "u", "CurrentState": "Installed"]))
      try await first.wait { _ in readings(first) == 2 }
      let second = try link("os::02FA1E-2", serialNumber: "2")
      second.connect(to: fixture.core.accept(second))
      try await wait { try await fixture.store.device(named: "02FA1E-GW-2")?.readAt != nil }
      #expect(readings(second) == 0)
    }
  }

  // MARK: - Agents that go

  @Test func anAgentThatHasLeftIsAskedNothingUntilItConnects() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      let conversation = try #require(fixture.core.table.conversation(of: device.id))
      link.leave()
      try await wait { fixture.core.table.conversation(of: device.id) == nil }
      let count = link.messages.count
      #expect(await conversation.probe(within: 10) == false)
      #expect(link.messages.count == count)
      link.connectAgain()
      try await wait { fixture.core.table.conversation(of: device.id) != nil }
      #expect(await conversation.probe(within: 10))
    }
  }

  @Test func theLinkToASilentAgentBehindABrokerEnds() async throws {
    let isSilent = NIOLockedValueBox(false)
    try await withController { fixture in
      let link = try link(kind: .mqtt, isSilent: { isSilent.withLockedValue { $0 } })
      let device = try await known(fixture, link)
      let conversation = try #require(fixture.core.table.conversation(of: device.id))
      isSilent.withLockedValue { $0 = true }
      #expect(await conversation.probe(within: 0.5) == false)
      #expect(try await link.waitForClosing() == .timedOut)
    }
  }

  @Test func whoIsReachedAnswers() async throws {
    try await withController({ $0.requestTimeout = 0.3 }) { fixture in
      let silent = try link(kind: .mqtt, isSilent: { true })
      let first = try #require(fixture.core.accept(silent) as? AgentConversation)
      #expect(await first.approach() == false)
    }
    try await withController { fixture in
      let link = try link(kind: .mqtt)
      let conversation = try #require(fixture.core.accept(link) as? AgentConversation)
      link.attach(conversation)
      #expect(await conversation.approach())
    }
  }

  // MARK: - Limits

  @Test func onlySoManyAgentsAreGotToKnowAtOnce() async throws {
    let gate = OnboardingGate(places: 1)
    #expect(await gate.enter(gate.ticket()))
    let hasEntered = NIOLockedValueBox(false)
    let second = Task {
      let isIn = await gate.enter(gate.ticket())
      hasEntered.withLockedValue { $0 = isIn }
    }
    try await Task.sleep(for: .milliseconds(200))
    #expect(!hasEntered.withLockedValue { $0 })
    gate.leave()
    await second.value
    #expect(hasEntered.withLockedValue { $0 })
  }

  private func tellAll(
    _ values: [String], _ adjust: (inout ControllerSettings) -> Void
  ) async throws -> [String] {
    var acknowledged: [String] = []
    try await withController(adjust) { fixture in
      let link = try link()
      _ = try await known(fixture, link)
      for (index, value) in values.enumerated() { link.tell(notification("n\(index)", value)) }
      link.tell(notification("n0", values[0]))
      try await link.wait { isAcknowledged("n0", $0) }
      // By now all of it has come; what was taken is acknowledged before it is let go.
      try await link.eventLoop.submit {}.get()
      let conversation = try #require(fixture.core.table.all.first)
      try await wait { await conversation.notices.isEmpty }
      acknowledged = values.indices.map { "n\($0)" }.filter { isAcknowledged($0, link.messages) }
      #expect(link.closing == nil)
      await conversation.close(.goingAway)
      #expect(fixture.core.held.inUse == 0)
    }
    return acknowledged
  }

  @Test func onlySoManyNotificationsWait() async throws {
    let all = (0..<20).map { "\($0)" }
    #expect(try await tellAll(all) { $0.maxNotifications = 1 }.count < all.count)
    #expect(
      try await tellAll(all) {
        $0.maxNotifications = 3
        $0.notificationRate = 1
      }.count < 6)
  }

  @Test func onlySoManyBytesOfNotificationsWait() async throws {
    let large = String(repeating: "x", count: 2_000)
    #expect(try await tellAll(["a", large]) { $0.maxNotificationBytes = 1_000 } == ["n0"])
    #expect(try await tellAll(["a", large]) { $0.maxHeld = 1_000 } == ["n0"])
    #expect(try await tellAll(["a", large]) { _ in } == ["n0", "n1"])
  }

  @Test func aRateAllowsABurst() {
    var rate = NotificationRate(perSecond: 2, burst: 3)
    #expect((0..<4).map { _ in rate.take(now: 10) } == [true, true, true, false])
    #expect((0..<3).map { _ in rate.take(now: 11) } == [true, true, false])
    #expect((0..<4).map { _ in rate.take(now: 100) } == [true, true, true, false])
  }

  // MARK: - New rows

  @Test func aNewRowIsThereBeforeItIsAcknowledged() async throws {
    try await withController { fixture in
      let link = try link()
      let device = try await known(fixture, link)
      var creation = USPNotify.ObjectCreation()
      creation.objPath = "Device.T.4."
      creation.uniqueKeys = ["Alias": "four"]
      var notify = USPNotify()
      notify.subscriptionID = "values"
      notify.sendResp = true
      notify.notification = .objCreation(creation)
      link.tell(.request(id: "n1", .notify(notify)))
      try await link.wait { isAcknowledged("n1", $0) }
      let tree = try await fixture.store.tree(of: device.id)
      #expect(tree.first { $0.path == "Device.T.4.Alias" }?.value == "four")
    }
  }
}
