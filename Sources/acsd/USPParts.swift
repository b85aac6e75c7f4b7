import CWMPServer
import Cryptography
import Fleet
import FleetStore
import Foundation
import Logging
import MQTT
import NIOCore
import Refusals
import ServerConfiguration
import ServiceLifecycle
import TLSIdentity
import USP
import USPController
import USPTransports

/// The USP Controller as part of the server.
struct USPParts: Service {
  let controller: USPController

  func run() async throws {
    try? await gracefulShutdown()
    await controller.stop()
  }

  /// - Throws: where an address can't be bound, or files can't be used.
  static func start(
    _ settings: Settings, environment: ControllerEnvironment, group: any EventLoopGroup,
    logger: Logger
  ) async throws -> USPParts? {
    let usp = settings.usp
    guard
      usp.webSocket || !usp.unixSocket.isEmpty || !usp.agents.isEmpty || !settings.mqtt.host.isEmpty
        || !settings.stomp.host.isEmpty
    else { return nil }
    guard let endpoint = EndpointID(usp.endpoint) else {
      throw UnusableSetting(name: "usp.endpoint", reason: "\(usp.endpoint) is no endpoint ID")
    }
    var doors = USPController.Doors()
    if usp.webSocket { doors.webSocket = WebSocketServerSettings(usp, own: endpoint) }
    if !usp.unixSocket.isEmpty {
      doors.unixSocket = UnixServerSettings(usp, own: endpoint)
    }
    if !settings.mqtt.host.isEmpty {
      doors.mqtt = MQTTTransportSettings(settings.mqtt, maxRecord: usp.maxRecord)
      doors.mqtt?.password = try password("mqtt.passwordFile", settings.mqtt.passwordFile)
    }
    if !settings.stomp.host.isEmpty {
      doors.stomp = STOMPTransportSettings(settings.stomp, maxRecord: usp.maxRecord)
      doors.stomp?.password = try password("stomp.passwordFile", settings.stomp.passwordFile)
    }
    doors.agents = usp.agents
    doors.calls = WebSocketClientSettings(usp)
    doors.callTLS = TLSClientFiles(usp)
    do {
      if !usp.agents.isEmpty { _ = try TLSClientCredentials(doors.callTLS) }
    } catch {
      throw UnusableSetting(
        name: error.path == usp.agentAuthorities ? "usp.agentAuthorities" : "usp.tlsCertificate",
        reason: "\(error)")
    }
    let refusals = RefusalLog(
      logger: logger,
      limits: LogAllowance.Limits(
        linesPerPeer: settings.cwmp.refusalLinesPerPeer, linesInAll: settings.cwmp.refusalLines))
    do {
      return USPParts(
        controller: try await USPController.start(
          settings: ControllerSettings(settings, endpoint: endpoint), doors: doors,
          environment: environment, refusals: refusals, group: group, logger: logger))
    } catch let error as USPController.DoorProblem {
      let name =
        switch error.door {
        case .webSocket: "usp"
        case .unix: "usp.unixSocket"
        case .mqtt: "mqtt"
        case .stomp: "stomp"
        }
      throw UnusableSetting(name: name, reason: "\(error.reason)")
    }
  }

  private static func password(_ name: String, _ file: String) throws -> String {
    guard !file.isEmpty else { return "" }
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw UnusableSetting(name: name, reason: "\(file) can't be read")
    }
    let password = String(text.prefix { !$0.isNewline })
    guard !password.isEmpty else {
      throw UnusableSetting(name: name, reason: "the first line of \(file) is empty")
    }
    return password
  }
}

/// Keeps the messages of agents beside those of other devices.
struct AgentTraces: AgentTracing {
  let recorder: TraceRecorder

  func isTraced(_ device: Device.ID) -> Bool {
    recorder.isTraced(device, now: Date().timeIntervalSince1970)
  }

