extension EnvelopeReader {
  /// The call of a method.
  func request(_ method: String, _ element: Int) throws(CWMPError) -> Request {
    switch method {
    case "Inform": .inform(try inform(element))
    case "GetRPCMethods": .getRPCMethods
    case "TransferComplete": .transferComplete(transferComplete(element))
    case "AutonomousTransferComplete":
      .autonomousTransferComplete(autonomousTransferComplete(element))
    case "DUStateChangeComplete":
      .duStateChangeComplete(
        DUStateChangeComplete(
          results: results(in: element), commandKey: string(of: .commandKey, in: element)))
    case "AutonomousDUStateChangeComplete":
      .autonomousDUStateChangeComplete(
        AutonomousDUStateChangeComplete(results: results(in: element)))
    case "RequestDownload": .requestDownload(requestDownload(element))
    case "Kicked":
      .kicked(
        Kicked(
          command: string(of: .command, in: element), referer: string(of: .referer, in: element),
          argument: string(of: .argument, in: element), next: string(of: .next, in: element)))
    default: acsRequest(method, element)
    }
  }

  /// The call of a method of the CPE.
  private func acsRequest(_ method: String, _ element: Int) -> Request {
    switch method {
    case "SetParameterValues":
      .setParameterValues(
        SetParameterValues(
          parameters: parameterValues(in: element),
          parameterKey: string(of: .parameterKey, in: element)))
    case "GetParameterValues":
      .getParameterValues(names: strings(of: .parameterNames, in: element))
    case "GetParameterNames":
      .getParameterNames(
        path: trimmed(of: .parameterPath, in: element),
        nextLevel: boolean(of: .nextLevel, in: element) ?? false)
    case "SetParameterAttributes":
      .setParameterAttributes(setParameterAttributes(in: element))
    case "GetParameterAttributes":
      .getParameterAttributes(names: strings(of: .parameterNames, in: element))
    case "AddObject":
      .addObject(
        name: trimmed(of: .objectName, in: element),
        parameterKey: string(of: .parameterKey, in: element))
    case "DeleteObject":
      .deleteObject(
        name: trimmed(of: .objectName, in: element),
        parameterKey: string(of: .parameterKey, in: element))
    case "Reboot": .reboot(commandKey: string(of: .commandKey, in: element))
    case "FactoryReset": .factoryReset
    case "Download": .download(download(element))
    case "Upload": .upload(upload(element))
    case "ScheduleInform":
      .scheduleInform(
        delaySeconds: integer(of: .delaySeconds, in: element) ?? 0,
        commandKey: string(of: .commandKey, in: element))
    case "ScheduleDownload": .scheduleDownload(scheduleDownload(element))
    case "CancelTransfer": .cancelTransfer(commandKey: string(of: .commandKey, in: element))
    case "GetQueuedTransfers": .getQueuedTransfers
    case "GetAllQueuedTransfers": .getAllQueuedTransfers
    case "ChangeDUState":
      .changeDUState(
        ChangeDUState(
          operations: operations(in: element), commandKey: string(of: .commandKey, in: element)))
    case "SetVouchers":
      .setVouchers(strings(of: .voucherList, in: element).compactMap(Base64.decode))
    case "GetOptions": .getOptions(name: string(of: .optionName, in: element))
    default: .unknown(method: method)
    }
  }

  private func inform(_ element: Int) throws(CWMPError) -> Inform {
    guard let identity = child(of: element, named: .deviceID) else {
      throw CWMPError(.invalidMessage, "the Inform has no DeviceId")
    }
    let events = child(of: element, named: .event).map { list in
      children(of: list).map {
        Event(
          Event.spelled(trimmed(of: .eventCode, in: $0)),
          commandKey: string(of: .commandKey, in: $0))
      }
    }
    return Inform(
      deviceID: DeviceID(
        manufacturer: trimmed(of: .manufacturer, in: identity),
        oui: trimmed(of: .oui, in: identity),
        productClass: trimmed(of: .productClass, in: identity),
        serialNumber: trimmed(of: .serialNumber, in: identity)),
      events: events ?? [],
      currentTime: trimmed(of: .currentTime, in: element),
      retryCount: integer(of: .retryCount, in: element) ?? 0,
      parameters: parameterValues(in: element))
  }

  private func transferComplete(_ element: Int) -> TransferComplete {
    TransferComplete(
      commandKey: string(of: .commandKey, in: element), fault: resultFault(in: element),
      startTime: time(of: .startTime, in: element),
      completeTime: time(of: .completeTime, in: element))
  }

  private func autonomousTransferComplete(_ element: Int) -> AutonomousTransferComplete {
    AutonomousTransferComplete(
      announceURL: string(of: .announceURL, in: element),
      transferURL: string(of: .transferURL, in: element),
      isDownload: boolean(of: .isDownload, in: element) ?? false,
      fileType: string(of: .fileType, in: element),
      fileSize: integer(of: .fileSize, in: element) ?? 0,
      targetFileName: string(of: .targetFileName, in: element),
      fault: resultFault(in: element),
      startTime: time(of: .startTime, in: element),
      completeTime: time(of: .completeTime, in: element))
  }

  private func requestDownload(_ element: Int) -> RequestDownload {
    let arguments = child(of: element, named: .fileTypeArg).map { list in
      children(of: list).map {
        RequestDownload.Argument(
          name: string(of: .name, in: $0), value: string(of: .value, in: $0))
      }
    }
    return RequestDownload(
      fileType: string(of: .fileType, in: element), arguments: arguments ?? [])
  }

  private func download(_ element: Int) -> Download {
    Download(
      commandKey: string(of: .commandKey, in: element),
      fileType: string(of: .fileType, in: element),
      url: trimmed(of: .url, in: element), username: string(of: .username, in: element),
      password: string(of: .password, in: element),
      fileSize: integer(of: .fileSize, in: element) ?? 0,
      targetFileName: string(of: .targetFileName, in: element),
      delaySeconds: integer(of: .delaySeconds, in: element) ?? 0,
      successURL: string(of: .successURL, in: element),
      failureURL: string(of: .failureURL, in: element))
  }

  private func upload(_ element: Int) -> Upload {
    Upload(
      commandKey: string(of: .commandKey, in: element),
      fileType: string(of: .fileType, in: element),
      url: trimmed(of: .url, in: element), username: string(of: .username, in: element),
      password: string(of: .password, in: element),
      delaySeconds: integer(of: .delaySeconds, in: element) ?? 0)
  }

  private func scheduleDownload(_ element: Int) -> ScheduleDownload {
    let windows = child(of: element, named: .timeWindowList).map { list in
      children(of: list).map {
        ScheduleDownload.TimeWindow(
          start: integer(of: .windowStart, in: $0) ?? 0,
          end: integer(of: .windowEnd, in: $0) ?? 0,
          mode: trimmed(of: .windowMode, in: $0),
          userMessage: string(of: .userMessage, in: $0),
          maxRetries: integer(of: .maxRetries, in: $0) ?? -1)
      }
    }
    return ScheduleDownload(
      commandKey: string(of: .commandKey, in: element),
      fileType: string(of: .fileType, in: element),
      url: trimmed(of: .url, in: element), username: string(of: .username, in: element),
      password: string(of: .password, in: element),
      fileSize: integer(of: .fileSize, in: element) ?? 0,
      targetFileName: string(of: .targetFileName, in: element),
      timeWindows: windows ?? [])
  }
}
