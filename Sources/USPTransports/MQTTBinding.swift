import MQTT
import TLSIdentity
import USP

/// What TR-369 (4.7) asks of an endpoint at an MQTT broker: what to connect with, to subscribe to and to publish. No I/O.
struct MQTTBinding {
  /// What must be done with the connection.
  enum Step: Equatable {
    case subscribe([String])
    /// Records may be sent.
    case ready
    case disconnect(reason: String)
  }

  /// What came is a Record from somebody, or nothing that can be used.
  enum Incoming: Equatable {
    case record(sender: EndpointID, MQTTAddress)
    case refused(String)
  }

  static let contentType = "usp.msg"
  private static let contentTypes: Set<String> = [contentType, "application/vnd.bbf.usp.msg"]
  /// What a CONNACK may make this side subscribe to.
  private static let maximumFilters = 32

  let settings: MQTTTransportSettings
  let own: EndpointID
  let role: BrokerRole
  /// The client identifier of all further connections (R-MQTT.9, R-MQTT.11).
  private(set) var clientID: String
  /// Where peers answer; nil while nothing may be sent (R-MQTT.17).
  private(set) var replyTopic: String?
  private var filters: [String] = []
  private var candidate: String?
  /// Which of the broker's addresses are tried next.
  private var family = MQTTConfiguration.AddressFamily.any
  private var isWelcome = false

  init(_ settings: MQTTTransportSettings, own: EndpointID, role: BrokerRole)
    throws(TransportError)
  {
    self.settings = settings
    self.own = own
    self.role = role
    clientID = settings.clientID
    if clientID.isEmpty, settings.version == .v311 { clientID = own.text }
    try check()
  }

  private func check() throws(TransportError) {
    guard !settings.host.isEmpty else {
      throw TransportError.unusable("the broker's host is missing")
    }
    guard settings.keepAlive == 0 || settings.keepAlive >= 5 else {
      throw TransportError.unusable("keep-alives can't come more often than every 5 seconds")
    }
    for topic in [settings.topic, settings.replyTopic] where !topic.isEmpty {
      guard MQTTAddress.isReplyTopic(topic) else {
        throw TransportError.unusable("\"\(topic)\" is no topic that can be published to")
      }
    }
    for filter in settings.filters where !MQTTTopic.isFilter(filter) {
      throw TransportError.unusable("\"\(filter)\" is no topic filter")
    }
    if settings.sessionExpiry > 0, clientID.isEmpty {
      throw TransportError.unusable(
        "the broker can keep a session only for a client identifier of its own")
    }
    switch role {
    case .agent(let controllerTopic):
      guard MQTTAddress.isReplyTopic(controllerTopic) else {
        throw TransportError.unusable("\"\(controllerTopic)\" is no topic of a controller")
      }
    case .controller:
      guard !settings.topic.isEmpty else {
        throw TransportError.unusable("the topic at which agents reach the controller is missing")
      }
      guard !settings.group.isEmpty else { return }
      guard !settings.group.contains(where: { "/+#".contains($0) }) else {
        throw TransportError.unusable("\"\(settings.group)\" is no name of a group")
      }
      // Another node would take what is meant for this one.
      guard !settings.replyTopic.isEmpty,
        !MQTTTopic.covers(heard(settings.topic), settings.replyTopic),
        !MQTTTopic.covers(heard(settings.replyTopic), settings.topic)
      else {
        throw TransportError.unusable(
          "nodes that share a topic each need a reply topic of their own, not below the shared one")
      }
    }
  }

  /// Where the broker is.
  var port: UInt16 {
    settings.port != 0 ? settings.port : settings.tls == nil ? 1883 : 8883
  }

  /// What to connect with next.
  var configuration: MQTTConfiguration {
    var configuration = MQTTConfiguration(host: settings.host, port: port)
    configuration.family = family
    configuration.maximumInFlight = settings.maximumInFlight
    configuration.version = settings.version
    if let tls = settings.tls {
      var files = MQTTConfiguration.TLS()
      files.authorities = tls.authorities
      files.certificate = tls.certificate
      files.key = tls.key
      files.verifiesHostName = tls.serverVerification == .full
      configuration.tls = files
    }
    configuration.username = settings.username
    configuration.password = settings.password
    configuration.clientID = clientID
    configuration.cleanStart = settings.sessionExpiry == 0
    configuration.sessionExpiry = settings.sessionExpiry
    configuration.keepAlive = settings.keepAlive
    configuration.userProperties = ownProperties
    configuration.maximumPayload = settings.limits.recordBytes
    configuration.outgoingBytes = settings.limits.outgoingBytes
    configuration.incomingBytes = settings.limits.incomingBytes
    configuration.connectSeconds = settings.limits.connectSeconds
    return configuration
  }

  /// R-MQTT.13.
  var ownProperties: [MQTTUserProperty] {
    [MQTTUserProperty(name: "usp-endpoint-id", value: own.text)]
  }

  // MARK: The connection

