import Fleet
import FleetStore

/// What the controller needs from the rest of the server.
package struct ControllerEnvironment: Sendable {
  package var store: FleetStore
  /// Where a device fetches a stored file; nil where it is not stored here.
  ///
  /// The text is the server's own address as the agent reached it, for example `192.0.2.1`; where that is unknown it is empty, and
  /// ``UnknownFileAddress`` may be thrown.
  package var source: @Sendable (DownloadOrder, String) async throws -> DownloadSource?
  /// Where a device sends the file of an upload that is stored here, valid for this task only; nil where none is taken.
  package var destination: @Sendable (DeviceTask, String) async throws -> String?
  /// Told of each contact; must not block.
  package var contacted: @Sendable (Device.ID) -> Void
  /// Keeps the messages of some devices.
  package var traces: (any AgentTracing)?
  /// How much is kept of what firmwares support.
  package var supportedModels = SupportedModelLimits()
  /// Seconds since 1970.
  package var now: @Sendable () -> Double
  /// 0..<1.
  package var random: @Sendable () -> Double

  package init(
    store: FleetStore,
    source: @escaping @Sendable (DownloadOrder, String) async throws -> DownloadSource?,
    destination: @escaping @Sendable (DeviceTask, String) async throws -> String? = { _, _ in nil },
    contacted: @escaping @Sendable (Device.ID) -> Void = { _ in },
    traces: (any AgentTracing)? = nil, now: @escaping @Sendable () -> Double,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.store = store
    self.source = source
    self.destination = destination
    self.contacted = contacted
    self.traces = traces
    self.now = now
    self.random = random
  }
}

/// A device can't be told where files are: the way over which it came does not show at which address it has reached this server.
package struct UnknownFileAddress: Error, CustomStringConvertible {
  package init() {}

  package var description: String {
    "set files.url: the agent came through a broker or a UNIX domain socket, which does not show this server's address"
  }
}

/// Keeps the messages of agents that are traced.
package protocol AgentTracing: Sendable {
  /// Whether the messages of a device are kept now.
  func isTraced(_ device: Device.ID) -> Bool
  func record(_ message: TracedMessage)
}

/// A message between an agent and this controller.
package struct TracedMessage: Sendable, Equatable {
  package var device: Device.ID
  package var session: Int64
  package var isFromDevice: Bool
  package var address: String
  /// The kind of message, its ID and its way.
  package var head: String
  /// JSON, with its credentials blanked.
  package var body: String
  /// Seconds since 1970.
  package var at: Double
}
