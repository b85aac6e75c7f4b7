import USP

/// Why one object of a Set was not updated.
struct SetFailure: Error {
  struct Instance {
    var path: String
    /// Parameter, its full path, and what is wrong.
    var faults: [(name: String, path: String, fault: USPFault)]
  }

  var path: String
  var instances: [Instance] = []
  /// Nil where parameters failed.
  var problem: USPFault?

  init(path: String, instances: [Instance]) {
    self.path = path
    self.instances = instances
  }

  init(path: String, problem: AgentTree.PathProblem) {
    self.path = path
    self.problem = USPFault(problem.code, problem.text)
  }

  /// As an Error of the whole Set.
  var request: RequestFailure {
    if let problem {
      // The reference agent tells of a missing row at once, of all else in the list.
      let code = problem.code == .objectDoesNotExist ? problem.code : .invalidArguments
      return RequestFailure(code, problem.text, [PathFault(path: path, fault: problem)])
    }
    return RequestFailure(
      .invalidArguments, "a required parameter can't be set",
      instances.flatMap { instance in
        instance.faults.map { PathFault(path: $0.path, fault: $0.fault) }
      })
  }

  /// As a failure of one object.
  var operation: USPSetResp.OperationFailure {
    var failure = USPSetResp.OperationFailure()
    failure.errCode = (problem?.code ?? .requiredParameterFailed).rawValue
    failure.errMsg = problem?.text ?? "a required parameter can't be set"
    failure.updatedInstFailures = instances.map { instance in
      var result = USPSetResp.UpdatedInstanceFailure()
      result.affectedPath = instance.path
      result.paramErrs = instance.faults.map { .of($0.name, $0.fault) }
      return result
    }
    return failure
  }
}

/// Why one object of an Add was not made, or one path of a Delete not deleted.
struct AddFailure: Error {
  var path: String
  var faults: [PathFault]

  init(path: String, fault: USPFault) {
    self.path = path
    faults = [PathFault(path: path, fault: fault)]
  }

  init(path: String, faults: [PathFault]) {
    self.path = path
    self.faults = faults
  }

  /// The specific code of the first thing that is wrong.
  var fault: USPFault { faults.first?.fault ?? USPFault(.internalError, "nothing is known") }

  /// As an Error of the whole request.
  var request: RequestFailure { RequestFailure(.invalidArguments, fault.text, faults) }
}

extension USPSetResp.ParameterError {
  static func of(_ name: String, _ fault: USPFault) -> Self {
    var error = Self()
    error.param = name
    error.errCode = fault.code.rawValue
    error.errMsg = fault.text
    return error
  }
}

extension USPAddResp.ParameterError {
  static func of(_ name: String, _ fault: USPFault) -> Self {
    var error = Self()
    error.param = name
    error.errCode = fault.code.rawValue
    error.errMsg = fault.text
    return error
  }
}

extension USPAddResp.CreatedObjectResult {
  static func failed(_ path: String, _ fault: USPFault) -> Self {
    var result = Self()
    result.requestedPath = path
    var failure = USPAddResp.OperationFailure()
    failure.errCode = fault.code.rawValue
    failure.errMsg = fault.text
    result.operStatus.operFailure = failure
    return result
  }
}
