import XML

extension BodyWriter {
  mutating func request(_ request: Request) {
    writer.raw("<cwmp:")
    name(request.method)
    writer.raw(">")
    arguments(of: request)
    writer.raw("</cwmp:")
    name(request.method)
    writer.raw(">")
  }

  /// A method's name; of an unknown one, only what can stand in an XML name, after an underscore where that could not begin it.
  ///
  /// - Parameter isWhole: whether nothing follows that makes a name of an empty text.
  mutating func name(_ method: String, isWhole: Bool = true) {
    var isFirst = true
    for byte in method.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "_"):
        break
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
        if isFirst { writer.raw("_") }
      default:
        continue
      }
      writer.bytes.append(byte)
      isFirst = false
    }
    if isFirst, isWhole { writer.raw("_") }
  }

  private mutating func arguments(of request: Request) {
    switch request {
    case .getRPCMethods, .factoryReset, .getQueuedTransfers, .getAllQueuedTransfers, .unknown:
      break
    case .inform(let inform): self.inform(inform)
    case .transferComplete(let transfer):
      element("CommandKey", transfer.commandKey)
      faultStruct("FaultStruct", transfer.fault)
      element("StartTime", transfer.startTime)
      element("CompleteTime", transfer.completeTime)
    case .autonomousTransferComplete(let transfer): autonomousTransferComplete(transfer)
    case .duStateChangeComplete(let change):
      results(change.results)
      element("CommandKey", change.commandKey)
    case .autonomousDUStateChangeComplete(let change): results(change.results)
    case .requestDownload(let request):
      element("FileType", request.fileType)
      array("FileTypeArg", of: "cwmp:ArgStruct", request.arguments) {
        $0.open("ArgStruct")
        $0.element("Name", $1.name)
        $0.element("Value", $1.value)
        $0.close("ArgStruct")
      }
    case .kicked(let kicked):
      element("Command", kicked.command)
      element("Referer", kicked.referer)
      element("Arg", kicked.argument)
      element("Next", kicked.next)
    default: acsArguments(of: request)
    }
  }

  private mutating func acsArguments(of request: Request) {
    switch request {
    case .setParameterValues(let set):
      parameterValues(set.parameters)
      element("ParameterKey", set.parameterKey)
    case .getParameterValues(let names), .getParameterAttributes(let names):
      strings("ParameterNames", names)
    case .getParameterNames(let path, let nextLevel):
      element("ParameterPath", path)
      element("NextLevel", nextLevel)
    case .setParameterAttributes(let attributes): setParameterAttributes(attributes)
    case .addObject(let name, let parameterKey), .deleteObject(let name, let parameterKey):
      element("ObjectName", name)
      element("ParameterKey", parameterKey)
    case .reboot(let commandKey), .cancelTransfer(let commandKey):
      element("CommandKey", commandKey)
    case .download(let download): self.download(download)
    case .upload(let upload): self.upload(upload)
    case .scheduleInform(let delaySeconds, let commandKey):
      element("DelaySeconds", delaySeconds)
      element("CommandKey", commandKey)
    case .scheduleDownload(let download): scheduleDownload(download)
    case .changeDUState(let change):
      open("Operations")
      for operation in change.operations { self.operation(operation) }
      close("Operations")
      element("CommandKey", change.commandKey)
    case .setVouchers(let vouchers):
      array("VoucherList", of: "soap-enc:base64", vouchers) {
        $0.element("base64", Base64.encode($1))
      }
    case .getOptions(let name): element("OptionName", name)
    default: break
    }
  }

  private mutating func inform(_ inform: Inform) {
    open("DeviceId")
    element("Manufacturer", inform.deviceID.manufacturer)
    element("OUI", inform.deviceID.oui)
    element("ProductClass", inform.deviceID.productClass)
    element("SerialNumber", inform.deviceID.serialNumber)
    close("DeviceId")
    array("Event", of: "cwmp:EventStruct", inform.events) {
      $0.open("EventStruct")
      $0.element("EventCode", $1.code)
      $0.element("CommandKey", $1.commandKey)
      $0.close("EventStruct")
    }
    element("MaxEnvelopes", 1)
    element("CurrentTime", inform.currentTime)
    element("RetryCount", inform.retryCount)
    parameterValues(inform.parameters)
  }

  private mutating func autonomousTransferComplete(_ transfer: AutonomousTransferComplete) {
    element("AnnounceURL", transfer.announceURL)
    element("TransferURL", transfer.transferURL)
    element("IsDownload", transfer.isDownload)
    element("FileType", transfer.fileType)
    element("FileSize", transfer.fileSize)
    element("TargetFileName", transfer.targetFileName)
    faultStruct("FaultStruct", transfer.fault)
    element("StartTime", transfer.startTime)
    element("CompleteTime", transfer.completeTime)
  }

  private mutating func setParameterAttributes(_ attributes: [SetParameterAttributes]) {
    array("ParameterList", of: "cwmp:SetParameterAttributesStruct", attributes) {
      $0.open("SetParameterAttributesStruct")
      $0.element("Name", $1.name)
      $0.element("NotificationChange", $1.notification != nil)
      $0.element("Notification", $1.notification ?? 0)
      $0.element("AccessListChange", $1.accessList != nil)
      $0.strings("AccessList", $1.accessList ?? [])
      $0.close("SetParameterAttributesStruct")
    }
  }

  private mutating func download(_ download: Download) {
    element("CommandKey", download.commandKey)
    element("FileType", download.fileType)
    element("URL", download.url)
    element("Username", download.username)
    element("Password", download.password)
    element("FileSize", download.fileSize)
    element("TargetFileName", download.targetFileName)
    element("DelaySeconds", download.delaySeconds)
    element("SuccessURL", download.successURL)
    element("FailureURL", download.failureURL)
  }

  private mutating func upload(_ upload: Upload) {
    element("CommandKey", upload.commandKey)
    element("FileType", upload.fileType)
    element("URL", upload.url)
    element("Username", upload.username)
    element("Password", upload.password)
    element("DelaySeconds", upload.delaySeconds)
  }

  private mutating func scheduleDownload(_ download: ScheduleDownload) {
    element("CommandKey", download.commandKey)
    element("FileType", download.fileType)
    element("URL", download.url)
    element("Username", download.username)
    element("Password", download.password)
    element("FileSize", download.fileSize)
    element("TargetFileName", download.targetFileName)
    array("TimeWindowList", of: "cwmp:TimeWindowStruct", download.timeWindows) {
      $0.open("TimeWindowStruct")
      $0.element("WindowStart", $1.start)
      $0.element("WindowEnd", $1.end)
      $0.element("WindowMode", $1.mode)
      $0.element("UserMessage", $1.userMessage)
      $0.element("MaxRetries", $1.maxRetries)
      $0.close("TimeWindowStruct")
    }
  }

  private mutating func operation(_ operation: ChangeDUState.Operation) {
    switch operation {
    case .install(let install):
      open("InstallOpStruct")
      element("URL", install.url)
      optional("UUID", install.uuid)
      optional("Username", install.username)
      optional("Password", install.password)
      optional("ExecutionEnvRef", install.executionEnvRef)
      close("InstallOpStruct")
    case .update(let update):
      open("UpdateOpStruct")
      optional("UUID", update.uuid)
      optional("Version", update.version)
      optional("URL", update.url)
      optional("Username", update.username)
      optional("Password", update.password)
      close("UpdateOpStruct")
    case .uninstall(let uninstall):
      open("UninstallOpStruct")
      element("UUID", uninstall.uuid)
      optional("Version", uninstall.version)
      optional("ExecutionEnvRef", uninstall.executionEnvRef)
      close("UninstallOpStruct")
    }
  }

  private mutating func results(_ results: [DeploymentUnitResult]) {
    open("Results")
    for result in results {
      let isAutonomous = result.operationPerformed != nil
      open(isAutonomous ? "AutonOpResultStruct" : "OpResultStruct")
      element("UUID", result.uuid)
      element("DeploymentUnitRef", result.deploymentUnitRef)
      element("Version", result.version)
      element("CurrentState", result.currentState)
      if let resolved = result.resolved { element("Resolved", resolved) }
      element("ExecutionUnitRefList", result.executionUnitRefs.joined(separator: ","))
      element("StartTime", result.startTime)
      element("CompleteTime", result.completeTime)
      faultStruct("Fault", result.fault)
      if let performed = result.operationPerformed { element("OperationPerformed", performed) }
      close(isAutonomous ? "AutonOpResultStruct" : "OpResultStruct")
    }
    close("Results")
  }
}
