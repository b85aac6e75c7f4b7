import CWMP
import Fleet
import FleetStore

/// Measurements that a device makes between two sessions (TR-181, Device.IP.Diagnostics; TR-098, IPPingDiagnostics …).
extension OperationRun {
  mutating func begin(_ diagnosis: Diagnosis) -> Step {
    let object = DiagnosisObject(diagnosis.kind, root: context.root, tree: context.tree)
    self.diagnosis = object
    return context.isReady
      ? askForState(of: object, .askingDiagnosis) : start(diagnosis, on: object)
  }

  private mutating func start(_ diagnosis: Diagnosis, on object: DiagnosisObject) -> Step {
    let values = object.values(for: diagnosis, tree: context.tree)
    asking = values.map(\.name)
    phase = .startingDiagnosis
    return .request(set(values))
  }

  mutating func hasStartedDiagnosis(_ answer: Session.Answer) -> Step {
    guard case .response(.setParameterValues) = answer, let object = diagnosis else {
      return fail(answer, to: "SetParameterValues", naming: asking)
    }
    return askForState(of: object, .confirmingDiagnosis)
  }

  /// A device that applies the order later, or keeps what it has until it has something new, shows the end of an older
  /// measurement; only its own word tells the end of this one from that.
  mutating func confirmedDiagnosis(_ answer: Session.Answer) -> Step {
    guard let state = state(in: answer) else { return finish(.accepted(.diagnosis)) }
    switch DiagnosisState(state) {
    case .underWay, .forgotten: return finish(.accepted(.diagnosis))
    case .complete, .failed: return finish(.accepted(.diagnosisReport))
    }
  }

  private mutating func askForState(of object: DiagnosisObject, _ phase: Phase) -> Step {
    asking = [object.statePath]
    self.phase = phase
    return .request(.getParameterValues(names: asking))
  }

  private func state(in answer: Session.Answer) -> String? {
    guard case .response(.getParameterValues(let returned)) = answer else { return nil }
    return returned.first { $0.name == diagnosis?.statePath }?.value
  }

  mutating func toldDiagnosis(_ answer: Session.Answer) -> Step {
    guard case .diagnose(let diagnosis) = operation, let object = self.diagnosis,
      let state = state(in: answer)
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
