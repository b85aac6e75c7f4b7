import Fleet
import USP

extension OperationFault {
  /// The agent's answer is none to the request.
  static let unexpectedAnswerCode = "fairlead.unexpectedAnswer"

  /// - Parameter code: as in TR-369, appendix "error codes", for example 7026.
  init(uspCode code: UInt32, text: String, parameters: [ParameterFault] = []) {
    let title = USPErrorCode(rawValue: code).title
    self.init(
      code: Self.word(code), text: Self.bounded(text.isEmpty ? title : text),
      parameters: parameters.isEmpty ? nil : Array(parameters.prefix(Self.maxParameters)),
      isTransient: Self.isTransient(code))
  }

  init(_ error: USPError) {
    self.init(
      uspCode: error.errCode, text: error.errMsg,
      parameters: error.paramErrs.map {
        ParameterFault(uspPath: $0.paramPath, code: $0.errCode, text: $0.errMsg)
      })
  }

  /// Internal errors and exceeded resources pass; everything else is the same the next time.
  private static func isTransient(_ code: UInt32) -> Bool {
    code == USPErrorCode.internalError.rawValue || code == USPErrorCode.resourcesExceeded.rawValue
  }

  fileprivate static func word(_ code: UInt32) -> String { "usp.\(code)" }

  /// What an agent says is kept as long as a person would read it.
  fileprivate static func bounded(_ text: String) -> String { String(text.prefix(512)) }
  /// Parameters of which a fault tells.
  static let maxParameters = 256

  /// What keeps a file from being fetched or sent may pass: a server that was away, a line that broke.
  mutating func mayPass() { isTransient = code != "usp.\(USPErrorCode.commandCanceled.rawValue)" }

  /// Whether the agent says that it has not what was named.
  var isMissingPath: Bool { Self.missing.contains(code) }
  private static let missing: Set<String> = [
    word(USPErrorCode.invalidPath.rawValue), word(USPErrorCode.objectDoesNotExist.rawValue),
  ]
}

extension OperationFault.ParameterFault {
  init(uspPath path: String, code: UInt32, text: String) {
    let title = USPErrorCode(rawValue: code).title
    self.init(
      path: String(path.prefix(1_024)), code: OperationFault.word(code),
      text: OperationFault.bounded(text.isEmpty ? title : text))
  }
}
