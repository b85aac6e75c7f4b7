extension Request {
  /// The method's name as the Body carries it.
  package var method: String {
    switch self {
    case .getRPCMethods: "GetRPCMethods"
    case .inform: "Inform"
    case .transferComplete: "TransferComplete"
    case .autonomousTransferComplete: "AutonomousTransferComplete"
    case .duStateChangeComplete: "DUStateChangeComplete"
    case .autonomousDUStateChangeComplete: "AutonomousDUStateChangeComplete"
    case .requestDownload: "RequestDownload"
    case .kicked: "Kicked"
    case .setParameterValues: "SetParameterValues"
    case .getParameterValues: "GetParameterValues"
    case .getParameterNames: "GetParameterNames"
    case .setParameterAttributes: "SetParameterAttributes"
    case .getParameterAttributes: "GetParameterAttributes"
    case .addObject: "AddObject"
    case .deleteObject: "DeleteObject"
    case .reboot: "Reboot"
    case .factoryReset: "FactoryReset"
    case .download: "Download"
    case .upload: "Upload"
    case .scheduleInform: "ScheduleInform"
    case .scheduleDownload: "ScheduleDownload"
    case .cancelTransfer: "CancelTransfer"
    case .getQueuedTransfers: "GetQueuedTransfers"
    case .getAllQueuedTransfers: "GetAllQueuedTransfers"
    case .changeDUState: "ChangeDUState"
    case .setVouchers: "SetVouchers"
    case .getOptions: "GetOptions"
    case .unknown(let method): method
    }
  }
}

extension Response {
  /// The name of the method that is answered, without the `Response` that the Body adds.
  package var method: String {
    switch self {
    case .getRPCMethods: "GetRPCMethods"
    case .inform: "Inform"
    case .transferComplete: "TransferComplete"
    case .autonomousTransferComplete: "AutonomousTransferComplete"
    case .duStateChangeComplete: "DUStateChangeComplete"
    case .autonomousDUStateChangeComplete: "AutonomousDUStateChangeComplete"
    case .requestDownload: "RequestDownload"
    case .kicked: "Kicked"
    case .setParameterValues: "SetParameterValues"
    case .getParameterValues: "GetParameterValues"
    case .getParameterNames: "GetParameterNames"
    case .setParameterAttributes: "SetParameterAttributes"
    case .getParameterAttributes: "GetParameterAttributes"
    case .addObject: "AddObject"
    case .deleteObject: "DeleteObject"
    case .reboot: "Reboot"
    case .factoryReset: "FactoryReset"
    case .download: "Download"
    case .upload: "Upload"
    case .scheduleInform: "ScheduleInform"
    case .scheduleDownload: "ScheduleDownload"
    case .cancelTransfer: "CancelTransfer"
    case .getQueuedTransfers: "GetQueuedTransfers"
    case .getAllQueuedTransfers: "GetAllQueuedTransfers"
    case .changeDUState: "ChangeDUState"
    case .setVouchers: "SetVouchers"
    case .getOptions: "GetOptions"
    case .unknown(let method): method
    }
  }

  /// Whether this is the positive answer to that request.
  package func answers(_ request: Request) -> Bool {
    method == request.method
  }
}
