import CMosquitto

/// The rules for topic names and topic filters (MQTT 5.0, 4.7).
package enum MQTTTopic {
  /// Bytes; the standard has 65,535, but a topic is kept for each peer.
  package static let maximumLength = 1024

  /// Whether a message can be published to it.
  package static func isName(_ text: String) -> Bool {
    isSound(text) && mosquitto_pub_topic_check(text) == MOSQ_ERR_SUCCESS.rawValue
  }

  /// Whether it can be subscribed to.
  package static func isFilter(_ text: String) -> Bool {
    isSound(text) && mosquitto_sub_topic_check(text) == MOSQ_ERR_SUCCESS.rawValue
  }

  /// Whether messages of a topic come to those who have subscribed to a filter; a shared one has the topics of its own filter.
  package static func covers(_ filter: String, _ topic: String) -> Bool {
    var plain = filter[...]
    if filter.hasPrefix("$share/") {
      plain = filter.dropFirst("$share/".count)
      guard let slash = plain.firstIndex(of: "/") else { return false }
      plain = plain[plain.index(after: slash)...]
    }
    var matches = false
    let status = mosquitto_topic_matches_sub(String(plain), topic, &matches)
    return status == MOSQ_ERR_SUCCESS.rawValue && matches
  }

  private static func isSound(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= maximumLength
      && !text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }
}
