import MQTT

/// Where a peer is reached through a broker; can be kept as text and used again after a restart.
package enum BrokerAddress: Hashable, Sendable, CustomStringConvertible {
  /// - Parameter version: how the peer is told where to answer.
  case mqtt(topic: String, version: MQTTVersion)
  case stomp(destination: String)

  private static let stompScheme = "stomp:"

  private static func scheme(_ version: MQTTVersion) -> String { "mqtt-\(version.rawValue):" }

  package var description: String {
    switch self {
    case .mqtt(let topic, let version): Self.scheme(version) + topic
    case .stomp(let destination): Self.stompScheme + destination
    }
  }

  /// - Parameter description: as this type writes it.
  package init?(_ description: String) {
    for version in MQTTVersion.allCases where description.hasPrefix(Self.scheme(version)) {
      let topic = String(description.dropFirst(Self.scheme(version).count))
      guard MQTTAddress.isReplyTopic(topic) else { return nil }
      self = .mqtt(topic: topic, version: version)
      return
    }
    guard description.hasPrefix(Self.stompScheme) else { return nil }
    let destination = String(description.dropFirst(Self.stompScheme.count))
    guard STOMPBinding.isDestination(destination) else { return nil }
    self = .stomp(destination: destination)
  }
}
