/// What a device's calls and reports tell about tasks whose end nobody has seen yet.
extension DeviceTask {
  /// Whether the order may be at work in the device: it was accepted, or sent without an answer.
  private func isUnresolved(session: Int64?) -> Bool {
    switch state {
    case .waiting: true
    case .queued: attempts > 0
    case .running: self.session != session
    case .done, .failed, .expired, .cancelled: false
    }
  }

  /// The task after a call of its device; nil where the call tells nothing about it.
  ///
  /// To be asked when the call begins: what is sent later in the same session can't be its cause.
  ///
  /// - A reboot is done at a boot or bootstrap, and when the device names its CommandKey. That holds for one that
  ///   was sent without an answer too: what was wanted has happened, and the device is not to restart twice.
  /// - A factory reset is done at a bootstrap; at a boot only if the device had accepted it.
  /// - A download that waits for the report of its transfer is done at a boot with the expected version, for some
  ///   devices never report. Where the call announces the report, that decides. A device that ran the version before
  ///   the order can't be told apart here; it runs what it was to run all the same.
  /// - A download that waits for the version is done at any call that brings it.
  ///
  /// - Parameters:
  ///   - softwareVersion: The version that the device told in this call; nil where it did not.
  package func observing(
    _ contact: Contact, softwareVersion: String?, now: Double, policy: TaskPolicy
  ) -> DeviceTask? {
    guard isUnresolved(session: contact.session) else { return nil }
    let hasBooted = !contact.reasons.isDisjoint(with: [.boot, .bootstrap])
    switch operation {
    case .reboot:
      return hasBooted || contact.commandKeys.contains(commandKey) ? done(OperationResult()) : nil
    case .factoryReset:
      let isDone =
        contact.reasons.contains(.bootstrap) || (hasBooted && state == .waiting)
        || contact.commandKeys.contains(commandKey)
      return isDone ? done(OperationResult()) : nil
    case .download(let order):
      guard let expected = order.expectedVersion, let softwareVersion else { return nil }
      if state == .waiting, waitingFor == .version {
        return observingVersion(softwareVersion, expected: expected)
      }
      guard hasBooted, !contact.reasons.contains(.transferComplete), softwareVersion == expected
      else { return nil }
      return done(OperationResult(version: softwareVersion))
    case .get, .set, .add, .delete, .refresh:
      // Accepted only where a door says that a restart will bring the end.
      return state == .waiting && hasBooted ? done(result ?? OperationResult()) : nil
    }
  }

  /// The task after the report of the transfer that it ordered (``Agenda/match(_:)``); nil where it changes nothing.
  ///
  /// - Parameters:
  ///   - softwareVersion: The version that the device told in the same session; nil where it did not.
  ///   - random: A number in 0..<1, uniformly distributed, for the delay before a retry.
  package func observing(
    transfer report: TransferReport, softwareVersion: String?, now: Double, policy: TaskPolicy,
    random: Double
  ) -> DeviceTask? {
    // A transfer that is known to have succeeded waits for the version alone.
    guard case .download(let order) = operation, isUnresolved(session: nil),
      waitingFor != .version
    else { return nil }
    if let fault = report.fault {
      return fault.isTransient
        ? retried(after: fault, now: now, policy: policy, random: random) : failed(fault)
    }
    guard let expected = order.expectedVersion else {
      return done(OperationResult(version: softwareVersion))
    }
    if softwareVersion == expected { return done(OperationResult(version: softwareVersion)) }
    return waiting(for: .version, now: now, policy: policy, lastVersion: softwareVersion)
  }

  private func observingVersion(_ version: String, expected: String) -> DeviceTask? {
    if version == expected { return done(OperationResult(version: version)) }
    guard result?.version != version else { return nil }
    var task = self
    task.result = OperationResult(version: version)
    return task
  }
}
