import XML

extension BodyWriter {
  mutating func response(_ response: Response) {
    writer.raw("<cwmp:")
    name(response.method, isWhole: false)
    writer.raw("Response>")
    results(of: response)
    writer.raw("</cwmp:")
    name(response.method, isWhole: false)
    writer.raw("Response>")
  }

  private mutating func results(of response: Response) {
    switch response {
    case .inform: element("MaxEnvelopes", 1)
    case .getRPCMethods(let methods): strings("MethodList", methods)
    case .kicked(let nextURL): element("NextURL", nextURL)
    case .setParameterValues(let status), .deleteObject(let status):
      element("Status", status.rawValue)
    case .getParameterValues(let values): parameterValues(values)
    case .getParameterNames(let infos):
      array("ParameterList", of: "cwmp:ParameterInfoStruct", infos) {
        $0.open("ParameterInfoStruct")
        $0.element("Name", $1.name)
        $0.element("Writable", $1.writable)
        $0.close("ParameterInfoStruct")
      }
    case .getParameterAttributes(let attributes):
      array("ParameterList", of: "cwmp:ParameterAttributeStruct", attributes) {
        $0.open("ParameterAttributeStruct")
        $0.element("Name", $1.name)
        $0.element("Notification", $1.notification)
        $0.strings("AccessList", $1.accessList)
        $0.close("ParameterAttributeStruct")
      }
    case .addObject(let instance, let status):
      element("InstanceNumber", instance)
      element("Status", status.rawValue)
    case .download(let start), .upload(let start):
      element("Status", start.status.rawValue)
      element("StartTime", start.startTime)
      element("CompleteTime", start.completeTime)
    case .getQueuedTransfers(let transfers):
      array("TransferList", of: "cwmp:QueuedTransferStruct", transfers) {
        $0.open("QueuedTransferStruct")
        $0.element("CommandKey", $1.commandKey)
        $0.element("State", $1.state)
        $0.close("QueuedTransferStruct")
      }
    case .getAllQueuedTransfers(let transfers):
      array("TransferList", of: "cwmp:AllQueuedTransferStruct", transfers) {
        $0.queuedTransfer($1)
      }
    case .getOptions(let options):
      array("OptionList", of: "cwmp:OptionStruct", options) { $0.option($1) }
    case .transferComplete, .autonomousTransferComplete, .duStateChangeComplete,
      .autonomousDUStateChangeComplete, .requestDownload, .setParameterAttributes, .reboot,
      .factoryReset, .scheduleInform, .scheduleDownload, .cancelTransfer, .changeDUState,
      .setVouchers, .unknown:
      break
    }
  }

  private mutating func queuedTransfer(_ transfer: QueuedTransfer) {
    open("AllQueuedTransferStruct")
    element("CommandKey", transfer.commandKey)
    element("State", transfer.state)
    if let file = transfer.file {
      element("IsDownload", file.isDownload)
      element("FileType", file.fileType)
      element("FileSize", file.fileSize)
      element("TargetFileName", file.targetFileName)
    }
    close("AllQueuedTransferStruct")
  }

  private mutating func option(_ option: Option) {
    open("OptionStruct")
    element("OptionName", option.name)
    element("VoucherSN", option.voucherSerialNumber)
    element("State", option.state)
    element("Mode", option.mode)
    element("StartDate", option.startDate)
    if let expirationDate = option.expirationDate { element("ExpirationDate", expirationDate) }
    element("IsTransferable", option.isTransferable)
    close("OptionStruct")
  }
}
