import NIOCore

/// How a WebSocket finds out that its peer is gone.
package struct KeepAliveSettings: Sendable {
  /// After so much silence the peer is asked (Ping), and again after as much more; zero: never.
  package var interval = TimeAmount.seconds(60)
  /// So many questions without an answer, and the link is closed.
  package var maxUnanswered = 2

  package init() {}
}
