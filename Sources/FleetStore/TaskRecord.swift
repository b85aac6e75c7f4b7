import Fleet

/// A task with what is known about it beside the device's part.
package struct TaskRecord: Sendable, Equatable {
  package var task: DeviceTask
  package var deviceName: String
  /// The one who ordered it: an operator's name, or `rollout NAME`.
  package var orderedBy: String
  /// Seconds since 1970, like the others.
  package var createdAt: Double
  package var startedAt: Double?
  package var endedAt: Double?
  package var rolloutName: String?
  /// When its device called last; nil: never.
  package var lastContact: Double?
}

/// An operation to be ordered.
package struct TaskRequest: Sendable, Equatable {
  package var operation: Operation
  /// Seconds since 1970; not sent before.
  package var dueAt: Double
  /// Seconds since 1970; it expires then.
  package var deadline: Double
  package var maxAttempts: Int

  package init(operation: Operation, dueAt: Double, deadline: Double, maxAttempts: Int) {
    self.operation = operation
    self.dueAt = dueAt
    self.deadline = deadline
    self.maxAttempts = maxAttempts
  }
}

/// Which tasks a list shall have.
package enum TaskFilter: Sendable, Equatable {
  case all
  /// Those that have not ended.
  case open
  case state(DeviceTask.State)

  /// As the column `state` has them.
  var states: [String] {
    switch self {
    case .all: DeviceTask.State.allCases.map(\.rawValue)
    case .open: DeviceTask.State.allCases.filter(\.isOpen).map(\.rawValue)
    case .state(let state): [state.rawValue]
    }
  }
}
