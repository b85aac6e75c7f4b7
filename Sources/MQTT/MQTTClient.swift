/// One connection to a broker, from its beginning to its end; it is not tried again.
///
/// The end of the last reference ends the connection.
package final class MQTTClient: Sendable {
  private let id: UInt64
  private let loop: MQTTLoop
  private let flow: MQTTFlow

  /// Connects in the background.
  ///
  /// - Parameter onEvent: called on the loop's thread, which must not be held up; ``MQTTEvent/closed(_:)`` is always the last.
  package init(
    _ configuration: MQTTConfiguration, loop: MQTTLoop,
    onEvent: @escaping @Sendable (MQTTEvent) -> Void
  ) {
    self.loop = loop
    flow = MQTTFlow(outgoing: configuration.outgoingBytes, incoming: configuration.incomingBytes)
    id = loop.open(configuration, flow: flow, onEvent: onEvent)
  }

  deinit { loop.submit(.close(id, isGraceful: true)) }

  /// Asks for messages of all filters with one packet; ``MQTTEvent/subscribed(_:)`` is the answer.
  ///
  /// - Parameter properties: MQTT 5 alone.
  package func subscribe(
    _ filters: [String], qos: MQTTQualityOfService, properties: [MQTTUserProperty] = []
  ) {
    loop.submit(.subscribe(id, filters, qos, properties))
  }

  /// Sends a message after those before it.
  ///
  /// - Parameter token: what ``MQTTEvent/unsent(token:_:)`` names it with.
  /// - Returns: false where too much waits already, or the connection has ended.
  package func publish(_ publication: MQTTPublication, token: UInt64) -> Bool {
    guard flow.queue(publication.cost) else { return false }
    loop.submit(.publish(id, publication, token: token))
    return true
  }

  /// A message that came has been worked on.
  package func taken(_ message: MQTTMessage) {
    if flow.taken(message.cost) { loop.submit(.resume(id)) }
  }

  /// Ends the connection.
  ///
  /// - Parameter isGraceful: with a word to the broker; what was published before leaves first, as far as the broker takes it within
  ///   a second.
  package func close(isGraceful: Bool = true) {
    flow.close()
    loop.submit(.close(id, isGraceful: isGraceful))
  }
}
