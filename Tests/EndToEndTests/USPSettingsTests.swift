import MQTT
import NIOCore
import ServerConfiguration
import TLSIdentity
import Testing
import USP
import USPController
import USPTransports

@testable import acsd

/// What the settings of USP become. Every value differs from all others of its kind, so that none can stand in for another.
@Suite struct USPSettingsTests {
  private static func own() throws -> EndpointID { try #require(EndpointID("self::own")) }

  private static var usp: Settings.USP {
    var usp = Settings().usp
    usp.host = "192.0.2.1"
    usp.port = 1
    usp.path = "/path"
    usp.tlsCertificate = "a.pem"
    usp.tlsKey = "a.key"
    usp.tlsClientAuthorities = "b.pem"
    usp.tlsClientCertificates = .optional
    usp.unixSocket = "/run/usp"
    usp.unixSocketMode = "0640"
    usp.agentAuthorities = "c.pem"
    (usp.maxRecord, usp.maxQueued, usp.maxArriving) = (2, 3, 4)
    (usp.arrivalTimeout, usp.closeTimeout) = (.seconds(5), .seconds(6))
    (usp.maxUnanswered, usp.maxHeaderBytes, usp.maxHeaders) = (7, 8, 9)
    (usp.retryAfter, usp.tlsReload) = (.seconds(10), .seconds(11))
    (usp.maxAgents, usp.maxHandshakes) = (12, 13)
    (usp.handshakeTimeout, usp.pingInterval) = (.seconds(14), .seconds(15))
    return usp
  }

  private static func check(_ limits: LinkLimits) {
    #expect(limits.maxRecord == 2)
    #expect(limits.maxQueued == 3)
    #expect(limits.maxArriving == 4)
    #expect(limits.arrivalTimeout == .seconds(5))
    #expect(limits.closeTimeout == .seconds(6))
  }

  @Test func webSocketServer() throws {
    let settings = WebSocketServerSettings(Self.usp, own: try Self.own())
    #expect(settings.own.text == "self::own")
    #expect(settings.host == "192.0.2.1")
    #expect(settings.port == 1)
    #expect(settings.path == "/path")
    let tls = try #require(settings.tls)
    #expect(tls.certificate == "a.pem")
    #expect(tls.key == "a.key")
    #expect(tls.clientAuthorities == "b.pem")
    #expect(tls.clientCertificates == .optional)
    Self.check(settings.limits)
    #expect(settings.keepAlive.maxUnanswered == 7)
    #expect(settings.maxHeaderBytes == 8)
    #expect(settings.maxHeaders == 9)
    #expect(settings.retryAfter == 10)
    #expect(settings.tlsReloadInterval == .seconds(11))
    #expect(settings.maxLinks == 12)
    #expect(settings.maxHandshakes == 13)
    #expect(settings.handshakeTimeout == .seconds(14))
    #expect(settings.keepAlive.interval == .seconds(15))
  }

  @Test func callsToAgents() {
    let settings = WebSocketClientSettings(Self.usp)
    Self.check(settings.limits)
    #expect(settings.keepAlive.maxUnanswered == 7)
    #expect(settings.maxHeaderBytes == 8)
    #expect(settings.maxHeaders == 9)
    #expect(settings.connectTimeout == .seconds(14))
    #expect(settings.handshakeTimeout == .seconds(14))
    #expect(settings.keepAlive.interval == .seconds(15))
    let tls = TLSClientFiles(Self.usp)
    #expect(tls.authorities == "c.pem")
    #expect(tls.certificate == "a.pem")
    #expect(tls.key == "a.key")
    #expect(tls.serverVerification == .full)
  }

  @Test func unixSocket() throws {
    let settings = UnixServerSettings(Self.usp, own: try Self.own())
    #expect(settings.path == "/run/usp")
    #expect(settings.own.text == "self::own")
    #expect(settings.mode == 0o640)
    Self.check(settings.limits)
    #expect(settings.maxConnections == 12)
    #expect(settings.handshakeTimeout == .seconds(14))
  }

  @Test func presence() throws {
    var settings = Settings()
    settings.usp.nodeLease = .seconds(16)
    settings.usp.heardInterval = .seconds(17)
    settings.usp.probeInterval = .seconds(18)
    let made = ControllerSettings(settings, endpoint: try Self.own())
    #expect(made.nodeLease == 16)
    #expect(made.heardInterval == 17)
    #expect(made.probeInterval == 18)
    #expect(!made.node.isEmpty)
    // What agents tell by themselves comes before they are asked.
    let usual = ControllerSettings(Settings(), endpoint: try Self.own())
    #expect(usual.probeInterval > Double(usual.periodicInterval))
  }

  private static func check(_ limits: BrokerLimits, _ retry: BrokerRetry, _ tls: TLSClientFiles?) {
    #expect(limits.recordBytes == 1)
    #expect(limits.links == 2)
    #expect(limits.endpointsPerAddress == 3)
    #expect(limits.idleSeconds == 4)
    #expect(limits.outgoingBytes == 5)
    #expect(limits.incomingBytes == 6)
    #expect(limits.connectSeconds == 7)
    #expect(retry == BrokerRetry(firstWait: 8, maximumWait: 9))
    #expect(tls?.authorities == "a.pem")
    #expect(tls?.certificate == "b.pem")
    #expect(tls?.key == "b.key")
  }

  @Test func mqtt() {
    var mqtt = Settings().mqtt
    (mqtt.host, mqtt.port, mqtt.version, mqtt.tls) = ("broker", 1, .v3, true)
    (mqtt.authorities, mqtt.certificate, mqtt.key) = ("a.pem", "b.pem", "b.key")
    (mqtt.username, mqtt.clientID) = ("user", "client")
    (mqtt.topic, mqtt.replyTopic, mqtt.group) = ("topic", "reply", "group")
    (mqtt.maxLinks, mqtt.maxEndpointsPerAddress, mqtt.idleTimeout) = (2, 3, .seconds(4))
    (mqtt.maxOutgoing, mqtt.maxIncoming, mqtt.connectTimeout) = (5, 6, .seconds(7))
    (mqtt.retryDelay, mqtt.retryCap) = (.seconds(8), .seconds(9))
    (mqtt.keepAlive, mqtt.sessionExpiry) = (.seconds(10), .seconds(11))
    (mqtt.qos, mqtt.trusted) = (.atMostOnce, false)
    let settings = MQTTTransportSettings(mqtt, maxRecord: 1)
    #expect(settings.host == "broker")
    #expect(settings.port == 1)
    #expect(settings.version == .v311)
    #expect(settings.username == "user")
    #expect(settings.clientID == "client")
    #expect(settings.topic == "topic")
    #expect(settings.replyTopic == "reply")
    #expect(settings.group == "group")
    #expect(settings.keepAlive == 10)
    #expect(settings.sessionExpiry == 11)
    #expect(settings.qos == .atMostOnce)
    #expect(!settings.trustsBroker)
    Self.check(settings.limits, settings.retry, settings.tls)
    mqtt.tls = false
    #expect(MQTTTransportSettings(mqtt, maxRecord: 1).tls == nil)
  }

  @Test func stomp() {
    var stomp = Settings().stomp
    (stomp.host, stomp.port, stomp.tls) = ("server", 1, true)
    (stomp.authorities, stomp.certificate, stomp.key) = ("a.pem", "b.pem", "b.key")
    (stomp.username, stomp.virtualHost) = ("user", "virtual")
    (stomp.destination, stomp.replyDestination) = ("destination", "reply")
    (stomp.maxLinks, stomp.maxEndpointsPerAddress, stomp.idleTimeout) = (2, 3, .seconds(4))
    (stomp.maxOutgoing, stomp.maxIncoming, stomp.connectTimeout) = (5, 6, .seconds(7))
    (stomp.retryDelay, stomp.retryCap) = (.seconds(8), .seconds(9))
    (stomp.heartBeat, stomp.trusted) = (.seconds(10), false)
    let settings = STOMPTransportSettings(stomp, maxRecord: 1)
    #expect(settings.host == "server")
    #expect(settings.port == 1)
    #expect(settings.username == "user")
    #expect(settings.virtualHost == "virtual")
    #expect(settings.destination == "destination")
    #expect(settings.replyDestination == "reply")
    #expect(settings.heartBeatOutgoing == 10_000)
    #expect(settings.heartBeatIncoming == 10_000)
    #expect(!settings.trustsBroker)
    Self.check(settings.limits, settings.retry, settings.tls)
    stomp.tls = false
    #expect(STOMPTransportSettings(stomp, maxRecord: 1).tls == nil)
  }

  /// A URL without a host would be of no use to anybody.
  @Test func filesHaveAnAddressOrNone() throws {
    var settings = Settings()
    #expect(
      try Server.baseURL(settings, localAddress: "192.0.2.1", port: 7) == "http://192.0.2.1:7")
    #expect(
      try Server.baseURL(settings, localAddress: "2001:db8::1", port: 7)
        == "http://[2001:db8::1]:7")
    #expect(throws: UnknownFileAddress.self) {
      try Server.baseURL(settings, localAddress: "", port: 7)
    }
    settings.files.url = "https://files.example"
    #expect(
      try Server.baseURL(settings, localAddress: "", port: 7) == "https://files.example")
  }
}