  func record(_ message: TracedMessage) {
    let body = Array(message.body.utf8)
    recorder.record(
      TraceMessage(
        deviceID: message.device, at: message.at, session: message.session,
        isInbound: message.isFromDevice, peer: message.address, head: message.head, body: body,
        bodySize: body.count))
  }
}

/// What a setting names can't be used.
struct UnusableSetting: Error, CustomStringConvertible {
  var name: String
  var reason: String

  var description: String { "\(name): \(reason)" }
}

extension ControllerSettings {
  init(_ settings: Settings, endpoint: EndpointID) {
    let usp = settings.usp
    self.init(endpoint: endpoint)
    enrolment =
      switch usp.enrolment {
      case .known: .known
      case .shared: .shared
      case .open: .open
      }
    realm = settings.cwmp.realm
    takesBasicWithoutTLS = usp.basicWithoutTLS
    sessionMode =
      switch usp.sessions {
      case .forbid: .forbid
      case .allow: .allow
      case .require: .require
      }
    limits.recordBytes = usp.maxRecord
    limits.messageBytes = usp.maxMessage
    limits.messageItems = usp.maxItems
    limits.assemblyTimeout = usp.arrivalTimeout.inSeconds
    limits.earlyRecords = usp.maxEarlyRecords
    limits.earlyBytes = max(usp.maxRecord, usp.maxMessage)
    limits.keptRecords = usp.maxKeptRecords
    limits.keptBytes = max(usp.maxRecord, usp.maxMessage)
    limits.retransmissions = usp.maxRetransmissions
    maxRecordSize = usp.recordSize
    reading.parameters = settings.discovery.maxParameters
    reading.valueBytes = settings.discovery.maxBytes
    reading.valuesPerRequest = usp.valuesPerRequest
    requestTimeout = usp.requestTimeout.inSeconds
    maxAgents = usp.maxAgents
    maxNotifications = usp.maxNotifications
    maxNotificationBytes = usp.maxNotificationBytes
    notificationRate = usp.notificationRate
    maxHeld = usp.maxHeld
    maxSupportedItems = usp.maxSupportedItems
    periodicInterval = Int(usp.periodicInterval.inSeconds)
    maxOnboarding = usp.maxBeginnings
    workInterval = usp.workInterval.inSeconds
    reportPatience = usp.reportPatience.inSeconds
    node = "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"
    nodeLease = usp.nodeLease.inSeconds
    heardInterval = usp.heardInterval.inSeconds
    probeInterval = usp.probeInterval.inSeconds
    reportedFacts = (settings.facts ?? Facts.standard).filter { !$0.contains("UpTime") }
  }
}

extension WebSocketServerSettings {
  init(_ usp: Settings.USP, own: EndpointID) {
    self.init(own: own, port: usp.port)
    host = usp.host
    path = usp.path
    if !usp.tlsCertificate.isEmpty {
      var files = TLSFiles(certificate: usp.tlsCertificate, key: usp.tlsKey)
      files.clientAuthorities = usp.tlsClientAuthorities
      files.clientCertificates =
        switch usp.tlsClientCertificates {
        case .off: .off
        case .optional: .optional
        case .required: .required
        }
      tls = files
    }
    limits = LinkLimits(usp)
    keepAlive.interval = TimeAmount(usp.pingInterval)
    keepAlive.maxUnanswered = usp.maxUnanswered
    maxLinks = usp.maxAgents
    maxHandshakes = usp.maxHandshakes
    handshakeTimeout = TimeAmount(usp.handshakeTimeout)
    maxHeaderBytes = usp.maxHeaderBytes
    maxHeaders = usp.maxHeaders
    retryAfter = Int(usp.retryAfter.inSeconds)
    tlsReloadInterval = TimeAmount(usp.tlsReload)
  }
}

extension UnixServerSettings {
  init(_ usp: Settings.USP, own: EndpointID) {
    self.init(path: usp.unixSocket, own: own)
    // The configuration has seen to its form.
    mode = UInt32(usp.unixSocketMode, radix: 8) ?? 0o600
    limits = LinkLimits(usp)
    maxConnections = usp.maxAgents
    handshakeTimeout = TimeAmount(usp.handshakeTimeout)
  }
}

