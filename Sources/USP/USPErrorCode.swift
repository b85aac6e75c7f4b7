/// What went wrong, by the numbers of TR-369 (appendix of error codes): 7000 to 7099 in messages, 7100 to 7199 in Records, 7200 to 7299 of
/// the data model, 7800 to 7999 of vendors.
package struct USPErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let messageFailed = USPErrorCode(rawValue: 7000)
  package static let messageNotSupported = USPErrorCode(rawValue: 7001)
  package static let requestDenied = USPErrorCode(rawValue: 7002)
  package static let internalError = USPErrorCode(rawValue: 7003)
  package static let invalidArguments = USPErrorCode(rawValue: 7004)
  package static let resourcesExceeded = USPErrorCode(rawValue: 7005)
  package static let permissionDenied = USPErrorCode(rawValue: 7006)
  package static let invalidConfiguration = USPErrorCode(rawValue: 7007)
  package static let invalidPathSyntax = USPErrorCode(rawValue: 7008)
  package static let parameterActionFailed = USPErrorCode(rawValue: 7009)
  package static let unsupportedParameter = USPErrorCode(rawValue: 7010)
  package static let invalidType = USPErrorCode(rawValue: 7011)
  package static let invalidValue = USPErrorCode(rawValue: 7012)
  package static let parameterNotWritable = USPErrorCode(rawValue: 7013)
  package static let valueConflict = USPErrorCode(rawValue: 7014)
  package static let operationError = USPErrorCode(rawValue: 7015)
  package static let objectDoesNotExist = USPErrorCode(rawValue: 7016)
  package static let objectNotCreated = USPErrorCode(rawValue: 7017)
  package static let objectIsNoTable = USPErrorCode(rawValue: 7018)
  package static let objectNotCreatable = USPErrorCode(rawValue: 7019)
  package static let objectNotUpdated = USPErrorCode(rawValue: 7020)
  package static let requiredParameterFailed = USPErrorCode(rawValue: 7021)
  package static let commandFailure = USPErrorCode(rawValue: 7022)
  package static let commandCanceled = USPErrorCode(rawValue: 7023)
  package static let deleteFailure = USPErrorCode(rawValue: 7024)
  package static let duplicateKey = USPErrorCode(rawValue: 7025)
  package static let invalidPath = USPErrorCode(rawValue: 7026)
  package static let invalidCommandArguments = USPErrorCode(rawValue: 7027)
  package static let registerFailure = USPErrorCode(rawValue: 7028)
  package static let alreadyInUse = USPErrorCode(rawValue: 7029)
  package static let deregisterFailure = USPErrorCode(rawValue: 7030)
  package static let pathAlreadyRegistered = USPErrorCode(rawValue: 7031)

  package static let recordNotParsed = USPErrorCode(rawValue: 7100)
  package static let secureSessionRequired = USPErrorCode(rawValue: 7101)
  package static let secureSessionNotSupported = USPErrorCode(rawValue: 7102)
  package static let segmentationNotSupported = USPErrorCode(rawValue: 7103)
  package static let invalidRecordValue = USPErrorCode(rawValue: 7104)
  package static let sessionContextTerminated = USPErrorCode(rawValue: 7105)
  package static let sessionContextNotAllowed = USPErrorCode(rawValue: 7106)

  package static let unknownExecutionEnvironment = USPErrorCode(rawValue: 7223)
  package static let executionEnvironmentMismatch = USPErrorCode(rawValue: 7225)
  package static let duplicateDeploymentUnit = USPErrorCode(rawValue: 7226)
  package static let systemResourcesExceeded = USPErrorCode(rawValue: 7227)
  package static let invalidDeploymentUnitState = USPErrorCode(rawValue: 7229)
  package static let invalidExecutionEnvironmentState = USPErrorCode(rawValue: 7230)

  /// In the standard's words; for the numbers that it leaves open what their range is for.
  package var title: String {
    if let title = Self.titles[rawValue] { return title }
    return switch rawValue {
    case 7000..<7100: "Unknown message error"
    case 7100..<7200: "Unknown record error"
    case 7200..<7300: "Data model error"
    case 7800..<8000: "Vendor error"
    default: "Unknown error"
    }
  }

  package var description: String { "\(rawValue) \(title)" }

  private static let titles: [UInt32: String] = [
    7000: "Message failed", 7001: "Message not supported", 7002: "Request denied",
    7003: "Internal error", 7004: "Invalid arguments", 7005: "Resources exceeded",
    7006: "Permission denied", 7007: "Invalid configuration", 7008: "Invalid path syntax",
    7009: "Parameter action failed", 7010: "Unsupported parameter", 7011: "Invalid type",
    7012: "Invalid value", 7013: "Attempt to update non-writeable parameter",
    7014: "Value conflict", 7015: "Operation error", 7016: "Object does not exist",
    7017: "Object could not be created", 7018: "Object is not a table",
    7019: "Attempt to create non-creatable object", 7020: "Object could not be updated",
    7021: "Required parameter failed", 7022: "Command failure", 7023: "Command canceled",
    7024: "Delete failure", 7025: "Object exists with duplicate key", 7026: "Invalid path",
    7027: "Invalid command arguments", 7028: "Register failure", 7029: "Already in use",
    7030: "Deregister failure", 7031: "Path already registered",
    7100: "Record could not be parsed", 7101: "Secure session required",
    7102: "Secure session not supported", 7103: "Segmentation not supported",
    7104: "Invalid record value", 7105: "Session context terminated",
    7106: "Session context not allowed", 7223: "Unknown Execution Environment",
    7225: "Deployment Unit to Execution Environment mismatch", 7226: "Duplicate Deployment Unit",
    7227: "System resources exceeded", 7229: "Invalid Deployment Unit state",
    7230: "Invalid Execution Environment state",
  ]
}

/// Why something can't be done, or was refused, as an endpoint would be told.
package struct USPFault: Error, Sendable, Equatable, CustomStringConvertible {
  package var code: USPErrorCode
  /// For people; never a value or a secret.
  package var text: String

  package init(_ code: USPErrorCode, _ text: String) {
    self.code = code
    self.text = text
  }

  package var description: String { "\(code.rawValue) \(text)" }
}
