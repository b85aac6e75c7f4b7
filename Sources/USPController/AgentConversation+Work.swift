import Fleet
import FleetStore
import Logging
import Refusals
import USP
import USPTransports

/// What is done with an agent: its tree is read where that is due, and its tasks are carried out, one after the other.
extension AgentConversation {
  /// There may be work for the device; may be called at any time.
  func noteWork() {
    hasWork = true
    startWorking()
  }

  func startWorking() {
    guard !isWorking, !isStoring, isRecognised, !isClosed,
      hasWork || isReadDue || !outdated.isEmpty
    else { return }
    isWorking = true
    Task { await work() }
  }

  private func work() async {
    defer { isWorking = false }
    while !isClosed, isRecognised {
      do {
        if isReadDue {
          isReadDue = false
          outdated = []
          try await read("")
        } else if let object = outdated.popFirst() {
          try await read(object)
        } else if hasWork {
          hasWork = false
          guard try await runNextTask() else { return }
          hasWork = true
        } else {
          return
        }
      } catch let error as StoreError where error.code == .superseded {
        guard await resume() else { return }
      } catch {
        controller.logger.error(
          "work for an agent can't go on",
          metadata: ["agent": "\(agentName)", "error": "\(error)"])
        return
      }
    }
  }

  /// Another session of the device, over another protocol or another node, has begun since; this link goes on when that is over.
  /// - Returns: false where the link has closed meanwhile.
  func resume() async -> Bool {
    let now = controller.environment.now()
    let isAgain = lastResumed.map { now - $0 < Self.resumeMemory } ?? false
    resumePause = isAgain ? min(resumePause * 2, Self.longestPause) : Self.firstPause
    try? await Task.sleep(for: .seconds(resumePause))
    lastResumed = controller.environment.now()
    guard !isClosed, isRecognised else { return false }
    token = Int64.random(in: 1...Int64.max)
    do {
      try await contact(
        [.other], words: ["Resume"], keys: [], values: [:], now: controller.environment.now())
      hasWork = true
      return true
    } catch {
      giveUp(error)
      return false
    }
  }

  /// Seconds that are left to another session of the device: most last less than one. Where they come again and again, more.
  private static let firstPause = 2.0
  private static let longestPause = 60.0
  private static let resumeMemory = 120.0

  // MARK: - Reading

  private func read(_ path: String) async throws {
    guard let device, let identity else { return }
    if supported.isEmpty { await learnSupportedModel(mayAsk: true) }
    let operation = AgentOperation(.refresh(path: path), context: context(), ask: asking)
    let outcome = await operation.run()
    let now = controller.environment.now()
    var write = SessionWrite(
      deviceID: device.deviceID, deviceName: identity.name, session: token,
      tree: operation.learned(now: now), at: now)
    switch outcome {
    case .done where path.isEmpty:
      write.isReadDone = true
      if operation.reading?.isCut == true {
        write.events = [
          DeviceEvent("readCut", ["limit": "\(controller.settings.reading.parameters)"])
        ]
      }
    case .failed(let fault) where path.isEmpty:
      write.events = [DeviceEvent("readFailed", ["code": fault.code, "text": fault.text])]
    case .failed(let fault) where fault.isMissingPath:
      write.tree = TreeUpdate(deletedObject: path, at: now)
    default: break
    }
    if write.tree?.isEmpty == true { write.tree = nil }
    try await controller.environment.store.commit(write)
  }

  // MARK: - Tasks

  /// - Returns: false where nothing is due.
  private func runNextTask() async throws -> Bool {
    guard let device, let identity else { return false }
    let environment = controller.environment
    guard
      let (task, policy) = try await environment.store.claim(
        device.deviceID, session: token, now: environment.now())
    else { return false }
    var context = context()
    context.commandKey = task.commandKey
    let localAddress = link.localAddress
    for file in task.operation.storedFiles {
      let order: DownloadOrder =
        if case .download(let order) = task.operation { order } else { DownloadOrder(file: file) }
      context.sources[file] = try await environment.source(order, localAddress)
    }
    if case .upload(let order) = task.operation, order.remote == nil {
      context.destination = try await environment.destination(task, localAddress)
    }
    if task.operation.needsSupportedModel, supported.isEmpty {
      await learnSupportedModel(mayAsk: true)
      context.supported = supported
    }
    let operation = AgentOperation(task.operation, context: context, ask: asking)
    let outcome = await operation.run()
    controller.counter.add(to: \.operations)
    let now = environment.now()
    var write = SessionWrite(
      deviceID: device.deviceID, deviceName: identity.name, session: token, at: now)
    let learned = operation.learned(now: now)
    if !learned.isEmpty { write.tree = learned }
    if case .refresh(let path) = task.operation, path.isEmpty || path == "Device.",
      case .done = outcome
    {
      write.isReadDone = true
    }
    write.tasks = [
      task.after(outcome, now: now, policy: policy, random: environment.random())
    ]
    if case .done = outcome {
      switch task.operation {
      case .cancelTransfer(let key):
        if let other = DeviceTask.id(ofCommandKey: key) { write.cancelledTransfers = [other] }
      case .setAttributes(let changes): write.desiredAttributes = changes
      default: break
      }
    }
    for object in operation.deletedObjects.dropFirst() { outdated.insert(object) }
    try await environment.store.commit(write)
    return true
  }
}

extension Operation {
  /// Whether it can't be carried out without knowing what the firmware supports.
  fileprivate var needsSupportedModel: Bool {
    switch self {
    case .refresh, .add, .get: true
    default: false
    }
  }
}
