/// Why something at an MQTT broker had no success; never with a secret in it.
package struct MQTTError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// libmosquitto does not take the settings: a file that can't be read, a topic that is none.
    case unusable
    /// There is no connection to the broker.
    case unreachable
    /// TLS does not come about.
    case tls
    /// The broker has refused the connection, a subscription or a message.
    case refused
    /// The connection has ended without a word.
    case lost
    /// The broker has ended the connection.
    case ended
    /// A message is larger than the broker or this side takes.
    case tooLarge
    /// The broker knows of nobody who has subscribed to the topic (reason code 16 of MQTT 5).
    case noSubscribers
    /// More waits than the limit allows.
    case overloaded
    case timedOut
    /// This side has ended the connection.
    case closed
  }

  package let code: Code
  /// For a person.
  package let detail: String

  package init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  package var description: String { "\(detail) (\(code.rawValue))" }
}
