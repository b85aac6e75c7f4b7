import Fleet
import FleetStore
import Logging
import Refusals
import USP
import USPTransports

/// What an agent tells by itself; each is stored before it is acknowledged.
extension AgentConversation {
  func take(_ notify: USPNotify, _ message: USPMsg) {
    controller.counter.add(to: \.notifications)
    switch recent.received(message.id, now: controller.environment.now()) {
    case .new: break
    case .underWay: return
    case .answered:
      // The answer has been lost, or the agent did not wait for it.
      acknowledge(notify, message)
      return
    }
    guard notices.count < controller.settings.maxNotifications else {
      recent.forget(message.id)
      controller.refusals.note(
        "an agent tells more than can be stored", peer: link.peerAddress,
        ["agent": "\(agentName)"])
      return
    }
    if case .event(let event)? = notify.notification, event.eventName == "Boot!" {
      hasSeenBoot = true
    }
    notices.append(message)
    startStoring()
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
    while !isClosed, let message = notices.first, case .notify(let notify)? = message.request {
      do {
        try await store(notify)
        acknowledge(notify, message)
      } catch let error as StoreError where error.code == .superseded {
        guard await resume() else { break }
        continue
      } catch {
        // The agent repeats what is not acknowledged.
        recent.forget(message.id)
        controller.logger.error(
          "what an agent told can't be stored",
          metadata: ["agent": "\(agentName)", "error": "\(error)"])
      }
      if !notices.isEmpty { notices.removeFirst() }
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
      try await commit(
        nil, DeviceEvent("objectCreated", detail: ["path": .text(path)], repeatsWithin: 60))
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
    guard let device else { return }
    let parameters = event.params
    let detail = EventDetail.object(parameters.mapValues(EventDetail.text))
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
    case "Timer!":
      try await contact(
        [.scheduled], words: ["Timer!"], keys: [parameters["CommandKey"]], values: [:], now: now)
    case "TransferComplete!":
      try await store(transfer: parameters, now: now)
      try await commit(
        nil,
        DeviceEvent(
          "transferComplete", detail: parameters.withoutSecrets.mapValues(EventDetail.text),
          repeatsWithin: 86_400))
    case "DUStateChange!":
      try await store(software: parameters, now: now)
      try await commit(
        nil,
        DeviceEvent(
          "duStateChange", detail: parameters.mapValues(EventDetail.text), repeatsWithin: 86_400))
      outdated.insert("Device.SoftwareModules.")
      forgetSupportedModel()
    default:
      try await commit(
        nil,
        DeviceEvent(
          "agentEvent",
          detail: [
            "event": .text(event.objPath + event.eventName), "parameters": detail,
          ], repeatsWithin: 60))
    }
    _ = device
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
      if Self.transfers.contains(complete.commandName) { report.fault?.mayPass() }
    case nil: report.outputs = [:]
    }
    let store = controller.environment.store
    let isAwaited = try await store.observe(
      report, of: device.deviceID, session: token, now: now,
      random: controller.environment.random())
    if report.fault == nil,
      complete.commandName == "Download()" || complete.commandName == "Upload()"
        || complete.commandName == "Backup()" || complete.commandName == "Restore()"
    {
      // Agents without TransferComplete! say no more than this.
      if supported["Device.LocalAgent."]?.events["TransferComplete!"] == nil {
        try await end(
          TransferReport(commandKey: complete.commandKey), affected: complete.objPath, now: now)
      }
    }
    if complete.isOfSoftware, report.fault == nil,
      supported["Device.SoftwareModules."]?.events["DUStateChange!"] == nil
    {
      try await store.observe(
        SoftwareReport(commandKey: complete.commandKey, results: []), of: device.deviceID,
        session: token, now: now, random: controller.environment.random())
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

  private static let transfers: Set = ["Download()", "Upload()", "Backup()", "Restore()"]

  private func store(transfer parameters: [String: String], now: Double) async throws {
    var report = TransferReport(commandKey: parameters["CommandKey"] ?? "")
    if let code = parameters["FaultCode"].flatMap(UInt32.init), code != 0 {
      report.fault = OperationFault(uspCode: code, text: parameters["FaultString"] ?? "")
      report.fault?.mayPass()
    }
    try await end(report, affected: parameters["Affected"] ?? "", now: now)
  }

  /// A transfer has ended. Where an image was loaded that is to be started later, it is started now, within the order's windows.
  private func end(_ report: TransferReport, affected: String, now: Double) async throws {
    guard let device else { return }
    let store = controller.environment.store
    var report = report
    if report.fault == nil, let id = DeviceTask.id(ofCommandKey: report.commandKey),
      let task = try await store.openTasks(of: device.deviceID).first(where: { $0.id == id }),
      task.waitingFor == .transfer, case .download(let order) = task.operation,
      order.isActivatedApart, affected.contains("FirmwareImage.")
    {
      var context = context()
      context.commandKey = task.commandKey
      let operation = AgentOperation(task.operation, context: context, ask: asking)
      let image = affected.hasSuffix(".") ? affected : affected + "."
      switch await operation.activate(order, image: image, elapsed: now - task.dueAt) {
      case .ended, .goesOn: break
      case .not(.failed(let fault)): report.fault = fault
      case .not:
        report.fault = OperationFault(
          code: OperationFault.interruptedCode,
          text: "The agent did not answer the order to start its new firmware.",
          isTransient: true)
      }
    }
    try await store.observe(
      report, of: device.deviceID, session: token, softwareVersion: nil, now: now,
      random: controller.environment.random())
  }

  private func store(software parameters: [String: String], now: Double) async throws {
    guard let device else { return }
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
      SoftwareReport(commandKey: "", results: [result]), of: device.deviceID, session: token,
      now: now, random: controller.environment.random())
  }

  private func forgetSupportedModel() {
    guard let identity, let version = device?.softwareVersion,
      let key = SupportedModelKey(
        oui: identity.oui, productClass: identity.productClass, softwareVersion: version,
        protocolName: "usp")
    else { return }
    controller.firmwares.forget(key.name)
    supported = SupportedObjects()
  }
}

extension USPNotify {
  fileprivate var isOnBoardRequest: Bool {
    if case .onBoardReq? = notification { true } else { false }
  }
}

extension USPNotify.OperationComplete {
  fileprivate var isOfSoftware: Bool {
    ["InstallDU()", "Update()", "Uninstall()"].contains(commandName)
  }
}

extension [String: String] {
  /// Arguments that a task keeps.
  fileprivate var bounded: [String: String] {
    var bytes = 0
    var kept: [String: String] = [:]
    for (name, value) in sorted(by: { $0.key < $1.key }) {
      bytes += name.utf8.count + value.utf8.count
      guard bytes <= 256 << 10, kept.count < 2_000 else { break }
      kept[name] = value
    }
    return kept
  }

  fileprivate var withoutSecrets: [String: String] {
    var cleaned = self
    for key in ["Username", "Password"] { cleaned[key] = nil }
    // Links of ours let whoever has them fetch the file.
    if let url = cleaned["TransferURL"], let query = url.firstIndex(of: "?") {
      cleaned["TransferURL"] = String(url[..<query])
    }
    return cleaned
  }
}
