import Fleet
import USP

/// The reading and writing of values and objects.
extension AgentOperation {
  nonisolated(nonsending) func get(_ paths: [String]) async -> Outcome {
    for start in stride(from: 0, to: paths.count, by: context.limits.pathsPerRequest) {
      let asked = paths[start..<min(start + context.limits.pathsPerRequest, paths.count)]
      var get = USPGet()
      get.paramPaths = asked.map(sent)
      let answer = await ask(.get(get))
      guard case .response(.getResp(let response)) = answer else {
        return answer.outcome(of: "Get")
      }
      for result in response.reqPathResults {
        guard result.errCode == 0 else {
          guard refused.count < OperationFault.maxParameters else { continue }
          refused.append(
            .init(uspPath: result.requestedPath, code: result.errCode, text: result.errMsg))
          continue
        }
        for resolved in result.resolvedPathResults {
          for (name, value) in resolved.resultParams.sorted(by: { $0.key < $1.key }) {
            take(resolved.resolvedPath + name, value)
          }
        }
      }
    }
    if let first = refused.first {
      return .failed(OperationFault(code: first.code, text: first.text, parameters: refused))
    }
    return .done(OperationResult(values: values.map(ResultValue.init)))
  }

  nonisolated(nonsending) func set(_ assignments: [Assignment]) async -> Outcome {
    var objects: [String] = []
    var settings: [String: [USPSet.UpdateParamSetting]] = [:]
    for assignment in assignments {
      guard let (object, name) = sent(assignment.path).splitAtLastDot else { continue }
      var setting = USPSet.UpdateParamSetting()
      setting.param = name
      setting.value = assignment.value
      setting.required = true
      if settings[object] == nil { objects.append(object) }
      settings[object, default: []].append(setting)
    }
    var set = USPSet()
    set.updateObjs = objects.map { path in
      var object = USPSet.UpdateObject()
      object.objPath = path
      object.paramSettings = settings[path] ?? []
      return object
    }
    let answer = await ask(.set(set))
    guard case .response(.setResp(let response)) = answer else { return answer.outcome(of: "Set") }
    var failures: [OperationFault.ParameterFault] = []
    var fault: OperationFault?
    for result in response.updatedObjResults {
      switch result.operStatus.operStatus {
      case .operFailure(let failure):
        fault = fault ?? OperationFault(uspCode: failure.errCode, text: failure.errMsg)
        for instance in failure.updatedInstFailures {
          failures += instance.paramErrs.map {
            .init(uspPath: instance.affectedPath + $0.param, code: $0.errCode, text: $0.errMsg)
          }
        }
      case .operSuccess(let success):
        // A search that meets nothing is no failure for the agent (R-MSG.4a), but nothing was set.
        if success.updatedInstResults.isEmpty, result.requestedPath.isSearch {
          fault =
            fault
            ?? OperationFault(
              uspCode: USPErrorCode.objectDoesNotExist.rawValue,
              text: "The agent has no object at \(result.requestedPath)")
        }
        for instance in success.updatedInstResults {
          for (name, value) in instance.updatedParams.sorted(by: { $0.key < $1.key }) {
            take(instance.affectedPath + name, value)
          }
          for error in instance.paramErrs {
            let failed = OperationFault.ParameterFault(
              uspPath: instance.affectedPath + error.param, code: error.errCode,
              text: error.errMsg)
            fault = fault ?? OperationFault(code: failed.code, text: failed.text)
            failures.append(failed)
          }
        }
      case nil:
        fault =
          fault
          ?? OperationFault(
            code: OperationFault.unexpectedAnswerCode,
            text: "The agent did not say what became of \(result.requestedPath)")
      }
    }
    if var fault {
      if !failures.isEmpty { fault.parameters = Array(failures.prefix(256)) }
      return .failed(fault)
    }
    return .done(OperationResult(values: values.map(ResultValue.init)))
  }

