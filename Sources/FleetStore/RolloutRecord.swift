import Fleet

/// A rollout and how far it has come.
package struct RolloutRecord: Sendable, Equatable {
  package var id: Int64
  package var name: String
  package var spec: RolloutSpec
  /// The text that was applied.
  package var document: String
  package var state: RolloutState
  /// Why it is paused, in a sentence.
  package var reason: String?
  package var appliedBy: String
  /// Seconds since 1970.
  package var createdAt: Double
  package var endedAt: Double?
  package var counts: RolloutCounts
}

/// A device of a rollout and how far it has come.
package struct RolloutTargetRecord: Sendable, Equatable {
  package var deviceID: Device.ID
  package var deviceName: String
  package var state: RolloutTarget.State
  package var task: DeviceTask.ID?
  package var fromVersion: String?
  /// Why it failed or was skipped, or could not load the image ahead of its turn.
  package var detail: String?
  /// Seconds since 1970.
  package var updatedAt: Double
}

/// What came of applying a rollout.
package struct RolloutApplication: Sendable, Equatable {
  package enum Outcome: String, Sendable {
    case created
    /// A rollout with this name and specification is there already.
    case unchanged
  }

  package var outcome: Outcome
  /// How many devices it has, or would have.
  package var targets: Int
  /// False where the image is not stored; never so once it is created.
  package var isImageStored: Bool
}
