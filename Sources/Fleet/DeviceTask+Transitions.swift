/// A task's way from queued to its end, as pure functions: what is not a step of a task in its state changes nothing.
///
/// ```
/// queued ──started──▶ running ──done, lasting fault──────────────────▶ done, failed
///   ▲                   │ └──accepted──▶ waiting ──contact, report──▶ done, failed
///   └─fault, interruption┘                  └──transient fault of a transfer──▶ queued
/// queued, running, waiting ──deadline──▶ expired; failed where a version was being verified
/// ```
extension DeviceTask {
  /// Whether the task may be sent to its device in the given session, its time apart.
  ///
  /// A task that another session runs is one that was interrupted: the newest session of a device wins.
  package func isClaimable(session: Int64) -> Bool {
    switch state {
    case .queued: attempts < maxAttempts || isReady
    case .running: self.session != session && (attempts < maxAttempts || isReady)
    case .waiting, .done, .failed, .expired, .cancelled: false
    }
  }

  /// The task as it is about to be sent; the task unchanged where it must not be (``isClaimable(session:)``).
  package func started(session: Int64, now: Double) -> DeviceTask {
    guard isClaimable(session: session), now < deadline else { return self }
    var task = self
    task.state = .running
    task.session = session
    // Fetching what is ready is the end of an attempt, not another one.
    if !isReady { task.attempts += 1 }
    return task
  }

  /// The task after an attempt; the task unchanged unless it is running.
  ///
  /// - Parameters:
  ///   - random: A number in 0..<1, uniformly distributed, for the delay before a retry.
  package func after(_ outcome: Outcome, now: Double, policy: TaskPolicy, random: Double)
    -> DeviceTask
  {
    guard state == .running else { return self }
    switch outcome {
    case .done(let result):
      if case .download(let order) = operation, let expected = order.versionToReport,
        result.version != expected
      {
        return waiting(for: .version, now: now, policy: policy, lastVersion: result.version)
      }
      if case .upload(let order) = operation, order.remote == nil, result.file == nil {
        return waiting(for: .transfer, now: now, policy: policy)
      }
      return done(result)
    case .accepted(let waitingFor): return waiting(for: waitingFor, now: now, policy: policy)
    case .failed(let fault):
      return fault.isTransient
        ? retried(after: fault, now: now, policy: policy, random: random) : failed(fault)
    case .interrupted(let reason):
      let fault = OperationFault.interrupted(
        reason: reason, attempts: attempts, maxAttempts: maxAttempts)
      return retried(after: fault, now: now, policy: policy, random: random)
    }
  }

  /// The task where the end of its time changes it; nil before.
  package func expired(now: Double) -> DeviceTask? {
    guard state.isOpen, now >= deadline else { return nil }
    if state == .waiting, waitingFor == .version { return failedVerification() }
    if state == .waiting, let fault, fault.code == OperationFault.noFileCode {
      return failed(fault)
    }
    let text =
      switch (state, waitingFor) {
      case (.waiting, .boot): "The device accepted the reboot but reported no boot in time."
      case (.waiting, .bootstrap):
        "The device accepted the factory reset but reported no boot in time."
      case (.waiting, .transfer): "The device did not report the end of the transfer in time."
      case (.waiting, .contact): "The device did not call at the time that was set."
      case (.waiting, .software):
        "The device did not report the end of the changes of its software in time."
      case (.waiting, .diagnosis): "The device did not end the measurement in time."
      case (.waiting, .diagnosisReport):
        "The device did not report the end of the measurement in time, and shows what it showed before the order."
      case (.waiting, .command): "The device did not report the end of the command in time."
      case (.running, _): "The device did not answer in time."
      case (_, _) where hasFoundNoPlace:
        "The rollout had no place for the device when it called."
      case (_, _) where attempts == 0: "The device did not call in time."
      default: "The time was over before another attempt (\(attempts) of \(maxAttempts) made)."
      }
    var task = ended(.expired)
    task.fault = OperationFault(
      code: OperationFault.expiredCode, text: fault.map { "\(text) Before: \($0.text)" } ?? text,
      parameters: fault?.parameters)
    return task
  }

  /// The task that somebody took back; nil where it has ended.
  ///
  /// A device that has accepted an order is not told: only the task ends.
  package func cancelled() -> DeviceTask? {
    state.isOpen ? ended(.cancelled) : nil
  }

  /// The task that waits for a place in its rollout; that is no attempt.
  package func postponed(until time: Double, because text: String) -> DeviceTask {
    guard state == .queued, attempts == 0 else { return self }
    var task = self
    task.dueAt = time
    task.fault = OperationFault(code: OperationFault.noPlaceCode, text: text, isTransient: true)
    return task
  }

  /// The task that is begun later, as it was ordered, where the device can't be told to wait; nil where it is to be begun now, or
  /// has waited already.
  package func delayed(now: Double, policy: TaskPolicy) -> DeviceTask? {
    // Whatever has happened to it since, the delay included, has left its mark.
    guard state == .running, fault == nil, operation.delay > 0 else { return nil }
    var task = self
    task.state = .queued
    task.session = nil
    task.attempts = 0
    task.dueAt = now + Double(operation.delay)
    task.deadline = task.dueAt + policy.lifetime(of: operation.kind)
    task.fault = OperationFault(
      code: OperationFault.delayedCode, text: "It was ordered with a delay.", isTransient: true)
    return task
  }

