import Fleet
import SwiftProtobuf
import USP

extension USPMsg {
  /// The message in JSON, with the values of what are credentials by their names blanked.
  var redactedJSON: String {
    var message = self
    switch message.body.msgBody {
    case .request(var request):
      request.redact()
      message.body.msgBody = .request(request)
    case .response(var response):
      response.redact()
      message.body.msgBody = .response(response)
    case .error, nil: break
    }
    return (try? message.jsonString()) ?? "(the message can't be shown)"
  }
}

private let blank = "…"

extension [String: String] {
  /// The arguments of a command or an event, with what are credentials by their names blanked.
  /// - Parameter event: its name, where they are of one.
  func redacted(event: String = "") -> [String: String] {
    var redacted = self
    if event == "Push!", self["Data"] != nil { redacted["Data"] = blank }
    // The values of parameters as one text.
    if self["ParameterMap"] != nil { redacted["ParameterMap"] = blank }
    if let path = self["ParamPath"], ParameterPath.isSecret(path), self["ParamValue"] != nil {
      redacted["ParamValue"] = blank
    }
    for key in keys where ParameterPath.isSecret(key) { redacted[key] = blank }
    // Links of this server let whoever has them fetch or send a file.
    for key in ["URL", "TransferURL"] {
      if let url = self[key], let query = url.firstIndex(of: "?") {
        redacted[key] = url[..<query] + "?" + blank
      }
    }
    return redacted
  }
}

extension USPRequest {
  fileprivate mutating func redact() {
    switch reqType {
    case .set(var set):
      for object in set.updateObjs.indices {
        for index in set.updateObjs[object].paramSettings.indices
        where ParameterPath.isSecret(set.updateObjs[object].paramSettings[index].param) {
          set.updateObjs[object].paramSettings[index].value = blank
        }
      }
      reqType = .set(set)
    case .add(var add):
      for object in add.createObjs.indices {
        for index in add.createObjs[object].paramSettings.indices
        where ParameterPath.isSecret(add.createObjs[object].paramSettings[index].param) {
          add.createObjs[object].paramSettings[index].value = blank
        }
      }
      reqType = .add(add)
    case .operate(var operate):
      operate.inputArgs = operate.inputArgs.redacted()
      reqType = .operate(operate)
    case .notify(var notify):
      switch notify.notification {
      case .valueChange(var change) where ParameterPath.isSecret(change.paramPath):
        change.paramValue = blank
        notify.notification = .valueChange(change)
      case .event(var event):
        event.params = event.params.redacted(event: event.eventName)
        notify.notification = .event(event)
      case .operComplete(var complete):
        if case .reqOutputArgs(var outputs) = complete.operationResp {
          outputs.outputArgs = outputs.outputArgs.redacted()
          complete.operationResp = .reqOutputArgs(outputs)
        }
        notify.notification = .operComplete(complete)
      default: break
      }
      reqType = .notify(notify)
    default: break
    }
  }
}

extension USPResponse {
  fileprivate mutating func redact() {
    switch respType {
    case .getResp(var get):
      for path in get.reqPathResults.indices {
        for index in get.reqPathResults[path].resolvedPathResults.indices {
          let values = get.reqPathResults[path].resolvedPathResults[index].resultParams
          get.reqPathResults[path].resolvedPathResults[index].resultParams = values.redacted()
        }
      }
      respType = .getResp(get)
    case .setResp(var set):
      for path in set.updatedObjResults.indices {
        guard case .operSuccess(var success) = set.updatedObjResults[path].operStatus.operStatus
        else { continue }
        for index in success.updatedInstResults.indices {
          success.updatedInstResults[index].updatedParams =
            success.updatedInstResults[index].updatedParams.redacted()
        }
        set.updatedObjResults[path].operStatus.operStatus = .operSuccess(success)
      }
      respType = .setResp(set)
    case .operateResp(var operate):
      for index in operate.operationResults.indices {
        guard case .reqOutputArgs(var outputs) = operate.operationResults[index].operationResp
        else { continue }
        outputs.outputArgs = outputs.outputArgs.redacted()
        operate.operationResults[index].operationResp = .reqOutputArgs(outputs)
      }
      respType = .operateResp(operate)
    default: break
    }
  }
}
