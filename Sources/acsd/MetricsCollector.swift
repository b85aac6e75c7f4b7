import CWMPServer
import ConnectionRequests
import Fleet
import FleetStore
import Foundation
import Metrics
import Release
import Telemetry
import USPController
import USPTransports

/// Puts together what the parts of the server count.
struct MetricsCollector: Sendable {
  /// What all parts count through; there is one in a process.
  private static let registry = MetricRegistry(ServerMetrics.descriptions)

  /// Before any part is made.
  static func install() { MetricsSystem.bootstrap(registry) }

  let store: FleetStore
  let cwmp: CWMPServer
  let usp: USPController?
  let requester: ConnectionRequester
  let startedAt: Double

  /// A page in the text format of Prometheus.
  func page() async -> String {
    var samples = [MetricSample("fairlead_build_info", [("version", Release.version)], 1)]
    samples += await fleet()
    samples.append(MetricSample("fairlead_store_queued_jobs", store.queuedJobs))
    samples += cwmpSamples + uspSamples + requests(await requester.counters)
    samples += ProcessMetrics.samples(startedAt: startedAt)
    return MetricPage(ServerMetrics.descriptions, registry: Self.registry, samples: samples).text
  }

  private func fleet() async -> [MetricSample] {
    guard let totals = try? await store.totals(now: Date().timeIntervalSince1970) else {
      return [MetricSample("fairlead_database_up", 0)]
    }
    return [
      MetricSample("fairlead_database_up", 1),
      MetricSample("fairlead_devices", totals.devices),
      MetricSample("fairlead_devices_seen_today", totals.devicesSeenToday),
      MetricSample("fairlead_tasks_open", totals.openTasks),
      MetricSample("fairlead_rollouts", [("state", "running")], totals.runningRollouts),
      MetricSample("fairlead_rollouts", [("state", "paused")], totals.pausedRollouts),
      MetricSample("fairlead_files", totals.files),
    ]
  }

  private var cwmpSamples: [MetricSample] {
    let counts = cwmp.counts
    let refused = [
      ("connection", counts.refusedConnections), ("handshake", counts.failedHandshakes),
      ("request", counts.refusedRequests), ("credential", counts.refusedCredentials),
      ("replay", counts.replays), ("identity", counts.identityClaims),
      ("session", counts.postponedSessions),
    ]
    return [
      MetricSample("fairlead_cwmp_sessions", cwmp.openSessions),
      MetricSample("fairlead_cwmp_connections", cwmp.openConnections),
    ] + refused.map { MetricSample("fairlead_cwmp_refused_total", [("reason", $0)], $1) }
  }

  private var uspSamples: [MetricSample] {
    guard let usp else { return [] }
    let counts = usp.counts
    let refused = [
      ("record", counts.refusedRecords), ("agent", counts.refusedAgents),
      ("credential", counts.refusedCredentials),
    ]
    return usp.connectedAgents.map {
      MetricSample("fairlead_usp_agents", [("transport", $0.transport.rawValue)], $0.count)
    } + [
      MetricSample("fairlead_usp_links_total", counts.links),
      MetricSample("fairlead_usp_records_total", [("direction", "in")], counts.recordsIn),
      MetricSample("fairlead_usp_records_total", [("direction", "out")], counts.recordsOut),
      MetricSample("fairlead_usp_notifications_total", counts.notifications),
      MetricSample("fairlead_usp_requests_total", counts.requests),
      MetricSample("fairlead_usp_unanswered_total", counts.unanswered),
    ] + refused.map { MetricSample("fairlead_usp_refused_total", [("reason", $0)], $1) }
  }

  private func requests(_ counters: ConnectionRequestCounters) -> [MetricSample] {
    let name = "fairlead_connection_requests_total"
    return counters.called.map {
      MetricSample(name, [("outcome", "called"), ("detail", $0.key.rawValue)], $0.value)
    }
      + counters.failed.map {
        MetricSample(name, [("outcome", "failed"), ("detail", $0.key.rawValue)], $0.value)
      }
      + counters.attempts.map {
        MetricSample(
          "fairlead_connection_request_attempts_total", [("method", $0.key.rawValue)], $0.value)
      }
  }
}
