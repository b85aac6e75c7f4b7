import DeviceModel
import Fleet
import FleetStore
import Foundation
import ManagementTypes

extension TaskOrder {
  /// An operation as it is shown: without passwords.
  init(_ operation: Fleet.Operation) throws {
    let arguments = try JSONDecoder().decode(
      [String: JSONValue].self, from: Data(operation.argumentsJSON()))
    self = TaskOrder(kind: operation.kind.rawValue, arguments).withoutSecrets(
      isSecret: ParameterPath.isSecret)
  }
}

extension TaskDetail {
  /// - Parameters:
  ///   - request: whether its device is being asked to call.
  ///   - now: seconds since 1970.
  init(_ record: TaskRecord, request: CallRequest, now: Double) throws {
    let task = record.task
    self.init(
      id: task.id, device: record.deviceName, order: try TaskOrder(task.operation),
      state: task.state.rawValue, waitingFor: task.waitingFor?.rawValue,
      reason: task.hindrance(now: now, lastContact: record.lastContact, request: request)?.text,
      attempts: task.attempts, maxAttempts: task.maxAttempts, dueAt: Timestamp(task.dueAt),
      deadline: Timestamp(task.deadline), createdAt: Timestamp(record.createdAt),
      startedAt: record.startedAt.map { Timestamp($0) },
      endedAt: record.endedAt.map { Timestamp($0) }, orderedBy: record.orderedBy,
      rollout: record.rolloutName,
      result: task.state.isOpen ? nil : task.result.map(Result.init),
      fault: task.fault.map(Fault.init))
  }
}

extension TaskHindrance {
  /// In a few words, to stand after “queued:” or “waiting:”.
  var text: String {
    switch self {
    case .notBefore(let time): "not before \(Timestamp(time))"
    case .retry(let time, let fault):
      "retry at \(Timestamp(time)) after \(fault.code): \(fault.text)"
    case .postponed(let time, let fault): "again at \(Timestamp(time)): \(fault.text)"
    case .call(let lastContact, let request):
      [
        lastContact.map { "the device has to call, last heard of at \(Timestamp($0))" }
          ?? "the device has to call, for the first time",
        request.text,
      ].compactMap { $0 }.joined(separator: "; ")
    case .turn: "the device has called and does other things first"
    case .answer: "the device has been given it and has not answered yet"
    case .end(let what, let time): "\(what.text), until \(Timestamp(time))"
    }
  }
}

extension CallRequest {
  fileprivate var text: String? {
    switch self {
    case .none: nil
    case .underWay: "a connection request is being tried"
    case .pausing: "another connection request follows"
    }
  }
}

extension WaitingFor {
  fileprivate var text: String {
    switch self {
    case .boot: "accepted; the device has to report its boot"
    case .bootstrap: "accepted; the device has to report that it begins anew"
    case .transfer: "accepted; the device has to report the end of the transfer"
    case .version: "transferred; the device has to report the new version"
    case .contact: "accepted; the device has to call at that time"
    case .software: "accepted; the device has to report the end of the changes"
    case .diagnosis: "accepted; the device is measuring"
    case .command: "accepted; the device has to report the end of the command"
    case .diagnosisReport:
      "accepted; the device has to report the end of the measurement, and shows an older one until then"
    }
  }
}

extension TaskDetail.Result {
  init(_ result: OperationResult) {
    self.init(
      values: result.values?.map {
        TaskOrder.Value(
          path: $0.path,
          value: TypedValue(
            ParameterPath.isSecret($0.path) ? "" : $0.value, type: $0.type.primitive),
          type: $0.type.rawValue)
      }, instance: result.instance, isPending: result.isPending,
      parametersRead: result.parametersRead, parametersRefused: result.parametersRefused,
      version: result.version, file: result.file,
      attributes: result.attributes?.map {
        .init(path: $0.path, notification: $0.notification, accessList: $0.accessList)
      },
      transfers: result.transfers?.map(TaskDetail.Transfer.init),
      software: result.software?.map(TaskDetail.Software.init), methods: result.methods,
      options: result.options?.map(TaskDetail.Option.init), isReady: result.isReady)
  }
}

extension TaskDetail.Transfer {
  fileprivate init(_ transfer: PendingTransfer) {
    self.init(
      commandKey: transfer.commandKey, state: transfer.state.rawValue,
      isDownload: transfer.isDownload, fileType: transfer.fileType, size: transfer.size,
      targetFileName: transfer.targetFileName)
  }
}

extension TaskDetail.Software {
  fileprivate init(_ software: SoftwareResult) {
    self.init(
      uuid: software.uuid, version: software.version, state: software.state, path: software.path,
      isResolved: software.isResolved, executionUnits: software.executionUnits,
      fault: software.fault.map(TaskDetail.Fault.init))
  }
}

extension TaskDetail.Option {
  fileprivate init(_ option: DeviceOption) {
    self.init(
      name: option.name, voucherSerialNumber: option.voucherSerialNumber,
      isEnabled: option.isEnabled, isSetUp: option.isSetUp, startDate: option.startDate,
      expirationDate: option.expirationDate, isTransferable: option.isTransferable)
  }
}

extension TaskDetail.Fault {
  fileprivate init(_ fault: OperationFault) {
    self.init(
      code: fault.code, text: fault.text,
      parameters: fault.parameters?.map { .init(path: $0.path, code: $0.code, text: $0.text) })
  }
}
