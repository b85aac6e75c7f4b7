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
  /// - A command that restarts the device is done at a boot; every other one that the device was at has failed with it.
  /// - A call that was scheduled is done by a scheduled call, unless that names other orders than this one.
  /// - A measurement is ready to be fetched at any call after it was begun: some devices never tell that it has ended,
  ///   and what is not ready yet shows when it is fetched. Where the device showed the results of an older one when it
  ///   took the order, the new ones differ from those, or its own word tells.
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
    case .scheduleContact:
      let isDone =
        contact.commandKeys.contains(commandKey)
        || (contact.commandKeys.isEmpty && contact.reasons.contains(.scheduled))
      return isDone ? done(OperationResult()) : nil
    case .diagnose:
      guard state == .waiting else { return nil }
      if waitingFor == .command { return hasBooted ? failed(.restarted) : nil }
      if contact.reasons.contains(.diagnosticsComplete) { return ready(now: now) }
      let olderResults = result?.olderResults
      return waitingFor == .diagnosis || olderResults != nil
        ? ready(now: now, olderResults: olderResults) : nil
    case .upload, .changeSoftware: return nil
    case .command(let order):
      // What a device was at when it restarted, it does not go on with (TR-369 R-OPR).
      guard state == .waiting, waitingFor == .command, hasBooted else { return nil }
      return order.restarts ? done(OperationResult()) : failed(.restarted)
    case .get, .set, .add, .delete, .refresh, .getAttributes, .setAttributes, .cancelTransfer,
      .listTransfers, .listMethods, .setVouchers, .getOptions:
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
    guard isUnresolved(session: nil), waitingFor != .version else { return nil }
    if let fault = report.fault, operation.isTransfer {
      return fault.isTransient
        ? retried(after: fault, now: now, policy: policy, random: random) : failed(fault)
    }
    if case .upload(let order) = operation {
      if order.remote != nil { return done(OperationResult()) }
      if let file = report.file { return done(OperationResult(file: file)) }
      // The last bytes may still be on their way, over another connection.
      var task = waiting(for: .transfer, now: now, policy: policy)
      task.deadline = now + policy.fileWithin
      task.fault = OperationFault(
        code: OperationFault.noFileCode,
        text: "The device says that it has sent the file, but none has arrived.")
      return task
    }
    guard case .download(let order) = operation else { return nil }
    guard let expected = order.versionToReport else {
      return done(OperationResult(version: softwareVersion))
    }
    if softwareVersion == expected { return done(OperationResult(version: softwareVersion)) }
    return waiting(for: .version, now: now, policy: policy, lastVersion: softwareVersion)
  }

  /// The task after a file of its device has arrived in full; nil where it changes nothing.
  ///
  /// While a device has not answered the order, its answer comes first.
  ///
  /// - Parameter session: The one that goes on now; nil: the one that runs the task.
  package func observing(uploaded file: String, session: Int64? = nil) -> DeviceTask? {
    guard case .upload = operation, isUnresolved(session: session ?? self.session) else {
      return nil
    }
    return done(OperationResult(file: file))
  }

  /// The task after the report of the changes that it ordered (``Agenda/match(software:)``); nil where it changes nothing.
  ///
  /// Where the protocol has a command for each change, they are made one after the other, and the first that fails is the last.
  package func observing(
    software report: SoftwareReport, now: Double, policy: TaskPolicy, random: Double
  ) -> DeviceTask? {
    guard case .changeSoftware(let changes) = operation, isUnresolved(session: nil) else {
      return nil
    }
    var results = report.results
    if !report.isWhole {
      let made = changesMade
      guard made.count < changes.count else { return done(OperationResult(software: made)) }
      let change = changes[made.count]
      guard results.allSatisfy(change.mayHave) else { return nil }
      results = made + (results.isEmpty ? [change.plainResult] : results.prefix(1))
    }
    let result = OperationResult(software: results)
    guard let fault = results.lazy.compactMap(\.fault).first else {
      return report.isWhole || results.count >= changes.count
        ? done(result) : atNextChange(result, now: now, policy: policy)
    }
    // What has been changed stays so; ordering all of it again would change it twice.
    var task = failed(fault)
    task.result = result
    return task
  }

  /// The task after the report of the command that it ordered (``Agenda/match(command:)``); nil where it changes nothing.
  ///
  /// A transfer's or a module's end has a report of its own, which says more than that the command for it has ended; so here only
  /// their failure counts.
  package func observing(
    command report: CommandReport, now: Double, policy: TaskPolicy, random: Double
  ) -> DeviceTask? {
    guard isUnresolved(session: nil), waitingFor != .version else { return nil }
    switch operation {
    case .command, .diagnose:
      if let fault = report.fault {
        return fault.isTransient
          ? retried(after: fault, now: now, policy: policy, random: random) : failed(fault)
      }
      return done(OperationResult(values: report.outputs.map { _ in report.values }))
    case .download, .upload, .changeSoftware:
      guard let fault = report.fault else { return nil }
      return fault.isTransient
        ? retried(after: fault, now: now, policy: policy, random: random) : failed(fault)
    default: return nil
    }
  }

  private func observingVersion(_ version: String, expected: String) -> DeviceTask? {
    if version == expected { return done(OperationResult(version: version)) }
    guard result?.version != version else { return nil }
    var task = self
    task.result = OperationResult(version: version)
    return task
  }
}
