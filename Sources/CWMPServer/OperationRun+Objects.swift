import CWMP
import Fleet
import FleetStore

/// The making, removing and reading of objects.
extension OperationRun {
  mutating func beginAdding(_ object: String) -> Step {
    asking = [sentObject(object)]
    phase = .adding
    return .request(.addObject(name: asking[0], parameterKey: ""))
  }

  /// An alias at the end names the instance that is to be made, so that it has no number yet (TR-069 A.3.2.6).
  private func sentObject(_ object: String) -> String {
    guard object.hasSuffix("].") else { return sent(object) }
    let table = Self.table(ofNew: object)
    return sent(table) + object.dropFirst(table.count)
  }

  /// The table of a new instance, without the alias that the instance shall get.
  private static func table(ofNew object: String) -> String {
    guard object.hasSuffix("]."), let start = object.lastIndex(of: "[") else { return object }
    return String(object[..<start])
  }

  mutating func added(_ answer: Session.Answer) -> Step {
    guard case .response(.addObject(let number, let status)) = answer,
      case .add(let object, let assignments) = operation
    else { return fail(answer, to: "AddObject", naming: asking) }
    let table = Self.table(ofNew: object)
    let instance = "\(context.tree?.numbered(table) ?? table)\(number)."
    isPending = status == .pending
    guard !assignments.isEmpty else { return readNew(instance) }
    phase = .settingNew(instance: instance)
    return .request(
      set(
        assignments.map { assignment in
          ParameterValue(
            name: instance + assignment.path, value: assignment.value,
            type: ValueType(
              assignment.writtenType(
                onDevice: context.tree?.type(of: assignment.path, inInstancesOf: table))
                ?? StandardModel.type(ofAddressed: "\(table)1.\(assignment.path)") ?? .string))
        }))
  }

  mutating func hasSetNew(_ instance: String, _ answer: Session.Answer) -> Step {
    guard case .response(.setParameterValues(let status)) = answer else {
      phase = .takingBack(OperationFault(answer, to: "SetParameterValues"))
      return .request(.deleteObject(name: instance, parameterKey: ""))
    }
    isPending = isPending || status == .pending
    return readNew(instance)
  }

  private mutating func readNew(_ instance: String) -> Step {
    phase = .readingNew(instance: instance)
    startReading(instance)
    return readNew(instance, reading?.begin())
  }

  mutating func readNew(_ instance: String, _ progress: TreeReading.Progress?) -> Step {
    if case .request(let request) = progress { return .request(request) }
    // The instance is there, whether the device lets it be read or not.
    return finish(.done(OperationResult(instance: instance, isPending: isPending ? true : nil)))
  }

  mutating func beginDeleting(_ object: String) -> Step {
    asking = [sent(object)]
    phase = .deleting(object)
    return .request(.deleteObject(name: asking[0], parameterKey: ""))
  }

  mutating func hasDeleted(_ object: String, _ answer: Session.Answer) -> Step {
    guard case .response(.deleteObject(let status)) = answer else {
      return fail(answer, to: "DeleteObject", naming: asking)
    }
    if let known = context.tree.map({ $0.numbered(object) }) ?? object {
      deleted = known
    } else {
      noteMissing([object])
    }
    return finish(.done(OperationResult(isPending: status == .pending ? true : nil)))
  }

  mutating func beginRefreshing(_ path: String) -> Step {
    phase = .refreshing
    startReading(path.isEmpty ? context.root : sent(path))
    return refreshed(reading?.begin())
  }

  mutating func refreshed(_ progress: TreeReading.Progress?) -> Step {
    switch progress {
    case .request(let request):
      return .request(request)
    case .failed(let fault):
      return finish(.failed(fault))
    case .finished, nil:
      let refused = reading?.refusedCount ?? 0
      return finish(
        .done(
          OperationResult(
            parametersRead: reading?.values.count ?? 0,
            parametersRefused: refused > 0 ? refused : nil)))
    }
  }
}
