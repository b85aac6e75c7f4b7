import CWMP
import Fleet
import FleetStore

/// The exchange of messages by which one operation is carried out on a CWMP device.
///
/// A state machine without I/O: it gives the next request and takes the answer, until it knows the outcome. What it learned about
/// the tree on the way can be read at any time, also when the session breaks.
struct OperationRun {
  enum Step: Equatable {
    case request(Request)
    case finished(Outcome)
  }

  /// What the run needs to know beforehand.
  struct Context: Sendable {
    /// For example `Device.`
    var root: String
    var commandKey = ""
    var batchSize: Int
    var limits = TreeReadingLimits()
    /// For assignments without a type, by their paths.
    var types: [String: ParameterType] = [:]
    /// Where the device fetches the file of a download.
    var source: DownloadSource?
  }

  private enum Phase {
    case idle
    case getting(rest: [[String]])
    case setting
    /// The values that the device shows after they were set.
    case confirming
    case adding
    case settingNew(instance: String)
    /// Takes back an instance whose values the device refused.
    case takingBack(OperationFault)
    case readingNew(instance: String)
    case deleting(String)
    case refreshing
    case rebooting
    case resetting
    case downloading
    case over
  }

  let operation: Operation
  private let context: Context
  private var phase = Phase.idle
  /// The reading of the tree that the operation consists of or ends with; kept apart so that it changes in place.
  private var reading: TreeReading?
  private var values: [ReportedValue] = []
  private var isPending = false
  private var deleted: String?

  init(_ operation: Operation, context: Context) {
    self.operation = operation
    self.context = context
  }

  mutating func begin() -> Step {
    switch operation {
    case .get(let paths):
      phase = .getting(rest: paths.split(every: context.batchSize))
      return getNext()
    case .set(let assignments):
      phase = .setting
      return .request(set(assignments, below: ""))
    case .add(let object, _):
      phase = .adding
      return .request(.addObject(name: object, parameterKey: ""))
    case .delete(let object):
      phase = .deleting(object)
      return .request(.deleteObject(name: object, parameterKey: ""))
    case .refresh(let path):
      phase = .refreshing
      startReading(path.isEmpty ? context.root : path)
      return refreshed(reading?.begin())
    case .reboot:
      phase = .rebooting
      return .request(.reboot(commandKey: context.commandKey))
    case .factoryReset:
      phase = .resetting
      return .request(.factoryReset)
    case .download(let order):
      guard let source = context.source else {
        return finish(
          .failed(
            OperationFault(
              code: "fairlead.noFile", text: "the file \(order.file) is not stored here")))
      }
      phase = .downloading
      return .request(
        .download(
          Download(
            commandKey: context.commandKey, fileType: order.fileType, url: source.url,
            fileSize: source.size, targetFileName: order.targetFileName)))
    }
  }

  mutating func received(_ answer: Session.Answer) -> Step {
    switch phase {
    case .getting: got(answer)
    case .setting: hasSet(answer)
    case .confirming: confirmed(answer)
    case .adding: added(answer)
    case .settingNew(let instance): hasSetNew(instance, answer)
    case .takingBack(let fault): finish(.failed(fault))
    case .readingNew(let instance): readNew(instance, reading?.received(answer))
    case .deleting(let object): hasDeleted(object, answer)
    case .refreshing: refreshed(reading?.received(answer))
    case .rebooting: accepted(answer, .reboot, "Reboot", .boot)
    case .resetting: accepted(answer, .factoryReset, "FactoryReset", .bootstrap)
    case .downloading: hasStarted(answer)
    case .idle, .over: finish(.interrupted(reason: "an answer came to no request"))
    }
  }

  /// What the run has learned about the tree so far.
  /// - Parameter now: seconds since 1970.
  func learned(now: Double) -> TreeUpdate {
    var update = TreeUpdate(values: values, deletedObject: deleted, at: now)
    if let reading {
      update.names = reading.names
      update.values += reading.values
      if reading.isListingComplete { update.completeBelow = reading.path }
    }
    return update
  }

  /// The number of values that the device bears in one request, where the run found it to be smaller than it was told.
  var learnedBatchSize: Int? {
    guard let size = reading?.batchSize, size < context.batchSize else { return nil }
    return size
  }

  /// The batch size to try next where the session broke while a request was out: a device that breaks on a request may bear a
  /// smaller one.
  var batchSizeAfterBreak: Int? {
    guard let count = reading?.outstandingCount, count > 1 else { return learnedBatchSize }
    return max(1, count / 2)
  }

  private mutating func startReading(_ path: String) {
    reading = TreeReading(path: path, batchSize: context.batchSize, limits: context.limits)
  }

  private mutating func finish(_ outcome: Outcome) -> Step {
    phase = .over
    return .finished(outcome)
  }
}

