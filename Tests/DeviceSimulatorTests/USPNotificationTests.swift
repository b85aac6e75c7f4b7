import Testing
import USP

@testable import DeviceSimulator

/// Subscriptions, retries, Boot!, Periodic! and OnBoardRequest of a simulated agent.
struct USPNotificationTests {
  @Test func firstContactBeginsWithAnOnBoardRequest() throws {
    let agents = try USPAgents(isConnected: false)
    #expect(agents.agent.advance(to: .zero).contains(.connect))
    let first = agents.messages(agents.agent.linkOpened(at: .zero))
    #expect(first.count == 1)
    guard case .notify(let notify)? = first[0].request else { throw Unexpected(first[0]) }
    #expect(notify.sendResp)
    #expect(notify.subscriptionID.isEmpty)
    #expect(notify.onBoardReq.oui == "02FA1E")
    #expect(notify.onBoardReq.productClass == "SG181")
    #expect(notify.onBoardReq.serialNumber == "T000001")
    #expect(notify.onBoardReq.agentSupportedProtocolVersions == "1.0,1.1,1.2,1.3,1.4")
    // Never given up, and with the same ID each time.
    let again = agents.messages(agents.pass(.seconds(31)))
    #expect(again.count == 2)
    #expect(again.allSatisfy { $0 == first[0] })
    agents.acknowledge(first[0])
    #expect(agents.messages(agents.pass(.seconds(250))).isEmpty)
  }

  @Test func someAgentsDoNotTellOfThemselves() throws {
    let agents = try USPAgents(quirks: ["no-on-board-request"], isConnected: false)
    _ = agents.agent.advance(to: .zero)
    #expect(agents.messages(agents.agent.linkOpened(at: .zero)).isEmpty)
  }

  @Test func onBoardingIsRepeatedUntilItIsComplete() throws {
    let agents = try USPAgents(isConnected: false)
    _ = agents.agent.advance(to: .zero)
    let first = try #require(agents.messages(agents.agent.linkOpened(at: .zero)).first)
    _ = agents.ask(
      USPAgents.set("Device.LocalAgent.Controller.1.", [("OnBoardingRestartTime", "60", true)]))
    agents.acknowledge(first)
    let second = try #require(agents.messages(agents.pass(.seconds(61))).first)
    #expect(second.id != first.id)
    agents.acknowledge(second)
    _ = agents.ask(
      USPAgents.set("Device.LocalAgent.Controller.1.", [("OnBoardingComplete", "true", true)]))
    #expect(agents.messages(agents.pass(.seconds(200))).isEmpty)
  }

