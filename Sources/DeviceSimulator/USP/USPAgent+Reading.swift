import DeviceModel
import USP

/// Get, GetInstances and GetSupportedDM (TR-369, 6.4.1 to 6.4.3).
extension USPAgent {
  // MARK: Get

  func get(_ request: USPGet) -> USPGetResp {
    var response = USPGetResp()
    // Agents before 1.2 know of no depth.
    let levels = quirks.isAtLeast(minor: 2) ? Int(request.maxDepth) : 0
    response.reqPathResults = request.paramPaths.map { path in
      var result = USPGetResp.RequestedPathResult()
      result.requestedPath = path
      do throws(AgentTree.PathProblem) {
        let resolution = try tree.resolve(path)
        switch resolution.leaf {
        case .parameter(let parameter):
          result.resolvedPathResults = resolution.places.map { place in
            var resolved = USPGetResp.ResolvedPathResult()
            resolved.resolvedPath = place.path
            resolved.resultParams = [parameter.name: tree.reading(parameter, of: place)]
            return resolved
          }
        case .object:
          for place in resolution.places {
            tree.forEach(below: place, levels: levels) { object in
              guard !object.object.parameters.isEmpty else { return }
              var resolved = USPGetResp.ResolvedPathResult()
              resolved.resolvedPath = object.path
              for parameter in object.object.parameters {
                resolved.resultParams[parameter.name] = tree.reading(parameter, of: object)
              }
              result.resolvedPathResults.append(resolved)
            }
          }
        case .command, .event: throw .unsupported(path)
        }
      } catch {
        (result.errCode, result.errMsg) = Self.readingFault(error)
      }
      return result
    }
    return response
  }

  /// What is not in the instantiated model is an invalid path for those who read (R-GET.0).
  private static func readingFault(_ problem: AgentTree.PathProblem) -> (UInt32, String) {
    switch problem {
    case .syntax: (problem.code.rawValue, problem.text)
    case .unsupported, .missing: (USPErrorCode.invalidPath.rawValue, problem.text)
    }
  }

  // MARK: GetInstances

  func instances(_ request: USPGetInstances) -> USPGetInstancesResp {
    var response = USPGetInstancesResp()
    response.reqPathResults = request.objPaths.map { path in
      var result = USPGetInstancesResp.RequestedPathResult()
      result.requestedPath = path
      do throws(AgentTree.PathProblem) {
        let resolution = try tree.resolve(path)
        guard case .object = resolution.leaf else { throw .unsupported(path) }
        for place in resolution.places {
          collect(in: place, deep: !request.firstLevelOnly, into: &result.currInsts)
        }
      } catch {
        (result.errCode, result.errMsg) = Self.readingFault(error)
      }
      return result
    }
    return response
  }

  private func collect(
    in place: AgentTree.Place, deep: Bool, into found: inout [USPGetInstancesResp.CurrInstance]
  ) {
    guard place.isTable else {
      for object in place.object.objects {
        collect(in: tree.child(object, of: place), deep: deep, into: &found)
      }
      return
    }
    for row in tree.rows(of: place) {
      var instance = USPGetInstancesResp.CurrInstance()
      instance.instantiatedObjPath = row.path
      instance.uniqueKeys = tree.keys(of: row)
      found.append(instance)
      guard deep else { continue }
      collect(in: row, deep: true, into: &found)
    }
  }

  // MARK: GetSupportedDM

  func supported(_ request: USPGetSupportedDM) -> USPGetSupportedDMResp {
    var response = USPGetSupportedDMResp()
    response.reqObjResults = request.objPaths.map { path in
      var result = USPGetSupportedDMResp.RequestedObjectResult()
      result.reqObjPath = path
      guard let parsed = try? InstancePath(path, taking: [.usp, .placeholders]) else {
        result.errCode = USPErrorCode.invalidPathSyntax.rawValue
        result.errMsg = "\(path) is no path"
        return result
      }
      if let object = tree.supportedObject(parsed.parts[...]),
        parsed.ending == .object || parsed.ending == .parameter
      {
        result.dataModelInstUri = AgentModel.uri
        describe(object, request, into: &result.supportedObjs)
      } else if quirks.isAtLeast(minor: 4), let only = single(parsed) {
        result.dataModelInstUri = AgentModel.uri
        result.supportedObjs = [only]
      } else {
        result.errCode = USPErrorCode.invalidPath.rawValue
        result.errMsg = "\(path) is not in the supported data model"
      }
      return result
    }
    return response
  }

  private func describe(
    _ object: AgentObject, _ request: USPGetSupportedDM,
    into found: inout [USPGetSupportedDMResp.SupportedObjectResult]
  ) {
    var result = object.supported
    if !request.returnCommands { result.supportedCommands = [] }
    if !request.returnEvents { result.supportedEvents = [] }
    if !request.returnParams { result.supportedParams = [] }
    if !request.returnUniqueKeySets || !quirks.isAtLeast(minor: 4) { result.uniqueKeySets = [] }
    if !quirks.isAtLeast(minor: 2) { result.forgetTypes() }
    found.append(result)
    for child in object.objects {
      guard request.firstLevelOnly else {
        describe(child, request, into: &found)
        continue
      }
      var bare = USPGetSupportedDMResp.SupportedObjectResult()
      bare.supportedObjPath = child.supported.supportedObjPath
      bare.access = child.supported.access
      bare.isMultiInstance = child.supported.isMultiInstance
      found.append(bare)
    }
  }

  /// The object with nothing but the one parameter, command or event that a path names (since 1.4).
  private func single(_ path: InstancePath) -> USPGetSupportedDMResp.SupportedObjectResult? {
    guard case .name(let name)? = path.parts.last,
      let object = tree.supportedObject(path.parts.dropLast())
    else { return nil }
    var result = USPGetSupportedDMResp.SupportedObjectResult()
    result.supportedObjPath = object.supported.supportedObjPath
    result.access = object.supported.access
    result.isMultiInstance = object.supported.isMultiInstance
    result.supportedParams = object.supported.supportedParams.filter {
      path.ending == .parameter && $0.paramName == name
    }
    result.supportedCommands = object.supported.supportedCommands.filter {
      path.ending == .command && $0.commandName == name + "()"
    }
    result.supportedEvents = object.supported.supportedEvents.filter {
      path.ending == .event && $0.eventName == name + "!"
    }
    let isThere =
      !result.supportedParams.isEmpty || !result.supportedCommands.isEmpty
      || !result.supportedEvents.isEmpty
    return isThere ? result : nil
  }
}

extension USPGetSupportedDMResp.SupportedObjectResult {
  /// What came with 1.2 is not there.
  fileprivate mutating func forgetTypes() {
    for index in supportedParams.indices {
      supportedParams[index].valueType = .paramUnknown
      supportedParams[index].valueChange = .valueChangeUnknown
    }
    for index in supportedCommands.indices { supportedCommands[index].commandType = .cmdUnknown }
  }
}
