/// A device of a rollout.
package enum RolloutTarget {
  package enum State: String, Sendable, Equatable, CaseIterable, Codable {
    /// Waits for its turn.
    case pending
    /// Loads the image ahead of its turn.
    case preparing
    /// Has loaded the image, and waits for its turn to start it.
    case prepared
    /// Its task is open.
    case active
    case done
    /// There was nothing to do.
    case skipped
    case failed
    case cancelled
  }

  package enum Decision: Sendable, Equatable {
    /// Order the download; the version that the device runs now, where it is known.
    case start(fromVersion: String?)
    /// There is nothing to do, and why.
    case skip(reason: String)
  }

  /// Whether a target is to be upgraded, decided when its turn comes.
  ///
  /// - Parameter facts: The device's facts by their names without the root.
  package static func decide(_ spec: RolloutSpec, facts: [String: String]) -> Decision {
    let version = facts[Facts.softwareVersion]
    return version == spec.image.version
      ? .skip(reason: "The device already runs \(spec.image.version).")
      : .start(fromVersion: version)
  }

  /// What the end of loading the image ahead makes of its target; nil while the task is open.
  ///
  /// Where it came to nothing, for whatever reason, the device loads the image on its turn.
  package static func endOfPreparation(by task: DeviceTask) -> (state: State, detail: String?)? {
    switch task.state {
    case .queued, .running, .waiting: nil
    case .done: (.prepared, nil)
    case .failed, .expired, .cancelled: (.pending, task.fault?.text)
    }
  }

  /// What a task that has ended makes of its target, with the reason for a failure; nil while the task is open.
  package static func end(of task: DeviceTask) -> (state: State, detail: String?)? {
    switch task.state {
    case .queued, .running, .waiting: nil
    case .done: (.done, nil)
    case .failed, .expired: (.failed, task.fault?.text)
    case .cancelled: (.cancelled, nil)
    }
  }
}

/// The life of a rollout.
package enum RolloutState: String, Sendable, Equatable, CaseIterable, Codable {
  case running
  case paused
  case done
  case cancelled
}