// MARK: - Values

extension OperationRun {
  private mutating func getNext() -> Step {
    guard case .getting(var rest) = phase, let next = rest.first else {
      return finish(.done(OperationResult(values: values.map(ResultValue.init))))
    }
    rest.removeFirst()
    phase = .getting(rest: rest)
    return .request(.getParameterValues(names: next))
  }

  private mutating func got(_ answer: Session.Answer) -> Step {
    guard case .response(.getParameterValues(let returned)) = answer, !returned.isEmpty else {
      return finish(.failed(OperationFault(answer, to: "GetParameterValues")))
    }
    take(returned)
    return getNext()
  }

  /// Keeps what was asked for; a device has no business elsewhere in the tree.
  private mutating func take(_ returned: [ParameterValue]) {
    let asked: [String] =
      switch operation {
      case .get(let paths): paths
      case .set(let assignments): assignments.map(\.path)
      default: []
      }
    let names = Set(asked)
    let prefixes = asked.filter { $0.hasSuffix(".") }
    for value in returned {
      guard !value.name.isEmpty, !value.name.hasSuffix("."),
        value.name.utf8.count <= Contact.maxPathLength,
        names.contains(value.name) || prefixes.contains(where: value.name.hasPrefix)
      else { continue }
      values.append(ReportedValue(value))
    }
  }

  private func set(_ assignments: [Assignment], below prefix: String) -> Request {
    .setParameterValues(
      SetParameterValues(
        parameters: assignments.map { assignment in
          ParameterValue(
            name: prefix + assignment.path, value: assignment.value,
            type: ValueType(assignment.type ?? context.types[assignment.path] ?? .string))
        }))
  }

  private mutating func hasSet(_ answer: Session.Answer) -> Step {
    guard case .response(.setParameterValues(let status)) = answer,
      case .set(let assignments) = operation
    else { return finish(.failed(OperationFault(answer, to: "SetParameterValues"))) }
    isPending = status == .pending
    phase = .confirming
    return .request(.getParameterValues(names: assignments.map(\.path)))
  }

  private mutating func confirmed(_ answer: Session.Answer) -> Step {
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

// MARK: - Objects

extension OperationRun {
  private mutating func added(_ answer: Session.Answer) -> Step {
    guard case .response(.addObject(let number, let status)) = answer,
      case .add(let object, let assignments) = operation
    else { return finish(.failed(OperationFault(answer, to: "AddObject"))) }
    let instance = "\(object)\(number)."
    isPending = status == .pending
    guard !assignments.isEmpty else { return readNew(instance) }
    phase = .settingNew(instance: instance)
    return .request(set(assignments, below: instance))
  }

  private mutating func hasSetNew(_ instance: String, _ answer: Session.Answer) -> Step {
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

  private mutating func readNew(_ instance: String, _ progress: TreeReading.Progress?) -> Step {
    if case .request(let request) = progress { return .request(request) }
    // The instance is there, whether the device lets it be read or not.
    return finish(.done(OperationResult(instance: instance, isPending: isPending ? true : nil)))
  }

  private mutating func hasDeleted(_ object: String, _ answer: Session.Answer) -> Step {
    guard case .response(.deleteObject(let status)) = answer else {
      return finish(.failed(OperationFault(answer, to: "DeleteObject")))
    }
    deleted = object
    return finish(.done(OperationResult(isPending: status == .pending ? true : nil)))
  }

  private mutating func refreshed(_ progress: TreeReading.Progress?) -> Step {
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

// MARK: - Orders

extension OperationRun {
  private mutating func accepted(
    _ answer: Session.Answer, _ wanted: Response, _ method: String, _ waitingFor: WaitingFor
  ) -> Step {
    guard answer == .response(wanted) else {
      return finish(.failed(OperationFault(answer, to: method)))
    }
    return finish(.accepted(waitingFor))
  }

  private mutating func hasStarted(_ answer: Session.Answer) -> Step {
    guard case .response(.download(let start)) = answer else {
      return finish(.failed(OperationFault(answer, to: "Download")))
    }
    return finish(start.status == .pending ? .accepted(.transfer) : .done(OperationResult()))
  }
}

/// Where a device fetches a file.
package struct DownloadSource: Sendable, Equatable {
  package var url: String
  /// Bytes.
  package var size: UInt64

  package init(url: String, size: UInt64) {
    self.url = url
    self.size = size
  }
}

extension ResultValue {
  fileprivate init(_ value: ReportedValue) {
    self.init(path: value.path, value: value.value, type: value.type)
  }
}

extension Array {
  fileprivate func split(every size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: Swift.max(1, size)).map {
      Array(self[$0..<Swift.min($0 + Swift.max(1, size), count)])
    }
  }
}
