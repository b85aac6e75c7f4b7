/// What came of asking a device to call.
package struct ConnectionResult: Codable, Sendable, Equatable {
  /// Whether it has called in the time that was given.
  package var called: Bool
  /// What reached it, for example `http`, `udp` or `xmpp`.
  package var method: String?
  /// From the question to the call.
  package var milliseconds: Int?
  /// Why it has not called, in a sentence.
  package var reason: String?

  package init(
    called: Bool, method: String? = nil, milliseconds: Int? = nil, reason: String? = nil
  ) {
    self.called = called
    self.method = method
    self.milliseconds = milliseconds
    self.reason = reason
  }
}
