import Testing

@testable import XMPP

/// To whose accounts requests go; no server is needed to refuse one.
@Suite struct DeviceDomainTests {
  private func code(of jid: String, domains: [String]) async -> XMPPError.Code? {
    var configuration = XMPPClient.Configuration(jid: "acs@example.net/acs", password: "secret")
    // Nobody listens there.
    configuration.host = "127.0.0.1"
    configuration.port = 1
    configuration.domains = domains
    let client = XMPPClient(configuration: configuration)
    defer { client.stop() }
    do throws(XMPPError) {
      try await client.requestConnection(of: jid, username: "u", password: "p")
      return nil
    } catch { return error.code }
  }

  @Test(arguments: [
    ("cpe@example.net/a", [], true), ("cpe@EXAMPLE.net/a", [], true),
    ("cpe@example.com/a", [], false), ("cpe@a.example.net/a", [], false),
    ("cpe@evil/@example.net", [], false), ("cpe@example.net.evil/a", [], false),
    ("cpe@devices.example/a", ["devices.example", "Other.example"], true),
    ("cpe@other.example/a", ["devices.example", "Other.example"], true),
    ("cpe@example.net/a", ["devices.example"], false),
  ])
  func requestsGoToTheDomainsOfDevicesOnly(jid: String, domains: [String], isAsked: Bool) async {
    #expect(await code(of: jid, domains: domains) == (isAsked ? .notConnected : .invalidAddress))
  }

  @Test(arguments: [
    ("a@b/c", "b"), ("a@b", "b"), ("b", "b"), ("b/c@d", "b"), ("", ""), ("@", ""),
  ])
  func theDomainOfAJID(jid: String, domain: String) {
    #expect(JabberID.domain(of: jid) == domain)
  }
}
