import CWMP
import Fleet
import FleetStore

/// The reading and writing of attributes (TR-069 A.3.2.4, A.3.2.5).
extension OperationRun {
  mutating func beginGettingAttributes(_ paths: [String]) -> Step {
    guard let names = addressed(paths) else { return finish(.failed(.tooManyInstances)) }
    phase = .gettingAttributes(rest: names.split(every: context.batchSize))
    return getNextAttributes()
  }

  private mutating func getNextAttributes() -> Step {
    let rest: [[String]]
    switch phase {
    case .gettingAttributes(let names), .confirmingAttributes(let names): rest = names
    default: rest = []
    }
    guard let next = rest.first else { return finishAttributes() }
    let others = Array(rest.dropFirst())
    if case .gettingAttributes = phase {
      phase = .gettingAttributes(rest: others)
    } else {
      phase = .confirmingAttributes(rest: others)
    }
    asking = next
    return .request(.getParameterAttributes(names: next))
  }

  private mutating func finishAttributes() -> Step {
    if case .setAttributes = operation, attributes.isEmpty {
      assumeAttributes()
      return finish(.done(OperationResult()))
    }
    return finish(.done(OperationResult(attributes: attributes)))
  }

  mutating func gotAttributes(_ answer: Session.Answer) -> Step {
    guard case .response(.getParameterAttributes(let returned)) = answer,
      !returned.isEmpty || !AskedPaths(asking).namesParameter
    else { return fail(answer, to: "GetParameterAttributes", naming: asking) }
    take(returned)
    return getNextAttributes()
  }

  private mutating func take(_ returned: [ParameterAttributes]) {
    for attribute in returned {
      guard !attribute.name.isEmpty, !attribute.name.hasSuffix("."),
        attribute.name.utf8.count <= Contact.maxPathLength, asked.contains(attribute.name),
        attributes.count < context.limits.parameters
      else { continue }
      let size = attribute.accessList.reduce(attribute.name.utf8.count) { $0 + $1.utf8.count }
      guard valueBytes + size <= context.limits.valueBytes else { continue }
      valueBytes += size
      attributes.append(
        ReportedAttributes(
          path: attribute.name, notification: attribute.notification,
          accessList: attribute.accessList))
    }
  }

  mutating func beginSettingAttributes(_ changes: [AttributeChange]) -> Step {
    asking = changes.map { sent($0.path) }
    asked = AskedPaths(changes.map(\.path) + asking)
    phase = .settingAttributes
    return .request(
      .setParameterAttributes(
        zip(changes, asking).map { change, path in
          SetParameterAttributes(
            name: path, notification: change.notification.map { Int($0.rawValue) },
            accessList: change.accessList)
        }))
  }

  mutating func hasSetAttributes(_ answer: Session.Answer) -> Step {
    guard answer == .response(.setParameterAttributes) else {
      return fail(answer, to: "SetParameterAttributes", naming: asking)
    }
    phase = .confirmingAttributes(rest: asking.split(every: context.batchSize))
    return getNextAttributes()
  }

  mutating func confirmedAttributes(_ answer: Session.Answer) -> Step {
    guard case .response(.getParameterAttributes(let returned)) = answer else {
      // The device has taken the change; that it can't show it is no reason to call it failed.
      return finishAttributes()
    }
    take(returned)
    return getNextAttributes()
  }

  /// What the device took is how it is, as far as it was told for single parameters.
  private mutating func assumeAttributes() {
    guard case .setAttributes(let changes) = operation else { return }
    for (change, path) in zip(changes, changes.map { sent($0.path) }) where !path.hasSuffix(".") {
      guard let notification = change.notification else { continue }
      assumedAttributes.append(
        ReportedAttributes(
          path: path, notification: Int(notification.rawValue),
          accessList: change.accessList ?? []))
    }
  }
}
