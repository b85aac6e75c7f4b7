import CWMP
import Fleet
import FleetStore

/// The reading and writing of values.
extension OperationRun {
  /// Paths that one operation is expanded to at the most, where the device knows no wildcards.
  static let maxExpandedPaths = 10_000

  mutating func beginGetting(_ paths: [String]) -> Step {
    if let search = paths.first(where: ParameterPath.isSearch) {
      return finish(
        .failed(
          OperationFault(
            code: OperationFault.unsupportedCode,
            text: "With CWMP a device looks for no rows and follows no references: \(search)")))
    }
    let paths = paths.map(\.withoutTrailingWildcards)
    guard let names = addressed(paths) else { return finish(.failed(.tooManyInstances)) }
    phase = .getting(rest: names.split(every: context.batchSize))
    return getNext()
  }

  /// The paths to be sent for those that were ordered; nil where they are too many.
  mutating func addressed(_ paths: [String]) -> [String]? {
    var names: [String] = []
    for path in paths {
      if let tree = context.tree, path.split(separator: ".").contains("*"),
        !tree.supportsWildcards
      {
        let expanded = tree.expanded(
          tree.numbered(path) ?? path, atMost: Self.maxExpandedPaths - names.count)
        guard let expanded else { return nil }
        names += expanded
      } else {
        names.append(sent(path))
      }
    }
    asked = AskedPaths(paths + names)
    return names
  }

  mutating func getNext() -> Step {
    guard case .getting(var rest) = phase, let next = rest.first else {
      if let first = refused.first {
        return finish(
          .failed(OperationFault(code: first.code, text: first.text, parameters: refused)))
      }
      return finish(.done(OperationResult(values: values.map(ResultValue.init))))
    }
    rest.removeFirst()
    phase = .getting(rest: rest)
    asking = next
    return .request(.getParameterValues(names: next))
  }

  mutating func got(_ answer: Session.Answer) -> Step {
    guard case .response(.getParameterValues(let returned)) = answer,
      !returned.isEmpty || !AskedPaths(asking).namesParameter
    else { return failedToGet(answer) }
    take(returned)
    return getNext()
  }

  /// A device does not say which of several paths it has not: halves find it, and the others are read.
  private mutating func failedToGet(_ answer: Session.Answer) -> Step {
    guard case .getting(let rest) = phase, case .fault(let fault) = answer,
      fault.detail.code == FaultDetail.cpeInvalidParameterName.code
    else { return fail(answer, to: "GetParameterValues", naming: asking) }
    if asking.count > 1 {
      phase = .getting(rest: asking.split(every: (asking.count + 1) / 2) + rest)
      return getNext()
    }
    noteMissing(asking)
    let words = OperationFault(fault)
    refused += asking.map { .init(path: $0, code: words.code, text: words.text) }
    return getNext()
  }

  /// Keeps what was asked for.
  mutating func take(_ returned: [ParameterValue]) {
    for value in returned {
      guard !value.name.isEmpty, !value.name.hasSuffix("."),
        value.name.utf8.count <= Contact.maxPathLength, asked.contains(value.name),
        values.count < context.limits.parameters,
        valueBytes + value.value.utf8.count <= context.limits.valueBytes
      else { continue }
      valueBytes += value.value.utf8.count
      values.append(ReportedValue(value))
    }
  }

  mutating func beginSetting(_ assignments: [Assignment]) -> Step {
    let paths = assignments.map(\.path)
    asking = paths.map(sent)
    asked = AskedPaths(paths + asking)
    phase = .setting
    return .request(
      set(
        zip(assignments, asking).map { assignment, path in
          ParameterValue(
            name: path, value: assignment.value,
            type: ValueType(
              assignment.writtenType(onDevice: context.tree?.type(of: assignment.path))
                ?? StandardModel.type(ofAddressed: assignment.path) ?? .string))
        }))
  }

  func set(_ values: [ParameterValue]) -> Request {
    .setParameterValues(SetParameterValues(parameters: values))
  }

  mutating func hasSet(_ answer: Session.Answer) -> Step {
    guard case .response(.setParameterValues(let status)) = answer else {
      return fail(answer, to: "SetParameterValues", naming: asking)
    }
    isPending = status == .pending
    phase = .confirming
    return .request(.getParameterValues(names: asking))
  }

  mutating func confirmed(_ answer: Session.Answer) -> Step {
    if case .response(.getParameterValues(let returned)) = answer {
      take(returned)
    }
    return finish(
      .done(
        OperationResult(
          values: values.isEmpty ? nil : values.map(ResultValue.init),
          isPending: isPending ? true : nil)))
  }
}

extension ResultValue {
  init(_ value: ReportedValue) {
    self.init(path: value.path, value: value.value, type: value.type)
  }
}

extension OperationFault {
  /// A path with wildcards stands for more than one session can read.
  static let tooManyInstances = OperationFault(
    code: "fairlead.tooManyPaths",
    text: "The wildcards stand for more than \(OperationRun.maxExpandedPaths) paths.")
}

extension String {
  /// The object of a table's rows for all of them: what stands below it is the same.
  fileprivate var withoutTrailingWildcards: String {
    var path = self
    while path.hasSuffix(".*.") { path.removeLast(2) }
    return path
  }
}
