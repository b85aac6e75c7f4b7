import FileServer
import Fleet
import FleetStore
import Foundation
import Logging
import ServerConfiguration
import ServiceLifecycle
import Synchronization

/// What has to be done without anybody asking: rollouts take their next steps, devices are asked to call when their work is due,
/// overdue tasks end, old history and lost files go.
struct Upkeep: Service {
  let settings: Settings
  let store: FleetStore
  let files: FileStore
  let wake: @Sendable (Device.ID) -> Void
  let logger: Logger

  /// Devices that are asked to call at a time; others call by themselves.
  private static let wakeLimit = 10_000

  func run() async throws {
    await withTaskGroup { group in
      group.addTask {
        await every(settings.rollouts.interval, "rollouts can't be advanced") {
          for device in try await store.advanceRollouts(now: Date().timeIntervalSince1970) {
            wake(device)
          }
        }
      }
      group.addTask {
        let start = Date().timeIntervalSince1970
        let seen = Mutex(start)
        await every(settings.rollouts.interval, "devices with due work can't be found") {
          let now = Date().timeIntervalSince1970
          let since = seen.withLock { $0 }
          var devices = try await store.devicesWithDueWork(
            in: min(since, now)...now, limit: Self.wakeLimit)
          if since == start {
            devices += try await store.devicesWithWorkLeft(now: start, limit: Self.wakeLimit)
          }
          seen.withLock { $0 = now }
          for device in devices { wake(device) }
        }
      }
      group.addTask {
        let upkeep = FileUpkeep(
          files: files, store: store, age: settings.files.sweepAge.inSeconds, logger: logger)
        await every(settings.files.sweepInterval, "files that nobody knows of can't be removed") {
          try await upkeep.look()
        }
      }
      group.addTask {
        await every(settings.housekeeping.interval, "old traces can't be removed") {
          try await store.removeOldTraces(
            now: Date().timeIntervalSince1970, limits: TraceLimits(settings))
        }
      }
      group.addTask {
        let limits = SupportedModelLimits(settings)
        await every(settings.models.supportedInterval, "what firmwares support can't be kept") {
          _ = try await store.gatherSupportedModels(
            now: Date().timeIntervalSince1970, limits: limits)
        }
      }
      group.addTask {
        let retention = Retention(settings)
        let unreadable = Mutex(0)
        await every(settings.housekeeping.interval, "housekeeping has failed") {
          let report = try await store.keepHouse(
            now: Date().timeIntervalSince1970, retention: retention)
          let isMore = unreadable.withLock { known in
            defer { known = report.unreadableTasks }
            return report.unreadableTasks > known
          }
          if isMore {
            logger.error(
              "overdue tasks can't be read and stay; most likely a newer release has made them",
              metadata: ["count": "\(report.unreadableTasks)"])
          }
          if report.expiredTasks > 0 {
            logger.info("tasks have expired", metadata: ["count": "\(report.expiredTasks)"])
          }
        }
      }
    }
  }

  /// Does something again and again until the server is told to stop; a failure is logged once until it works again.
  private func every(
    _ interval: Duration, _ failure: String, _ action: @escaping @Sendable () async throws -> Void
  ) async {
    await cancelWhenGracefulShutdown {
      var hasFailed = false
      while !Task.isCancelled {
        do {
          try await action()
          hasFailed = false
        } catch is CancellationError {
          return
        } catch {
          if !hasFailed, !Task.isCancelled {
            logger.error("\(failure)", metadata: ["error": "\(error)"])
          }
          hasFailed = true
        }
        try? await Task.sleep(for: interval)
      }
    }
  }
}
