import Testing

@testable import XMPP

@Suite struct XMPPReconnectionTests {
  private func reconnection() -> XMPPReconnection {
    var policy = XMPPReconnection.Policy()
    policy.firstDelay = 1
    policy.maximumDelay = 10
    policy.stableAfter = 30
    return XMPPReconnection(policy: policy)
  }

  @Test func delaysDoubleUpToTheirMaximum() {
    var reconnection = reconnection()
    let due = (0..<7).map { _ in reconnection.lost(now: 100, random: 0.5) - 100 }
    #expect(due == [1, 2, 4, 8, 10, 10, 10])
  }

  @Test func delaysAreSpread() {
    var low = reconnection()
    var high = reconnection()
    #expect(low.lost(now: 0, random: 0) == 0.5)
    #expect(high.lost(now: 0, random: 1) == 1.5)
  }

  @Test func onlyAConnectionThatStoodForAWhileIsASuccess() {
    var reconnection = reconnection()
    _ = reconnection.lost(now: 0, random: 0.5)
    reconnection.connected(now: 10)
    #expect(reconnection.lost(now: 39, random: 0.5) == 41)
    reconnection.connected(now: 50)
    #expect(reconnection.lost(now: 80, random: 0.5) == 81)
  }
}

@Suite struct JabberIDTests {
  @Test(arguments: [
    "cpe@example.net/x", "00D09E-Box-1@example.net/cwmp/1", "a@[2001:db8::1]/r", "a@b/@",
  ]) func fullAddressesAreTaken(jid: String) {
    #expect(JabberID.isAddressable(jid))
  }

  @Test(arguments: [
    "", "cpe", "example.net/x", "cpe@example.net", "cpe@example.net/", "@example.net/x", "a@/x",
    "a b@c/d", "a@b/c d", "a@b/c\u{0}", "a<b@c/d", "a@b>/c", "a@b@c/d",
    "a@b/" + String(repeating: "c", count: 4000),
  ]) func othersAreRefused(jid: String) {
    #expect(!JabberID.isAddressable(jid))
  }
}
