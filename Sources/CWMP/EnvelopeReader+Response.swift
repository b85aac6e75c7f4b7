extension EnvelopeReader {
  /// The answer to a method.
  func response(to method: String, _ element: Int) throws(CWMPError) -> Response {
    switch method {
    case "GetRPCMethods": .getRPCMethods(strings(of: .methodList, in: element))
    case "SetParameterValues": .setParameterValues(status(in: element))
    case "GetParameterValues": .getParameterValues(parameterValues(in: element))
    case "GetParameterNames": .getParameterNames(parameterInfos(in: element))
    case "SetParameterAttributes": .setParameterAttributes
    case "GetParameterAttributes": .getParameterAttributes(parameterAttributes(in: element))
    case "AddObject":
      .addObject(instance: try instanceNumber(element), status: status(in: element))
    case "DeleteObject": .deleteObject(status(in: element))
    case "Reboot": .reboot
    case "FactoryReset": .factoryReset
    case "Download": .download(transferStart(element))
    case "Upload": .upload(transferStart(element))
    case "ScheduleInform": .scheduleInform
    case "ScheduleDownload": .scheduleDownload
    case "CancelTransfer": .cancelTransfer
    case "GetQueuedTransfers": .getQueuedTransfers(queuedTransfers(element, withFile: false))
    case "GetAllQueuedTransfers": .getAllQueuedTransfers(queuedTransfers(element, withFile: true))
    case "ChangeDUState": .changeDUState
    case "SetVouchers": .setVouchers
    case "GetOptions": .getOptions(options(element))
    default: acsResponse(to: method, element)
    }
  }

  /// The answer to a method of the ACS.
  private func acsResponse(to method: String, _ element: Int) -> Response {
    switch method {
    case "Inform": .inform
    case "TransferComplete": .transferComplete
    case "AutonomousTransferComplete": .autonomousTransferComplete
    case "DUStateChangeComplete": .duStateChangeComplete
    case "AutonomousDUStateChangeComplete": .autonomousDUStateChangeComplete
    case "RequestDownload": .requestDownload
    case "Kicked": .kicked(nextURL: string(of: .nextURL, in: element))
    default: .unknown(method: method)
    }
  }

  private func instanceNumber(_ element: Int) throws(CWMPError) -> UInt32 {
    guard let number = integer(of: .instanceNumber, in: element, as: UInt32.self), number > 0
    else {
      throw CWMPError(.invalidMessage, "the AddObjectResponse has no valid InstanceNumber")
    }
    return number
  }

  private func transferStart(_ element: Int) -> TransferStart {
    TransferStart(
      status: status(in: element), startTime: time(of: .startTime, in: element),
      completeTime: time(of: .completeTime, in: element))
  }

  private func queuedTransfers(_ element: Int, withFile: Bool) -> [QueuedTransfer] {
    guard let list = child(of: element, named: .transferList) else { return [] }
    return children(of: list).map { entry in
      QueuedTransfer(
        commandKey: string(of: .commandKey, in: entry),
        state: integer(of: .state, in: entry) ?? 0,
        file: withFile
          ? QueuedTransfer.File(
            isDownload: boolean(of: .isDownload, in: entry) ?? false,
            fileType: string(of: .fileType, in: entry),
            fileSize: integer(of: .fileSize, in: entry) ?? 0,
            targetFileName: string(of: .targetFileName, in: entry)) : nil)
    }
  }

  private func options(_ element: Int) -> [Option] {
    guard let list = child(of: element, named: .optionList) else { return [] }
    return children(of: list).map { entry in
      Option(
        name: string(of: .optionName, in: entry),
        voucherSerialNumber: trimmed(of: .voucherSN, in: entry),
        state: integer(of: .state, in: entry) ?? 0, mode: integer(of: .mode, in: entry) ?? 0,
        startDate: time(of: .startDate, in: entry),
        expirationDate: child(of: entry, named: .expirationDate).map(trimmed),
        isTransferable: boolean(of: .isTransferable, in: entry) ?? false)
    }
  }
}
