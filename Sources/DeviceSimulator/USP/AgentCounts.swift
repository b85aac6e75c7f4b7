/// What has happened in a fleet of agents since it started.
package struct AgentCounts: Sendable, Equatable {
  /// Links that are open now.
  package var linksOpen = 0
  package var linksMade = 0
  package var linksFailed = 0
  package var boots = 0
  package var requests = 0
  package var errors = 0
  package var notifications = 0
  package var acknowledged = 0
  package var downloads = 0
  package var upgrades = 0
  package var transfersFailed = 0
  package var uploads = 0
  package var softwareChanges = 0
  package var diagnostics = 0
  package var factoryResets = 0
  /// Records that could not be taken.
  package var recordsRefused = 0
  /// How often links failed or ended, by reason.
  package var reasons: [String: Int] = [:]

  package init() {}

  mutating func failed(_ reason: String) {
    let key =
      reasons[reason] != nil || reasons.count < FleetCounts.maximumReasons ? reason : "other"
    reasons[key, default: 0] += 1
  }

  static func + (one: AgentCounts, other: AgentCounts) -> AgentCounts {
    var sum = one
    for path in fields { sum[keyPath: path] += other[keyPath: path] }
    sum.reasons.merge(other.reasons, uniquingKeysWith: +)
    return sum
  }

  private static var fields: [WritableKeyPath<AgentCounts, Int>] {
    [
      \.linksOpen, \.linksMade, \.linksFailed, \.boots, \.requests, \.errors, \.notifications,
      \.acknowledged, \.downloads, \.upgrades, \.transfersFailed, \.uploads, \.softwareChanges,
      \.diagnostics, \.factoryResets, \.recordsRefused,
    ]
  }
}
