/// What is to be done with a device in a session: its open tasks and the reading of its tree.
///
/// The order is that of the tasks' ids, with these exceptions:
/// - The tree is read first when that is due, so that values are sent with the types that the device uses.
/// - get and refresh change nothing: they hold nothing back, and nothing but a missing due time holds them back.
/// - All others keep their order: while one waits for its retry, later ones wait with it. One that was ordered for a
///   later time and never tried holds nothing back.
/// - While the device works at a download (``WaitingFor/transfer``, ``WaitingFor/version``) it is given no reboot, no
///   factory reset and no other download.
/// - While the device makes a measurement, or it has not been fetched, no other of its kind is begun.
/// - While a reboot or factory reset is awaited, the device is given get alone: a change could be lost, and a tree
///   that is read now may be a different one in a minute.
package struct Agenda: Sendable, Equatable {
  /// The open tasks, by id.
  package private(set) var tasks: [DeviceTask]
  /// When the tree is to be read, in seconds since 1970; nil: not.
  package var readDue: Double?

  package enum Item: Sendable, Equatable {
    /// Read the whole tree.
    case read
    case task(DeviceTask)
  }

  /// - Parameter tasks: The device's tasks; those that have ended are left out.
  package init(tasks: [DeviceTask], readDue: Double?) {
    self.tasks = tasks.filter(\.state.isOpen).sorted { $0.id < $1.id }
    self.readDue = readDue
  }

  /// Takes a task over as it is now; one that has ended leaves the agenda.
  package mutating func update(_ task: DeviceTask) {
    let index = tasks.firstIndex { $0.id >= task.id } ?? tasks.endIndex
    let isKnown = index < tasks.endIndex && tasks[index].id == task.id
    switch (isKnown, task.state.isOpen) {
    case (true, true): tasks[index] = task
    case (true, false): tasks.remove(at: index)
    case (false, true): tasks.insert(task, at: index)
    case (false, false): break
    }
  }

  /// What the given session shall do now; nil where there is nothing.
  ///
  /// A task is to be sent only after ``DeviceTask/started(session:now:)`` was recorded.
  package func next(now: Double, session: Int64) -> Item? {
    let isRestarting = tasks.contains(where: \.isAwaitingRestart)
    let isUpgrading = tasks.contains(where: \.isAwaitingUpgrade)
    if let readDue, readDue <= now, !isRestarting { return .read }
    var isHeldBack = false
    for task in tasks where task.state != .waiting && !isBesideAnother(task) {
      let isReady = task.isClaimable(session: session) && now < task.deadline
      let isDue = task.state == .running || task.dueAt <= now
      if task.operation.isRead {
        if isReady, isDue, !isRestarting || task.operation.kind == .get { return .task(task) }
        continue
      }
      if isReady, isDue, !isHeldBack, !isRestarting, !(isUpgrading && task.operation.isDisruptive) {
        return .task(task)
      }
      let holdsBack =
        task.attempts > 0 && now < task.deadline && (isReady || task.session == session)
      isHeldBack = isHeldBack || holdsBack
    }
    return nil
  }

  /// Whether a measurement would be made with the object that an earlier one of its kind uses: the device has one for each kind.
  private func isBesideAnother(_ task: DeviceTask) -> Bool {
    guard case .diagnose(let diagnosis) = task.operation, !task.isReady else { return false }
    return tasks.contains { other in
      guard other.id != task.id, case .diagnose(let measured) = other.operation else {
        return false
      }
      return measured.kind == diagnosis.kind && (other.state == .waiting || other.isReady)
    }
  }

  /// When something becomes due that is not due now, in seconds since 1970; nil where nothing does.
  package func nextDue(after now: Double) -> Double? {
    let times = tasks.filter { $0.state == .queued }.map(\.dueAt) + (readDue.map { [$0] } ?? [])
    return times.filter { $0 > now }.min()
  }

  /// Takes over what a call of the device shows, then gives up what was interrupted too often or is out of time.
  ///
  /// - Returns: The tasks that changed, each once.
  package mutating func receive(
    _ contact: Contact, softwareVersion: String?, now: Double, policy: TaskPolicy
  ) -> [DeviceTask] {
    // In this order: what the device has done is done, however late the news.
    var changed = observing(contact, softwareVersion: softwareVersion, now: now, policy: policy)
    for task in changed { update(task) }
    for task in abandoned(session: contact.session) {
      update(task)
      changed.append(task)
    }
    for task in expired(now: now) {
      update(task)
      changed.removeAll { $0.id == task.id }
      changed.append(task)
    }
    return changed
  }

  /// Takes over files of the device that have arrived for tasks whose end nobody has seen.
  ///
  /// - Parameter files: SHA-256 digests, by the keys of the tasks.
  /// - Returns: The tasks that changed.
  package mutating func receive(_ files: [DeviceTask.ID: String], session: Int64) -> [DeviceTask] {
    let changed = tasks.compactMap { task in
      files[task.id].flatMap { task.observing(uploaded: $0, session: session) }
    }
    for task in changed { update(task) }
    return changed
  }

  /// The failures of the tasks that were interrupted too often.
  package func abandoned(session: Int64) -> [DeviceTask] {
    tasks.compactMap { $0.abandoned(session: session) }
  }

  /// The ends of the tasks whose time is over.
  package func expired(now: Double) -> [DeviceTask] {
    tasks.compactMap { $0.expired(now: now) }
  }

  /// The failures of orders that would take a transfer of this server back, which has ended since: devices say nothing about
  /// keys that they do not know.
  package func pointless() -> [DeviceTask] {
    tasks.compactMap { task in
      guard task.state == .queued, task.attempts == 0,
        case .cancelTransfer(let key) = task.operation,
        let transfer = DeviceTask.id(ofCommandKey: key),
        !tasks.contains(where: { $0.id == transfer })
      else { return nil }
      return task.failed(
        OperationFault(
          code: OperationFault.transferEndedCode,
          text: "Task \(transfer) ended before its transfer could be taken back."))
    }
  }

  /// The tasks that a call changes (``DeviceTask/observing(_:softwareVersion:now:policy:)``).
  package func observing(
    _ contact: Contact, softwareVersion: String?, now: Double, policy: TaskPolicy
  ) -> [DeviceTask] {
    tasks.compactMap {
      $0.observing(contact, softwareVersion: softwareVersion, now: now, policy: policy)
    }
  }

  /// The task whose transfer a report is about; nil where it is about none of them.
  ///
  /// The CommandKey tells. Some devices leave it empty: then it is the one transfer that waits for a report, if there
  /// is exactly one.
  package func match(_ report: TransferReport) -> DeviceTask? {
    match(report.commandKey, waitingFor: .transfer) { $0.operation.isTransfer }
  }

  /// The task whose changes of software a report is about; nil where it is about none of them.
  package func match(software report: SoftwareReport) -> DeviceTask? {
    let awaiting = match(report.commandKey, waitingFor: .software) {
      $0.operation.kind == .changeSoftware
    }
    // A report without a key that overtakes the answer to the order.
    guard awaiting == nil, !report.isWhole, report.commandKey.isEmpty else { return awaiting }
    return tasks.first { $0.operation.kind == .changeSoftware && $0.state == .running }
  }

  /// The task whose command a report is about; nil where it is about none of them.
  ///
  /// Measurements, transfers and changes of software are commands too in protocols that have commands.
  package func match(command report: CommandReport) -> DeviceTask? {
    guard !report.commandKey.isEmpty else { return nil }
    return tasks.first { $0.attempts > 0 && $0.commandKey == report.commandKey }
  }

  private func match(
    _ commandKey: String, waitingFor: WaitingFor, _ isMeant: (DeviceTask) -> Bool
  ) -> DeviceTask? {
    let candidates = tasks.filter { $0.attempts > 0 && isMeant($0) }
    guard commandKey.isEmpty else { return candidates.first { $0.commandKey == commandKey } }
    let waiting = candidates.filter { $0.waitingFor == waitingFor }
    return waiting.count == 1 ? waiting.first : nil
  }
}

