import ServerConfiguration
import Testing

@testable import acsd

@Suite struct DescriptorLimitTests {
  private static func needed(_ change: (inout Settings) -> Void = { _ in }) -> Int {
    var settings = Settings()
    change(&settings)
    return DescriptorLimit.neededBesidesDevices(settings)
  }

  /// Each transfer has a socket and a file, with operators as well.
  @Test func transfersNeedTwoEach() {
    #expect(
      Self.needed { $0.files.maxConnections += 100 } == Self.needed() + 200)
    let settings = Settings()
    #expect(
      Self.needed() - 2 * settings.files.maxConnections
        - 2 * settings.connectionRequests.concurrency > 2 * 256)
  }

  @Test func agentsNeedDescriptorsToo() {
    var settings = Settings()
    settings.usp.webSocket = false
    #expect(DescriptorLimit.neededForAgents(settings) == 0)
    settings.usp.unixSocket = "/run/usp"
    #expect(DescriptorLimit.neededForAgents(settings) == settings.usp.maxAgents)
    settings.usp.webSocket = true
    #expect(
      DescriptorLimit.neededForAgents(settings)
        == 2 * settings.usp.maxAgents + settings.usp.maxHandshakes)
    #expect(
      Self.needed { $0.usp.agents = ["ws://192.0.2.1/", "ws://192.0.2.2/"] } == Self.needed() + 2)
  }

  @Test func shortRoomIsSharedByDevicesAndAgents() {
    let asked = Settings()
    let all = asked.cwmp.maxConnections + DescriptorLimit.neededForAgents(asked)
    var settings = asked
    #expect(!DescriptorLimit.fit(&settings, to: all + Self.needed()))
    #expect(settings == asked)
    #expect(DescriptorLimit.fit(&settings, to: all / 2 + Self.needed()))
    #expect(settings.cwmp.maxConnections == asked.cwmp.maxConnections / 2)
    #expect(settings.usp.maxAgents == asked.usp.maxAgents / 2)
    #expect(settings.usp.maxHandshakes == asked.usp.maxHandshakes / 2)
    #expect(settings.mqtt.maxLinks + settings.stomp.maxLinks < settings.usp.maxAgents)
    #expect(
      settings.cwmp.maxConnections + DescriptorLimit.neededForAgents(settings) <= all / 2)
    // However low the limit, some are let in.
    settings = asked
    #expect(DescriptorLimit.fit(&settings, to: 10))
    #expect(settings.cwmp.maxConnections == 64)
    #expect(settings.usp.maxAgents == 64)
    // Where no agents are awaited, theirs is left alone.
    settings = asked
    settings.usp.webSocket = false
    #expect(DescriptorLimit.fit(&settings, to: 5_000 + Self.needed()))
    #expect(settings.cwmp.maxConnections == 5_000)
    #expect(settings.usp.maxAgents == asked.usp.maxAgents)
  }

  @Test func committersHaveConnectionsOfTheirOwn() {
    #expect(Self.needed { $0.store.committers += 3 } == Self.needed() + 3)
    #expect(Self.needed { $0.store.connections += 3 } == Self.needed() + 3)
  }
}
