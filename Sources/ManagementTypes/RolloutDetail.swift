/// A rollout and how far it has come.
package struct RolloutDetail: Codable, Sendable, Equatable {
  package var name: String
  /// `running`, `paused`, `done`, `cancelled`.
  package var state: String
  /// Why it is paused, in a sentence.
  package var reason: String?
  /// Which devices it chose, for example `tag=pilot`.
  package var selector: String
  /// The SoftwareVersion that devices report once they run the image.
  package var version: String
  /// SHA-256 of the image, 64 lower-case hexadecimal digits.
  package var file: String
  package var counts: Counts
  package var appliedBy: String
  package var createdAt: Timestamp
  package var endedAt: Timestamp?
  /// The YAML text that was applied; nil in lists.
  package var document: String?

  /// Targets by state.
  package struct Counts: Codable, Sendable, Equatable {
    package var pending: Int
    /// Load the image ahead of their turns.
    package var preparing: Int
    /// Have loaded it, and wait for their turns.
    package var prepared: Int
    package var active: Int
    package var done: Int
    package var skipped: Int
    package var failed: Int
    package var cancelled: Int

    package var total: Int {
      pending + preparing + prepared + active + done + skipped + failed + cancelled
    }

    package init(
      pending: Int = 0, preparing: Int = 0, prepared: Int = 0, active: Int = 0, done: Int = 0,
      skipped: Int = 0, failed: Int = 0,
      cancelled: Int = 0
    ) {
      self.pending = pending
      self.preparing = preparing
      self.prepared = prepared
      self.active = active
      self.done = done
      self.skipped = skipped
      self.failed = failed
      self.cancelled = cancelled
    }

    /// A server of an earlier release does not tell of preparations.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        pending: try container.decode(Int.self, forKey: .pending),
        preparing: try container.decodeIfPresent(Int.self, forKey: .preparing) ?? 0,
        prepared: try container.decodeIfPresent(Int.self, forKey: .prepared) ?? 0,
        active: try container.decode(Int.self, forKey: .active),
        done: try container.decode(Int.self, forKey: .done),
        skipped: try container.decode(Int.self, forKey: .skipped),
        failed: try container.decode(Int.self, forKey: .failed),
        cancelled: try container.decode(Int.self, forKey: .cancelled))
    }
  }

  package init(
    name: String, state: String, reason: String?, selector: String, version: String,
    file: String, counts: Counts, appliedBy: String, createdAt: Timestamp, endedAt: Timestamp?,
    document: String? = nil
  ) {
    self.name = name
    self.state = state
    self.reason = reason
    self.selector = selector
    self.version = version
    self.file = file
    self.counts = counts
    self.appliedBy = appliedBy
    self.createdAt = createdAt
    self.endedAt = endedAt
    self.document = document
  }
}

/// What came of applying a rollout file.
package struct RolloutApplied: Codable, Sendable, Equatable {
  package var name: String
  /// `created`, or `unchanged` where a rollout with this name and specification is already there.
  package var outcome: String
  /// How many devices it chose; after a dry run, how many it would choose.
  package var targets: Int
  /// Warnings about the file.
  package var diagnostics: [Problem.Diagnostic]

  package init(
    name: String, outcome: String, targets: Int, diagnostics: [Problem.Diagnostic] = []
  ) {
    self.name = name
    self.outcome = outcome
    self.targets = targets
    self.diagnostics = diagnostics
  }
}

/// A device in a rollout.
package struct RolloutTargetDetail: Codable, Sendable, Equatable {
  package var device: String
  /// `pending`, `preparing`, `prepared`, `active`, `done`, `skipped`, `failed`, `cancelled`.
  package var state: String
  package var task: Int64?
  /// The SoftwareVersion before.
  package var fromVersion: String?
  /// Why it failed or was skipped.
  package var detail: String?
  package var updatedAt: Timestamp

  package init(
    device: String, state: String, task: Int64?, fromVersion: String?, detail: String?,
    updatedAt: Timestamp
  ) {
    self.device = device
    self.state = state
    self.task = task
    self.fromVersion = fromVersion
    self.detail = detail
    self.updatedAt = updatedAt
  }
}
