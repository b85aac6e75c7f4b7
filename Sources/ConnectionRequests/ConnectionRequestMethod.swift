/// A way to ask a device to call.
package enum ConnectionRequestMethod: String, Sendable, Hashable, CaseIterable {
  /// A GET to ConnectionRequestURL (TR-069 Amendment 6, 3.2.2).
  case http
  /// A signed packet through the NAT binding that STUN holds open (Annex G).
  case udp
  /// A stanza through an XMPP server (Annex K).
  case xmpp

  /// Whether the device says that it got the request.
  package var isConfirmed: Bool { self != .udp }
}

/// How requests of one method are sent.
package struct ConnectionRequestChannel: Sendable {
  /// Whether the device has told enough to be asked this way.
  package var isPossible: @Sendable (ConnectionRequestTarget) -> Bool
  /// Sends one request; for a method that is not confirmed, `accepted` means sent.
  package var send: @Sendable (ConnectionRequestTarget) async -> ConnectionRequestResult

  package init(
    isPossible: @escaping @Sendable (ConnectionRequestTarget) -> Bool,
    send: @escaping @Sendable (ConnectionRequestTarget) async -> ConnectionRequestResult
  ) {
    self.isPossible = isPossible
    self.send = send
  }
}
