import CMosquitto
import Glibc

/// The C functions that libmosquitto calls, always on the loop's thread and from within a call of the connection's.
///
/// The context of each is the connection, unretained: the loop holds it for as long as libmosquitto's client lives.
enum MQTTCallbacks {
  private static func connection(_ context: UnsafeMutableRawPointer?) -> MQTTConnection? {
    context.map { Unmanaged<MQTTConnection>.fromOpaque($0).takeUnretainedValue() }
  }

  static func install(on client: OpaquePointer) {
    mosquitto_connect_v5_callback_set(client) { _, context, code, _, properties in
      MQTTCallbacks.connection(context)?.connected(code, properties)
    }
    mosquitto_disconnect_v5_callback_set(client) { _, context, code, _ in
      MQTTCallbacks.connection(context)?.disconnected(code)
    }
    mosquitto_subscribe_v5_callback_set(client) { _, context, _, count, granted, _ in
      guard let granted, count > 0 else { return }
      let codes = UnsafeBufferPointer(start: granted, count: Int(count))
      MQTTCallbacks.connection(context)?.subscribed(codes.map { (0...2).contains($0) })
    }
    mosquitto_publish_v5_callback_set(client) { _, context, message, code, _ in
      MQTTCallbacks.connection(context)?.published(message, code)
    }
    mosquitto_message_v5_callback_set(client) { _, context, message, properties in
      guard let message else { return }
      MQTTCallbacks.connection(context)?.received(message.pointee, properties)
    }
    mosquitto_log_callback_set(client) { _, context, level, text in
      guard level == MOSQ_LOG_ERR, let text else { return }
      MQTTCallbacks.connection(context)?.complained(String(cString: text))
    }
  }

  /// The first property of a kind that is a string; nil where there is none.
  static func string(_ properties: OpaquePointer?, _ identifier: mqtt5_property) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard
      mosquitto_property_read_string(properties, Int32(identifier.rawValue), &value, false) != nil,
      let value
    else { return nil }
    defer { free(value) }
    return String(cString: value)
  }

  /// - Parameter limit: how many at the most.
  static func userProperties(_ properties: OpaquePointer?, limit: Int) -> [MQTTUserProperty] {
    var found: [MQTTUserProperty] = []
    var place = properties
    while place != nil, found.count < limit {
      var name: UnsafeMutablePointer<CChar>?
      var value: UnsafeMutablePointer<CChar>?
      place = mosquitto_property_read_string_pair(
        place, Int32(MQTT_PROP_USER_PROPERTY.rawValue), &name, &value, !found.isEmpty)
      guard place != nil else { break }
      defer {
        free(name)
        free(value)
      }
      guard let name, let value else { break }
      found.append(
        MQTTUserProperty(name: String(cString: name), value: String(cString: value)))
    }
    return found
  }
}
