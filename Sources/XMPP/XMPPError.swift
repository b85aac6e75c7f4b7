/// Why a request through an XMPP server had no success; never with a secret in it.
package struct XMPPError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// There is no connection to the XMPP server at the moment.
    case notConnected
    /// The address is no full JID that a stanza can be sent to.
    case invalidAddress
    /// No answer came in time.
    case timedOut
    /// The device is offline, in a session, or limits requests (RFC 6120, 8.3.3.19).
    case serviceUnavailable
    /// The device does not take the credential (RFC 6120, 8.3.3.12).
    case notAuthorized
    /// Another error, of the device or of the server.
    case refused
    /// More requests are waiting than the limit allows.
    case overloaded
    case shutDown
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
