import CWMP
import Cryptography
import Fleet
import FleetStore

/// Measurements that a device makes between two sessions (TR-181, Device.IP.Diagnostics; TR-098, IPPingDiagnostics …).
///
/// A device that applies the order later, or keeps what it has until it has something new, shows the end of an older measurement
/// after the order. So its state is read before the order too: where it showed no end then, an end is that of this measurement;
/// where it did, its own word (event 8) tells, or results that are not those it showed before.
extension OperationRun {
  mutating func begin(_ diagnosis: Diagnosis) -> Step {
    let object = DiagnosisObject(diagnosis.kind, root: context.root, tree: context.tree)
    self.diagnosis = object
    older = context.olderResults.map { .shown(digest: $0) } ?? .absent
    return askForState(of: object, context.isReady ? .askingDiagnosis : .preparingDiagnosis)
  }

  // MARK: - Before the order

  mutating func preparedDiagnosis(_ answer: Session.Answer) -> Step {
    guard let state = state(in: answer), let object = diagnosis else {
      // What it can't show, it may do all the same.
      older = .unknown
      return startDiagnosis()
    }
    switch DiagnosisState(state) {
    case .underWay, .forgotten:
      older = .absent
      return startDiagnosis()
    case .complete, .failed:
      older = .unknown
      phase = .readingOlderDiagnosis
      startReading(object.path)
      return readOlderDiagnosis(reading?.begin())
    }
  }

  mutating func readOlderDiagnosis(_ progress: TreeReading.Progress?) -> Step {
    if case .request(let request) = progress { return .request(request) }
    if case .finished = progress, hasShownEnd, let digest = digestOfResults() {
      older = .shown(digest: digest)
    }
    return startDiagnosis()
  }

  private mutating func startDiagnosis() -> Step {
    guard case .diagnose(let diagnosis) = operation, let object = self.diagnosis else {
      return finish(.interrupted(reason: "an answer came to no request"))
    }
    let values = object.values(for: diagnosis, tree: context.tree)
    asking = values.map(\.name)
    phase = .startingDiagnosis
    return .request(set(values))
  }

  // MARK: - After it

  mutating func hasStartedDiagnosis(_ answer: Session.Answer) -> Step {
    guard case .response(.setParameterValues) = answer, let object = diagnosis else {
      return fail(answer, to: "SetParameterValues", naming: asking)
    }
    return askForState(of: object, .confirmingDiagnosis)
  }

  mutating func confirmedDiagnosis(_ answer: Session.Answer) -> Step {
    guard let state = state(in: answer) else { return finish(.accepted(.diagnosis)) }
    switch DiagnosisState(state) {
    case .underWay, .forgotten: return finish(.accepted(.diagnosis))
    case .complete, .failed:
      // Right after the order, other results than before may as well be none yet.
      return older == .absent ? ended(state) : finish(.accepted(.diagnosisReport))
    }
  }

  mutating func toldDiagnosis(_ answer: Session.Answer) -> Step {
    guard let state = state(in: answer) else {
      return fail(answer, to: "GetParameterValues", naming: asking)
    }
    switch DiagnosisState(state) {
    case .underWay: return finish(.accepted(.diagnosis))
    case .forgotten:
      older = .absent
      return startDiagnosis()
    case .complete, .failed: return ended(state)
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

  /// The device shows the end of a measurement.
  private mutating func ended(_ state: String) -> Step {
    if older == .absent, DiagnosisState(state) == .failed { return finish(failure(state)) }
    guard let object = diagnosis else {
      return finish(.interrupted(reason: "an answer came to no request"))
    }
    phase = .readingDiagnosis(state: state)
    startReading(object.path)
    return readDiagnosis(reading?.begin(), state: state)
  }

  mutating func readDiagnosis(_ progress: TreeReading.Progress?, state: String) -> Step {
    switch progress {
    case .request(let request): return .request(request)
    case .failed(let fault): return finish(.failed(fault))
    case .finished, nil:
      if case .shown(let digest) = older {
        guard let present = digestOfResults(), present != digest else {
          return finish(.accepted(.diagnosisReport))
        }
      }
      let shown = stateRead ?? state
      switch DiagnosisState(shown) {
      // It has begun since it was asked for its state.
      case .underWay, .forgotten: return finish(.accepted(.diagnosis))
      case .failed: return finish(failure(shown))
      case .complete:
        let read = reading?.values.prefix(Contact.maxValues) ?? []
        return finish(.done(OperationResult(values: read.map(ResultValue.init))))
      }
    }
  }

  /// The state among what was read.
  private var stateRead: String? {
    reading?.values.first { $0.path == diagnosis?.statePath }?.value
  }

  private var hasShownEnd: Bool {
    switch stateRead.map({ DiagnosisState($0) }) {
    case .complete, .failed: true
    case .underWay, .forgotten, nil: false
    }
  }

  private mutating func failure(_ state: String) -> Outcome {
    if let path = diagnosis?.statePath { values = [ReportedValue(path: path, value: state)] }
    return .failed(
      OperationFault(
        code: "diagnosis.\(state.prefix(64))",
        text: "The measurement ended with \(state.prefix(256))."))
  }

  /// SHA-256 of the state and of what the device alone writes; nil where nothing was read.
  ///
  /// Its arguments differ from one measurement to the next before anything is measured.
  private func digestOfResults() -> String? {
    guard let reading, let object = diagnosis, !reading.values.isEmpty else { return nil }
    var written: Set<String> = []
    for name in reading.names where name.writable { written.insert(name.path) }
    written.remove(object.statePath)
    let hash = SHA256()
    for value in reading.values.sorted(by: { $0.path < $1.path })
    where !written.contains(value.path) {
      for text in [value.path, value.value] {
        hash.update("\(text.utf8.count) ".utf8)
        hash.update(text.utf8)
      }
    }
    return Hex.encode(hash.finish())
  }
}

/// What a device showed of an older measurement before it was told to make another.
enum OlderMeasurement: Equatable {
  /// It showed no end of one.
  case absent
  /// It showed the end of one, or nothing is known about that.
  case unknown
  /// The digest of its results.
  case shown(digest: String)

  var digest: String? {
    if case .shown(let digest) = self { digest } else { nil }
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
