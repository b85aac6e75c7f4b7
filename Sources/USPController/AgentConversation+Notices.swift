import Fleet
import FleetStore
import Logging
import Refusals
import USP
import USPTransports

/// What an agent tells by itself; each is stored before it is acknowledged.
extension AgentConversation {
  func take(_ notify: USPNotify, _ message: USPMsg, bytes: Int) {
    controller.counter.add(to: \.notifications)
    switch recent.received(message.id, now: controller.environment.now()) {
    case .new: break
    case .underWay: return
    case .answered:
      // The answer has been lost, or the agent did not wait for it.
      acknowledge(notify, message)
      return
    }
    if let setting = limitReached(by: bytes) {
      // The agent repeats what is not acknowledged.
      recent.forget(message.id)
      controller.refusals.note(
        "an agent tells more than can be stored", peer: link.peerAddress,
        ["agent": "\(agentName)", "setting": "\(setting)"])
      return
    }
    if case .event(let event)? = notify.notification, event.eventName == "Boot!" {
      hasSeenBoot = true
    }
    notices.append((message, bytes))
    noticeBytes += bytes
    startStoring()
  }

  /// The setting that keeps a notification of so many bytes from being taken; nil: it has its place among all that are held.
  private func limitReached(by size: Int) -> String? {
    let settings = controller.settings
    guard notices.count < settings.maxNotifications else { return "usp.maxNotifications" }
    guard noticeBytes + size <= settings.maxNotificationBytes else {
      return "usp.maxNotificationBytes"
    }
    guard notificationRate.take(now: controller.environment.now()) else {
      return "usp.notificationRate"
    }
    return controller.held.take(size) ? nil : "usp.maxHeld"
  }

  private func dropFirstNotice() {
    guard !notices.isEmpty else { return }
    let bytes = notices.removeFirst().bytes
    noticeBytes -= bytes
    controller.held.giveBack(bytes)
  }

  /// The link has closed: the agent repeats what is not acknowledged.
  func dropNotices() {
    notices = []
    controller.held.giveBack(noticeBytes)
    noticeBytes = 0
  }

  private func acknowledge(_ notify: USPNotify, _ message: USPMsg) {
    recent.answered(message.id)
    guard notify.sendResp || notify.isOnBoardRequest else { return }
    var response = USPNotifyResp()
    response.subscriptionID = notify.subscriptionID
    send(.response(to: message.id, .notifyResp(response)))
  }

  /// Stores what waits, one after the other, once it is known whose it is.
  func startStoring() {
    guard !isStoring, isRecognised, !notices.isEmpty, !isClosed else { return }
    isStoring = true
    Task { await storeNotices() }
  }

  private func storeNotices() async {
    while !isClosed, let message = notices.first?.message,
      case .notify(let notify)? = message.request
    {
      do {
        try await store(notify)
        acknowledge(notify, message)
      } catch let error as StoreError where error.code == .superseded {
        guard await resume() else { break }
        continue
      } catch {
        // The agent repeats what is not acknowledged.
        recent.forget(message.id)
        note("what an agent told can't be stored", error)
      }
      dropFirstNotice()
    }
    isStoring = false
    startWorking()
  }

  private func store(_ notify: USPNotify) async throws {
    guard let device else { return }
    let now = controller.environment.now()
    switch notify.notification {
    case .event(let event): try await store(event, now: now)
    case .valueChange(let change):
      guard change.paramPath.utf8.count <= Contact.maxPathLength, !change.paramPath.isEmpty,
        !change.paramPath.hasSuffix(".")
      else { return }
      try await commit(
        TreeUpdate(
          values: [
            ReportedValue(
              path: change.paramPath, value: change.paramValue,
              type: supported.type(of: change.paramPath))
          ], at: now),
        DeviceEvent(
          "valueChange",
          detail: ["path": .text(change.paramPath), "value": .text(shown(change))],
          repeatsWithin: 10))
    case .objCreation(let creation):
      guard let path = objectPath(creation.objPath) else { return }
      // The rest of the row is read later, and the agent does not tell of it again.
      let isDeletable = supported[path]?.access.isDeleting ?? false
      try await commit(
        TreeUpdate(
          names: [ReportedName(path: path, writable: isDeletable)],
          values: creation.uniqueKeys.sorted { $0.key < $1.key }.prefix(64).compactMap {
            name, value in
            let full = path + name
            guard !name.isEmpty, full.utf8.count <= Contact.maxPathLength else { return nil }
            return ReportedValue(path: full, value: value, type: supported.type(of: full))
          }, at: now),
        DeviceEvent("objectCreated", detail: ["path": .text(path)], repeatsWithin: 60))
      outdated.insert(path)
    case .objDeletion(let deletion):
      guard let path = objectPath(deletion.objPath) else { return }
      try await commit(
        TreeUpdate(deletedObject: path, at: now),
        DeviceEvent("objectDeleted", detail: ["path": .text(path)], repeatsWithin: 60))
    case .operComplete(let complete): try await store(complete, now: now)
    case .onBoardReq:
      try await commit(nil, DeviceEvent("onBoardRequest", detail: [:], repeatsWithin: 600))
    case nil:
      controller.logger.debug(
        "an empty notification", metadata: ["agent": "\(agentName)", "id": "\(device.deviceID)"])
    }
  }

