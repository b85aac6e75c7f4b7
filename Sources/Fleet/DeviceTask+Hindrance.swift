/// Why a task has not ended yet.
package enum TaskHindrance: Sendable, Equatable {
  /// It was ordered for later; seconds since 1970, like the others.
  case notBefore(Double)
  /// It is tried again after a fault.
  case retry(at: Double, OperationFault)
  /// It was not its turn when the device called.
  case postponed(until: Double, OperationFault)
  /// The device has to call; when it has done so last, and what is done about it.
  case call(lastContact: Double?, CallRequest)
  /// The device has called, and does other things first.
  case turn
  /// The device has been given it and has not answered.
  case answer
  /// The device has taken it; until when what comes of it is awaited.
  case end(WaitingFor, until: Double)
}

/// What is being done to make a device call.
package enum CallRequest: Sendable, Equatable {
  case none
  /// It is being asked at this moment.
  case underWay
  /// It was asked in vain and will be asked again.
  case pausing
}

extension DeviceTask {
  /// Why the task has not ended; nil where it has.
  ///
  /// - Parameters:
  ///   - lastContact: when the device called last, in seconds since 1970; nil: never.
  ///   - request: whether the device is being asked to call.
  package func hindrance(now: Double, lastContact: Double?, request: CallRequest)
    -> TaskHindrance?
  {
    switch state {
    case .done, .failed, .expired, .cancelled: return nil
    case .running: return .answer
    case .waiting: return waitingFor.map { .end($0, until: deadline) }
    case .queued: break
    }
    if dueAt > now {
      guard let fault else { return .notBefore(dueAt) }
      return attempts > 0 ? .retry(at: dueAt, fault) : .postponed(until: dueAt, fault)
    }
    // What is due is begun in the first call after that; one that has been made shows that others come first.
    if let lastContact, lastContact > dueAt { return .turn }
    return .call(lastContact: lastContact, request)
  }
}
