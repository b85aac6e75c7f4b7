/// What one SOAP Body carries: a request, the answer to one, or a fault.
///
/// Requests of both directions share the type, because the simulated CPE speaks with the same code as the ACS.
package enum Message: Sendable, Equatable {
  case request(Request)
  case response(Response)
  case fault(Fault)
}

/// A CWMP method called by the CPE or by the ACS (TR-069 Amendment 6, Annex A).
package enum Request: Sendable, Equatable {
  // Either side.
  case getRPCMethods

  // The CPE calls the ACS.
  case inform(Inform)
  case transferComplete(TransferComplete)
  case autonomousTransferComplete(AutonomousTransferComplete)
  case duStateChangeComplete(DUStateChangeComplete)
  case autonomousDUStateChangeComplete(AutonomousDUStateChangeComplete)
  case requestDownload(RequestDownload)
  case kicked(Kicked)

  // The ACS calls the CPE.
  case setParameterValues(SetParameterValues)
  case getParameterValues(names: [String])
  case getParameterNames(path: String, nextLevel: Bool)
  case setParameterAttributes([SetParameterAttributes])
  case getParameterAttributes(names: [String])
  case addObject(name: String, parameterKey: String)
  case deleteObject(name: String, parameterKey: String)
  case reboot(commandKey: String)
  case factoryReset
  case download(Download)
  case upload(Upload)
  case scheduleInform(delaySeconds: UInt32, commandKey: String)
  case scheduleDownload(ScheduleDownload)
  case cancelTransfer(commandKey: String)
  case getQueuedTransfers
  case getAllQueuedTransfers
  case changeDUState(ChangeDUState)
  case setVouchers([[UInt8]])
  case getOptions(name: String)

  /// A method that this side does not know; it is answered with fault 8000 (ACS) or 9000 (CPE).
  case unknown(method: String)
}

/// The positive answer to a ``Request``.
package enum Response: Sendable, Equatable {
  case getRPCMethods([String])

  case inform
  case transferComplete
  case autonomousTransferComplete
  case duStateChangeComplete
  case autonomousDUStateChangeComplete
  case requestDownload
  case kicked(nextURL: String)

  case setParameterValues(ApplyStatus)
  case getParameterValues([ParameterValue])
  case getParameterNames([ParameterInfo])
  case setParameterAttributes
  case getParameterAttributes([ParameterAttributes])
  case addObject(instance: UInt32, status: ApplyStatus)
  case deleteObject(ApplyStatus)
  case reboot
  case factoryReset
  case download(TransferStart)
  case upload(TransferStart)
  case scheduleInform
  case scheduleDownload
  case cancelTransfer
  case getQueuedTransfers([QueuedTransfer])
  case getAllQueuedTransfers([QueuedTransfer])
  case changeDUState
  case setVouchers
  case getOptions([Option])

  /// A response to a method that this side does not know.
  case unknown(method: String)
}

/// Whether a change is in effect at once (0) or follows later, for example after a restart (1).
package enum ApplyStatus: Int, Sendable, Equatable {
  case applied = 0
  case pending = 1
}
