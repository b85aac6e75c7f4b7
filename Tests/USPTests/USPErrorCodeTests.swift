import Testing
import USP

@Suite struct USPErrorCodeTests {
  /// The numbers and words of TR-369, appendix "error codes", and of TR-181 for those from 7200 on.
  private static let standard: [(number: UInt32, code: USPErrorCode, title: String)] = [
    (7000, .messageFailed, "Message failed"),
    (7001, .messageNotSupported, "Message not supported"),
    (7002, .requestDenied, "Request denied"),
    (7003, .internalError, "Internal error"),
    (7004, .invalidArguments, "Invalid arguments"),
    (7005, .resourcesExceeded, "Resources exceeded"),
    (7006, .permissionDenied, "Permission denied"),
    (7007, .invalidConfiguration, "Invalid configuration"),
    (7008, .invalidPathSyntax, "Invalid path syntax"),
    (7009, .parameterActionFailed, "Parameter action failed"),
    (7010, .unsupportedParameter, "Unsupported parameter"),
    (7011, .invalidType, "Invalid type"),
    (7012, .invalidValue, "Invalid value"),
    (7013, .parameterNotWritable, "Attempt to update non-writeable parameter"),
    (7014, .valueConflict, "Value conflict"),
    (7015, .operationError, "Operation error"),
    (7016, .objectDoesNotExist, "Object does not exist"),
    (7017, .objectNotCreated, "Object could not be created"),
    (7018, .objectIsNoTable, "Object is not a table"),
    (7019, .objectNotCreatable, "Attempt to create non-creatable object"),
    (7020, .objectNotUpdated, "Object could not be updated"),
    (7021, .requiredParameterFailed, "Required parameter failed"),
    (7022, .commandFailure, "Command failure"),
    (7023, .commandCanceled, "Command canceled"),
    (7024, .deleteFailure, "Delete failure"),
    (7025, .duplicateKey, "Object exists with duplicate key"),
    (7026, .invalidPath, "Invalid path"),
    (7027, .invalidCommandArguments, "Invalid command arguments"),
    (7028, .registerFailure, "Register failure"),
    (7029, .alreadyInUse, "Already in use"),
    (7030, .deregisterFailure, "Deregister failure"),
    (7031, .pathAlreadyRegistered, "Path already registered"),
    (7100, .recordNotParsed, "Record could not be parsed"),
    (7101, .secureSessionRequired, "Secure session required"),
    (7102, .secureSessionNotSupported, "Secure session not supported"),
    (7103, .segmentationNotSupported, "Segmentation not supported"),
    (7104, .invalidRecordValue, "Invalid record value"),
    (7105, .sessionContextTerminated, "Session context terminated"),
    (7106, .sessionContextNotAllowed, "Session context not allowed"),
    (7223, .unknownExecutionEnvironment, "Unknown Execution Environment"),
    (7225, .executionEnvironmentMismatch, "Deployment Unit to Execution Environment mismatch"),
    (7226, .duplicateDeploymentUnit, "Duplicate Deployment Unit"),
    (7227, .systemResourcesExceeded, "System resources exceeded"),
    (7229, .invalidDeploymentUnitState, "Invalid Deployment Unit state"),
    (7230, .invalidExecutionEnvironmentState, "Invalid Execution Environment state"),
  ]

  @Test func everyCodeOfTheStandardHasItsTitle() {
    for (number, code, title) in Self.standard {
      #expect(code.rawValue == number)
      #expect(code.title == title)
      #expect(code.description == "\(number) \(title)")
    }
  }

  @Test func othersHaveNoneOfTheirOwn() {
    let known = Set(Self.standard.map(\.number))
    let ranges: Set = ["Unknown message error", "Unknown record error", "Data model error"]
    for number: UInt32 in 7000..<7300 where !known.contains(number) {
      #expect(ranges.contains(USPErrorCode(rawValue: number).title), "\(number)")
    }
  }

  @Test(arguments: [
    (7099, "Unknown message error"), (7107, "Unknown record error"),
    (7299, "Data model error"), (7800, "Vendor error"),
    (7999, "Vendor error"), (8000, "Unknown error"), (0, "Unknown error"),
    (UInt32.max, "Unknown error"),
  ])
  func othersAreNamedByTheirRange(_ number: UInt32, _ title: String) {
    let code = USPErrorCode(rawValue: number)
    #expect(code.title == title)
  }
}
