/// How much is read from one agent, and in requests of which size.
package struct AgentReadingLimits: Sendable, Equatable {
  /// Paths that are taken from one agent at the most.
  package var parameters = 50_000
  /// Bytes of values that are taken in one reading, or for one operation.
  package var valueBytes = 64 << 20
  /// Values asked for in one Get.
  package var valuesPerRequest = 500
  /// Paths in one Get.
  package var pathsPerRequest = 256

  package init() {}
}
