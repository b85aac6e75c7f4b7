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
  init(_ record: TaskRecord) throws {
    let task = record.task
    self.init(
      id: task.id, device: record.deviceName, order: try TaskOrder(task.operation),
      state: task.state.rawValue, waitingFor: task.waitingFor?.rawValue, attempts: task.attempts,
      maxAttempts: task.maxAttempts, dueAt: Timestamp(task.dueAt),
      deadline: Timestamp(task.deadline), createdAt: Timestamp(record.createdAt),
      startedAt: record.startedAt.map { Timestamp($0) },
      endedAt: record.endedAt.map { Timestamp($0) }, orderedBy: record.orderedBy,
      rollout: record.rolloutName, result: task.result.map(Result.init),
      fault: task.fault.map(Fault.init))
  }
}

extension TaskDetail.Result {
  init(_ result: OperationResult) {
    self.init(
      values: result.values?.map {
        TaskOrder.Value(
          path: $0.path, value: ParameterPath.isSecret($0.path) ? "" : $0.value,
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
