import STOMP
import TLSIdentity
import Testing
import USP

@testable import USPTransports

@Suite struct STOMPBindingTests {
  private static func binding(
    _ role: BrokerRole = .controller, destination: String = "/queue/controller",
    _ change: (inout STOMPTransportSettings) -> Void = { _ in }
  ) throws -> STOMPBinding {
    var settings = STOMPTransportSettings(host: "server", destination: destination)
    change(&settings)
    let own = role == .controller ? BrokerSamples.controllerID : "os::012345-A1"
    return try STOMPBinding(settings, own: BrokerSamples.endpoint(own), role: role)
  }

  @Test func whatIsConnectedWith() throws {
    let agent = try Self.binding(
      .agent(controllerTopic: "/queue/controller"), destination: "/queue/agent"
    ) {
      $0.username = "u"
      $0.password = "p"
      $0.heartBeatOutgoing = 1500
    }
    #expect(agent.port == 61613)
    #expect(agent.configuration.virtualHost == "server")
    #expect(agent.configuration.login == "u")
    #expect(agent.configuration.passcode == "p")
    #expect(agent.configuration.headers == [STOMPFrame.Header("endpoint-id", "os::012345-A1")])
    #expect(agent.configuration.outgoingHeartBeat == 1.5)
    #expect(agent.configuration.destination == "/queue/agent")
    #expect(agent.configuration.furtherDestinations == [])
    #expect(agent.configuration.contentType == "application/vnd.bbf.usp.msg")
    let node = try Self.binding {
      $0.replyDestination = "/queue/node"
      $0.tls = TLSClientFiles()
    }
    #expect(node.port == 61614)
    #expect(node.configuration.destination == "/queue/node")
    #expect(node.configuration.furtherDestinations == ["/queue/controller"])
  }

  @Test func whatCanNotWorkIsRefused() {
    #expect(throws: TransportError.self) { try Self.binding { $0.host = "" } }
    #expect(throws: TransportError.self) { try Self.binding(destination: "") }
    #expect(throws: TransportError.self) { try Self.binding { $0.replyDestination = "a\nb" } }
    #expect(throws: TransportError.self) { try Self.binding { $0.heartBeatIncoming = -1 } }
    #expect(throws: TransportError.self) { try Self.binding(.agent(controllerTopic: "")) }
  }

  private static func message(
    from sender: String = "os::012345-A1", to recipient: String = BrokerSamples.controllerID,
    reply: String? = "/queue/agent", type: String? = "application/vnd.bbf.usp.msg"
  ) -> STOMPSession.Message {
    STOMPSession.Message(
      destination: "/queue/controller", replyDestination: reply, contentType: type,
      body: BrokerSamples.record(from: sender, to: recipient))
  }

  @Test func recordsAreTakenAndNothingElse() throws {
    let binding = try Self.binding { $0.replyDestination = "/queue/node" }
    let taken = STOMPBinding.Incoming.record(
      sender: try BrokerSamples.endpoint("os::012345-A1"), destination: "/queue/agent")
    #expect(binding.incoming(Self.message(), ownDestination: "/queue/told") == taken)
    #expect(binding.incoming(Self.message(type: nil), ownDestination: "/queue/told") == taken)
    var garbage = Self.message()
    garbage.body = [0xFF]
    let refused = [
      garbage, Self.message(from: "nobody"), Self.message(from: BrokerSamples.controllerID),
      Self.message(to: "self::other"), Self.message(reply: nil), Self.message(reply: ""),
      Self.message(reply: "a\u{7F}"), Self.message(type: "text/plain"),
      Self.message(reply: "/queue/node"), Self.message(reply: "/queue/controller"),
      Self.message(reply: "/queue/told"),
    ]
    for message in refused {
      guard case .refused = binding.incoming(message, ownDestination: "/queue/told") else {
        Issue.record("\(message)")
        continue
      }
    }
  }
}