  nonisolated(nonsending) func add(_ object: String, _ assignments: [Assignment]) async -> Outcome {
    var create = USPAdd.CreateObject()
    create.objPath = sent(object)
    create.paramSettings = assignments.map {
      var setting = USPAdd.CreateParamSetting()
      setting.param = $0.path
      setting.value = $0.value
      setting.required = true
      return setting
    }
    var add = USPAdd()
    add.createObjs = [create]
    let answer = await ask(.add(add))
    guard case .response(.addResp(let response)) = answer else { return answer.outcome(of: "Add") }
    var created: [String] = []
    for result in response.createdObjResults {
      switch result.operStatus.operStatus {
      case .operFailure(let failure):
        return .failed(OperationFault(uspCode: failure.errCode, text: failure.errMsg))
      case .operSuccess(let success):
        created.append(success.instantiatedPath)
        if let error = success.paramErrs.first {
          return .failed(
            OperationFault(
              uspCode: error.errCode, text: error.errMsg,
              parameters: success.paramErrs.map {
                .init(
                  uspPath: success.instantiatedPath + $0.param, code: $0.errCode, text: $0.errMsg)
              }))
        }
      case nil: break
      }
    }
    guard let instance = created.first, instance.utf8.count <= Contact.maxPathLength else {
      return .failed(
        OperationFault(
          code: OperationFault.unexpectedAnswerCode,
          text: "The agent did not say which instance it has created."))
    }
    // What the agent has put into the new instance by itself. It is there, whether that can be read or not.
    let path = instance.hasSuffix(".") ? instance : instance + "."
    let reading = AgentTreeReading(
      path: path, supported: context.supported, knowsDepth: context.knowsDepth,
      limits: context.limits)
    self.reading = reading
    _ = await reading.run(ask)
    return .done(
      OperationResult(
        values: reading.values.isEmpty ? nil : reading.values.map(ResultValue.init),
        instance: path))
  }

  nonisolated(nonsending) func delete(_ object: String) async -> Outcome {
    var delete = USPDelete()
    delete.objPaths = [sent(object)]
    let answer = await ask(.delete(delete))
    guard case .response(.deleteResp(let response)) = answer else {
      return answer.outcome(of: "Delete")
    }
    var affected: [String] = []
    for result in response.deletedObjResults {
      switch result.operStatus.operStatus {
      case .operFailure(let failure):
        return .failed(OperationFault(uspCode: failure.errCode, text: failure.errMsg))
      case .operSuccess(let success):
        affected += success.affectedPaths
        if let error = success.unaffectedPathErrs.first {
          return .failed(
            OperationFault(
              uspCode: error.errCode, text: error.errMsg,
              parameters: success.unaffectedPathErrs.map {
                .init(uspPath: $0.unaffectedPath, code: $0.errCode, text: $0.errMsg)
              }))
        }
      case nil: break
      }
    }
    // Agents of older versions say of an instance that is not there that nothing was affected.
    guard !affected.isEmpty else {
      return .failed(
        OperationFault(
          uspCode: USPErrorCode.objectDoesNotExist.rawValue,
          text: "The agent has no such instance."))
    }
    deletedObjects = affected.map { $0.hasSuffix(".") ? $0 : $0 + "." }
      .filter { $0.utf8.count <= Contact.maxPathLength }
    return .done(OperationResult())
  }

  /// The object that a path with aliases names.
  private nonisolated(nonsending) func resolved(_ path: String) async
    -> Result<String, AgentRefusal>
  {
    guard path.utf8.contains(UInt8(ascii: "[")) else { return .success(path) }
    switch await read([sent(path)], depth: 1) {
    case .failure(let refusal): return .failure(refusal)
    case .success(let values):
      let objects = Set(values.keys.compactMap { $0.splitAtLastDot?.object })
      guard let object = objects.min(by: { $0.utf8.count < $1.utf8.count }),
        object.utf8.count <= Contact.maxPathLength
      else {
        return .failure(
          .refused(
            OperationFault(
              uspCode: USPErrorCode.objectDoesNotExist.rawValue,
              text: "The agent has no object at \(path)")))
      }
      return .success(object)
    }
  }

  nonisolated(nonsending) func refresh(_ path: String) async -> Outcome {
    let object: String
    switch await resolved(path) {
    case .success(let found): object = found
    case .failure(let refusal): return refusal.outcome
    }
    let reading = AgentTreeReading(
      path: object, supported: context.supported, knowsDepth: context.knowsDepth,
      limits: context.limits)
    self.reading = reading
    if let refusal = await reading.run(ask) { return refusal.outcome }
    return .done(
      OperationResult(
        parametersRead: reading.values.count,
        parametersRefused: reading.refusedCount == 0 ? nil : reading.refusedCount))
  }
}

extension String {
  /// Whether the path names objects by what they are like.
  fileprivate var isSearch: Bool { contains("[") || contains(".*.") }
}

extension ResultValue {
  init(_ value: ReportedValue) {
    self.init(path: value.path, value: value.value, type: value.type)
  }
}
