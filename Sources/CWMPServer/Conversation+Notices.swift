import CWMP
import Fleet
import FleetStore

/// What a device tells besides its Inform.
extension Conversation {
  /// Commits it, then acknowledges it.
  func commit(_ notice: Request) {
    guard let device, let response = Response(acknowledging: notice) else {
      perform(session.noticeRefused(Fault(.acsMethodNotSupported)))
      return
    }
    let token = token
    let name = name
    attempt("what a device told can't be stored") { door in
      let now = door.environment.now()
      let store = door.environment.store
      switch notice {
      case .transferComplete(let complete):
        try await store.observe(
          TransferReport(
            commandKey: complete.commandKey, fault: complete.fault.map { OperationFault($0) }),
          of: device.deviceID, session: token, softwareVersion: device.softwareVersion, now: now,
          random: door.environment.random())
      case .duStateChangeComplete(let complete):
        try await store.observe(
          SoftwareReport(
            commandKey: complete.commandKey,
            results: complete.results.prefix(Self.maxSoftwareResults).map(SoftwareResult.init)),
          of: device.deviceID, session: token, now: now, random: door.environment.random())
      default: break
      }
      try await store.commit(
        SessionWrite(
          deviceID: device.deviceID, deviceName: name, session: token,
          events: [DeviceEvent(notice)], at: now))
    } then: { conversation, _ in
      conversation.noteRepairs(after: notice, root: device.root)
      conversation.perform(conversation.session.noticeCommitted(response))
    }
  }

  /// Results of one report that a task keeps; a device is given fewer changes at a time.
  private static let maxSoftwareResults = 256

  /// Changed software has changed the tree.
  private func noteRepairs(after notice: Request, root: String) {
    switch notice {
    case .duStateChangeComplete, .autonomousDUStateChangeComplete:
      if !root.isEmpty { repairs.note(object: root + "SoftwareModules.") }
    default: break
    }
  }
}

extension Response {
  /// The response that says no more than that the request has arrived; nil for requests that no CPE may send.
  fileprivate init?(acknowledging request: Request) {
    switch request {
    case .transferComplete: self = .transferComplete
    case .autonomousTransferComplete: self = .autonomousTransferComplete
    case .duStateChangeComplete: self = .duStateChangeComplete
    case .autonomousDUStateChangeComplete: self = .autonomousDUStateChangeComplete
    case .requestDownload: self = .requestDownload
    case .kicked(let kicked): self = .kicked(nextURL: kicked.next)
    default: return nil
    }
  }
}

extension SoftwareResult {
  init(_ result: DeploymentUnitResult) {
    self.init(
      uuid: result.uuid, version: result.version, state: result.currentState,
      path: result.deploymentUnitRef, isResolved: result.resolved,
      executionUnits: Array(result.executionUnitRefs.prefix(64)),
      fault: result.fault.map { OperationFault($0) })
  }
}

extension DeviceEvent {
  /// A report is repeated until it has been acknowledged (TR-069 3.7.1.5); it tells when what it reports has ended.
  private static let reportSpan = 86_400.0
  /// What a person has asked for at the device may be asked for again.
  private static let wishSpan = 600.0

  fileprivate init(_ notice: Request) {
    switch notice {
    case .transferComplete(let complete):
      var detail: [String: EventDetail] = [
        "commandKey": .text(complete.commandKey), "startTime": .text(complete.startTime),
        "completeTime": .text(complete.completeTime),
      ]
      detail.add(complete.fault)
      self.init("transferComplete", detail: detail, repeatsWithin: Self.reportSpan)
    case .autonomousTransferComplete(let complete):
      var detail: [String: EventDetail] = [
        "announceURL": .text(complete.announceURL), "transferURL": .text(complete.transferURL),
        "isDownload": .flag(complete.isDownload), "fileType": .text(complete.fileType),
        "fileSize": .number(Int64(clamping: complete.fileSize)),
        "targetFileName": .text(complete.targetFileName),
        "startTime": .text(complete.startTime), "completeTime": .text(complete.completeTime),
      ]
      detail.add(complete.fault)
      self.init("autonomousTransferComplete", detail: detail, repeatsWithin: Self.reportSpan)
    case .duStateChangeComplete(let complete):
      self.init(
        "duStateChangeComplete",
        detail: [
          "commandKey": .text(complete.commandKey),
          "results": .list(complete.results.map(EventDetail.init)),
        ], repeatsWithin: Self.reportSpan)
    case .autonomousDUStateChangeComplete(let complete):
      self.init(
        "autonomousDUStateChangeComplete",
        detail: ["results": .list(complete.results.map(EventDetail.init))],
        repeatsWithin: Self.reportSpan)
    case .requestDownload(let request):
      self.init(
        "requestDownload",
        detail: [
          "fileType": .text(request.fileType),
          "arguments": .list(
            request.arguments.map {
              .object(["name": .text($0.name), "value": .text($0.value)])
            }),
        ], repeatsWithin: Self.wishSpan)
    case .kicked(let kicked):
      self.init(
        "kicked",
        detail: [
          "command": .text(kicked.command), "referer": .text(kicked.referer),
          "argument": .text(kicked.argument), "next": .text(kicked.next),
        ], repeatsWithin: Self.wishSpan)
    default: self.init("notice")
    }
  }
}

extension EventDetail {
  fileprivate init(_ result: DeploymentUnitResult) {
    var members: [String: EventDetail] = [
      "uuid": .text(result.uuid), "path": .text(result.deploymentUnitRef),
      "version": .text(result.version), "state": .text(result.currentState),
      "executionUnits": .list(result.executionUnitRefs.map(EventDetail.text)),
      "startTime": .text(result.startTime), "completeTime": .text(result.completeTime),
    ]
    if let isResolved = result.resolved { members["isResolved"] = .flag(isResolved) }
    if let operation = result.operationPerformed { members["operation"] = .text(operation) }
    members.add(result.fault)
    self = .object(members)
  }
}

extension [String: EventDetail] {
  /// A fault's code and text, as events name them.
  fileprivate mutating func add(_ fault: FaultDetail?) {
    guard let fault else { return }
    self["code"] = .text("cwmp.\(fault.code)")
    self["text"] = .text(fault.text)
  }
}
