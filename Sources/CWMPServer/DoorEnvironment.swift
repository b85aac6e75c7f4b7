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
  /// Where a device sends the file of an upload that is stored here, valid for this task only; nil where none is taken.
  package var destination: @Sendable (DeviceTask, String) async throws -> String?
  /// The credential to set on a device for connection requests.
  package var credential: @Sendable (_ deviceName: String) -> ConnectionCredential
  /// The credential with which a device signs what it sends to the STUN server (TR-069 Annex G); nil where there is none.
  package var bindingCredential: (@Sendable (_ deviceName: String) -> ConnectionCredential)?
  /// The host at which the STUN server awaits devices; empty where it is not known.
  package var bindingHost: String
  /// Told of each contact that may have followed a connection request; must not block.
  package var contacted: @Sendable (Device.ID) -> Void
  /// What devices of some make need differently, as it is now.
  package var switches: @Sendable () -> DeviceSwitchesTable
  /// Keeps the messages of some devices.
  package var traces: TraceRecorder?
  /// Seconds since 1970.
  package var now: @Sendable () -> Double
  /// 0..<1.
  package var random: @Sendable () -> Double

  package init(
    store: FleetStore,
    source: @escaping @Sendable (DownloadOrder, String) async throws -> DownloadSource?,
    destination: @escaping @Sendable (DeviceTask, String) async throws -> String? = { _, _ in nil },
    credential: @escaping @Sendable (_ deviceName: String) -> ConnectionCredential,
    bindingCredential: (@Sendable (_ deviceName: String) -> ConnectionCredential)? = nil,
    bindingHost: String = "", contacted: @escaping @Sendable (Device.ID) -> Void = { _ in },
    switches: @escaping @Sendable () -> DeviceSwitchesTable = { DeviceSwitchesTable() },
    traces: TraceRecorder? = nil,
    now: @escaping @Sendable () -> Double,
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.store = store
    self.source = source
    self.destination = destination
    self.credential = credential
    self.bindingCredential = bindingCredential
    self.bindingHost = bindingHost
    self.contacted = contacted
    self.switches = switches
    self.traces = traces
    self.now = now
    self.random = random
  }
}
