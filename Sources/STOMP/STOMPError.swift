/// Why a STOMP connection can't go on; never with a secret in it.
package struct STOMPError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// What came is no frame.
    case malformed
    /// What came is longer than the limits allow.
    case tooLarge
    /// A frame that has no place there.
    case unexpected
    /// The server has sent an ERROR frame.
    case refused
    /// The server speaks no version that this side does.
    case version
    /// Neither settings nor server name a destination to subscribe to (R-STOMP.16).
    case noDestination
    /// No heart-beat came.
    case silent
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
