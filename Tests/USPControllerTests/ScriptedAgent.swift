import USP

@testable import USPController

/// Answers requests by a rule, and remembers them.
final class ScriptedAgent {
  private(set) var asked: [USPRequest.OneOf_ReqType] = []
  private let rule: (USPRequest.OneOf_ReqType) -> AgentAnswer

  init(_ rule: @escaping (USPRequest.OneOf_ReqType) -> AgentAnswer) {
    self.rule = rule
  }

  func answer(_ request: USPRequest.OneOf_ReqType) -> AgentAnswer { rule(request) }

  var ask: AskAgent {
    { [self] request in
      asked.append(request)
      return rule(request)
    }
  }
}

extension AgentAnswer {
  /// A GetResp with what each requested path resolved to.
  static func got(_ results: [(path: String, values: [String: [String: String]])]) -> AgentAnswer {
    var response = USPGetResp()
    response.reqPathResults = results.map { path, values in
      var result = USPGetResp.RequestedPathResult()
      result.requestedPath = path
      result.resolvedPathResults = values.sorted { $0.key < $1.key }.map { object, parameters in
        var resolved = USPGetResp.ResolvedPathResult()
        resolved.resolvedPath = object
        resolved.resultParams = parameters
        return resolved
      }
      return result
    }
    return .response(.getResp(response))
  }

  static func failed(_ code: UInt32, _ parameters: [(String, UInt32)] = []) -> AgentAnswer {
    var error = USPError()
    error.errCode = code
    error.errMsg = "no"
    error.paramErrs = parameters.map { path, code in
      var parameter = USPError.ParamError()
      parameter.paramPath = path
      parameter.errCode = code
      parameter.errMsg = "not this"
      return parameter
    }
    return .error(error)
  }

  static func operated(
    _ command: String, _ result: USPOperateResp.OperationResult.OneOf_OperationResp?
  ) -> AgentAnswer {
    var operation = USPOperateResp.OperationResult()
    operation.executedCommand = command
    operation.operationResp = result
    var response = USPOperateResp()
    response.operationResults = [operation]
    return .response(.operateResp(response))
  }
}

extension SupportedObjects {
  /// - Parameter objects: by path: access, and parameters with whether they can be written.
  init(
    _ objects: [String: (access: USPGetSupportedDMResp.ObjAccessType, parameters: [String: Bool])]
  ) {
    var result = USPGetSupportedDMResp.RequestedObjectResult()
    result.supportedObjs = objects.map { path, object in
      var supported = USPGetSupportedDMResp.SupportedObjectResult()
      supported.supportedObjPath = path
      supported.access = object.access
      supported.isMultiInstance = path.hasSuffix("{i}.")
      supported.supportedParams = object.parameters.map { name, isWritable in
        var parameter = USPGetSupportedDMResp.SupportedParamResult()
        parameter.paramName = name
        parameter.access = isWritable ? .paramReadWrite : .paramReadOnly
        parameter.valueType = .paramString
        parameter.valueChange = .valueChangeAllowed
        return parameter
      }
      return supported
    }
    self.init()
    take(result)
  }
}
