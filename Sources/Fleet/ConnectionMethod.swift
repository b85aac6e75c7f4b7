/// A way to ask a device to call.
package enum ConnectionMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// A GET to ConnectionRequestURL (TR-069 Amendment 6, 3.2.2).
  case http
  /// A signed packet through the NAT binding that STUN holds open (Annex G).
  case udp
  /// A stanza through an XMPP server (Annex K).
  case xmpp

  /// Whether the device says that it got the request.
  package var isConfirmed: Bool { self != .udp }
}
