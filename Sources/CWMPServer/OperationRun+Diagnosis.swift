import CWMP
import Fleet
import FleetStore

/// Measurements that a device makes between two sessions (TR-181, Device.IP.Diagnostics; TR-098, IPPingDiagnostics …).
extension OperationRun {
  mutating func begin(_ diagnosis: Diagnosis) -> Step {
    let object = DiagnosisObject(diagnosis.kind, root: context.root, tree: context.tree)
    self.diagnosis = object
    return context.isReady ? askForState(of: object) : start(diagnosis, on: object)
  }

  private mutating func start(_ diagnosis: Diagnosis, on object: DiagnosisObject) -> Step {
    let values = object.values(for: diagnosis, tree: context.tree)
    asking = values.map(\.name)
    phase = .startingDiagnosis
    return .request(set(values))
  }

  mutating func hasStartedDiagnosis(_ answer: Session.Answer) -> Step {
    guard case .response(.setParameterValues) = answer else {
      return fail(answer, to: "SetParameterValues", naming: asking)
    }
    return finish(.accepted(.diagnosis))
  }

  private mutating func askForState(of object: DiagnosisObject) -> Step {
    asking = [object.statePath]
    phase = .askingDiagnosis
    return .request(.getParameterValues(names: asking))
  }

  mutating func toldDiagnosis(_ answer: Session.Answer) -> Step {
    guard case .diagnose(let diagnosis) = operation, let object = self.diagnosis,
      case .response(.getParameterValues(let returned)) = answer,
      let state = returned.first(where: { $0.name == object.statePath })?.value
    else { return fail(answer, to: "GetParameterValues", naming: asking) }
    switch DiagnosisState(state) {
    case .underWay: return finish(.accepted(.diagnosis))
    case .forgotten: return start(diagnosis, on: object)
    case .complete:
      phase = .readingDiagnosis
      startReading(object.path)
      return readDiagnosis(reading?.begin())
    case .failed:
      values = [ReportedValue(path: object.statePath, value: state)]
      return finish(
        .failed(
          OperationFault(
            code: "diagnosis.\(state.prefix(64))",
            text: "The measurement ended with \(state.prefix(256)).")))
    }
  }

  mutating func readDiagnosis(_ progress: TreeReading.Progress?) -> Step {
    switch progress {
    case .request(let request): return .request(request)
    case .failed(let fault): return finish(.failed(fault))
    case .finished, nil:
      let read = reading?.values.prefix(Contact.maxValues) ?? []
      return finish(.done(OperationResult(values: read.map(ResultValue.init))))
    }
  }
}

/// What a DiagnosticsState means.
enum DiagnosisState: Equatable {
  case underWay
  /// A boot has put an end to it.
  case forgotten
  case complete
  case failed

  /// - Parameter literal: as the device told it; older models say `Complete`, newer ones `Completed` too.
  init(_ literal: String) {
    self =
      switch literal.lowercased() {
      case "requested": .underWay
      case "none", "": .forgotten
      case "complete", "completed": .complete
      default: .failed
      }
  }
}
