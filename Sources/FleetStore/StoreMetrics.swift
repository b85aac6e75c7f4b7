import Fleet
import Metrics

/// What the store counts.
enum StoreMetrics {
  /// What has become of a job that a committer took.
  enum Outcome: String, CaseIterable {
    case committed
    /// A newer session or an earlier answer stood against it, or the device is not known.
    case refused
    /// The database was away, or did not take it.
    case failed
  }

  private static let commitTime = Metrics.Timer(label: "fairlead_store_commit_seconds")
  private static let commitSize = Recorder(label: "fairlead_store_commit_jobs")
  private static let jobs = Dictionary(
    uniqueKeysWithValues: Outcome.allCases.map { outcome in
      (
        outcome,
        Counter(label: "fairlead_store_jobs_total", dimensions: [("outcome", outcome.rawValue)])
      )
    })

  static func committed(jobs count: Int, in duration: Duration) {
    commitTime.record(duration: duration)
    commitSize.record(count)
  }

  static func count(_ outcome: Outcome) { jobs[outcome]?.increment() }

  /// Tells of tasks that are at their end, once that is committed.
  static func count(_ tasks: some Sequence<DeviceTask>) {
    for task in tasks where !task.state.isOpen {
      Counter(
        label: "fairlead_tasks_ended_total",
        dimensions: [
          ("operation", task.operation.kind.rawValue), ("outcome", task.state.rawValue),
        ]
      ).increment()
    }
  }
}