  private func shown(_ change: USPNotify.ValueChange) -> String {
    ParameterPath.isSecret(change.paramPath) ? "" : change.paramValue
  }

  private func objectPath(_ path: String) -> String? {
    guard !path.isEmpty, path.utf8.count <= Contact.maxPathLength else { return nil }
    return path.hasSuffix(".") ? path : path + "."
  }

  private func commit(_ tree: TreeUpdate?, _ event: DeviceEvent) async throws {
    guard let device, let identity else { return }
    try await controller.environment.store.commit(
      SessionWrite(
        deviceID: device.deviceID, deviceName: identity.name, session: token, tree: tree,
        events: [event], at: controller.environment.now()))
  }

  // MARK: - Events

  private func store(_ event: USPNotify.Event, now: Double) async throws {
    let parameters = event.params
    let detail = parameters.redacted(event: event.eventName).mapValues(EventDetail.text)
    switch event.eventName {
    case "Boot!":
      var reasons: Contact.Reasons = [.boot]
      let cause = parameters["Cause"] ?? ""
      if cause.contains("FactoryReset") { reasons.insert(.bootstrap) }
      try await contact(
        reasons, words: ["Boot!", cause], keys: [parameters["CommandKey"]],
        values: parameters["ParameterMap"].flatMap(ParameterMap.values) ?? [:], now: now)
      // What is not persistent is gone (TR-369 13).
      await subscribe()
    case "Periodic!":
      try await contact([.periodic], words: ["Periodic!"], keys: [], values: [:], now: now)
      // Not here: what the agent has told by then comes first.
      Task { await lookForEnds() }
    case "Timer!":
      try await contact(
        [.scheduled], words: ["Timer!"], keys: [parameters["CommandKey"]], values: [:], now: now)
    case "TransferComplete!":
      try await store(transfer: parameters, now: now)
      try await commit(
        nil,
        DeviceEvent(
          "transferComplete", detail: detail.filter { $0.key != "Username" },
          repeatsWithin: 86_400))
    case "DUStateChange!":
      try await store(software: parameters, now: now)
      try await commit(
        nil,
        DeviceEvent(
          "duStateChange", detail: detail, repeatsWithin: 86_400))
      outdated.insert("Device.SoftwareModules.")
      forgetSupportedModel()
    default:
      try await commit(
        nil,
        DeviceEvent(
          "agentEvent",
          detail: [
            "event": .text(event.objPath + event.eventName), "parameters": .object(detail),
          ], repeatsWithin: 60))
    }
  }

  /// A call of the device, in the words of the domain.
  func contact(
    _ reasons: Contact.Reasons, words: [String], keys: [String?], values: [String: String],
    now: Double
  ) async throws {
    guard let identity else { return }
    let contact = Contact(
      identity: identity, protocolName: "usp", root: "Device.", reasons: reasons,
      reasonTexts: words.filter { !$0.isEmpty }.map { String($0.prefix(64)) },
      values: values.reportedValues,
      commandKeys: keys.compactMap(\.self).filter { !$0.isEmpty }, session: token,
      address: link.peerAddress, at: now)
    let store = controller.environment.store
    let admitted = try await store.admit(contact, mayCreate: false, proof: proof)
    controller.counter.add(to: \.contacts)
    var known = admitted
    // A notification brings no version, which the first contact did.
    known.softwareVersion = admitted.softwareVersion ?? device?.softwareVersion
    device = known
    if admitted.hasOpenWork {
      try await store.observe(
        contact, of: admitted.deviceID, softwareVersion: known.softwareVersion)
      hasWork = true
    }
    if reasons.contains(.bootstrap), !admitted.isNew,
      try await store.restoreDesiredAttributes(
        of: admitted.deviceID, session: token, now: now)
    {
      hasWork = true
    }
    isReadDue = isReadDue || admitted.isReadDue
    controller.environment.contacted(admitted.deviceID)
  }

  // MARK: - Ends of commands

