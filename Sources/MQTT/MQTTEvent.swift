/// What happens on a connection to a broker.
package enum MQTTEvent: Sendable, Equatable {
  /// The broker lets this side in.
  case connected(MQTTConnack)
  /// The answers to a subscription, in the order of its filters: true where the broker has granted it.
  case subscribed([Bool])
  /// A message that came; to be given back with ``MQTTClient/taken(_:)`` once it is worked on.
  case received(MQTTMessage)
  /// A message that came was not handed over.
  case dropped(MQTTError)
  /// A message was not sent, or the broker has refused it.
  case unsent(token: UInt64, MQTTError)
  /// The end; nothing comes after it.
  case closed(MQTTError)
}

/// What a broker tells when it lets somebody in.
package struct MQTTConnack: Sendable, Equatable {
  /// MQTT 5, Response Information: the topic that is meant for answers to this client.
  package var responseInformation: String?
  package var assignedClientID: String?
  package var userProperties: [MQTTUserProperty] = []

  package init() {}
}

/// A message that came from a broker.
package struct MQTTMessage: Sendable, Equatable {
  package var topic: String
  package var payload: [UInt8]
  /// From before the subscription.
  package var isRetained = false
  /// MQTT 5.
  package var responseTopic: String?
  package var contentType: String?

  package init(topic: String, payload: [UInt8]) {
    self.topic = topic
    self.payload = payload
  }

  /// What counts for the limit on what was handed over.
  package var cost: Int {
    256 + payload.count + topic.utf8.count + (responseTopic?.utf8.count ?? 0)
      + (contentType?.utf8.count ?? 0)
  }
}

/// A message for a broker.
package struct MQTTPublication: Sendable, Equatable {
  package var topic: String
  package var payload: [UInt8]
  package var qos = MQTTQualityOfService.atLeastOnce
  /// MQTT 5.
  package var responseTopic: String?
  package var contentType: String?

  package init(topic: String, payload: [UInt8]) {
    self.topic = topic
    self.payload = payload
  }

  var cost: Int {
    256 + payload.count + topic.utf8.count + (responseTopic?.utf8.count ?? 0)
      + (contentType?.utf8.count ?? 0)
  }
}
