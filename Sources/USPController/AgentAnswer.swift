import Fleet
import USP

/// What comes back for a request to an agent.
enum AgentAnswer: Sendable {
  case response(USPResponse.OneOf_RespType)
  /// An Error Message (TR-369 13.6.2).
  case error(USPError)
  /// No answer will come; nobody knows whether the agent acted.
  case broken(reason: String)
}

/// Sends a request to an agent and waits for what comes back.
typealias AskAgent = nonisolated(nonsending) (USPRequest.OneOf_ReqType) async -> AgentAnswer

extension AgentAnswer {
  /// How an operation ends because of an answer that is not the one it needs.
  /// - Parameter request: in the specification's words, for example `Get`.
  func outcome(of request: String) -> Outcome {
    switch self {
    case .error(let error): .failed(OperationFault(error))
    case .broken(let reason): .interrupted(reason: reason)
    case .response:
      .failed(
        OperationFault(
          code: OperationFault.unexpectedAnswerCode,
          text: "The agent answered a \(request) with a response to something else."))
    }
  }
}
