import DeviceModel
import USP

/// Subscriptions, and notifications until they are acknowledged (TR-369, 6.4.7; TR-181 LocalAgent.Subscription).
extension USPAgent {
  /// Notifications that wait at most; the oldest ones go first.
  static let maximumOutbox = 500
  /// How long a notification that is not retried waits for a link.
  static let unsentWait = Duration.seconds(300)

  // MARK: The table

  /// The rows that are enabled and belong to the controller.
  var subscriptions: [AgentSubscription] {
    knownSubscriptions ?? readSubscriptions()
  }

  private func readSubscriptions() -> [AgentSubscription] {
    tree.rows(at: Self.subscriptionTable).compactMap { row in
      func value(_ name: String) -> String {
        row.object.parameter(name).map { tree.value($0, of: row) } ?? ""
      }
      guard value("Enable") == "true",
        let kind = AgentSubscription.Kind(rawValue: value("NotifType")),
        value("Recipient").isEmpty || value("Recipient") + "." == Self.controllerPath
      else { return nil }
      let timeToLive = Int64(UInt32(value("TimeToLive")) ?? 0)
      let action = value("TriggerAction")
      return AgentSubscription(
        row: row.path, id: value("ID"), kind: kind,
        references: AgentSubscription.items(value("ReferenceList")).compactMap { text in
          (try? InstancePath(text, taking: .usp)).map { (text, $0) }
        },
        retries: value("NotifRetry") == "true",
        expiration: Double(UInt32(value("NotifExpiration")) ?? 0),
        isPersistent: value("Persistent") == "true", notifies: action != "Config",
        settings: action == "Notify"
          ? []
          : AgentSubscription.items(value("TriggerConfigSettings")).compactMap { item in
            let parts = item.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
          },
        endsAt: timeToLive > 0
          ? (TimestampText.seconds(value("CreationDate")).map { Int64($0) } ?? tree.time.clock)
            + timeToLive : nil)
    }
  }

  /// When the next row goes by itself.
  var subscriptionDeadline: Duration? {
    knownSubscriptions?.compactMap(\.endsAt).min().map { .seconds($0 - clockStart) }
  }

  mutating func advanceSubscriptions(_ now: Duration) {
    guard let ends = knownSubscriptions?.filter({ $0.endsAt ?? .max <= tree.time.clock }) else {
      return
    }
    for subscription in ends {
      tree.place(at: subscription.row).map { tree.removeRow($0) }
    }
  }

  /// The rows that do not outlive a restart.
  mutating func dropPassingSubscriptions() {
    for row in tree.rows(at: Self.subscriptionTable)
    where quirks.forgetsSubscriptions || tree.value(row.path + "Persistent") != "true" {
      tree.removeRow(row)
    }
  }

  // MARK: What happened

  /// Tells whoever has subscribed to it of what changed in the tree.
  mutating func tellChanges(_ now: Duration) {
    // What a subscription sets by itself may trigger another one, but not for ever.
    for _ in 0..<3 {
      if let pollAt, now >= pollAt { poll(now) }
      let changes = tree.takeChanges()
      guard !changes.isEmpty || knownSubscriptions == nil else { return }
      let isOfSubscriptions =
        changes.values.contains { $0.hasPrefix(Self.subscriptionTable) }
        || (changes.created + changes.deleted).contains { $0.hasPrefix(Self.subscriptionTable) }
      if isOfSubscriptions || knownSubscriptions == nil {
        knownSubscriptions = readSubscriptions()
        followVolatile(now)
      }
      if changes.values.contains(where: { $0.hasPrefix(Self.controllerPath + "Periodic") }) {
        schedulePeriodic(now, isFirst: false)
      }
      guard let subscriptions = knownSubscriptions, !subscriptions.isEmpty else { return }
      for path in changes.values { tellValue(path, subscriptions, now) }
      for path in changes.created {
        tell(.objectCreation, path, path, subscriptions, now) { tree, notify in
          notify.objCreation.objPath = path
          notify.objCreation.uniqueKeys = tree.place(at: path).map { tree.keys(of: $0) } ?? [:]
        }
      }
      for path in changes.deleted {
        tell(.objectDeletion, path, path, subscriptions, now) { _, notify in
          notify.objDeletion.objPath = path
        }
      }
    }
  }

