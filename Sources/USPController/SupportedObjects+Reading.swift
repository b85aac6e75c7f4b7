import Fleet
import USP

extension SupportedObjects {
  /// Asks an agent what its firmware supports below an object.
  ///
  /// - Parameters:
  ///   - path: of an object, with a dot at its end.
  ///   - hasParameters: false: commands alone.
  ///   - isInTime: whether there is still time to ask for more.
  /// - Returns: the agent's refusal, or what broke off; nil where it told.
  nonisolated(nonsending) static func read(
    below path: String, hasParameters: Bool = true, isInTime: () -> Bool = { true },
    _ ask: AskAgent
  ) async -> Result<SupportedObjects, AgentRefusal> {
    var supported = SupportedObjects()
    switch await request([path], isFlat: false, hasParameters, ask) {
    case .success(let results):
      for result in results { supported.take(result) }
      return .success(supported)
    case .failure(let refusal) where refusal.isTooMuch: break
    case .failure(let refusal): return .failure(refusal)
    }
    // An agent that can't tell all at once is asked for what is directly below, one after the other.
    let top: [USPGetSupportedDMResp.RequestedObjectResult]
    switch await request([path], isFlat: true, hasParameters, ask) {
    case .success(let results): top = results
    case .failure(let refusal): return .failure(refusal)
    }
    for result in top { supported.take(result) }
    let children = top.flatMap(\.supportedObjs).map(\.supportedObjPath)
      .filter { $0 != path }.prefix(maxChildren)
    for child in children {
      guard isInTime() else {
        return .failure(.broken(reason: "the agent takes too long to tell what it supports"))
      }
      switch await request([child], isFlat: false, hasParameters, ask) {
      case .success(let results): for result in results { supported.take(result) }
      case .failure(let refusal):
        guard case .refused = refusal else { return .failure(refusal) }
      }
    }
    return .success(supported)
  }

  private static let maxChildren = 500

  private nonisolated(nonsending) static func request(
    _ paths: [String], isFlat: Bool, _ hasParameters: Bool, _ ask: AskAgent
  ) async -> Result<[USPGetSupportedDMResp.RequestedObjectResult], AgentRefusal> {
    var request = USPGetSupportedDM()
    request.objPaths = paths
    request.firstLevelOnly = isFlat
    request.returnCommands = true
    request.returnEvents = hasParameters
    request.returnParams = hasParameters
    let answer = await ask(.getSupportedDm(request))
    guard case .response(.getSupportedDmResp(let response)) = answer else {
      return .failure(AgentRefusal(answer, to: "GetSupportedDM"))
    }
    let results = response.reqObjResults
    if let failed = results.first(where: { $0.errCode != 0 }), results.count == 1 {
      return .failure(.refused(OperationFault(uspCode: failed.errCode, text: failed.errMsg)))
    }
    return .success(results.filter { $0.errCode == 0 })
  }
}

/// Why an agent did not tell what it was asked.
enum AgentRefusal: Error, Sendable, Equatable {
  case refused(OperationFault)
  /// No answer will come.
  case broken(reason: String)

  init(_ answer: AgentAnswer, to request: String) {
    switch answer.outcome(of: request) {
    case .failed(let fault): self = .refused(fault)
    case .interrupted(let reason): self = .broken(reason: reason)
    case .done, .accepted: self = .broken(reason: "the agent's answer was of no use")
    }
  }

  /// Whether less at a time may be told.
  var isTooMuch: Bool {
    guard case .refused(let fault) = self else { return false }
    return fault.code == "usp.\(USPErrorCode.resourcesExceeded.rawValue)"
  }

  var outcome: Outcome {
    switch self {
    case .refused(let fault): .failed(fault)
    case .broken(let reason): .interrupted(reason: reason)
    }
  }
}