extension WebSocketClientSettings {
  init(_ usp: Settings.USP) {
    self.init()
    limits = LinkLimits(usp)
    keepAlive.interval = TimeAmount(usp.pingInterval)
    keepAlive.maxUnanswered = usp.maxUnanswered
    connectTimeout = TimeAmount(usp.handshakeTimeout)
    handshakeTimeout = TimeAmount(usp.handshakeTimeout)
    maxHeaderBytes = usp.maxHeaderBytes
    maxHeaders = usp.maxHeaders
  }
}

extension TLSClientFiles {
  /// For agents that this controller calls.
  init(_ usp: Settings.USP) {
    self.init()
    authorities = usp.agentAuthorities
    certificate = usp.tlsCertificate
    key = usp.tlsKey
  }
}

extension LinkLimits {
  init(_ usp: Settings.USP) {
    self.init()
    maxRecord = usp.maxRecord
    maxQueued = usp.maxQueued
    maxArriving = usp.maxArriving
    arrivalTimeout = TimeAmount(usp.arrivalTimeout)
    closeTimeout = TimeAmount(usp.closeTimeout)
  }
}

extension MQTTTransportSettings {
  init(_ settings: Settings.MQTT, maxRecord: Int) {
    self.init(host: settings.host, topic: settings.topic)
    port = UInt16(clamping: settings.port)
    version = settings.version == .v5 ? .v5 : .v311
    if settings.tls {
      tls = TLSClientFiles()
      tls?.authorities = settings.authorities
      tls?.certificate = settings.certificate
      tls?.key = settings.key
    }
    username = settings.username
    clientID = settings.clientID
    replyTopic = settings.replyTopic
    group = settings.group
    keepAlive = UInt16(clamping: Int(settings.keepAlive.inSeconds))
    qos = settings.qos == .atMostOnce ? .atMostOnce : .atLeastOnce
    maximumInFlight = UInt16(clamping: settings.maxInFlight)
    sessionExpiry = UInt32(clamping: Int(settings.sessionExpiry.inSeconds))
    trustsBroker = settings.trusted
    limits = BrokerLimits()
    limits.recordBytes = maxRecord
    limits.links = settings.maxLinks
    limits.endpointsPerAddress = settings.maxEndpointsPerAddress
    limits.idleSeconds = settings.idleTimeout.inSeconds
    limits.outgoingBytes = settings.maxOutgoing
    limits.incomingBytes = settings.maxIncoming
    limits.connectSeconds = settings.connectTimeout.inSeconds
    retry = BrokerRetry(
      firstWait: settings.retryDelay.inSeconds, maximumWait: settings.retryCap.inSeconds)
  }
}

extension STOMPTransportSettings {
  init(_ settings: Settings.STOMP, maxRecord: Int) {
    self.init(host: settings.host, destination: settings.destination)
    port = UInt16(clamping: settings.port)
    if settings.tls {
      tls = TLSClientFiles()
      tls?.authorities = settings.authorities
      tls?.certificate = settings.certificate
      tls?.key = settings.key
    }
    username = settings.username
    virtualHost = settings.virtualHost
    replyDestination = settings.replyDestination
    heartBeatOutgoing = Int(settings.heartBeat.inSeconds * 1_000)
    heartBeatIncoming = heartBeatOutgoing
    trustsBroker = settings.trusted
    limits = BrokerLimits()
    limits.recordBytes = maxRecord
    limits.links = settings.maxLinks
    limits.endpointsPerAddress = settings.maxEndpointsPerAddress
    limits.idleSeconds = settings.idleTimeout.inSeconds
    limits.outgoingBytes = settings.maxOutgoing
    limits.incomingBytes = settings.maxIncoming
    limits.connectSeconds = settings.connectTimeout.inSeconds
    retry = BrokerRetry(
      firstWait: settings.retryDelay.inSeconds, maximumWait: settings.retryCap.inSeconds)
  }
}