  private mutating func tellValue(
    _ path: String, _ subscriptions: [AgentSubscription], _ now: Duration
  ) {
    guard let (place, parameter) = tree.parameter(at: path) else { return }
    let value = tree.reading(parameter, of: place)
    tell(.valueChange, path, path, subscriptions, now) { _, notify in
      notify.valueChange.paramPath = path
      notify.valueChange.paramValue = value
    }
  }

  /// An event has come about.
  ///
  /// - Parameters:
  ///   - name: with its `!`.
  ///   - object: with a dot at its end.
  mutating func tellEvent(
    _ name: String, of object: String, _ parameters: [String: String], _ now: Duration
  ) {
    tell(.event, object + name, object, subscriptions, now) { _, notify in
      notify.event.objPath = object
      notify.event.eventName = name
      notify.event.params = parameters
    }
  }

  /// An asynchronous command is over.
  mutating func tellComplete(
    _ request: RunningRequest, _ result: Result<[String: String], USPFault>, _ now: Duration
  ) {
    tell(
      .operationComplete, request.object + request.command.name, request.object, subscriptions, now
    ) { _, notify in
      notify.operComplete.objPath = request.object
      notify.operComplete.commandName = request.command.name
      notify.operComplete.commandKey = request.commandKey
      switch result {
      case .success(let arguments): notify.operComplete.reqOutputArgs.outputArgs = arguments
      case .failure(let fault):
        notify.operComplete.cmdFailure.errCode = fault.code.rawValue
        notify.operComplete.cmdFailure.errMsg = fault.text
      }
    }
  }

  private mutating func tell(
    _ kind: AgentSubscription.Kind, _ path: String, _ object: String,
    _ subscriptions: [AgentSubscription], _ now: Duration,
    fill: (AgentTree, inout USPNotify) -> Void
  ) {
    let matching = subscriptions.filter { $0.kind == kind }
    guard !matching.isEmpty, let parsed = try? InstancePath(path, taking: .usp) else { return }
    for subscription in matching where subscription.covers(parsed, path, in: tree) {
      for (path, value) in subscription.settings { make(path, value) }
      guard subscription.notifies else { continue }
      var notify = USPNotify()
      if !quirks.losesSubscriptionID { notify.subscriptionID = subscription.id }
      notify.sendResp = subscription.retries
      fill(tree, &notify)
      enqueue(
        notify, kind.rawValue, isRetried: subscription.retries,
        survives: subscription.isPersistent && subscription.retries,
        expiresAt: subscription.expiration > 0 ? now + .seconds(subscription.expiration) : nil,
        now)
    }
  }

  /// Makes a setting of a subscription, where a controller could make it as well.
  private mutating func make(_ path: String, _ value: String) {
    guard let (place, parameter) = tree.parameter(at: path) else { return }
    let setting = AgentSetting(name: parameter.name, value: value, isRequired: true)
    var outcome = check([setting], in: place, isNew: false)
    checkKeys(&outcome, of: place)
    guard !outcome.isFailed else { return }
    for assignment in outcome.assignments {
      tree.set(assignment.parameter, of: assignment.place, to: assignment.value)
    }
  }

  // MARK: Values that change all the time

  /// Such values are looked at every few seconds, where a subscription names them.
  private mutating func followVolatile(_ now: Duration) {
    polled = [:]
    for subscription in subscriptions where subscription.kind == .valueChange {
      for reference in subscription.references {
        guard let resolution = try? tree.resolve(reference.path, reference.text),
          case .parameter(let parameter) = resolution.leaf, parameter.definition.isVolatile
        else { continue }
        for place in resolution.places.prefix(100) {
          polled[place.path + parameter.name] = tree.reading(parameter, of: place)
        }
      }
    }
    pollAt = polled.isEmpty ? nil : now + .seconds(behaviour.pollInterval)
  }

