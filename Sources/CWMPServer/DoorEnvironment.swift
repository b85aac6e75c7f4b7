import CWMP
import Fleet
import FleetStore

/// What the door needs from the rest of the server.
package struct DoorEnvironment: Sendable {
  package var store: FleetStore
  /// Where a device fetches a stored file; nil where it is not stored here.
  ///
  /// The text is the server's own address as the device reached it, for example `192.0.2.1`.
  package var source: @Sendable (DownloadOrder, String) async throws -> DownloadSource?
  /// The credential to set on a device for connection requests.
  package var credential: @Sendable (_ deviceName: String) -> ConnectionCredential
  /// Told of each contact that may have followed a connection request; must not block.
  package var contacted: @Sendable (Device.ID) -> Void
  /// Seconds since 1970.
  package var now: @Sendable () -> Double
  /// 0..<1.
  package var random: @Sendable () -> Double

  package init(
    store: FleetStore,
    source: @escaping @Sendable (DownloadOrder, String) async throws -> DownloadSource?,
    credential: @escaping @Sendable (_ deviceName: String) -> ConnectionCredential,
    contacted: @escaping @Sendable (Device.ID) -> Void = { _ in },
    now: @escaping @Sendable () -> Double,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.store = store
    self.source = source
    self.credential = credential
    self.contacted = contacted
    self.now = now
    self.random = random
  }
}
