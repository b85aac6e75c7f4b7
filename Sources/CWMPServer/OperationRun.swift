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
    /// The stored tree; nil where the operation does not need it.
    var tree: TreeKnowledge?
    /// Where the device fetches stored files, by their digests.
    var sources: [String: DownloadSource] = [:]
    /// Where the device sends the file of an upload that is stored here.
    var destination: String?
    /// Whether the device has made what was asked for, so that it only has to be fetched.
    var isReady = false
    /// A digest of the results of an older measurement, where what is fetched may still be those.
    var olderResults: String?
  }

  enum Phase {
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
    case gettingAttributes(rest: [[String]])
    case settingAttributes
    /// The attributes that the device shows after they were set.
    case confirmingAttributes(rest: [[String]])
    /// One request was sent, and its answer ends the run.
    case ordering(method: String)
    /// The state that the device shows before the order.
    case preparingDiagnosis
    /// The results that the device shows before the order.
    case readingOlderDiagnosis
    case startingDiagnosis
    /// The state that the device shows after the order.
    case confirmingDiagnosis
    case askingDiagnosis
    /// The results, with the state that the device showed before they were asked for.
    case readingDiagnosis(state: String)
    case over
  }

  let operation: Operation
  let context: Context
  var phase = Phase.idle
  /// The reading of the tree that the operation consists of or ends with; kept apart so that it changes in place.
  var reading: TreeReading?
  /// What was asked for; nothing else is taken from answers.
  var asked = AskedPaths([])
  /// What the latest request named.
  var asking: [String] = []
  var values: [ReportedValue] = []
  var valueBytes = 0
  /// Paths that the device refused to read, in its words.
  var refused: [OperationFault.ParameterFault] = []
  var attributes: [ReportedAttributes] = []
  /// Attributes that the device took and can't show.
  var assumedAttributes: [ReportedAttributes] = []
  var isPending = false
  var deleted: String?
  var diagnosis: DiagnosisObject?
  /// What the device showed of an older measurement.
  var older = OlderMeasurement.absent
  /// Paths of which the device says that it has them not, or whose place in the tree is not known.
  private(set) var missingPaths: [String] = []

  init(_ operation: Operation, context: Context) {
    self.operation = operation
    self.context = context
  }

  mutating func begin() -> Step {
    switch operation {
    case .get(let paths): beginGetting(paths)
    case .set(let assignments): beginSetting(assignments)
    case .add(let object, _): beginAdding(object)
    case .delete(let object): beginDeleting(object)
    case .refresh(let path): beginRefreshing(path)
    case .getAttributes(let paths): beginGettingAttributes(paths)
    case .setAttributes(let changes): beginSettingAttributes(changes)
    case .download(let order): begin(order)
    case .upload(let order): begin(order)
    case .changeSoftware(let changes): begin(changes)
    case .diagnose(let diagnosis): begin(diagnosis)
    case .command: finish(.failed(.unsupported(.command, in: "CWMP")))
    case .setVouchers(let vouchers): beginSettingVouchers(vouchers)
    case .reboot: self.order(.reboot(commandKey: context.commandKey))
    case .factoryReset: self.order(.factoryReset)
    case .scheduleContact(let delay):
      self.order(
        .scheduleInform(
          delaySeconds: UInt32(clamping: delay), commandKey: context.commandKey))
    case .cancelTransfer(let key): self.order(.cancelTransfer(commandKey: key))
    case .listTransfers(let onlyOrdered):
      self.order(onlyOrdered ? .getQueuedTransfers : .getAllQueuedTransfers)
    case .listMethods: self.order(.getRPCMethods)
    case .getOptions(let name): self.order(.getOptions(name: name))
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
    case .gettingAttributes: gotAttributes(answer)
    case .settingAttributes: hasSetAttributes(answer)
    case .confirmingAttributes: confirmedAttributes(answer)
    case .ordering(let method): finish(ordered(answer, method: method))
    case .preparingDiagnosis: preparedDiagnosis(answer)
    case .readingOlderDiagnosis: readOlderDiagnosis(reading?.received(answer))
    case .startingDiagnosis: hasStartedDiagnosis(answer)
    case .confirmingDiagnosis: confirmedDiagnosis(answer)
    case .askingDiagnosis: toldDiagnosis(answer)
    case .readingDiagnosis(let state): readDiagnosis(reading?.received(answer), state: state)
    case .idle, .over: finish(.interrupted(reason: "an answer came to no request"))
    }
  }

  /// What the run has learned about the tree so far.
  /// - Parameter now: seconds since 1970.
  func learned(now: Double) -> TreeUpdate {
    var update = TreeUpdate(
      values: values.compactMap { value in
        stored(value.path).map { ReportedValue(path: $0, value: value.value, type: value.type) }
      },
      attributes: (attributes + assumedAttributes).compactMap { attribute in
        stored(attribute.path).map {
          ReportedAttributes(
            path: $0, notification: attribute.notification, accessList: attribute.accessList)
        }
      }, deletedObject: deleted, at: now)
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

  mutating func startReading(_ path: String) {
    reading = TreeReading(path: path, batchSize: context.batchSize, limits: context.limits)
  }

  mutating func finish(_ outcome: Outcome) -> Step {
    phase = .over
    return .finished(outcome)
  }

  /// Ends the run because of what came in place of the response that was asked for.
  /// - Parameter paths: what the request named.
  mutating func fail(_ answer: Session.Answer, to method: String, naming paths: [String] = [])
    -> Step
  {
    noteMissing(answer, naming: paths)
    return finish(.failed(OperationFault(answer, to: method)))
  }

  /// Remembers which paths the device says that it has not, so that its tree can be put right.
  mutating func noteMissing(_ answer: Session.Answer, naming paths: [String]) {
    guard case .fault(let fault) = answer else { return }
    let named = fault.parameterFaults.filter {
      $0.detail.code == FaultDetail.cpeInvalidParameterName.code
    }
    if !named.isEmpty {
      noteMissing(named.map(\.name))
    } else if fault.detail.code == FaultDetail.cpeInvalidParameterName.code {
      noteMissing(paths)
    }
  }

  mutating func noteMissing(_ paths: [String]) { missingPaths += paths }

  /// The path under which the stored tree has what a device told; nil where an alias keeps it from being told.
  private func stored(_ path: String) -> String? {
    guard let tree = context.tree, path.utf8.contains(UInt8(ascii: "[")), !tree.has(path) else {
      return path
    }
    return tree.numbered(path)
  }

  /// A path as the device takes it: where it does not know aliases, with the instance numbers that the stored tree tells.
  func sent(_ path: String) -> String {
    guard let tree = context.tree, !tree.supportsAliases else { return path }
    return tree.numbered(path) ?? path
  }
}

extension Array {
  func split(every size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: Swift.max(1, size)).map {
      Array(self[$0..<Swift.min($0 + Swift.max(1, size), count)])
    }
  }
}
