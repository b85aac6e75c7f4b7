/// How many connections a pool has and how many callers may wait for them, for how long.
package struct PoolLimits: Sendable, Equatable {
  /// 1 and up; each has a thread.
  package var connections: Int
  /// Callers that may wait for a connection; the next is refused with `.queueFull`.
  package var waitingCallers: Int
  /// A caller that got no connection after this is refused, with `.unavailable` if the server is away
  /// and with `.timedOut` otherwise.
  package var waitTimeout: Duration

  package init(
    connections: Int = 4, waitingCallers: Int = 4096, waitTimeout: Duration = .seconds(5)
  ) {
    self.connections = max(1, connections)
    self.waitingCallers = max(0, waitingCallers)
    self.waitTimeout = waitTimeout
  }
}
