/// All metrics of the server.
package enum ServerMetrics {
  /// From a quick answer to one that somebody waits for.
  private static let times = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  ]

  package static let descriptions: [MetricDescription] =
    fleet + store + cwmp + usp + connectionRequests + api + ProcessMetrics.descriptions

  private static let fleet = [
    MetricDescription("fairlead_build_info", .gauge, "Always 1.", labels: ["version"]),
    MetricDescription(
      "fairlead_database_up", .gauge,
      "1 where the database answers, else 0; without it the metrics of the fleet are missing."),
    MetricDescription("fairlead_devices", .gauge, "Devices of the fleet, whatever node they call."),
    MetricDescription(
      "fairlead_devices_seen_today", .gauge, "Devices that called within the last 24 hours."),
    MetricDescription(
      "fairlead_tasks_open", .gauge, "Tasks of the fleet that are not at their end."),
    MetricDescription(
      "fairlead_rollouts", .gauge, "Firmware rollouts, by state.", labels: ["state"]),
    MetricDescription("fairlead_files", .gauge, "Files that are kept for devices."),
  ]

  private static let store = [
    MetricDescription(
      "fairlead_store_commit_seconds", .histogram,
      "How long a batch of contacts and results took to commit.",
      buckets: times),
    MetricDescription(
      "fairlead_store_commit_jobs", .histogram, "How many contacts and results shared a commit.",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500]),
    MetricDescription(
      "fairlead_store_jobs_total", .counter,
      "Contacts and results of devices: committed; refused, as when a newer session has begun; failed, as when the database is away.",
      labels: ["outcome"]),
    MetricDescription(
      "fairlead_store_queued_jobs", .gauge, "Contacts and results that wait for their commit."),
    MetricDescription(
      "fairlead_tasks_ended_total", .counter,
      "Tasks that this node has brought to their end: done, failed, or expired.",
      labels: ["operation", "outcome"]),
  ]

  private static let cwmp = [
    MetricDescription("fairlead_cwmp_sessions", .gauge, "CWMP sessions that are open."),
    MetricDescription("fairlead_cwmp_connections", .gauge, "Connections of CPEs that are open."),
    MetricDescription(
      "fairlead_cwmp_session_seconds", .histogram,
      "How long CWMP sessions took, from the Inform to their end.",
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]),
    MetricDescription(
      "fairlead_cwmp_refused_total", .counter,
      "What was refused at the door for CPEs: connections and sessions beyond the limits, handshakes, requests, credentials, identities.",
      labels: ["reason"]),
  ]

  private static let usp = [
    MetricDescription(
      "fairlead_usp_agents", .gauge, "USP Agents that are connected to this node, by transport.",
      labels: ["transport"]),
    MetricDescription(
      "fairlead_usp_links_total", .counter, "Links of USP Agents that were opened."),
    MetricDescription(
      "fairlead_usp_records_total", .counter, "USP Records, by direction.", labels: ["direction"]),
    MetricDescription(
      "fairlead_usp_notifications_total", .counter, "Notify requests that came."),
    MetricDescription(
      "fairlead_usp_requests_total", .counter, "Requests that were sent to agents."),
    MetricDescription(
      "fairlead_usp_unanswered_total", .counter, "Requests that no agent answered in time."),
    MetricDescription(
      "fairlead_usp_request_seconds", .histogram, "How long agents took to answer.", buckets: times),
    MetricDescription(
      "fairlead_usp_refused_total", .counter,
      "What was refused of USP Agents: Records, agents, credentials.", labels: ["reason"]),
  ]

  private static let connectionRequests = [
    MetricDescription(
      "fairlead_connection_requests_total", .counter,
      "Connection requests that are at their end: called by a method, or failed for a reason.",
      labels: ["outcome", "detail"]),
    MetricDescription(
      "fairlead_connection_request_attempts_total", .counter,
      "Attempts to make devices call, repetitions included.",
      labels: ["method"]),
  ]

  private static let api = [
    MetricDescription(
      "fairlead_api_requests_total", .counter,
      "Requests to the API, by the class of the answer's status.",
      labels: ["status"]),
    MetricDescription(
      "fairlead_api_request_seconds", .histogram,
      "How long requests to the API took until their answer began.",
      buckets: times),
  ]

  /// The reference as Markdown.
  package static var markdown: String {
    var text = """
      # Metrics

      `GET /api/v1/metrics` tells what a node counts and measures, in the text format of Prometheus. It takes a token
      of the role `viewer`; each node is asked for itself. Counters begin at 0 when a node starts. Labels have few values, none of
      which a device can choose.

          scrape_configs:
            - job_name: fairlead
              metrics_path: /api/v1/metrics
              authorization:
                credentials_file: /etc/prometheus/fairlead-token
              static_configs:
                - targets: [acs.example:7557]

      | Metric | Kind | Labels | What it says |
      |---|---|---|---|

      """
    for metric in descriptions {
      let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
      text += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |\n"
    }
    return text
  }
}
