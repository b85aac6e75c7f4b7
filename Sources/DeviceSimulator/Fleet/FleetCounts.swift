/// What has happened in a fleet since it started.
package struct FleetCounts: Sendable, Equatable {
  package var sessionsSucceeded = 0
  package var sessionsFailed = 0
  /// Sessions that are running now.
  package var sessionsOpen = 0
  package var requestsAnswered = 0
  package var faultsSent = 0
  package var boots = 0
  package var downloads = 0
  package var downloadsFailed = 0
  package var upgrades = 0
  package var uploads = 0
  package var uploadsFailed = 0
  package var softwareChanges = 0
  package var diagnostics = 0
  package var factoryResets = 0
  package var connectionRequests = 0
  /// How often sessions failed, by reason.
  package var failures: [String: Int] = [:]

  package init() {}

  /// Reasons that are kept apart; further ones are counted together.
  static let maximumReasons = 32

  mutating func failed(_ reason: String) {
    sessionsFailed += 1
    let key = failures[reason] != nil || failures.count < Self.maximumReasons ? reason : "other"
    failures[key, default: 0] += 1
  }

  static func + (left: FleetCounts, right: FleetCounts) -> FleetCounts {
    var sum = left
    sum.sessionsSucceeded += right.sessionsSucceeded
    sum.sessionsFailed += right.sessionsFailed
    sum.sessionsOpen += right.sessionsOpen
    sum.requestsAnswered += right.requestsAnswered
    sum.faultsSent += right.faultsSent
    sum.boots += right.boots
    sum.downloads += right.downloads
    sum.downloadsFailed += right.downloadsFailed
    sum.upgrades += right.upgrades
    sum.uploads += right.uploads
    sum.uploadsFailed += right.uploadsFailed
    sum.softwareChanges += right.softwareChanges
    sum.diagnostics += right.diagnostics
    sum.factoryResets += right.factoryResets
    sum.connectionRequests += right.connectionRequests
    sum.failures.merge(right.failures, uniquingKeysWith: +)
    return sum
  }
}
