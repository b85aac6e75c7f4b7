import CWMPServer
import Fleet
import FleetStore
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// What every session needs to know of the fleet and any node may change: switches, and which devices are traced.
///
/// It is read from the database again and again, and at once where this node changed it.
final class FleetView: Service {
  /// How old what a node knows may be.
  private static let interval = Duration.seconds(5)

  let traces: TraceRecorder
  private let store: FleetStore
  private let logger: Logger
  private let table = Mutex(DeviceSwitchesTable())
  /// The documents from which the table was made.
  private let documents = Mutex<[SwitchesRecord]>([])

  init(store: FleetStore, limits: TraceRecorder.Limits, logger: Logger) {
    self.store = store
    self.logger = logger
    traces = TraceRecorder(store: store, limits: limits, logger: logger)
  }

  var switches: DeviceSwitchesTable { table.withLock { $0 } }

  func refresh() async throws {
    let records = try await store.switches()
    if documents.withLock({ $0 != records }) {
      let read = store.table(of: records)
      table.withLock { $0 = read }
      documents.withLock { $0 = records }
    }
    try await traces.refresh(now: Date().timeIntervalSince1970)
  }

  /// Reads anew soon; for when something was changed here.
  func changed() {
    Task {
      do {
        try await refresh()
      } catch {
        logger.error("switches can't be read", metadata: ["error": "\(error)"])
      }
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      var hasFailed = false
      while !Task.isCancelled {
        do {
          try await refresh()
          hasFailed = false
        } catch {
          if !hasFailed, !Task.isCancelled {
            logger.error("switches can't be read", metadata: ["error": "\(error)"])
          }
          hasFailed = true
        }
        try? await Task.sleep(for: Self.interval)
      }
    }
  }
}
