extension FaultDetail {
  // What an ACS answers (TR-069 A.5.1).
  package static let acsMethodNotSupported = FaultDetail(
    code: 8000, text: "Method not supported")
  package static let acsRequestDenied = FaultDetail(code: 8001, text: "Request denied")
  package static let acsInternalError = FaultDetail(code: 8002, text: "Internal error")
  package static let acsInvalidArguments = FaultDetail(code: 8003, text: "Invalid arguments")
  package static let acsResourcesExceeded = FaultDetail(code: 8004, text: "Resources exceeded")
  package static let acsRetryRequest = FaultDetail(code: 8005, text: "Retry request")
  package static let acsVersionIncompatible = FaultDetail(
    code: 8006, text: "ACS version incompatible with CPE")

  /// The SOAP faultcode that goes with the code: whose mistake it was (TR-069 A.5.1).
  package var isClientFault: Bool {
    switch code {
    case 8003, 9003, 9005, 9006, 9007, 9008, 9020: true
    default: false
    }
  }
}
