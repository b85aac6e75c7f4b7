import MQTT
import TLSIdentity
import Testing
import USP

@testable import USPTransports

@Suite struct MQTTBindingTests {
  private static func binding(
    _ role: BrokerRole = .agent(controllerTopic: "usp/controller"), topic: String = "usp/agent",
    _ change: (inout MQTTTransportSettings) -> Void = { _ in }
  ) throws -> MQTTBinding {
    var settings = MQTTTransportSettings(host: "broker", topic: topic)
    change(&settings)
    let own = role == .controller ? BrokerSamples.controllerID : "os::012345-A1"
    return try MQTTBinding(settings, own: BrokerSamples.endpoint(own), role: role)
  }

  private static func connack(
    response: String? = nil, client: String? = nil, subscribe: [String] = []
  ) -> MQTTConnack {
    var connack = MQTTConnack()
    connack.responseInformation = response
    connack.assignedClientID = client
    connack.userProperties = subscribe.map {
      MQTTUserProperty(name: "subscribe-topic", value: $0)
    }
    return connack
  }

  // MARK: Connecting

  @Test func whatIsConnectedWith() throws {
    var binding = try Self.binding {
      $0.username = "u"
      $0.password = "p"
      $0.limits.recordBytes = 1000
    }
    #expect(binding.configuration.port == 1883)
    #expect(
      binding.configuration.userProperties
        == [MQTTUserProperty(name: "usp-endpoint-id", value: "os::012345-A1")])
    #expect(binding.configuration.requestsResponseInformation)
    #expect(binding.configuration.clientID == "")
    #expect(binding.configuration.maximumPayload == 1000)
    // The same for all further connections (R-MQTT.11).
    _ = binding.connected(Self.connack(client: "given"))
    binding.closed(.lost)
    #expect(binding.configuration.clientID == "given")
    _ = binding.connected(Self.connack(client: "another"))
    #expect(binding.configuration.clientID == "given")
    #expect(try Self.binding { $0.tls = TLSClientFiles() }.configuration.port == 8883)
    // R-MQTT.9
    #expect(try Self.binding { $0.version = .v311 }.configuration.clientID == "os::012345-A1")
  }

  /// libmosquitto tries the first address of a name alone.
  @Test func addressesOfTheOtherFamilyAreTried() throws {
    var binding = try Self.binding()
    var families: [MQTTConfiguration.AddressFamily] = []
    for code: MQTTError.Code in [.unreachable, .timedOut, .closed] {
      families.append(binding.configuration.family)
      binding.closed(code)
    }
    #expect(families == [.any, .ipv4, .ipv6])
    #expect(binding.configuration.family == .any)
    binding.closed(.unreachable)
    // Whoever has been reached is sought there again.
    for code: MQTTError.Code in [.lost, .ended, .closed, .timedOut] {
      _ = binding.connected(Self.connack())
      binding.closed(code)
      #expect(binding.configuration.family == .ipv4)
    }
    for code: MQTTError.Code in [.refused, .tls, .unusable] {
      binding.closed(code)
      #expect(binding.configuration.family == .ipv4)
    }
  }

  @Test func limitsAreThoseOfTheSettings() throws {
    let binding = try Self.binding {
      $0.maximumInFlight = 7
      $0.limits.outgoingBytes = 1
      $0.limits.incomingBytes = 2
      $0.limits.connectSeconds = 3
    }
    #expect(binding.configuration.maximumInFlight == 7)
    #expect(binding.configuration.outgoingBytes == 1)
    #expect(binding.configuration.incomingBytes == 2)
    #expect(binding.configuration.connectSeconds == 3)
  }

  // MARK: Subscriptions

  @Test func anAgentSubscribesToItsTopic() throws {
    var binding = try Self.binding()
    let record = BrokerSamples.record(from: "os::012345-A1", to: BrokerSamples.controllerID)
    let address = MQTTAddress(topic: "usp/controller", version: .v5)
    #expect(binding.connected(Self.connack()) == .subscribe(["usp/agent"]))
    #expect(binding.publication(of: record, to: address) == nil)
    #expect(binding.subscribed([true]) == .ready)
    let publication = try #require(binding.publication(of: record, to: address))
    #expect(publication.topic == "usp/controller")
    #expect(publication.responseTopic == "usp/agent")
    #expect(publication.contentType == "usp.msg")
    #expect(publication.payload == record)
    #expect(publication.qos == .atLeastOnce)
    binding.closed(.lost)
    #expect(binding.publication(of: record, to: address) == nil)
  }

  @Test func theBrokersTopicComesFirst() throws {
    var binding = try Self.binding { $0.filters = ["extra/+"] }
    let connack = Self.connack(response: "told/1", subscribe: ["more/#", "bad/#/x", "extra/+"])
    #expect(binding.connected(connack) == .subscribe(["extra/+", "more/#", "told/1"]))
    #expect(binding.subscribed([true, false, true]) == .ready)
    #expect(binding.replyTopic == "told/1")
  }

  @Test func whatIsCoveredIsNotSubscribedToAgain() throws {
    var binding = try Self.binding(topic: "")
    #expect(
      binding.connected(Self.connack(response: "told/1", subscribe: ["told/#"]))
        == .subscribe(["told/#"]))
    #expect(binding.subscribed([true]) == .ready)
    #expect(binding.replyTopic == "told/1")
  }

  @Test func anAgentOf311SubscribesBelowItsTopic() throws {
    var binding = try Self.binding { $0.version = .v311 }
    #expect(binding.connected(Self.connack()) == .subscribe(["usp/agent/#"]))
    #expect(binding.subscribed([true]) == .ready)
    let publication = try #require(
      binding.publication(of: [], to: MQTTAddress(topic: "usp/controller", version: .v311)))
    #expect(publication.topic == "usp/controller/reply-to=usp%2Fagent")
  }

  @Test func withoutATopicItEnds() throws {
    var none = try Self.binding(topic: "")
    guard case .disconnect = none.connected(Self.connack()) else {
      Issue.record("R-MQTT.16")
      return
    }
    // It could listen, and yet tell nobody where to answer.
    var noAnswers = try Self.binding(topic: "")
    guard case .disconnect = noAnswers.connected(Self.connack(subscribe: ["a/#"])) else {
      Issue.record("R-MQTT.22")
      return
    }
  }

  @Test(arguments: [[], [false]]) func withoutASubscriptionItEnds(granted: [Bool]) throws {
    var binding = try Self.binding()
    _ = binding.connected(Self.connack())
    guard case .disconnect = binding.subscribed(granted) else {
      Issue.record("R-MQTT.17")
      return
    }
    #expect(
      binding.publication(of: [], to: MQTTAddress(topic: "usp/controller", version: .v5)) == nil)
  }

  @Test func withoutTheSubscriptionForAnswersItEnds() throws {
    var binding = try Self.binding { $0.filters = ["other"] }
    #expect(binding.connected(Self.connack()) == .subscribe(["other", "usp/agent"]))
    guard case .disconnect = binding.subscribed([true, false]) else {
      Issue.record("answers would not come")
      return
    }
  }

  @Test func aControllerHearsBothVersions() throws {
    var binding = try Self.binding(.controller, topic: "usp/controller")
    #expect(binding.connected(Self.connack()) == .subscribe(["usp/controller/#"]))
    #expect(binding.subscribed([true]) == .ready)
    #expect(binding.replyTopic == "usp/controller")
    var plain = try Self.binding(.controller, topic: "usp/controller") {
      $0.hearsAppendedReplyTopics = false
    }
    #expect(plain.connected(Self.connack()) == .subscribe(["usp/controller"]))
  }

  /// R-MQTT.21: where the broker names a topic for answers, a controller is answered there too, and heard at its own besides.
  @Test func aControllerIsAnsweredWhereTheBrokerSays() throws {
    var binding = try Self.binding(.controller, topic: "usp/controller")
    #expect(
      binding.connected(Self.connack(response: "told/1", subscribe: ["more/+"]))
        == .subscribe(["more/+", "usp/controller/#", "told/1/#"]))
    #expect(binding.subscribed([true, true, true]) == .ready)
    let publication = try #require(
      binding.publication(of: [], to: MQTTAddress(topic: "usp/agent", version: .v5)))
    #expect(publication.responseTopic == "told/1")
  }

  @Test func nodesShareATopic() throws {
    var binding = try Self.binding(.controller, topic: "usp/controller") {
      $0.group = "acs"
      $0.replyTopic = "usp/nodes/1"
    }
    let shared = "$share/acs/usp/controller/#"
    #expect(binding.connected(Self.connack()) == .subscribe([shared, "usp/nodes/1/#"]))
    #expect(binding.subscribed([true, true]) == .ready)
    #expect(binding.replyTopic == "usp/nodes/1")
    // A node that hears of no first contacts is told, as one that hears no answers.
    for granted in [[false, true], [true, false]] {
      binding.closed(.lost)
      _ = binding.connected(Self.connack())
      guard case .disconnect = binding.subscribed(granted) else {
        Issue.record("\(granted)")
        return
      }
    }
  }

  @Test(arguments: ["", "usp/controller", "usp/controller/1", "usp/controller/reply-to=x"])
  func nodesNeedTopicsOfTheirOwn(replyTopic: String) {
    #expect(throws: TransportError.self) {
      try Self.binding(.controller, topic: "usp/controller") {
        $0.group = "acs"
        $0.replyTopic = replyTopic
      }
    }
  }

  @Test func whatCanNotWorkIsRefused() {
    let changes: [(inout MQTTTransportSettings) -> Void] = [
      { $0.host = "" }, { $0.topic = "a/#" }, { $0.topic = "$SYS/a" }, { $0.filters = ["a/#/b"] },
      { $0.keepAlive = 4 }, { $0.sessionExpiry = 60 }, { $0.replyTopic = "+" },
    ]
    for (index, change) in changes.enumerated() {
      #expect(throws: TransportError.self, "\(index)") { try Self.binding { change(&$0) } }
    }
    #expect(throws: TransportError.self) { try Self.binding(.agent(controllerTopic: "")) }
    #expect(throws: TransportError.self) { try Self.binding(.agent(controllerTopic: "a/+")) }
    #expect(throws: TransportError.self) { try Self.binding(.controller, topic: "") }
    #expect(throws: TransportError.self) {
      try Self.binding(.controller, topic: "a") {
        $0.group = "x/y"
        $0.replyTopic = "b"
      }
    }
  }

  // MARK: What comes

  private static func message(
    _ topic: String = "usp/controller", from sender: String = "os::012345-A1",
    to recipient: String = BrokerSamples.controllerID, response: String? = "usp/agent",
    type: String? = "usp.msg"
  ) -> MQTTMessage {
    var message = MQTTMessage(
      topic: topic, payload: BrokerSamples.record(from: sender, to: recipient))
    message.responseTopic = response
    message.contentType = type
    return message
  }

  private static func controller() throws -> MQTTBinding {
    var binding = try binding(.controller, topic: "usp/controller")
    _ = binding.connected(connack())
    _ = binding.subscribed([true])
    return binding
  }

  @Test func recordsAreTaken() throws {
    let binding = try Self.controller()
    let sender = try BrokerSamples.endpoint("os::012345-A1")
    let five = MQTTBinding.Incoming.record(
      sender: sender, MQTTAddress(topic: "usp/agent", version: .v5))
    #expect(binding.incoming(Self.message()) == five)
    // R-MQTT.27a, and agents that say nothing.
    #expect(binding.incoming(Self.message(type: "application/vnd.bbf.usp.msg")) == five)
    #expect(binding.incoming(Self.message(type: nil)) == five)
    #expect(
      binding.incoming(
        Self.message("usp/controller/reply-to=usp%2Fagent", response: nil, type: nil))
        == .record(sender: sender, MQTTAddress(topic: "usp/agent", version: .v311)))
  }

  @Test func nothingElseIs() throws {
    let binding = try Self.controller()
    var retained = Self.message()
    retained.isRetained = true
    var garbage = Self.message()
    garbage.payload = [1, 2, 3]
    var empty = Self.message()
    empty.payload = []
    let refused = [
      retained, garbage, empty, Self.message(type: "usp.error"),
      Self.message(to: "self::somebody-else"), Self.message(from: BrokerSamples.controllerID),
      Self.message(from: "nobody"), Self.message(response: nil), Self.message(response: ""),
      Self.message(response: "a/#"), Self.message(response: "$SYS/x"),
      // It would speak with itself.
      Self.message(response: "usp/controller"), Self.message(response: "usp/controller/deeper"),
    ]
    for message in refused {
      guard case .refused = binding.incoming(message) else {
        Issue.record("\(message)")
        continue
      }
    }
    var small = try Self.binding(.controller, topic: "usp/controller") {
      $0.limits.recordBytes = 10
    }
    _ = small.connected(Self.connack())
    guard case .refused = small.incoming(Self.message()) else {
      Issue.record("what is too large")
      return
    }
  }
}

