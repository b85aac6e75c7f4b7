import Synchronization

/// What becomes of the files that devices send.
package struct UploadIntake: Sendable {
  package var link: UploadLink
  /// Whether the task still awaits its file; asked before anything is read.
  package var isAwaited: @Sendable (UploadLink.Target) async throws -> Bool
  /// Commits that the file has arrived, and puts its content in place; the device is told only afterwards.
  package var record: @Sendable (UploadLink.Target, IncomingContent) async throws -> Outcome

  package enum Outcome: Sendable, Equatable {
    case created
    /// In place of a file that had arrived for this task before.
    case replaced
    /// The task awaits no file any more.
    case refused
  }

  /// What knows the tasks can't be asked at the moment; thrown by ``isAwaited`` and ``record``, it is told elsewhere why.
  package struct Unavailable: Error {
    package init() {}
  }

  package init(
    link: UploadLink, isAwaited: @escaping @Sendable (UploadLink.Target) async throws -> Bool,
    record: @escaping @Sendable (UploadLink.Target, IncomingContent) async throws -> Outcome
  ) {
    self.link = link
    self.isAwaited = isAwaited
    self.record = record
  }
}

/// The files that are arriving, so that no task takes more than its share of disk and connections.
final class ArrivingUploads: Sendable {
  /// A device that has lost a connection begins anew before this side has noticed.
  private static let limit = 2

  private let counts = Mutex<[UploadLink.Target: Int]>([:])

  /// - Returns: false where too many are arriving for the task already.
  func begin(_ target: UploadLink.Target) -> Bool {
    counts.withLock { counts in
      guard counts[target, default: 0] < Self.limit else { return false }
      counts[target, default: 0] += 1
      return true
    }
  }

  func end(_ target: UploadLink.Target) {
    counts.withLock { counts in
      let count = counts[target, default: 1] - 1
      counts[target] = count > 0 ? count : nil
    }
  }
}