  /// Whether the device called, found no place in its rollout, and has had none since.
  package var hasFoundNoPlace: Bool {
    state == .queued && fault?.code == OperationFault.noPlaceCode
  }

  /// The failure of a task that was interrupted as often as it may be sent; nil for any other.
  package func abandoned(session: Int64) -> DeviceTask? {
    guard state == .running, self.session != session, attempts >= maxAttempts, !isReady else {
      return nil
    }
    return failed(
      .interrupted(
        reason: "a new session of the device began", attempts: attempts, maxAttempts: maxAttempts))
  }

  // MARK: - Steps

  func done(_ result: OperationResult) -> DeviceTask {
    var task = ended(.done)
    task.result = result
    task.fault = nil
    return task
  }

  func failed(_ fault: OperationFault) -> DeviceTask {
    var task = ended(.failed)
    task.fault = fault
    return task
  }

  func retried(after fault: OperationFault, now: Double, policy: TaskPolicy, random: Double)
    -> DeviceTask
  {
    guard attempts < maxAttempts || isReady else { return failed(fault) }
    var task = self
    task.state = .queued
    task.waitingFor = nil
    task.session = nil
    if !isReady { task.result = progress }
    task.fault = fault
    task.dueAt = now + policy.retry.delay(attempt: attempts, random: random)
    return task
  }

  /// An order that a device has taken can't be taken back. So the wait has its own time from now on, which may end
  /// before or after the time in which the order was to be sent.
  func waiting(
    for waitingFor: WaitingFor, now: Double, policy: TaskPolicy, lastVersion: String? = nil
  ) -> DeviceTask {
    var task = self
    task.state = .waiting
    task.waitingFor = waitingFor
    task.session = nil
    task.fault = nil
    task.result = lastVersion.map { OperationResult(version: $0) } ?? progress
    if waitingFor == .diagnosisReport, let olderResults = result?.olderResults {
      task.result = OperationResult(olderResults: olderResults)
    }
    task.dueAt = now
    let deadline = now + policy.waitingTime(waitingFor) + operation.putOff(waitingFor)
    // A measurement that is not ready when it is fetched gets no more time than it had.
    task.deadline = isReady ? min(task.deadline, deadline) : deadline
    return task
  }

  /// What became of the changes of software that the device has made so far, where it is given one after the other.
  package var changesMade: [SoftwareResult] { result?.software ?? [] }

  /// What is kept of the result while the task is open.
  private var progress: OperationResult? {
    changesMade.isEmpty ? nil : OperationResult(software: changesMade)
  }

  /// The task whose device is to be given the next change; it has as many attempts, and as much time, as the first one.
  func atNextChange(_ result: OperationResult, now: Double, policy: TaskPolicy) -> DeviceTask {
    var task = self
    task.state = .queued
    task.waitingFor = nil
    task.session = nil
    task.attempts = 0
    task.result = result
    task.fault = nil
    task.dueAt = now
    task.deadline = now + policy.lifetime(of: operation.kind)
    return task
  }

  /// Whether the device has made what was asked for, so that it only has to be fetched.
  package var isReady: Bool { result?.isReady == true }

  /// The task whose device showed the results of an older measurement when it took the order.
  /// - Parameter olderResults: a digest of them; nil where there were none, or nothing is known of them.
  package func remembering(olderResults: String?) -> DeviceTask {
    guard let olderResults, case .diagnose = operation, state == .running else { return self }
    var task = self
    task.result = OperationResult(isReady: isReady ? true : nil, olderResults: olderResults)
    return task
  }

  /// The task whose result may be fetched now.
  func ready(now: Double, olderResults: String? = nil) -> DeviceTask {
    var task = self
    task.state = .queued
    task.waitingFor = nil
    task.session = nil
    task.result = OperationResult(isReady: true, olderResults: olderResults)
    task.dueAt = now
    return task
  }

  private func ended(_ state: State) -> DeviceTask {
    var task = self
    task.state = state
    task.waitingFor = nil
    task.session = nil
    return task
  }

  private func failedVerification() -> DeviceTask {
    let seconds = Int((deadline - dueAt).rounded())
    let expected =
      if case .download(let order) = operation { order.expectedVersion ?? "" } else { "" }
    let text =
      if let version = result?.version {
        "The device still runs \(version), not \(expected), \(seconds) s after the transfer."
      } else {
        "The device did not report the version \(expected) within \(seconds) s after the transfer."
      }
    return failed(OperationFault(code: OperationFault.versionCode, text: text))
  }
}

extension Operation {
  /// Seconds by which the order itself puts off what is awaited.
  fileprivate func putOff(_ waitingFor: WaitingFor) -> Double {
    switch (self, waitingFor) {
    case (.download(let order), .transfer): Double(order.latestStart)
    case (.upload(let order), .transfer): Double(order.delay)
    case (.scheduleContact(let delay), .contact): Double(delay)
    default: 0
    }
  }

  /// Seconds after which it is to be begun.
  fileprivate var delay: Int {
    switch self {
    case .download(let order): order.delay
    case .upload(let order): order.delay
    default: 0
    }
  }

  var isTransfer: Bool {
    switch self {
    case .download, .upload: true
    default: false
    }
  }
}