@Suite struct MQTTAddressTests {
  @Test(arguments: ["usp/agent/1", "a", "/a//b/", "with=sign", "with %2F", "ü/ä"])
  func replyTopicsComeBack(topic: String) throws {
    let name = MQTTAddress(topic: "usp/controller", version: .v311).topicName(replyTopic: topic)
    #expect(name.hasPrefix("usp/controller/reply-to="))
    #expect(!name.dropFirst("usp/controller/reply-to=".count).contains("/"))
    if !topic.contains("%") {
      #expect(MQTTAddress.appendedReplyTopic(in: name) == topic)
    }
    #expect(
      MQTTAddress(topic: "usp/controller", version: .v5).topicName(replyTopic: topic)
        == "usp/controller")
  }

  @Test func theLastMarkCounts() {
    #expect(MQTTAddress.appendedReplyTopic(in: "a/reply-to=b/reply-to=c%2fd%2F") == "c/d/")
    #expect(MQTTAddress.appendedReplyTopic(in: "a/reply-to=%41%2") == "%41%2")
    #expect(MQTTAddress.appendedReplyTopic(in: "/reply-to=x") == "x")
    for none in ["", "a", "a/reply-to=", "reply-to=b", "a/reply-to", "/reply-to="] {
      #expect(MQTTAddress.appendedReplyTopic(in: none) == nil)
    }
  }
}
