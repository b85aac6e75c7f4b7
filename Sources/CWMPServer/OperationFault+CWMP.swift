import CWMP
import Fleet

extension OperationFault {
  /// The fault of a device, in its own words.
  init(_ fault: Fault) {
    self.init(
      fault.detail,
      parameters: fault.parameterFaults.isEmpty
        ? nil
        : fault.parameterFaults.map {
          ParameterFault(
            path: $0.name, code: Self.code($0.detail), text: Self.text($0.detail))
        })
  }

  init(_ detail: FaultDetail, parameters: [ParameterFault]? = nil) {
    self.init(
      code: Self.code(detail), text: Self.text(detail), parameters: parameters,
      isTransient: Self.transientCodes.contains(detail.code))
  }

  /// What came in place of the response that was asked for.
  init(_ answer: Session.Answer, to method: String) {
    switch answer {
    case .fault(let fault): self.init(fault)
    case .nothing:
      self.init(code: "fairlead.noAnswer", text: "the device did not answer \(method)")
    case .response:
      self.init(
        code: "fairlead.emptyAnswer", text: "the device answered \(method) with nothing in it")
    }
  }

  private static func code(_ detail: FaultDetail) -> String { "cwmp.\(detail.code)" }

  private static func text(_ detail: FaultDetail) -> String {
    detail.text.isEmpty ? "fault \(detail.code)" : detail.text
  }

  /// Internal error, resources exceeded, and transfers that failed on the way (TR-069 A.5.2).
  private static let transientCodes: Set<Int> = [9002, 9004, 9010, 9011, 9014, 9015, 9016, 9017]
}