  private mutating func poll(_ now: Duration) {
    let subscriptions = subscriptions
    for (path, before) in polled.sorted(by: { $0.key < $1.key }) {
      guard let value = tree.value(path), value != before else { continue }
      polled[path] = value
      tellValue(path, subscriptions, now)
    }
    pollAt = now + .seconds(behaviour.pollInterval)
  }

  // MARK: OnBoardRequest

  var isOnBoardRequestPending: Bool { outbox.contains(where: \.isOnBoardRequest) }

  /// Never expires and is always answered (R-NOT.5 to R-NOT.6a).
  mutating func addOnBoardRequest(_ now: Duration) {
    var notify = USPNotify()
    notify.sendResp = true
    notify.onBoardReq.oui = tree.value("Device.DeviceInfo.ManufacturerOUI") ?? tree.context.oui
    notify.onBoardReq.productClass = tree.context.productClass
    notify.onBoardReq.serialNumber = tree.context.serialNumber
    notify.onBoardReq.agentSupportedProtocolVersions = quirks.versions.joined(separator: ",")
    enqueue(notify, "OnBoardRequest", isRetried: true, survives: true, expiresAt: nil, now)
  }

  // MARK: The outbox

  private mutating func enqueue(
    _ notify: USPNotify, _ type: String, isRetried: Bool, survives: Bool, expiresAt: Duration?,
    _ now: Duration
  ) {
    notificationCount += 1
    let id = "\(type)-\(DateTimeText.format(tree.time.clock))-\(notificationCount)"
    if outbox.count >= Self.maximumOutbox { outbox.removeFirst() }
    outbox.append(
      PendingNotification(
        message: .request(id: id, .notify(notify)), isRetried: isRetried, survives: survives,
        isOnBoardRequest: type == "OnBoardRequest", dueAt: now,
        expiresAt: expiresAt ?? (isRetried ? nil : now + Self.unsentWait)))
  }

  /// Sends what is due.
  mutating func advanceOutbox(_ now: Duration) -> [Effect] {
    guard !outbox.isEmpty else { return [] }
    outbox.removeAll { $0.expiresAt.map { now >= $0 } ?? false }
    guard link == .up else { return [] }
    var effects: [Effect] = []
    var kept: [PendingNotification] = []
    for var pending in outbox {
      guard now >= pending.dueAt else {
        kept.append(pending)
        continue
      }
      effects.append(.send(pending.message))
      if quirks.repeatsNotifications { effects.append(.send(pending.message)) }
      tally.notifications += 1
      guard pending.isRetried else { continue }
      pending.attempts += 1
      let wait = notificationRetry.delay(
        attempt: pending.attempts, random: Double.random(in: 0..<1, using: &random))
      pending.dueAt = now + .seconds(wait)
      kept.append(pending)
    }
    outbox = kept
    return effects
  }

  private var notificationRetry: RetryTable {
    let path = Self.controllerPath + "USPNotifRetry"
    return RetryTable(
      minimum: tree.value(path + "MinimumWaitInterval").flatMap(Double.init) ?? 5,
      multiplier: tree.value(path + "IntervalMultiplier").flatMap(Double.init) ?? 2000)
  }

  /// The controller has taken a notification: known by the message ID alone.
  mutating func acknowledged(_ id: String, _ now: Duration) {
    guard let index = outbox.firstIndex(where: { $0.message.header.msgID == id }) else { return }
    tally.acknowledged += 1
    let pending = outbox.remove(at: index)
    guard pending.isOnBoardRequest else { return }
    let wait = UInt32(tree.value(Self.controllerPath + "OnBoardingRestartTime") ?? "") ?? 0
    onBoardAt = wait > 0 ? now + .seconds(Int64(wait)) : nil
  }
}
