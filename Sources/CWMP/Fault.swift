/// A FaultCode with its text, as faults and FaultStructs carry it.
package struct FaultDetail: Sendable, Equatable, Hashable {
  /// 8000–8899 from the ACS, 9000–9899 from the CPE; unknown codes are kept (TR-069 A.5).
  package var code: Int
  package var text: String

  package init(code: Int, text: String) {
    self.code = code
    self.text = text
  }
}

/// A SOAP fault that answers a request.
package struct Fault: Sendable, Equatable {
  package var detail: FaultDetail
  /// What was wrong with which parameter, in a fault to SetParameterValues.
  package var parameterFaults: [ParameterFault]

  package init(_ detail: FaultDetail, parameterFaults: [ParameterFault] = []) {
    self.detail = detail
    self.parameterFaults = parameterFaults
  }

  package init(code: Int, text: String, parameterFaults: [ParameterFault] = []) {
    self.init(FaultDetail(code: code, text: text), parameterFaults: parameterFaults)
  }
}

/// One SetParameterValuesFault.
package struct ParameterFault: Sendable, Equatable {
  package var name: String
  package var detail: FaultDetail

  package init(name: String, detail: FaultDetail) {
    self.name = name
    self.detail = detail
  }
}
