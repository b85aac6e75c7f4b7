/// An operation that was ordered for one device, from the order to its end.
package struct DeviceTask: Sendable, Equatable {
  package typealias ID = Int64

  package var id: ID
  package var deviceID: Device.ID
  package var operation: Operation
  package var state: State
  /// Set exactly while ``state-swift.property`` is ``State-swift.enum/waiting``.
  package var waitingFor: WaitingFor?
  /// How many times it has been sent to the device.
  package var attempts: Int
  package var maxAttempts: Int
  /// Seconds since 1970; not sent before. While waiting: since when.
  package var dueAt: Double
  /// Seconds since 1970; a task that has not ended by then expires. Set anew when the device accepts the order.
  package var deadline: Double
  /// The token of the session that runs it, while running.
  package var session: Int64?
  /// While waiting for a version: the one that the device told last.
  package var result: OperationResult?
  /// While queued: why the last attempt failed. While waiting: what it fails with if nothing comes.
  package var fault: OperationFault?
  package var rolloutID: Int64?

  package enum State: String, Sendable, Equatable, CaseIterable, Codable {
    case queued
    /// Sent in a session that is still open.
    case running
    /// Accepted by the device; see ``WaitingFor``.
    case waiting
    case done
    case failed
    case expired
    case cancelled

    package var isOpen: Bool {
      switch self {
      case .queued, .running, .waiting: true
      case .done, .failed, .expired, .cancelled: false
      }
    }
  }

  /// What the device is asked to repeat in its reports about this task; at most 32 characters.
  package var commandKey: String { "fl-\(id)" }

  /// The task whose ``commandKey`` a text is; nil where it is none's.
  package static func id(ofCommandKey key: String) -> ID? {
    guard key.hasPrefix("fl-"), let id = ID(key.dropFirst(3)), "fl-\(id)" == key else { return nil }
    return id
  }

  package init(
    id: ID, deviceID: Device.ID, operation: Operation, state: State = .queued,
    waitingFor: WaitingFor? = nil, attempts: Int = 0, maxAttempts: Int, dueAt: Double,
    deadline: Double, session: Int64? = nil, result: OperationResult? = nil,
    fault: OperationFault? = nil, rolloutID: Int64? = nil
  ) {
    self.id = id
    self.deviceID = deviceID
    self.operation = operation
    self.state = state
    self.waitingFor = waitingFor
    self.attempts = attempts
    self.maxAttempts = maxAttempts
    self.dueAt = dueAt
    self.deadline = deadline
    self.session = session
    self.result = result
    self.fault = fault
    self.rolloutID = rolloutID
  }
}
