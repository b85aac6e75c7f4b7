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
          do {
            try await read("")
          } catch {
            isReadDue = true
            throw error
          }
        } else if let object = outdated.popFirst() {
          do {
            try await read(object)
          } catch {
            outdated.insert(object)
            throw error
          }
        } else if hasWork {
          hasWork = false
          if try await runNextTask() { hasWork = true }
        } else {
          return
        }
      } catch let error as StoreError where error.code == .superseded {
        guard await resume() else { return }
      } catch {
        note("work for an agent can't go on", error)
        // What was begun under the present token can be begun again only under another one.
        guard hasClaimed || (error as? StoreError)?.mayPass == true, await resume(isAnew: true)
        else { return }
      }
    }
  }

  /// A line about what could not be stored, as far as lines go.
  func note(_ message: Logger.Message, _ error: any Error) {
    controller.refusals.note(
      message, peer: link.peerAddress, level: .error,
      ["agent": "\(agentName)", "error": "\(error)"])
    guard let error = error as? StoreError else { return }
    switch error.code {
    case .unknownDevice: refuse("the device is not known any more")
    case .unproven:
      refuse("the device has a credential of its own, and the agent did not show it")
    default: break
    }
  }

  /// Another session of the device has begun since; this link goes on when that is over. Whoever asks meanwhile waits for the same.
  /// - Parameter isAnew: take another token also where none else has begun.
  /// - Returns: false where the link has closed meanwhile, or the agent has another one.
  func resume(isAnew: Bool = false) async -> Bool {
    let before = token
    while let resumption {
      let isResumed = await resumption.value
      if !isResumed || !isAnew || token != before { return isResumed }
    }
    let task = Task {
      let isResumed = await takeBack(isAnew: isAnew)
      resumption = nil
      return isResumed
    }
    resumption = task
    return await task.value
  }

  private func takeBack(isAnew: Bool) async -> Bool {
    let original = token
    while !isClosed, isRecognised, let device {
      do {
        let now = controller.environment.now()
        let holder = try await controller.environment.store.sessionHolder(
          of: device.deviceID, now: now)
        guard !isClosed, isRecognised else { return false }
        guard let holder else {
          refuse("the device is not known any more")
          return false
        }
        if holder.session == token, token != original || !isAnew { return true }
        let isOwn = holder.session == token || holder.session == original
        if !isOwn, holder.session != 0, holder.protocolName == "usp" {
          controller.refusals.note(
            "an agent has another link", peer: link.peerAddress, ["agent": "\(agentName)"])
          close(.refused("the agent has another link"))
          return false
        }
        await pause()
        guard !isClosed, isRecognised else { return false }
        let later = try await controller.environment.store.sessionHolder(
          of: device.deviceID, now: controller.environment.now())
        // A session that is at a task would have to repeat it.
        if let later, !isOwn, later.isWorking { continue }
        guard later?.session == holder.session, !isClosed, isRecognised else { continue }
        token = Int64.random(in: 1...Int64.max)
        try await contact(
          [.other], words: ["Resume"], keys: [], values: [:], now: controller.environment.now())
        noteStay()
        hasWork = true
        return true
      } catch let error as StoreError where error.mayPass || error.code == .superseded {
        await pause()
      } catch {
        giveUp(error)
        return false
      }
    }
    return false
  }

  private func pause() async {
    let now = controller.environment.now()
    let isAgain = lastResumed.map { now - $0 < Self.resumeMemory } ?? false
    resumePause = isAgain ? min(resumePause * 2, Self.longestPause) : Self.firstPause
    try? await Task.sleep(for: .seconds(resumePause))
    lastResumed = controller.environment.now()
  }

  /// Seconds that are left to another session of the device: most last less than one. Where they come again and again, more.
  private static let firstPause = 2.0
  private static let longestPause = 60.0
  private static let resumeMemory = 120.0

  // MARK: - Reading

  private func read(_ path: String) async throws {
    guard let device, let identity else { return }
    if supported.isEmpty { await learnAnew() }
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

  /// Learns what the firmware supports, and asks to be told of what is in it.
  private func learnAnew() async {
    await learnSupportedModel(mayAsk: true)
    if !supported.isEmpty { await subscribe() }
  }

  // MARK: - Tasks

  /// - Returns: false where nothing is due.
  private func runNextTask() async throws -> Bool {
    hasClaimed = false
    guard let device, let identity else { return false }
    let environment = controller.environment
    guard
      let (task, policy) = try await environment.store.claim(
        device.deviceID, session: token, now: environment.now())
    else { return false }
    hasClaimed = true
    // Agents know no transfers that they begin later, but for the start of firmware.
    if task.operation.isDelayedHere,
      let delayed = task.delayed(now: environment.now(), policy: policy)
    {
      try await environment.store.commit(
        SessionWrite(
          deviceID: device.deviceID, deviceName: identity.name, session: token, tasks: [delayed],
          at: environment.now()))
      hasClaimed = false
      return true
    }
    var context = context()
    context.commandKey = task.commandKey
    context.changesMade = task.changesMade
    let hindrance = try await nameFiles(of: task, in: &context)
    if task.operation.needsSupportedModel, supported.isEmpty {
      await learnAnew()
      context.supported = supported
    }
    let operation = AgentOperation(task.operation, context: context, ask: asking)
    let outcome: Outcome =
      if let hindrance { .failed(hindrance) } else { await operation.run() }
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
    hasClaimed = false
    return true
  }

  /// Finds out where the device fetches and sends the files of a task.
  /// - Returns: why nobody can tell the device; nil where that is known.
  private func nameFiles(
    of task: DeviceTask, in context: inout AgentOperation.Context
  ) async throws -> OperationFault? {
    let (environment, localAddress) = (controller.environment, link.localAddress)
    do {
      for file in task.operation.storedFiles {
        let order: DownloadOrder =
          if case .download(let order) = task.operation { order } else { DownloadOrder(file: file) }
        context.sources[file] = try await environment.source(order, localAddress)
      }
      if case .upload(let order) = task.operation, order.remote == nil {
        context.destination = try await environment.destination(task, localAddress)
      }
      return nil
    } catch let error as UnknownFileAddress {
      return OperationFault(code: "fairlead.noFileAddress", text: "\(error)")
    }
  }
}

extension StoreError {
  /// Whether the same is worth another try.
  fileprivate var mayPass: Bool { code == .unavailable || code == .overloaded }
}

extension Operation {
  /// Whether it is begun only after its delay, since no agent can be told to wait.
  fileprivate var isDelayedHere: Bool {
    switch self {
    case .upload: true
    case .download(let order): order.fileType != DownloadOrder.firmwareUpgradeImage
    default: false
    }
  }

  /// Whether it can't be carried out without knowing what the firmware supports.
  fileprivate var needsSupportedModel: Bool {
    switch self {
    case .refresh, .add, .get, .changeSoftware: true
    default: false
    }
  }
}
