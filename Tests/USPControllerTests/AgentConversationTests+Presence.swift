import Fleet
import FleetStore
import Foundation
import NIOConcurrencyHelpers
import Postgres
import Testing
import USP
import USPTransports

@testable import USPController

/// Whether agents are connected, as the database tells.
extension AgentConversationTests {
  private func wait(
    _ fixture: Fixture, _ name: String = name, until isReached: (AgentPresence?) -> Bool
  ) async throws -> AgentPresence? {
    while true {
      let presence = try await fixture.store.device(named: name)?.presence
      if isReached(presence) { return presence }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test(arguments: [TransportKind.webSocket, .unix, .mqtt, .stomp])
  func anAgentIsConnectedUntilItsLinkEnds(_ kind: TransportKind) async throws {
    try await withController({ $0.node = "here" }) { fixture in
      try await fixture.core.presence.open()
      let link = try link(kind: kind)
      _ = try await known(fixture, link)
      let online = try await wait(fixture) { $0?.isOnline == true }
      #expect(online?.node == "here" && online?.transport == kind.rawValue)
      #expect(online?.endpoint == Self.endpoint)
      #expect(fixture.core.presence.counts == [kind.rawValue: 1])
      link.close(.finished)
      let offline = try await wait(fixture) { $0?.isOnline == false }
      #expect(offline?.node == nil && offline?.transport == kind.rawValue)
      #expect((offline?.since ?? 0) >= (online?.since ?? .infinity))
      #expect(fixture.core.presence.counts.isEmpty)
    }
  }

  @Test func whoLeavesThroughABrokerIsNotConnectedUntilItSpeaks() async throws {
    try await withController { fixture in
      try await fixture.core.presence.open()
      let link = try link(kind: .mqtt)
      _ = try await known(fixture, link)
      _ = try await wait(fixture) { $0?.isOnline == true }
      link.leave()
      _ = try await wait(fixture) { $0?.isOnline == false }
      #expect(link.closing == nil)
      link.connectAgain()
      _ = try await wait(fixture) { $0?.isOnline == true }
    }
  }

  @Test func aSilentAgentBehindABrokerIsAskedAndGone() async throws {
    let isSilent = NIOLockedValueBox(false)
    try await withController({
      $0.probeInterval = 0.2
      $0.requestTimeout = 1
    }) { fixture in
      try await fixture.core.presence.open()
      let link = try link(kind: .mqtt, isSilent: { isSilent.withLockedValue { $0 } })
      _ = try await known(fixture, link)
      // One that answers is asked again and again, and stays.
      try await link.wait { $0.filter(\.isProbe).count > 3 }
      #expect(link.closing == nil)
      #expect(try await fixture.store.device(named: Self.name)?.presence?.isOnline == true)
      isSilent.withLockedValue { $0 = true }
      #expect(try await link.waitForClosing() == .timedOut)
      _ = try await wait(fixture) { $0?.isOnline == false }
    }
  }

  @Test(arguments: [(TransportKind.webSocket, 0.05), (.mqtt, 0)])
  func whoseTransportTellsIsNotAsked(_ kind: TransportKind, _ interval: Double) async throws {
    try await withController({ $0.probeInterval = interval }) { fixture in
      let link = try link(kind: kind)
      let device = try await known(fixture, link)
      let conversation = try #require(fixture.core.table.conversation(of: device.id))
      #expect(await conversation.nextProbe == nil)
    }
  }

  @Test func whenAnAgentWasHeardIsWrittenNowAndThen() async throws {
    try await withController { fixture in
      try await fixture.core.presence.open()
      let link = try link()
      _ = try await known(fixture, link)
      let before = try await wait(fixture) { $0?.isOnline == true }?.heardAt ?? 0
      fixture.ahead.withLockedValue { $0 = 1_000 }
      link.tell(.error(to: "nothing", .messageNotSupported))
      while (fixture.core.table.heard.first?.at ?? 0) < before + 900 {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(try await fixture.store.device(named: Self.name)?.presence?.heardAt == before)
      await fixture.core.presence.write(heard: fixture.core.table.heard)
      #expect(
        (try await fixture.store.device(named: Self.name)?.presence?.heardAt ?? 0) > before + 900)
    }
  }

  @Test func aNodeThatWasTakenForLostMakesItsAgentsKnownAnew() async throws {
    try await withController { fixture in
      try await fixture.core.presence.open()
      let link = try link()
      _ = try await known(fixture, link)
      let since = try await wait(fixture) { $0?.isOnline == true }?.since
      try await fixture.store.pool.query(
        "UPDATE node SET alive_until = now() - interval '1 hour'")
      #expect(try await fixture.store.forgetEndedNodes() == 1)
      #expect(try await fixture.store.device(named: Self.name)?.presence?.isOnline == false)
      await fixture.core.presence.beat()
      let presence = try await wait(fixture) { $0?.isOnline == true }
      #expect(presence?.since == since)
      await fixture.core.presence.close()
      #expect(try await fixture.store.device(named: Self.name)?.presence?.isOnline == false)
    }
  }

  @Test func whatTheDatabaseDidNotTakeIsWrittenWithTheNextSignOfLife() async throws {
    try await withController { fixture in
      try await fixture.core.presence.open()
      let link = try link()
      _ = try await known(fixture, link)
      _ = try await wait(fixture) { $0?.isOnline == true }
      try await fixture.store.pool.query("ALTER TABLE agent_presence RENAME TO away")
      link.close(.finished)
      while !fixture.core.presence.counts.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      await fixture.core.presence.beat()
      try await fixture.store.pool.query("ALTER TABLE away RENAME TO agent_presence")
      while try await fixture.store.device(named: Self.name)?.presence?.isOnline == true {
        await fixture.core.presence.beat()
      }
    }
  }
}

extension USPMsg {
  fileprivate var isProbe: Bool {
    if case .getSupportedProtocol? = request { true } else { false }
  }
}
