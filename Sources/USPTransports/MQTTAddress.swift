import MQTT

/// Where a peer is reached through a broker, and how it is told where to answer.
struct MQTTAddress: Hashable, Sendable {
  var topic: String
  /// MQTT 3.1.1 has the reply topic appended to the topic's name; 5 has a property for it.
  var version: MQTTVersion

  private static let mark = "/reply-to="

  /// The topic to publish to (R-MQTT.24).
  func topicName(replyTopic: String) -> String {
    switch version {
    case .v5: topic
    case .v311:
      topic + Self.mark
        + replyTopic.split(separator: "/", omittingEmptySubsequences: false).joined(
          separator: "%2F")
    }
  }

  /// The reply topic that was appended to the name of a topic (R-MQTT.25); nil where there is none.
  static func appendedReplyTopic(in topic: String) -> String? {
    let bytes = Array(topic.utf8)
    let mark = Array(Self.mark.utf8)
    guard bytes.count > mark.count else { return nil }
    var start = bytes.count - mark.count
    while start >= 0, !bytes[start...].starts(with: mark) { start -= 1 }
    guard start >= 0 else { return nil }
    var decoded: [UInt8] = []
    var rest = bytes[(start + mark.count)...]
    while let byte = rest.popFirst() {
      // Any other percent sign stands for itself: only slashes are encoded.
      if byte == UInt8(ascii: "%"), rest.count >= 2, rest[rest.startIndex] == UInt8(ascii: "2"),
        rest[rest.startIndex + 1] | 0x20 == UInt8(ascii: "f")
      {
        decoded.append(UInt8(ascii: "/"))
        rest = rest.dropFirst(2)
      } else {
        decoded.append(byte)
      }
    }
    return decoded.isEmpty ? nil : String(decoding: decoded, as: UTF8.self)
  }

  /// Whether Records may be sent there: a topic name, none of those that belong to the broker.
  static func isReplyTopic(_ text: String) -> Bool {
    MQTTTopic.isName(text) && !text.hasPrefix("$")
  }
}
