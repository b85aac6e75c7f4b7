import NIOCore

/// What a link may hold, and how long it may wait.
package struct LinkLimits: Sendable {
  /// Bytes of one Record.
  package var maxRecord = 5 << 20
  /// Bytes that wait for a peer to take them; a link over which more is to be sent is closed.
  package var maxQueued = 16 << 20
  /// Bytes of Records that are not there in full, of all links of a server or a client together.
  package var maxArriving = 64 << 20
  /// How long a Record may take to arrive, from its first byte.
  package var arrivalTimeout = TimeAmount.seconds(60)
  /// How long the peer may take to end a link that this side has closed.
  package var closeTimeout = TimeAmount.seconds(5)

  package init() {}
}
