import CWMP
import Fleet

extension OperationFault {
  /// The fault of a device, in its own words.
  init(_ fault: Fault) {
    self.init(
      fault.detail,
      parameters: fault.parameterFaults.isEmpty
        ? nil
        : fault.parameterFaults.prefix(Self.maxParameters).map {
          ParameterFault(
            path: String($0.name.prefix(Contact.maxPathLength)), code: Self.code($0.detail),
            text: Self.text($0.detail))
        })
  }

  init(_ detail: FaultDetail, parameters: [ParameterFault]? = nil) {
    self.init(
      code: Self.code(detail), text: Self.text(detail), parameters: parameters,
      isTransient: FaultRemedy(detail.code) == .retry)
  }

  /// What came in place of the response that was asked for.
  init(_ answer: Session.Answer, to method: String) {
    switch answer {
    case .fault(let fault): self.init(fault)
    case .nothing:
      self.init(code: Self.noAnswerCode, text: "the device did not answer \(method)")
    case .response:
      self.init(
        code: Self.emptyAnswerCode, text: "the device answered \(method) with nothing in it")
    }
  }

  /// An empty POST, or the response to another method, came in place of an answer.
  static let noAnswerCode = "fairlead.noAnswer"
  static let emptyAnswerCode = "fairlead.emptyAnswer"

  /// Whether the device says that it has not what was named.
  var isMissingPath: Bool { code == "cwmp.\(FaultDetail.cpeInvalidParameterName.code)" }

  /// Faults of single parameters that are kept of one fault, and characters of its text (TR-069 A.5: string(256)).
  private static let maxParameters = 1_000
  private static let maxText = 1_024

  private static func code(_ detail: FaultDetail) -> String { "cwmp.\(detail.code)" }

  private static func text(_ detail: FaultDetail) -> String {
    detail.text.isEmpty ? "fault \(detail.code)" : String(detail.text.prefix(maxText))
  }
}

/// What a fault of a device means for the operation that it answers; the session goes on after any of them.
enum FaultRemedy: Equatable {
  /// The same operation would be refused again.
  case end
  /// The same operation may well succeed later.
  case retry

  /// - Parameter code: FaultCode of a CPE (TR-069 A.5.2); one that is not known counts as 9001.
  init(_ code: Int) {
    switch code {
    case 8005,  // "retry request" is the ACS's to say, but some devices do and mean it
      9002,  // internal error
      9004,  // resources exceeded
      9010, 9011,  // a download or an upload failed
      9014,  // a multicast group can't be joined
      9015, 9016, 9017,  // a file server can't be reached, or breaks off
      9027:  // system resources exceeded, of software modules
      self = .retry
    default:
      // Refused, not supported, wrong, not writable, corrupted, not authentic, outside its time, of a vendor:
      // the operation itself or the file has to be another one first.
      self = .end
    }
  }
}
