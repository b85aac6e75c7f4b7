import CMosquitto
import Glibc

/// One client of libmosquitto, with what its loop keeps of it; used on the loop's thread alone.
final class MQTTConnection {
  private struct Outgoing {
    var token: UInt64
    var cost: Int
  }

  /// User properties of a CONNACK that are looked at.
  private static let maximumUserProperties = 64
  /// Seconds that what was published before has to leave at the end.
  private static let patienceAtEnd = 1.0

  let id: UInt64
  /// The descriptor that the loop watches, and for what.
  var watched: (descriptor: Int32, reads: Bool, writes: Bool)?

  private(set) var hasEnded = false

  private let configuration: MQTTConfiguration
  private let flow: MQTTFlow
  private let onEvent: @Sendable (MQTTEvent) -> Void
  private var client: OpaquePointer?
  private var outgoing: [Int32: Outgoing] = [:]
  /// Told as published within the call that publishes them.
  private var publishedAtOnce: [Int32: Int32] = [:]
  private var isConnected = false
  /// Why it ended, or will.
  private var end: MQTTError?
  /// It ends once what was published before has left.
  private var isLeaving = false
  private var complaint = ""
  private var giveUpAt: Double

  init(
    id: UInt64, _ configuration: MQTTConfiguration, flow: MQTTFlow, now: Double,
    onEvent: @escaping @Sendable (MQTTEvent) -> Void
  ) {
    self.id = id
    self.configuration = configuration
    self.flow = flow
    self.onEvent = onEvent
    giveUpAt = now + configuration.connectSeconds
  }

  deinit { if let client { mosquitto_destroy(client) } }

  /// The descriptor to watch, and what for; nil where there is none.
  var wanted: (descriptor: Int32, reads: Bool, writes: Bool)? {
    guard let client else { return nil }
    let descriptor = mosquitto_socket(client)
    guard descriptor >= 0 else { return nil }
    return (descriptor, flow.mayRead, mosquitto_want_write(client))
  }

  // MARK: What the loop tells

  func connect() {
    do {
      let client = try MQTTSetup.client(
        configuration, context: Unmanaged.passUnretained(self).toOpaque())
      self.client = client
      try MQTTSetup.connect(client, configuration)
    } catch {
      finish(error)
    }
  }

  /// The descriptor can be read or written.
  ///
  /// - Parameter isOver: it has failed, or the broker sends no more.
  func work(isReadable: Bool, isWritable: Bool, isOver: Bool) {
    guard let client else { return }
    let systemError = isOver ? pendingError(mosquitto_socket(client)) : 0
    var status = MOSQ_ERR_SUCCESS.rawValue
    if isWritable { status = mosquitto_loop_write(client, 1) }
    if isReadable, status == MOSQ_ERR_SUCCESS.rawValue {
      repeat {
        status = mosquitto_loop_read(client, 1)
      } while status == MOSQ_ERR_SUCCESS.rawValue && end == nil
        && acs_mosquitto_has_pending(client) != 0
      let descriptor = mosquitto_socket(client)
      if descriptor >= 0 { acs_mosquitto_acknowledge(descriptor) }
    }
    settle(status)
    // Within a TLS handshake libmosquitto takes the end of the connection for a reason to wait.
    if isOver, !isConnected, let client = self.client, mosquitto_socket(client) >= 0 {
      finish(
        end
          ?? MQTTError(
            .unreachable,
            systemError == 0
              ? "the broker has closed the connection"
              : "the broker: \(String(cString: strerror(systemError)))"))
    }
  }

  private func pendingError(_ descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let status = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return status == 0 ? code : 0
  }

  /// Called about once a second.
  func tick(now: Double) {
    guard let client else { return }
    if now >= giveUpAt {
      if isLeaving { _ = mosquitto_disconnect(client) }
      finish(
        end
          ?? MQTTError(
            .timedOut,
            "the broker has not answered within \(Int(configuration.connectSeconds)) seconds"))
      return
    }
    settle(mosquitto_loop_misc(client))
  }

  func subscribe(
    _ filters: [String], _ qos: MQTTQualityOfService, _ properties: [MQTTUserProperty]
  ) {
    guard let client, end == nil else { return }
    var list: OpaquePointer?
    defer { mosquitto_property_free_all(&list) }
    var status: Int32 = 0
    if configuration.version == .v5 {
      for property in properties where status == 0 {
        status = mosquitto_property_add_string_pair(
          &list, Int32(MQTT_PROP_USER_PROPERTY.rawValue), property.name, property.value)
      }
    }
    if status == 0 {
      var texts: [UnsafeMutablePointer<CChar>?] = filters.map { strdup($0) }
      defer { for text in texts { free(text) } }
      status = mosquitto_subscribe_multiple(
        client, nil, Int32(filters.count), &texts, Int32(qos.rawValue),
        Int32(MQTT_SUB_OPT_SEND_RETAIN_NEVER.rawValue), list)
    }
    if status != MOSQ_ERR_SUCCESS.rawValue { finish(error(status)) }
  }

