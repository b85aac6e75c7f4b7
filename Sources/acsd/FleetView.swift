import CWMPServer
import Fleet
import FleetStore
import Foundation
import Logging
import ManagementAPI
import ServiceLifecycle
import Synchronization

/// What every session needs to know of the fleet and any node may change: switches, data models, and which devices are traced.
///
/// It is read from the database again and again, and at once where this node changed it.
final class FleetView: Service {
  /// How old what a node knows may be.
  private static let interval = Duration.seconds(5)

  let traces: TraceRecorder
  let models: ModelShelf
  private let store: FleetStore
  private let logger: Logger
  private let known = Mutex(Known())

  /// A table and the documents from which it was made: of two that read at a time, one must not leave its table with the other's documents.
  private struct Known {
    var documents: [SwitchesRecord] = []
    var table = DeviceSwitchesTable()
  }

  init(
    store: FleetStore, limits: TraceRecorder.Limits, models: ModelShelf, logger: Logger
  ) {
    self.store = store
    self.models = models
    self.logger = logger
    traces = TraceRecorder(store: store, limits: limits, logger: logger)
  }

  var switches: DeviceSwitchesTable { known.withLock { $0.table } }

  func refresh() async throws {
    let documents = try await store.switches()
    if known.withLock({ $0.documents != documents }) {
      let table = store.table(of: documents)
      known.withLock { $0 = Known(documents: documents, table: table) }
    }
    try await traces.refresh(now: Date().timeIntervalSince1970)
    try await models.refresh()
  }

  /// Reads anew soon; for when something was changed here.
  func changed() {
    Task {
      do {
        try await refresh()
      } catch {
        logger.error("what nodes share can't be read", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Takes in at once what was imported or removed here.
  func modelsChanged() async {
    do {
      try await models.refresh()
    } catch {
      logger.error("data models can't be read", metadata: ["error": "\(error)"])
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
            logger.error("what nodes share can't be read", metadata: ["error": "\(error)"])
          }
          hasFailed = true
        }
        try? await Task.sleep(for: Self.interval)
      }
    }
  }
}
