import NIOCore
import TLSIdentity
import USP

/// Where a WebSocket server listens, who it is, and what it bears.
package struct WebSocketServerSettings: Sendable {
  /// The server's own endpoint ID.
  package var own: EndpointID
  package var host = "0.0.0.0"
  /// 0: any that is free.
  package var port: Int
  /// The path of the URL that endpoints call.
  package var path = "/usp"
  /// Nil: connections are not encrypted.
  package var tls: TLSFiles?
  /// How often it is looked at whether the TLS files have changed.
  package var tlsReloadInterval = TimeAmount.seconds(60)

  package var limits = LinkLimits()
  package var keepAlive = KeepAliveSettings()
  /// Links that are open; who comes after them is asked to come again later (503).
  package var maxLinks = 20_000
  /// Connections on which no link has come about yet; one more is closed at once.
  package var maxHandshakes = 2_000
  /// How long TLS and the handshake of the WebSocket may take together.
  package var handshakeTimeout = TimeAmount.seconds(20)
  /// Bytes of the header of the request.
  package var maxHeaderBytes = 16 << 10
  package var maxHeaders = 64
  /// Seconds after which an endpoint that was turned away for want of room shall come again.
  package var retryAfter = 30

  package init(own: EndpointID, port: Int) {
    self.own = own
    self.port = port
  }
}