  func publish(_ publication: MQTTPublication, token: UInt64) {
    guard let client, end == nil, isConnected else {
      flow.left(publication.cost)
      onEvent(.unsent(token: token, MQTTError(.unreachable, "the broker is not connected")))
      return
    }
    var list: OpaquePointer?
    defer { mosquitto_property_free_all(&list) }
    var status: Int32 = 0
    if configuration.version == .v5 {
      if let topic = publication.responseTopic {
        status = mosquitto_property_add_string(
          &list, Int32(MQTT_PROP_RESPONSE_TOPIC.rawValue), topic)
      }
      if status == 0, let type = publication.contentType {
        status = mosquitto_property_add_string(
          &list, Int32(MQTT_PROP_CONTENT_TYPE.rawValue), type)
      }
    }
    var message: Int32 = 0
    if status == 0 {
      status = publication.payload.withUnsafeBytes { bytes in
        mosquitto_publish_v5(
          client, &message, publication.topic, Int32(clamping: bytes.count), bytes.baseAddress,
          Int32(publication.qos.rawValue), false, list)
      }
    }
    guard status == MOSQ_ERR_SUCCESS.rawValue else {
      flow.left(publication.cost)
      onEvent(.unsent(token: token, error(status)))
      return
    }
    outgoing[message] = Outgoing(token: token, cost: publication.cost)
    if let code = publishedAtOnce.removeValue(forKey: message) { published(message, code) }
  }

  func close(isGraceful: Bool, now: Double) {
    guard client != nil, end == nil else { return }
    let reason = MQTTError(.closed, "the connection was ended by this side")
    guard isGraceful, isConnected else {
      finish(reason)
      return
    }
    end = reason
    giveUpAt = now + Self.patienceAtEnd
    isLeaving = true
    settle(MOSQ_ERR_SUCCESS.rawValue)
  }

  // MARK: What libmosquitto tells

  func connected(_ code: Int32, _ properties: OpaquePointer?) {
    guard code == 0 else {
      let text =
        configuration.version == .v5
        ? mosquitto_reason_string(code) : mosquitto_connack_string(code)
      end = MQTTError(
        .refused,
        "the broker refuses the connection: \(text.map { String(cString: $0) } ?? "\(code)")")
      return
    }
    isConnected = true
    giveUpAt = .infinity
    var connack = MQTTConnack()
    connack.responseInformation = MQTTCallbacks.string(properties, MQTT_PROP_RESPONSE_INFORMATION)
    connack.assignedClientID = MQTTCallbacks.string(
      properties, MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER)
    connack.userProperties = MQTTCallbacks.userProperties(
      properties, limit: Self.maximumUserProperties)
    onEvent(.connected(connack))
  }

  func disconnected(_ code: Int32) {
    if code == 0 { end = end ?? MQTTError(.ended, "the broker has ended the connection") }
    // A reason code of MQTT 5's DISCONNECT; what libmosquitto itself numbers is smaller.
    if code >= 0x80, let text = mosquitto_reason_string(code) {
      end =
        end ?? MQTTError(.ended, "the broker has ended the connection: \(String(cString: text))")
    }
  }

  func subscribed(_ granted: [Bool]) {
    onEvent(.subscribed(granted))
  }

  func published(_ message: Int32, _ code: Int32) {
    guard let sent = outgoing.removeValue(forKey: message) else {
      publishedAtOnce = [message: code]
      return
    }
    flow.left(sent.cost)
    if code == MQTT_RC_NO_MATCHING_SUBSCRIBERS.rawValue {
      onEvent(
        .unsent(
          token: sent.token,
          MQTTError(.noSubscribers, "nobody at the broker has subscribed to the peer's topic")))
    } else if code >= 0x80 {
      let text = mosquitto_reason_string(code).map { String(cString: $0) } ?? "\(code)"
      onEvent(
        .unsent(token: sent.token, MQTTError(.refused, "the broker refuses the message: \(text)")))
    }
  }

  func received(_ message: mosquitto_message, _ properties: OpaquePointer?) {
    guard end == nil, let name = message.topic else { return }
    let count = Int(message.payloadlen)
    guard count <= configuration.maximumPayload else {
      onEvent(
        .dropped(MQTTError(.tooLarge, "a message of \(count) bytes came, more than is taken")))
      return
    }
    var payload: [UInt8] = []
    if count > 0, let bytes = message.payload {
      payload = [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }
    var received = MQTTMessage(topic: String(cString: name), payload: payload)
    received.isRetained = message.retain
    received.responseTopic = MQTTCallbacks.string(properties, MQTT_PROP_RESPONSE_TOPIC)
    received.contentType = MQTTCallbacks.string(properties, MQTT_PROP_CONTENT_TYPE)
    guard flow.handOver(received.cost) else {
      onEvent(
        .dropped(
          MQTTError(.overloaded, "a message came while more waits to be worked on than may")))
      return
    }
    onEvent(.received(received))
  }

  func complained(_ text: String) { complaint = String(text.prefix(300)) }

  // MARK: The end

  private func settle(_ status: Int32) {
    if status != MOSQ_ERR_SUCCESS.rawValue {
      finish(end ?? error(status))
    } else if let client, mosquitto_socket(client) < 0 {
      finish(end ?? MQTTError(.lost, "the connection to the broker was lost"))
    } else if let client, isLeaving, outgoing.isEmpty {
      isLeaving = false
      settle(mosquitto_disconnect(client))
    }
  }

  private func finish(_ reason: MQTTError) {
    guard !hasEnded else { return }
    hasEnded = true
    flow.close()
    if let client { mosquitto_destroy(client) }
    client = nil
    for sent in outgoing.values { flow.left(sent.cost) }
    outgoing = [:]
    onEvent(.closed(reason))
  }

  private func error(_ status: Int32) -> MQTTError {
    MQTTError(status: status, isConnected: isConnected, complaint: complaint)
  }
}
