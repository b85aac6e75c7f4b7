import CWMP

extension SimulatedCPE {
  /// The methods that a simulated device answers to.
  package static let methods = [
    "GetRPCMethods", "SetParameterValues", "GetParameterValues", "GetParameterNames",
    "SetParameterAttributes", "GetParameterAttributes", "AddObject", "DeleteObject", "Reboot",
    "FactoryReset", "Download", "Upload", "ScheduleInform", "ScheduleDownload",
    "GetQueuedTransfers", "GetAllQueuedTransfers", "CancelTransfer", "ChangeDUState",
    "SetVouchers", "GetOptions",
  ]

  /// What a device does with a request.
  enum Reaction: Equatable {
    case answer(Message)
    /// An empty POST instead of an answer.
    case nothing
    /// It closes the connection; the session has failed.
    case close(String)
    /// It breaks down and forgets that there was a session.
    case crash(String)
    /// It begins another session and leaves this one open.
    case otherSession
  }

  /// What the device does with a request of the ACS, quirks and failures and all.
  mutating func react(to request: Request, _ now: Duration) -> Reaction {
    let quirks = quirks.all
    quirkMemory.requestsInSession += 1
    for quirk in quirks {
      if let reaction = quirk.reaction(to: request, of: &self, now) { return reaction }
    }
    if let fault = failure(.method(request.method.lowercased())) {
      return .answer(.fault(Fault(fault)))
    }
    return .answer(answer(request, now))
  }

  /// Answers a request of the ACS (TR-069 A.3.2); what it asks for beyond that happens after the session.
  mutating func answer(_ request: Request, _ now: Duration) -> Message {
    do {
      return .response(try response(to: request, now))
    } catch let detail as FaultDetail {
      return .fault(Fault(detail))
    } catch let fault as SetFault {
      return .fault(Fault(.cpeInvalidArguments, parameterFaults: fault.parameters))
    } catch {
      return .fault(Fault(.cpeInternalError))
    }
  }

  private mutating func response(to request: Request, _ now: Duration) throws -> Response {
    let time = readingTime(now)
    switch request {
    case .getRPCMethods: return .getRPCMethods(supportedMethods)
    case .getParameterValues(let names):
      return .getParameterValues(try tree.values(of: names, at: time))
    case .getParameterNames(let path, let nextLevel):
      return .getParameterNames(try tree.names(path: path, nextLevel: nextLevel))
    case .getParameterAttributes(let names):
      return .getParameterAttributes(try tree.attributes(of: names))
    case .setParameterAttributes(let changes):
      try mutateTree { tree throws(FaultDetail) in try tree.setAttributes(changes) }
      return .setParameterAttributes
    case .setParameterValues(let call): return .setParameterValues(try set(call, now))
    case .addObject(let name, let parameterKey):
      let number = try mutateTree { tree throws(FaultDetail) in try tree.addObject(name) }
      keep(parameterKey, time)
      return .addObject(
        instance: number, status: quirks.contains(.addPending) ? .pending : .applied)
    case .deleteObject(let name, let parameterKey):
      try mutateTree { tree throws(FaultDetail) in try tree.deleteObject(name) }
      keep(parameterKey, time)
      return .deleteObject(.applied)
    case .reboot(let commandKey):
      askForReboot(commandKey)
      return .reboot
    case .factoryReset:
      askForFactoryReset()
      return .factoryReset
    case .scheduleInform(let delay, let commandKey):
      guard delay > 0 else { throw FaultDetail.cpeInvalidArguments }
      scheduleInform(after: delay, commandKey: commandKey, now)
      return .scheduleInform
    default: return try transferResponse(to: request, now)
    }
  }

  /// Whatever takes longer than a session.
  private mutating func transferResponse(to request: Request, _ now: Duration) throws -> Response {
    switch request {
    case .download(let download):
      try accept(download, now)
      return .download(TransferStart(status: .pending))
    case .upload(let upload):
      try accept(upload, now)
      return .upload(TransferStart(status: .pending))
    case .scheduleDownload(let download):
      try accept(download, now)
      return .scheduleDownload
    case .getQueuedTransfers:
      return .getQueuedTransfers(
        queuedTransfers.map { QueuedTransfer(commandKey: $0.commandKey, state: $0.state) })
    case .getAllQueuedTransfers: return .getAllQueuedTransfers(queuedTransfers)
    case .cancelTransfer(let commandKey):
      try cancelTransfers(commandKey)
      return .cancelTransfer
    case .changeDUState(let change):
      try accept(change)
      return .changeDUState
    case .setVouchers(let list):
      try vouchers.take(list, clock: DateTimeText.format(readingTime(now).clock))
      return .setVouchers
    case .getOptions(let name): return .getOptions(try vouchers.options(named: name))
    default: throw FaultDetail.cpeMethodNotSupported
    }
  }

  /// A device without software modules has no ChangeDUState.
  private var supportedMethods: [String] {
    Self.methods.filter { $0 != "ChangeDUState" || tree.layout.entry(unitTable) != nil }
  }

  private mutating func set(_ call: SetParameterValues, _ now: Duration) throws(SetFault)
    -> ApplyStatus
  {
    let time = readingTime(now)
    if quirks.contains(.setPendingOldValue) {
      // Looked at now, done when the session is over.
      var tree = tree
      _ = try tree.set(call.parameters, at: time)
      afterSession.heldValues += call.parameters
      return .pending
    }
    let older = diagnosticsStates(in: call.parameters, now)
    let changed = try mutateTree { tree throws(SetFault) in
      try tree.set(call.parameters, at: time)
    }
    valuesWritten(changed + older.map(\.path), now)
    keep(call.parameterKey, time)
    guard quirks.contains(.diagnosticsKeepResults), !older.isEmpty else { return .applied }
    // The test has been asked for; only the device does not show it.
    for (path, value) in older { tree.change(path, to: value, at: time) }
    return .pending
  }

  /// The diagnostics whose state is among the parameters, with the state that they have now.
  private func diagnosticsStates(in parameters: [ParameterValue], _ now: Duration) -> [(
    path: String, value: String
  )] {
    parameters.map(\.name).filter { $0.hasSuffix(".DiagnosticsState") }.map {
      ($0, tree.storedValue($0, at: readingTime(now)) ?? "")
    }
  }

  /// What follows from values that the ACS has written.
  mutating func valuesWritten(_ paths: [String], _ now: Duration) {
    managementServerChanged(paths)
    diagnosticsWritten(paths, now)
    followRequestedStates(paths, now)
  }

  /// The ParameterKey changes with every successful call, also to an empty one.
  private mutating func keep(_ parameterKey: String, _ time: ReadingTime) {
    guard !quirks.contains(.parameterKeyForgotten) else { return }
    mutateTree { tree in
      _ = tree.change(
        tree.model.path("ManagementServer.ParameterKey"), to: parameterKey, at: time)
    }
  }
}
