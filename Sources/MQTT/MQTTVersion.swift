/// A version of the protocol MQTT.
package enum MQTTVersion: String, Sendable, CaseIterable, Codable {
  case v311 = "3.1.1"
  case v5 = "5"
}

/// What the sender of a message is promised.
package enum MQTTQualityOfService: Int, Sendable, CaseIterable, Codable {
  case atMostOnce = 0
  case atLeastOnce = 1
}
