import USP

/// What messages do.
extension USPAgent {
  /// A message of the controller's has come over the link.
  package mutating func received(_ message: USPMsg, at now: Duration) -> [Effect] {
    guard power == .on else { return [] }
    setTime(now)
    switch message.body.msgBody {
    case .request(let request):
      tally.requests += 1
      if random.happens(percent: quirks.ignoredRequests) { return [] }
      var effects: [Effect] = []
      if let answer = answer(request, id: message.header.msgID, now) {
        effects.append(.send(answer))
      }
      return effects + finish(now)
    case .response(let response):
      if case .notifyResp? = response.respType { acknowledged(message.header.msgID, now) }
      return finish(now)
    case .error(let error):
      // A notification that the controller refuses is not sent again.
      acknowledged(message.header.msgID, now)
      notes.append(.refused("\(error.errCode) \(error.errMsg)"))
      return finish(now)
    case nil: return []
    }
  }

  /// Nil where nothing is answered (R-OPR.4).
  private mutating func answer(_ request: USPRequest, id: String, _ now: Duration) -> USPMsg? {
    do throws(RequestFailure) {
      switch request.reqType {
      case .get(let get): return limited(.getResp(self.get(get)), id)
      case .getInstances(let instances):
        return limited(.getInstancesResp(self.instances(instances)), id)
      case .getSupportedDm(let models):
        return limited(.getSupportedDmResp(supported(models)), id)
      case .getSupportedProtocol:
        var response = USPGetSupportedProtocolResp()
        response.agentSupportedProtocolVersions = quirks.versions.joined(separator: ",")
        return limited(.getSupportedProtocolResp(response), id)
      case .set(let set): return limited(.setResp(try self.set(set)), id)
      case .add(let add): return limited(.addResp(try self.add(add)), id)
      case .delete(let delete): return limited(.deleteResp(try self.delete(delete)), id)
      case .operate(let operate):
        let response = try self.operate(operate, now)
        return operate.sendResp ? limited(.operateResp(response), id) : nil
      case .notify, .register, .deregister, nil:
        throw RequestFailure(.messageNotSupported, "an agent takes no such request")
      }
    } catch {
      tally.errors += 1
      return .error(to: id, error.code, error.text, parameters: error.parameters.map(\.parameter))
    }
  }

  private mutating func limited(_ response: USPResponse.OneOf_RespType, _ id: String) -> USPMsg {
    let message = USPMsg.response(to: id, response)
    guard let limit = quirks.maximumMessageSize, MessageCodec.encode(message).count > limit else {
      return message
    }
    tally.errors += 1
    return .error(to: id, .resourcesExceeded, "the response would be too large")
  }
}

/// Why a request is answered by an Error.
struct RequestFailure: Error, Sendable, Equatable {
  var code: USPErrorCode
  var text: String
  var parameters: [PathFault] = []

  init(_ code: USPErrorCode, _ text: String, _ parameters: [PathFault] = []) {
    self.code = code
    self.text = text
    self.parameters = parameters
  }
}

/// What is wrong with one path.
struct PathFault: Sendable, Equatable {
  var path: String
  var fault: USPFault

  var parameter: USPError.ParamError {
    var error = USPError.ParamError()
    error.paramPath = path
    error.errCode = fault.code.rawValue
    error.errMsg = fault.text
    return error
  }
}