  @Test func changedValuesAreTold() throws {
    let agents = try USPAgents()
    try agents.subscribe("ValueChange", "Device.DeviceInfo.", id: "v1")
    try agents.subscribe("ValueChange", "Device.DeviceInfo.ProvisioningCode", id: "v2")
    try agents.subscribe("ValueChange", "Device.WiFi.", id: "v3")
    let effects = agents.send(
      USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
    let notes = agents.notifications(effects)
    #expect(notes.map(\.subscriptionID) == ["v1", "v2"])
    #expect(notes.allSatisfy { $0.valueChange.paramPath == "Device.DeviceInfo.ProvisioningCode" })
    #expect(notes.allSatisfy { $0.valueChange.paramValue == "P1" })
    #expect(notes.allSatisfy { !$0.sendResp })
    // The same value is no change.
    #expect(
      agents.notifications(
        agents.send(USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
      )
      .isEmpty)
  }

  @Test func aSearchPathIsLookedAtWhenItHappens() throws {
    let agents = try USPAgents()
    try agents.subscribe(
      "ValueChange", "Device.Ethernet.Interface.[Name==\"lan2\"].Enable", id: "v")
    let notes = agents.notifications(
      agents.send(USPAgents.set("Device.Ethernet.Interface.*.", [("Enable", "false", true)])))
    #expect(notes.map(\.valueChange.paramPath) == ["Device.Ethernet.Interface.2.Enable"])
  }

  @Test func rowsThatComeAndGoAreTold() throws {
    let agents = try USPAgents()
    try agents.subscribe("ObjectCreation", "Device.LocalAgent.Controller.", id: "c")
    try agents.subscribe("ObjectDeletion", "Device.LocalAgent.Controller.*.", id: "d")
    let added = agents.send(
      USPAgents.add("Device.LocalAgent.Controller.", [("EndpointID", "self::x")]))
    let creation = try #require(agents.notifications(added).first)
    #expect(creation.objCreation.objPath == "Device.LocalAgent.Controller.2.")
    #expect(creation.objCreation.uniqueKeys == ["Alias": "cpe-2", "EndpointID": "self::x"])
    // The response comes first.
    #expect(agents.messages(added).first?.response != nil)
    let deleted = agents.notifications(
      agents.send(USPAgents.delete("Device.LocalAgent.Controller.2.")))
    #expect(deleted.map(\.objDeletion.objPath) == ["Device.LocalAgent.Controller.2."])
  }

  @Test func unacknowledgedNotificationsComeAgainByTheTable() throws {
    let agents = try USPAgents()
    try agents.subscribe("ValueChange", "Device.DeviceInfo.ProvisioningCode", id: "v", retry: true)
    let first = try #require(
      agents.messages(
        agents.send(USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
      ).last)
    guard case .notify(let notify)? = first.request else { throw Unexpected(first) }
    #expect(notify.sendResp)
    #expect(agents.messages(agents.pass(.seconds(4))).isEmpty)
    #expect(agents.messages(agents.pass(.seconds(6))) == [first])
    #expect(agents.messages(agents.pass(.seconds(20))) == [first])
    agents.acknowledge(first)
    #expect(agents.messages(agents.pass(.seconds(250))).isEmpty)
    #expect(agents.agent.tally.acknowledged == 2)
  }

  @Test func anExpiredNotificationIsGivenUp() throws {
    let agents = try USPAgents()
    try agents.subscribe(
      "ValueChange", "Device.DeviceInfo.ProvisioningCode", id: "v", retry: true,
      [("NotifExpiration", "12")])
    _ = agents.send(USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
    #expect(agents.messages(agents.pass(.seconds(11))).count == 1)
    #expect(agents.messages(agents.pass(.seconds(200))).isEmpty)
  }

  @Test func aQuirkRepeatsEachNotification() throws {
    let agents = try USPAgents(quirks: ["repeated-notifications"])
    try agents.subscribe("ValueChange", "Device.DeviceInfo.ProvisioningCode", id: "v")
    let messages = agents.messages(
      agents.send(USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)])))
    let notes = messages.filter { $0.request != nil }
    #expect(notes.count == 2)
    #expect(Set(notes.map(\.id)).count == 1)
  }

  @Test func valuesThatChangeAllTheTimeAreLookedAtNowAndThen() throws {
    let agents = try USPAgents()
    try agents.subscribe("ValueChange", "Device.DeviceInfo.UpTime", id: "u")
    let notes = agents.notifications(agents.pass(.seconds(31)))
    #expect(notes.map(\.valueChange.paramValue) == ["10", "20", "30"])
  }

  @Test func aSubscriptionMaySetValuesItself() throws {
    let agents = try USPAgents()
    try agents.subscribe(
      "ValueChange", "Device.DeviceInfo.ProvisioningCode", id: "v",
      [
        ("TriggerAction", "Config"),
        ("TriggerConfigSettings", "Device.UserInterface.ISPName=changed"),
      ])
    let effects = agents.send(
      USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
    #expect(agents.notifications(effects).isEmpty)
    #expect(agents.value("Device.UserInterface.ISPName") == "changed")
  }

  @Test func aSubscriptionSetsNothingThatAControllerCouldNot() throws {
    let agents = try USPAgents()
    try agents.subscribe(
      "ValueChange", "Device.DeviceInfo.ProvisioningCode", id: "v",
      [
        ("TriggerAction", "Config"),
        (
          "TriggerConfigSettings",
          """
          Device.LocalAgent.Controller.1.PeriodicNotifInterval=1e30,Device.LocalAgent.Subscription.1.NotifExpiration=1e30,\
          Device.LocalAgent.Subscription.1.TimeToLive=9223372036854775807,Device.DeviceInfo.SoftwareVersion=9,\
          Device.UserInterface.ISPName=changed
          """
        ),
      ])
    let interval = agents.value("Device.LocalAgent.Controller.1.PeriodicNotifInterval")
    _ = agents.send(USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
    #expect(
      agents.value("Device.LocalAgent.Controller.1.PeriodicNotifInterval") == interval)
    #expect(agents.value("Device.LocalAgent.Subscription.1.NotifExpiration") == "0")
    #expect(agents.value("Device.LocalAgent.Subscription.1.TimeToLive") == "0")
    #expect(agents.value("Device.DeviceInfo.SoftwareVersion") == "1.0.0")
    #expect(agents.value("Device.UserInterface.ISPName") == "changed")
  }

  @Test func aSubscriptionEndsWithItsTime() throws {
    let agents = try USPAgents()
    let row = try agents.subscribe("Event", "Device.Boot!", id: "b", [("TimeToLive", "30")])
    _ = agents.pass(.seconds(29))
    #expect(agents.value(row + "ID") == "b")
    _ = agents.pass(.seconds(2))
    #expect(agents.value(row + "ID") == nil)
  }

  @Test func periodicFollowsItsInterval() throws {
    let agents = try USPAgents()
    try agents.subscribe("Event", "Device.LocalAgent.Periodic!", id: "p")
    _ = agents.ask(
      USPAgents.set("Device.LocalAgent.Controller.1.", [("PeriodicNotifInterval", "20", true)]))
    let events = agents.notifications(agents.pass(.seconds(65)))
    #expect(events.count == 3)
    #expect(events.allSatisfy { $0.event.eventName == "Periodic!" })
    #expect(events.allSatisfy { $0.event.objPath == "Device.LocalAgent." })
  }

  @Test func periodicMeetsItsTime() throws {
    let agents = try USPAgents()
    try agents.subscribe("Event", "Device.LocalAgent.Periodic!", id: "p")
    _ = agents.ask(
      USPAgents.set(
        "Device.LocalAgent.Controller.1.",
        [
          ("PeriodicNotifInterval", "3600", true),
          ("PeriodicNotifTime", "2026-11-23T06:00:00Z", true),
        ]))
    // It is 05:16:00.
    #expect(agents.notifications(agents.pass(.seconds(44 * 60 - 1))).isEmpty)
    #expect(agents.notifications(agents.pass(.seconds(2))).count == 1)
  }

  @Test func aBootIsToldWithItsCause() throws {
    let agents = try USPAgents()
    try agents.subscribe("Event", "Device.Boot!", id: "b", retry: true, persistent: true)
    try agents.subscribe("Event", "Device.Boot!", id: "passing")
    _ = agents.ask(
      USPAgents.add(
        "Device.LocalAgent.Controller.1.BootParameter.",
        [("Enable", "true"), ("ParameterName", "Device.DeviceInfo.SoftwareVersion")]))
    let answer = agents.ask(USPAgents.operate("Device.Reboot()", ["Reason": "test"], key: "r1"))
    #expect(answer?.response != nil)
    let effects = agents.passLinking(.seconds(10))
    #expect(effects.contains(.hangUp(.sudden)))
    #expect(effects.contains(.connect))
    let boots = agents.notifications(effects).filter { $0.event.eventName == "Boot!" }
    #expect(boots.map(\.subscriptionID) == ["b"])
    #expect(boots[0].event.objPath == "Device.")
    #expect(
      boots[0].event.params == [
        "CommandKey": "r1", "Cause": "RemoteReboot", "Reason": "test", "FirmwareUpdated": "false",
        "ParameterMap": "{\"Device.DeviceInfo.SoftwareVersion\":\"1.0.0\"}",
      ])
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "1")
  }

  @Test func quirksForgetSubscriptionsAndLeaveLinks() throws {
    let agents = try USPAgents(quirks: ["forgotten-subscriptions", "vanishing-link", "bare-boot"])
    try agents.subscribe("Event", "Device.Boot!", id: "b", persistent: true)
    _ = agents.ask(USPAgents.operate("Device.Reboot()"))
    let effects = agents.passLinking(.seconds(10))
    #expect(effects.contains(.hangUp(.abandon)))
    #expect(agents.notifications(effects).allSatisfy { $0.event.eventName != "Boot!" })
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "0")
  }

  @Test func aFactoryResetForgetsWhatWasSet() throws {
    let agents = try USPAgents(factorySubscriptions: true)
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "3")
    _ = agents.ask(USPAgents.set("Device.DeviceInfo.", [("ProvisioningCode", "P1", true)]))
    _ = agents.ask(USPAgents.delete("Device.LocalAgent.Subscription.2."))
    _ = agents.ask(USPAgents.operate("Device.FactoryReset()", key: "f"))
    let boots = agents.notifications(agents.passLinking(.seconds(10)))
      .filter { $0.event.eventName == "Boot!" }
    #expect(boots.first?.event.params["Cause"] == "RemoteFactoryReset")
    #expect(boots.first?.event.params["CommandKey"] == "f")
    #expect(agents.value("Device.DeviceInfo.ProvisioningCode") == "")
    #expect(agents.value("Device.LocalAgent.SubscriptionNumberOfEntries") == "3")
  }

  /// What the agent waits for each time before it makes its link again, which always fails.
  private func waits(_ count: Int, _ agents: USPAgents) throws -> [Double] {
    _ = agents.agent.linkFailed(at: agents.now)
    return try (0..<count).map { _ in
      let before = agents.now
      let deadline = try #require(agents.agent.deadline)
      agents.now = deadline
      #expect(agents.agent.advance(to: deadline).contains(.connect))
      _ = agents.agent.linkFailed(at: deadline)
      return (deadline - before).seconds
    }
  }

  @Test func aLostLinkIsMadeAgainByTheTable() throws {
    for (index, wait) in try waits(4, USPAgents()).enumerated() {
      #expect(RetryTable.standard.range(attempt: index + 1).contains(wait))
    }
  }

  /// TR-369 R-UDS.5.
  @Test func aLinkOverASocketIsMadeAgainSoon() throws {
    let waits = try waits(8, USPAgents(way: .unix(path: "/run/usp")))
    #expect(waits.allSatisfy { (1...5).contains($0) })
    #expect(Set(waits).count > 1)
  }
}
