import Fleet
import USP

/// How an agent reports changes: by subscriptions, of which each parameter that somebody ordered has one of its own.
extension AgentOperation {
  nonisolated(nonsending) func subscriptionRows() async
    -> Result<[String: [String: String]], AgentRefusal>
  {
    switch await read(["Device.LocalAgent.Subscription."]) {
    case .failure(let refusal): return .failure(refusal)
    case .success(let values):
      var rows: [String: [String: String]] = [:]
      for (path, value) in values {
        guard let (row, name) = path.splitAtLastDot else { continue }
        rows[row, default: [:]][name] = value
      }
      return .success(rows)
    }
  }

  nonisolated(nonsending) func setAttributes(_ changes: [AttributeChange]) async -> Outcome {
    if let change = changes.first(where: { $0.accessList != nil }) {
      return .failed(
        OperationFault(
          code: OperationFault.unsupportedCode,
          text: "USP has roles in place of access lists, so that of \(change.path) can't be set."))
    }
    let rows: [String: [String: String]]
    switch await subscriptionRows() {
    case .success(let found): rows = found
    case .failure(let refusal): return refusal.outcome
    }
    var added: [AgentSubscription] = []
    var deleted: [String] = []
    for change in changes {
      let id = AgentSubscription.orderedPrefix + change.path
      let known = rows.filter { $0.value["ID"] == id }.keys.sorted()
      switch change.notification {
      case .off: deleted += known
      case nil: break
      default:
        if known.isEmpty {
          added.append(
            AgentSubscription(id: id, kind: .valueChange, references: [sent(change.path)]))
        }
      }
    }
    if !deleted.isEmpty {
      var delete = USPDelete()
      delete.objPaths = deleted
      let answer = await ask(.delete(delete))
      guard case .response(.deleteResp) = answer else { return answer.outcome(of: "Delete") }
    }
    if !added.isEmpty {
      let answer = await ask(.add(USPAdd(added)))
      guard case .response(.addResp(let response)) = answer else {
        return answer.outcome(of: "Add")
      }
      for (subscription, result) in zip(added, response.createdObjResults) {
        guard case .operFailure(let failure) = result.operStatus.operStatus else { continue }
        return .failed(
          OperationFault(
            uspCode: failure.errCode, text: failure.errMsg,
            parameters: [
              .init(
                uspPath: subscription.references[0], code: failure.errCode, text: failure.errMsg)
            ]))
      }
    }
    attributes = changes.compactMap { change in
      change.notification.map {
        ReportedAttributes(path: change.path, notification: Int($0.rawValue), accessList: [])
      }
    }
    return .done(OperationResult(attributes: attributes))
  }

  nonisolated(nonsending) func getAttributes(_ paths: [String]) async -> Outcome {
    let rows: [String: [String: String]]
    switch await subscriptionRows() {
    case .success(let found): rows = found
    case .failure(let refusal): return refusal.outcome
    }
    var listened: [String] = []
    for row in rows.values
    where row["NotifType"] == AgentSubscription.Kind.valueChange.rawValue
      && ["true", "1"].contains(row["Enable"])
    {
      listened += (row["ReferenceList"] ?? "").split(separator: ",").map(String.init)
    }
    attributes = paths.map { path in
      let asked = sent(path)
      let isListenedTo = listened.contains { reference in
        reference == asked || reference.hasSuffix(".") && asked.hasPrefix(reference)
      }
      return ReportedAttributes(
        path: path,
        notification: Int(isListenedTo ? Notification.active.rawValue : Notification.off.rawValue),
        accessList: [])
    }
    return .done(OperationResult(attributes: attributes))
  }
}
