import CWMP
import Fleet
import Foundation

/// Operations of one request, whose answer ends the run.
extension OperationRun {
  /// The most that is kept of lists whose length the device chooses.
  static let maxListed = 1_000

  mutating func order(_ request: Request) -> Step {
    phase = .ordering(method: request.method)
    return .request(request)
  }

  mutating func beginSettingVouchers(_ vouchers: [String]) -> Step {
    var decoded: [[UInt8]] = []
    for voucher in vouchers {
      guard let bytes = Data(base64Encoded: voucher) else {
        return finish(
          .failed(OperationFault(code: "fairlead.invalidVoucher", text: "A voucher is no Base64.")))
      }
      decoded.append([UInt8](bytes))
    }
    return order(.setVouchers(decoded))
  }

  /// What the answer to the one request means.
  func ordered(_ answer: Session.Answer, method: String) -> Outcome {
    guard case .response(let response) = answer else {
      return .failed(OperationFault(answer, to: method))
    }
    switch response {
    case .reboot: return .accepted(.boot)
    case .factoryReset: return .accepted(.bootstrap)
    case .scheduleInform: return .accepted(.contact)
    case .download(let start), .upload(let start):
      return start.status == .pending ? .accepted(.transfer) : .done(OperationResult())
    case .scheduleDownload: return .accepted(.transfer)
    case .changeDUState: return .accepted(.software)
    case .cancelTransfer, .setVouchers: return .done(OperationResult())
    case .getQueuedTransfers(let transfers), .getAllQueuedTransfers(let transfers):
      return .done(
        OperationResult(transfers: transfers.prefix(Self.maxListed).map(PendingTransfer.init)))
    case .getRPCMethods(let methods):
      return .done(OperationResult(methods: Array(methods.prefix(Self.maxListed))))
    case .getOptions(let options):
      return .done(
        OperationResult(options: options.prefix(Self.maxListed).map(DeviceOption.init)))
    default: return .failed(OperationFault(.nothing, to: method))
    }
  }
}

extension PendingTransfer {
  fileprivate init(_ transfer: QueuedTransfer) {
    let state: State =
      switch transfer.state {
      case 1: .notStarted
      case 2: .inProgress
      case 3: .finishing
      default: .unknown
      }
    self.init(
      commandKey: transfer.commandKey, state: state, isDownload: transfer.file?.isDownload,
      fileType: transfer.file?.fileType,
      size: transfer.file.map { Int64(clamping: $0.fileSize) },
      targetFileName: transfer.file?.targetFileName)
  }
}

extension DeviceOption {
  /// - Parameter option: its State is 1 or 2 while it is enabled, 2 or 3 while it is set up (TR-069 A.4.1.4).
  fileprivate init(_ option: CWMP.Option) {
    self.init(
      name: option.name, voucherSerialNumber: option.voucherSerialNumber,
      isEnabled: option.state == 1 || option.state == 2,
      isSetUp: option.state == 2 || option.state == 3, startDate: option.startDate,
      expirationDate: option.expirationDate, isTransferable: option.isTransferable)
  }
}
