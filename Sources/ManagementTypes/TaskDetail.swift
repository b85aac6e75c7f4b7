/// An order for one device.
package struct NewTask: Codable, Sendable, Equatable {
  package var order: TaskOrder
  /// Whether the device is asked to call at once; nil: true.
  package var connect: Bool?
  /// Not sent before; nil: now.
  package var dueAt: Timestamp?
  /// Seconds after `dueAt` at which the task expires; nil: the server's default for this kind.
  package var expiresIn: Int?
  /// How many times it may be sent; nil: the server's default for this kind.
  package var maxAttempts: Int?
  /// Whether an order is meant that may shut the device out (``TaskOrder/mayShutOut``); nil: false.
  package var confirmed: Bool?
  /// Whether it goes out although devices or their data models have something against it; nil: false.
  package var force: Bool?

  package init(
    order: TaskOrder, connect: Bool? = nil, dueAt: Timestamp? = nil, expiresIn: Int? = nil,
    maxAttempts: Int? = nil, confirmed: Bool? = nil, force: Bool? = nil
  ) {
    self.confirmed = confirmed
    self.force = force
    self.order = order
    self.connect = connect
    self.dueAt = dueAt
    self.expiresIn = expiresIn
    self.maxAttempts = maxAttempts
  }
}

/// The same order for every device that a selector matches.
package struct NewTasks: Codable, Sendable, Equatable {
  package var selector: String
  package var order: TaskOrder
  package var connect: Bool?
  package var dueAt: Timestamp?
  package var expiresIn: Int?
  package var maxAttempts: Int?
  /// Whether an order is meant that may shut the device out (``TaskOrder/mayShutOut``); nil: false.
  package var confirmed: Bool?
  /// Whether it goes out although devices or their data models have something against it; nil: false.
  package var force: Bool?
  /// Refused if more devices than this match; nil: 100.
  package var limit: Int?
  /// True: only tells how many devices match.
  package var dryRun: Bool?

  package init(
    selector: String, order: TaskOrder, connect: Bool? = nil, dueAt: Timestamp? = nil,
    expiresIn: Int? = nil, maxAttempts: Int? = nil, confirmed: Bool? = nil, force: Bool? = nil,
    limit: Int? = nil,
    dryRun: Bool? = nil
  ) {
    self.confirmed = confirmed
    self.force = force
    self.selector = selector
    self.order = order
    self.connect = connect
    self.dueAt = dueAt
    self.expiresIn = expiresIn
    self.maxAttempts = maxAttempts
    self.limit = limit
    self.dryRun = dryRun
  }
}

/// What came of ``NewTasks``.
package struct TasksCreated: Codable, Sendable, Equatable {
  /// How many devices the selector matched.
  package var matched: Int
  /// Empty after a dry run.
  package var tasks: [Reference]

  /// A task that was made.
  package struct Reference: Codable, Sendable, Equatable {
    package var device: String
    package var id: Int64

    package init(device: String, id: Int64) {
      self.device = device
      self.id = id
    }
  }

  package init(matched: Int, tasks: [Reference]) {
    self.matched = matched
    self.tasks = tasks
  }
}

/// A task, from the order to its end.
package struct TaskDetail: Codable, Sendable, Equatable {
  package var id: Int64
  package var device: String
  package var order: TaskOrder
  /// `queued`, `running`, `waiting` (accepted by the device, see `waitingFor`), `done`, `failed`, `expired`, `cancelled`.
  package var state: String
  /// What it waits for: `boot`, `bootstrap`, `transfer`, `version`, `contact`, `software`, `diagnosis`, `diagnosisReport`, `command`; nil where
  /// it does not wait.
  package var waitingFor: String?
  /// Why it has not ended, in a few words; nil once it has.
  package var reason: String?
  package var attempts: Int
  package var maxAttempts: Int
  package var dueAt: Timestamp
  package var deadline: Timestamp
  package var createdAt: Timestamp
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  package var orderedBy: String
  /// The rollout that it belongs to.
  package var rollout: String?
  package var result: Result?
  package var fault: Fault?

  package var isEnded: Bool { endedAt != nil }

  /// Why it failed, in the device's own words where it said any.
  package struct Fault: Codable, Sendable, Equatable {
    /// For example `cwmp.9005`, or `fairlead.…` where the server gave up.
    package var code: String
    package var text: String
    package var parameters: [ParameterFault]?

    package init(code: String, text: String, parameters: [ParameterFault]? = nil) {
      self.code = code
      self.text = text
      self.parameters = parameters
    }
  }

  /// What was wrong with one parameter.
  package struct ParameterFault: Codable, Sendable, Equatable {
    package var path: String
    package var code: String
    package var text: String

    package init(path: String, code: String, text: String) {
      self.path = path
      self.code = code
      self.text = text
    }
  }

  package init(
    id: Int64, device: String, order: TaskOrder, state: String, waitingFor: String?,
    reason: String? = nil, attempts: Int, maxAttempts: Int, dueAt: Timestamp, deadline: Timestamp,
    createdAt: Timestamp,
    startedAt: Timestamp?, endedAt: Timestamp?, orderedBy: String, rollout: String?,
    result: Result?, fault: Fault?
  ) {
    self.id = id
    self.device = device
    self.order = order
    self.state = state
    self.waitingFor = waitingFor
    self.reason = reason
    self.attempts = attempts
    self.maxAttempts = maxAttempts
    self.dueAt = dueAt
    self.deadline = deadline
    self.createdAt = createdAt
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.orderedBy = orderedBy
    self.rollout = rollout
    self.result = result
    self.fault = fault
  }
}
