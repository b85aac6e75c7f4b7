import NIOConcurrencyHelpers

/// What has happened at the door since it was opened.
package struct DoorCounts: Sendable, Equatable {
  /// Connections beyond the limit, which were closed at once.
  package var refusedConnections = 0
  /// Requests that were answered 4xx without being understood: no HTTP, too large, too slow, an unknown coding.
  package var refusedRequests = 0
  /// Credentials that were wrong or unknown.
  package var refusedCredentials = 0
  /// Digest credentials that were right and had been used before.
  package var replays = 0
  /// Devices that claimed an identity which what they proved does not cover.
  package var identityClaims = 0
  /// Sessions that were asked to come again later.
  package var postponedSessions = 0
  /// TLS handshakes that failed, took too long, or were one too many.
  package var failedHandshakes = 0

  package init() {}
}

/// The counts, for all threads.
final class DoorCounter: Sendable {
  private let content = NIOLockedValueBox(DoorCounts())

  var counts: DoorCounts { content.withLockedValue { $0 } }

  func add(to count: any (WritableKeyPath<DoorCounts, Int> & Sendable)) {
    content.withLockedValue { $0[keyPath: count] += 1 }
  }
}
