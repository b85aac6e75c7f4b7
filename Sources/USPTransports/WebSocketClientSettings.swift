import NIOCore

/// How WebSockets are opened, and what they bear.
package struct WebSocketClientSettings: Sendable {
  package var limits = LinkLimits()
  package var keepAlive = KeepAliveSettings()
  package var connectTimeout = TimeAmount.seconds(10)
  /// How long connecting, TLS and the handshake of the WebSocket may take together.
  package var handshakeTimeout = TimeAmount.seconds(20)
  /// Bytes of the header of the response.
  package var maxHeaderBytes = 16 << 10
  package var maxHeaders = 64

  package init() {}
}