  private func store(_ complete: USPNotify.OperationComplete, now: Double) async throws {
    guard let device else { return }
    let command = complete.objPath + complete.commandName
    var report = CommandReport(commandKey: complete.commandKey, command: command)
    switch complete.operationResp {
    case .reqOutputArgs(let outputs): report.outputs = outputs.outputArgs.bounded
    case .cmdFailure(let failure):
      report.fault = OperationFault(uspCode: failure.errCode, text: failure.errMsg)
      if AgentRequest.transfers.contains(complete.commandName) { report.fault?.mayPass() }
    case nil: report.outputs = [:]
    }
    let store = controller.environment.store
    let isAwaited = try await store.observe(
      report, of: device.deviceID, session: token, now: now,
      random: controller.environment.random())
    if report.fault == nil,
      AgentRequest.transfers.contains(complete.commandName)
    {
      // Agents without TransferComplete! say no more than this.
      if supported["Device.LocalAgent."]?.events["TransferComplete!"] == nil {
        try await end(
          TransferReport(commandKey: complete.commandKey), affected: complete.objPath, now: now)
      }
    }
    if complete.isOfSoftware, report.fault == nil, !tellsOfSoftware,
      supported["Device.SoftwareModules."]?.events["DUStateChange!"] == nil
    {
      try await store.observe(
        SoftwareReport(commandKey: complete.commandKey, results: [], isWhole: false),
        of: device.deviceID, session: token, now: now, random: controller.environment.random())
      hasWork = true
    }
    guard !isAwaited else { return }
    var detail: [String: EventDetail] = [
      "command": .text(command), "commandKey": .text(complete.commandKey),
    ]
    if let fault = report.fault {
      detail["code"] = .text(fault.code)
      detail["text"] = .text(fault.text)
    }
    try await commit(
      nil, DeviceEvent("operationComplete", detail: detail, repeatsWithin: 86_400))
  }

  private func store(transfer parameters: [String: String], now: Double) async throws {
    var report = TransferReport(commandKey: parameters["CommandKey"] ?? "")
    if let code = parameters["FaultCode"].flatMap(UInt32.init), code != 0 {
      report.fault = OperationFault(uspCode: code, text: parameters["FaultString"] ?? "")
      report.fault?.mayPass()
    }
    try await end(report, affected: parameters["Affected"] ?? "", now: now)
  }

  /// A transfer has ended. Where an image was loaded that is to be started later, it is started now, within the order's windows.
  func end(_ report: TransferReport, affected: String, now: Double) async throws {
    guard let device else { return }
    let store = controller.environment.store
    var report = report
    if report.fault == nil, let id = DeviceTask.id(ofCommandKey: report.commandKey),
      let task = try await store.openTasks(of: device.deviceID).first(where: { $0.id == id }),
      task.waitingFor == .transfer, case .download(let order) = task.operation,
      order.isActivatedApart, affected.contains("FirmwareImage.")
    {
      // The report may have to be stored again; the order to start is given once.
      if activation?.task != id {
        activation = (id, await activate(task, order, affected: affected, now: now))
      }
      report.fault = activation?.fault
    }
    try await store.observe(
      report, of: device.deviceID, session: token, softwareVersion: nil, now: now,
      random: controller.environment.random())
  }

  /// - Returns: why the agent does not start its new firmware; nil where it does.
  private func activate(
    _ task: DeviceTask, _ order: DownloadOrder, affected: String, now: Double
  ) async -> OperationFault? {
    var context = context()
    context.commandKey = task.commandKey
    let operation = AgentOperation(task.operation, context: context, ask: asking)
    let image = affected.hasSuffix(".") ? affected : affected + "."
    switch await operation.activate(order, image: image, elapsed: now - task.dueAt) {
    case .ended, .goesOn: return nil
    case .not(.failed(let fault)): return fault
    case .not:
      return OperationFault(
        code: OperationFault.interruptedCode,
        text: "The agent did not answer the order to start its new firmware.",
        isTransient: true)
    }
  }

  private func store(software parameters: [String: String], now: Double) async throws {
    guard let device else { return }
    tellsOfSoftware = true
    var result = SoftwareResult(
      uuid: parameters["UUID"] ?? "", version: parameters["Version"] ?? "",
      state: parameters["CurrentState"] ?? "", path: parameters["DeploymentUnitRef"] ?? "",
      isResolved: parameters["Resolved"].map { ["true", "1"].contains($0) },
      executionUnits: (parameters["ExecutionUnitRefList"] ?? "").split(separator: ",").prefix(64)
        .map(String.init))
    if let code = parameters["Fault.FaultCode"].flatMap(UInt32.init), code != 0 {
      result.fault = OperationFault(uspCode: code, text: parameters["Fault.FaultString"] ?? "")
    }
    // The event names no command; the one that is under way is meant.
    try await controller.environment.store.observe(
      SoftwareReport(commandKey: "", results: [result], isWhole: false), of: device.deviceID,
      session: token, now: now, random: controller.environment.random())
    hasWork = true
  }

  private func forgetSupportedModel() {
    hasOwnModel = true
    supported = SupportedObjects()
  }
}

extension USPNotify {
  fileprivate var isOnBoardRequest: Bool {
    if case .onBoardReq? = notification { true } else { false }
  }
}

extension USPNotify.OperationComplete {
  fileprivate var isOfSoftware: Bool { AgentRequest.softwareChanges.contains(commandName) }
}
