/// What an ACS answers (TR-069 A.5.1).
extension FaultDetail {
  package static let acsMethodNotSupported = FaultDetail(
    code: 8000, text: "Method not supported")
  package static let acsRequestDenied = FaultDetail(code: 8001, text: "Request denied")
  package static let acsInternalError = FaultDetail(code: 8002, text: "Internal error")
  package static let acsInvalidArguments = FaultDetail(code: 8003, text: "Invalid arguments")
  package static let acsResourcesExceeded = FaultDetail(code: 8004, text: "Resources exceeded")
  package static let acsRetryRequest = FaultDetail(code: 8005, text: "Retry request")
  package static let acsVersionIncompatible = FaultDetail(
    code: 8006, text: "ACS version incompatible with CPE")
}

/// What a CPE answers (TR-069 A.5.1).
extension FaultDetail {
  package static let cpeMethodNotSupported = FaultDetail(code: 9000, text: "Method not supported")
  package static let cpeRequestDenied = FaultDetail(code: 9001, text: "Request denied")
  package static let cpeInternalError = FaultDetail(code: 9002, text: "Internal error")
  package static let cpeInvalidArguments = FaultDetail(code: 9003, text: "Invalid arguments")
  package static let cpeResourcesExceeded = FaultDetail(code: 9004, text: "Resources exceeded")
  package static let cpeInvalidParameterName = FaultDetail(
    code: 9005, text: "Invalid parameter name")
  package static let cpeInvalidParameterType = FaultDetail(
    code: 9006, text: "Invalid parameter type")
  package static let cpeInvalidParameterValue = FaultDetail(
    code: 9007, text: "Invalid parameter value")
  package static let cpeNonWritableParameter = FaultDetail(
    code: 9008, text: "Attempt to set a non-writable parameter")
  package static let cpeNotificationRejected = FaultDetail(
    code: 9009, text: "Notification request rejected")
  package static let cpeDownloadFailure = FaultDetail(code: 9010, text: "File transfer failure")
  package static let cpeUploadFailure = FaultDetail(code: 9011, text: "Upload failure")
  package static let cpeFileServerAuthenticationFailure = FaultDetail(
    code: 9012, text: "File transfer server authentication failure")
  package static let cpeUnsupportedProtocol = FaultDetail(
    code: 9013, text: "Unsupported protocol for file transfer")
  package static let cpeFileServerUnreachable = FaultDetail(
    code: 9015, text: "File transfer failure: unable to contact file server")
  package static let cpeFileInaccessible = FaultDetail(
    code: 9016, text: "File transfer failure: unable to access file")
  package static let cpeDownloadIncomplete = FaultDetail(
    code: 9017, text: "File transfer failure: unable to complete download")
  package static let cpeFileCorrupted = FaultDetail(
    code: 9018, text: "File transfer failure: file corrupted or otherwise unusable")
  package static let cpeOutsideTimeWindows = FaultDetail(
    code: 9020,
    text: "File transfer failure: unable to complete download within specified time windows")
  package static let cpeCancelNotPermitted = FaultDetail(
    code: 9021, text: "Cancellation of file transfer not permitted in current transfer state")
}

/// What becomes of operations on deployment units (TR-069 A.5.1).
extension FaultDetail {
  package static let unitInvalidUUID = FaultDetail(code: 9022, text: "Invalid UUID format")
  package static let unitUnknownEnvironment = FaultDetail(
    code: 9023, text: "Unknown execution environment")
  package static let unitDisabledEnvironment = FaultDetail(
    code: 9024, text: "Disabled execution environment")
  package static let unitEnvironmentMismatch = FaultDetail(
    code: 9025, text: "Deployment unit to execution environment mismatch")
  package static let unitDuplicate = FaultDetail(code: 9026, text: "Duplicate deployment unit")
  package static let unitResourcesExceeded = FaultDetail(
    code: 9027, text: "System resources exceeded")
  package static let unitUnknown = FaultDetail(code: 9028, text: "Unknown deployment unit")
  package static let unitInvalidState = FaultDetail(
    code: 9029, text: "Invalid deployment unit state")
  package static let unitDowngrade = FaultDetail(
    code: 9030, text: "Invalid deployment unit update: downgrade not permitted")
  package static let unitVersionNotSpecified = FaultDetail(
    code: 9031, text: "Invalid deployment unit update: version not specified")
  package static let unitVersionExists = FaultDetail(
    code: 9032, text: "Invalid deployment unit update: version already exists")
}

extension FaultDetail {
  /// The SOAP faultcode that goes with the code: whose mistake it was (TR-069 A.5.1).
  package var isClientFault: Bool {
    switch code {
    case 8003, 9003, 9005, 9006, 9007, 9008, 9020: true
    default: false
    }
  }
}
