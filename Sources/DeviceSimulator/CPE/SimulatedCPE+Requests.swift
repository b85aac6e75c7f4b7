import CWMP

extension SimulatedCPE {
  /// The methods that a simulated device answers to.
  package static let methods = [
    "GetRPCMethods", "SetParameterValues", "GetParameterValues", "GetParameterNames",
    "SetParameterAttributes", "GetParameterAttributes", "AddObject", "DeleteObject", "Reboot",
    "FactoryReset", "Download", "ScheduleInform", "GetQueuedTransfers", "GetAllQueuedTransfers",
    "CancelTransfer",
  ]

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
    case .getRPCMethods: return .getRPCMethods(Self.methods)
    case .getParameterValues(let names):
      return .getParameterValues(try tree.values(of: names, at: time))
    case .getParameterNames(let path, let nextLevel):
      return .getParameterNames(try tree.names(path: path, nextLevel: nextLevel))
    case .getParameterAttributes(let names):
      return .getParameterAttributes(try tree.attributes(of: names))
    case .setParameterAttributes(let changes):
      try mutateTree { tree throws(FaultDetail) in try tree.setAttributes(changes) }
      return .setParameterAttributes
    case .setParameterValues(let call):
      let changed = try mutateTree { tree throws(SetFault) in
        try tree.set(call.parameters, at: time)
      }
      managementServerChanged(changed)
      keep(call.parameterKey, time)
      return .setParameterValues(.applied)
    case .addObject(let name, let parameterKey):
      let number = try mutateTree { tree throws(FaultDetail) in try tree.addObject(name) }
      keep(parameterKey, time)
      return .addObject(instance: number, status: .applied)
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
    case .download(let download):
      try accept(download, now)
      return .download(TransferStart(status: .pending))
    case .getQueuedTransfers:
      return .getQueuedTransfers(
        queuedTransfers.map { QueuedTransfer(commandKey: $0.commandKey, state: $0.state) })
    case .getAllQueuedTransfers: return .getAllQueuedTransfers(queuedTransfers)
    case .cancelTransfer(let commandKey):
      guard cancelTransfers(commandKey) else { throw FaultDetail.cpeCancelNotPermitted }
      return .cancelTransfer
    default: throw FaultDetail.cpeMethodNotSupported
    }
  }

  /// The ParameterKey changes with every successful call, also to an empty one.
  private mutating func keep(_ parameterKey: String, _ time: ReadingTime) {
    mutateTree { tree in
      _ = tree.change(
        tree.model.path("ManagementServer.ParameterKey"), to: parameterKey, at: time)
    }
  }

  private mutating func accept(_ download: Download, _ now: Duration) throws(FaultDetail) {
    let types = [Download.firmwareUpgradeImage, "3 Vendor Configuration File"]
    guard types.contains(download.fileType) else { throw .cpeInvalidArguments }
    guard download.url.lowercased().hasPrefix("http://") else { throw .cpeUnsupportedProtocol }
    guard HTTPTarget(download.url) != nil else { throw .cpeInvalidArguments }
    guard queue(download, now) else { throw .cpeResourcesExceeded }
  }
}