  mutating func connected(_ connack: MQTTConnack) -> Step {
    isWelcome = true
    if clientID.isEmpty, let assigned = connack.assignedClientID { clientID = assigned }
    filters = []
    candidate = nil
    for filter in settings.filters { add(filter) }
    for property in connack.userProperties
    where property.name == "subscribe-topic" && filters.count < Self.maximumFilters {
      if MQTTTopic.isFilter(property.value) { add(property.value) }
    }
    let told = connack.responseInformation.flatMap { MQTTAddress.isReplyTopic($0) ? $0 : nil }
    switch role {
    case .agent:
      // R-MQTT.15, R-MQTT.21
      if let topic = told ?? (settings.topic.isEmpty ? nil : settings.topic) {
        candidate = topic
        let filter = settings.version == .v311 ? topic + "/#" : topic
        if !isCovered(filter) { add(filter) }
      }
    case .controller:
      let contact = heard(settings.topic)
      add(settings.group.isEmpty ? contact : "$share/\(settings.group)/\(contact)")
      let reply = told ?? (settings.replyTopic.isEmpty ? settings.topic : settings.replyTopic)
      candidate = reply
      if !isCovered(heard(reply)) { add(heard(reply)) }
    }
    // R-MQTT.16
    guard !filters.isEmpty else {
      return .disconnect(reason: "neither the settings nor the broker name a topic to listen at")
    }
    // R-MQTT.22
    guard candidate != nil else {
      return .disconnect(reason: "neither the settings nor the broker name a topic for answers")
    }
    return .subscribe(filters)
  }

  /// - Parameter granted: in the order of the filters.
  mutating func subscribed(_ granted: [Bool]) -> Step {
    guard replyTopic == nil, let candidate else { return .ready }
    let stand = zip(filters, granted).filter(\.1).map(\.0)
    // R-MQTT.17
    guard !stand.isEmpty else {
      return .disconnect(reason: "the broker refuses every subscription")
    }
    // Whoever is told a topic at which nobody listens answers in vain.
    guard stand.contains(where: { MQTTTopic.covers($0, candidate) }) else {
      return .disconnect(reason: "the broker refuses the subscription to \"\(candidate)\"")
    }
    if case .controller = role, let contact = filters.first(where: { isContact($0) }),
      !stand.contains(contact)
    {
      return .disconnect(reason: "the broker refuses the subscription to \"\(contact)\"")
    }
    replyTopic = candidate
    return .ready
  }

  /// - Parameter code: why.
  mutating func closed(_ code: MQTTError.Code) {
    // This side closes a connection that does not come about in time.
    if !isWelcome, [.unreachable, .timedOut, .closed].contains(code) {
      family =
        switch family {
        case .any: .ipv4
        case .ipv4: .ipv6
        case .ipv6: .any
        }
    }
    isWelcome = false
    replyTopic = nil
    filters = []
    candidate = nil
  }

  // MARK: Records

  func incoming(_ message: MQTTMessage) -> Incoming {
    guard !message.isRetained else { return .refused("a retained message is no Record for now") }
    guard message.payload.count <= settings.limits.recordBytes else {
      return .refused("a Record of \(message.payload.count) bytes")
    }
    // R-MQTT.27a
    if let type = message.contentType, !Self.contentTypes.contains(type) {
      return .refused("a content type that is not of USP")
    }
    guard let record = BrokerRecord(message.payload), let sender = EndpointID(record.sender) else {
      return .refused("no Record")
    }
    // R-E2E.1
    guard record.recipient == own.text else {
      return .refused(own.refusal(ofRecordFor: record.recipient))
    }
    guard sender != own else { return .refused("the Record is of this endpoint itself, \(own)") }
    let address: MQTTAddress
    if let topic = message.responseTopic {
      address = MQTTAddress(topic: topic, version: .v5)
    } else if let topic = MQTTAddress.appendedReplyTopic(in: message.topic) {
      address = MQTTAddress(topic: topic, version: .v311)
    } else if case .agent(let topic) = role {
      address = MQTTAddress(topic: topic, version: settings.version)
    } else {
      // R-MQTT.26a
      return .refused("a Record without a reply topic")
    }
    guard MQTTAddress.isReplyTopic(address.topic) else { return .refused("a bad reply topic") }
    guard !filters.contains(where: { MQTTTopic.covers($0, address.topic) }) else {
      return .refused("a reply topic of this side's own")
    }
    return .record(sender: sender, address)
  }

  /// nil while nothing may be sent.
  func publication(of record: [UInt8], to address: MQTTAddress) -> MQTTPublication? {
    guard let replyTopic else { return nil }
    var publication = MQTTPublication(
      topic: address.topicName(replyTopic: replyTopic), payload: record)
    publication.qos = settings.qos
    publication.responseTopic = replyTopic
    publication.contentType = Self.contentType
    return publication
  }

  // MARK: Filters

  /// What to subscribe to for hearing of a topic of a controller's own.
  private func heard(_ topic: String) -> String {
    // "topic/#" has the topic itself in it.
    settings.version == .v311 || settings.hearsAppendedReplyTopics ? topic + "/#" : topic
  }

  private func isContact(_ filter: String) -> Bool {
    let contact = heard(settings.topic)
    return filter == contact || filter == "$share/\(settings.group)/\(contact)"
  }

  private func isCovered(_ filter: String) -> Bool {
    filters.contains { known in
      guard !known.hasPrefix("$share/") else { return false }
      if known == filter { return true }
      // A wildcard at the end is covered by the same or one further up.
      let topic = filter.hasSuffix("/#") ? String(filter.dropLast(2)) + "/x" : filter
      return MQTTTopic.covers(known, topic)
        && (!filter.hasSuffix("/#") || MQTTTopic.covers(known, String(filter.dropLast(2))))
        && (!filter.hasSuffix("/#") || known.hasSuffix("#"))
    }
  }

  private mutating func add(_ filter: String) {
    if !filters.contains(filter) { filters.append(filter) }
  }
}