extension DeviceTask {
  fileprivate var isAwaitingRestart: Bool {
    state == .waiting && (waitingFor == .boot || waitingFor == .bootstrap)
  }

  fileprivate var isAwaitingUpgrade: Bool {
    guard state == .waiting else { return false }
    return switch waitingFor {
    case .transfer: operation.kind != .upload
    case .version, .software: true
    default: false
    }
  }
}

extension Operation {
  /// Whether the device is the same afterwards.
  package var isRead: Bool {
    switch self {
    case .get, .refresh, .getAttributes, .listTransfers, .listMethods, .getOptions: true
    case .set, .add, .delete, .reboot, .factoryReset, .download, .upload, .setAttributes,
      .scheduleContact, .changeSoftware, .cancelTransfer, .setVouchers, .diagnose, .command:
      false
    }
  }

  /// Whether it would break an upgrade that is under way.
  package var isDisruptive: Bool {
    switch self {
    case .reboot, .factoryReset, .download, .changeSoftware: true
    case .get, .set, .add, .delete, .refresh, .upload, .getAttributes, .setAttributes,
      .scheduleContact, .cancelTransfer, .listTransfers, .listMethods, .setVouchers, .getOptions,
      .diagnose:
      false
    case .command(let order): order.isDisruptive
    }
  }
}
