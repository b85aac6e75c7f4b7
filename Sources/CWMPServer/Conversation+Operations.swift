import CWMP
import Fleet
import FleetStore
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What this side does with the device once it is its turn.
extension Conversation {
  /// Chooses what to do next now that it is this side's turn.
  func startNext() {
    guard let device else {
      perform(session.next(nil))
      return
    }
    if isReadDue {
      isReadDue = false
      doubts = []
      repairs.clear()
      start(.refresh(path: ""), for: .reading, on: device)
    } else if !doubts.isEmpty {
      settleDoubts(on: device)
    } else if let object = repairs.next() {
      start(.refresh(path: object), for: .repair(object), on: device)
    } else if isCredentialDue, !device.root.isEmpty {
      isCredentialDue = false
      let credential = door.environment.credential(name)
      start(
        .set([
          Assignment(
            path: device.root + "ManagementServer.ConnectionRequestUsername",
            value: credential.username, type: .string),
          Assignment(
            path: device.root + "ManagementServer.ConnectionRequestPassword",
            value: credential.password, type: .string),
        ]), for: .credential, on: device)
    } else if isBindingCredentialDue {
      isBindingCredentialDue = false
      setBindingCredential(on: device)
    } else if isOwnCredentialDue, !device.root.isEmpty {
      isOwnCredentialDue = false
      giveOwnCredential(to: device)
    } else if device.hasOpenWork || hasNewWork.withLockedValue({ $0 }) {
      let token = token
      attempt("a task can't be claimed") { door in
        try await door.environment.store.claim(
          device.deviceID, session: token, now: door.environment.now())
      } then: { conversation, claimed in
        guard let claimed else {
          conversation.perform(conversation.session.next(nil))
          return
        }
        conversation.prepare(claimed.task, claimed.policy, on: device)
      }
    } else {
      perform(session.next(nil))
    }
  }

  /// Looks into the stored tree whether what the device told contradicts it.
  private func settleDoubts(on device: AdmittedContact) {
    let values = doubts
    doubts = []
    attempt("a device's tree can't be read") { door in
      let tree = try await door.environment.store.tree(of: device.deviceID)
      // What came with calls alone is no part of what the device has listed.
      return TreeKnowledge(tree.filter { $0.writable != nil }, root: device.root)
    } then: { conversation, tree in
      conversation.repairs.note(values, against: tree)
      conversation.startNext()
    }
  }

  /// Fetches what a task needs to know before its first message.
  func prepare(_ task: DeviceTask, _ policy: TaskPolicy, on device: AdmittedContact) {
    let localAddress = localAddress
    attempt("a task can't be prepared") { door -> Preparation in
      var preparation = Preparation()
      for file in task.operation.storedFiles {
        let order: DownloadOrder =
          if case .download(let order) = task.operation { order } else { DownloadOrder(file: file) }
        preparation.sources[file] = try await door.environment.source(order, localAddress)
      }
      if case .upload(let order) = task.operation, order.remote == nil {
        preparation.destination = try await door.environment.destination(task, localAddress)
      }
      if task.operation.needsTree {
        preparation.tree = TreeKnowledge(
          try await door.environment.store.tree(of: device.deviceID), root: device.root)
      }
      return preparation
    } then: { conversation, preparation in
      conversation.start(
        task.operation, for: .task(task, policy), on: device, with: preparation)
    }
  }

  /// What a task needs to know before its first message.
  struct Preparation {
    var tree: TreeKnowledge?
    var sources: [String: DownloadSource] = [:]
    var destination: String?
  }

  func start(
    _ operation: Operation, for purpose: Purpose, on device: AdmittedContact,
    with preparation: Preparation = Preparation()
  ) {
    var context = OperationRun.Context(
      root: device.root, batchSize: device.batchSize, limits: readingLimits,
      tree: preparation.tree, sources: preparation.sources, destination: preparation.destination)
    if case .task(let task, _) = purpose {
      context.commandKey = task.commandKey
      context.isReady = task.isReady
      context.olderResults = task.result?.olderResults
    }
    self.purpose = purpose
    run = OperationRun(operation, context: context)
    if let step = run?.begin() { take(step) }
  }

  func deliver(_ answer: Session.Answer) {
    guard let step = run?.received(answer) else {
      startNext()
      return
    }
    take(step)
  }

  func take(_ step: OperationRun.Step) {
    switch step {
    case .request(let request): perform(session.next(request))
    case .finished(let outcome): finish(outcome)
    }
  }

  /// Commits what an operation led to, then goes on.
  func finish(_ outcome: Outcome) {
    guard let write = write(for: outcome) else {
      startNext()
      return
    }
    if let size = run?.learnedBatchSize { device?.batchSize = size }
    if let root = write.root { device?.root = root }
    noteRepairs(after: outcome)
    noteBindingCredential(after: outcome)
    run = nil
    purpose = nil
    let loop = loop
    door.environment.store.commit(write) { result in
      loop.execute { [self] in
        guard !session.isOver else { return }
        switch result {
        case .success: startNext()
        case .failure(let error): giveUp(error)
        }
      }
    }
  }

  /// What the device's answers show about the stored tree.
  private func noteRepairs(after outcome: Outcome) {
    guard let run, let purpose else { return }
    switch purpose {
    case .repair(let object):
      if case .failed(let fault) = outcome, fault.isMissingPath { repairs.note(gone: object) }
    case .task(let task, _):
      repairs.note(missing: run.missingPaths)
      if case .get = task.operation {
        doubts = run.values.filter { TreeRepairs.mayShowChange($0) }
      }
    case .reading, .credential, .ownCredential, .bindingCredential:
      break
    }
  }

  /// What the present operation brings home.
  func write(for outcome: Outcome) -> SessionWrite? {
    guard let device, let run, let purpose else { return nil }
    let now = door.environment.now()
    let learned = run.learned(now: now)
    var write = SessionWrite(
      deviceID: device.deviceID, deviceName: name, session: token,
      tree: learned.isEmpty ? nil : learned,
      batchSize: run.learnedBatchSize, at: now)
    if case .interrupted = outcome { write.batchSize = run.batchSizeAfterBreak }
    switch purpose {
    case .reading:
      switch outcome {
      case .done:
        write.isReadDone = true
        if device.root.isEmpty, let names = run.reading?.names {
          write.root = RootDataModel(parameterNames: names.lazy.map(\.path))?.rawValue
        }
        if run.reading?.isCut == true {
          write.events = [
            DeviceEvent("readCut", ["limit": "\(door.settings.reading.parameters)"])
          ]
        }
      case .failed(let fault):
        write.events = [DeviceEvent("readFailed", ["code": fault.code, "text": fault.text])]
      case .accepted, .interrupted:
        break
      }
    case .repair:
      break
    case .credential:
      // The password that was set is nobody's business; the device shows an empty one anyway.
      write.tree = nil
      switch outcome {
      case .done, .accepted:
        write.credentialState = .set
      case .failed(let fault):
        write.credentialState = .refused
        write.events = [
          DeviceEvent("credentialRefused", ["code": fault.code, "text": fault.text])
        ]
      case .interrupted(let reason):
        // A device that breaks off whenever anything is set on it would otherwise never get to its tasks.
        if device.credentialState != .due {
          write.credentialState = .brokeOff
          write.events = [
            DeviceEvent("credentialRefused", ["code": "fairlead.interrupted", "text": reason])
          ]
        } else {
          write.credentialState = .tried
        }
      }
    case .bindingCredential:
      write.tree = nil
      if case .failed(let fault) = outcome {
        write.events = [
          DeviceEvent("bindingCredentialRefused", ["code": fault.code, "text": fault.text])
        ]
      }
    case .ownCredential:
      write.tree = nil
      record(outcome, ofOwnCredentialIn: &write)
    case .task(let task, let policy):
      if case .refresh(let path) = task.operation, path.isEmpty || path == device.root,
        case .done = outcome
      {
        write.isReadDone = true
      }
      var task = task
      if case .accepted = outcome { task = task.remembering(olderResults: run.older.digest) }
      write.tasks = [
        task.after(
          outcome, now: now, policy: policy,
          random: door.environment.random())
      ]
      guard case .done = outcome else { break }
      switch task.operation {
      case .cancelTransfer(let key):
        if let other = DeviceTask.id(ofCommandKey: key) { write.cancelledTransfers = [other] }
      case .setAttributes(let changes):
        write.desiredAttributes = changes
      default: break
      }
    }
    return write
  }

  /// Commits what the device's older session had learned; under the older token it would be refused.
  func adopt(_ learned: SessionWrite) {
    guard !isOver, let device else { return }
    if let size = learned.batchSize { self.device?.batchSize = min(device.batchSize, size) }
    if let state = learned.credentialState {
      self.device?.credentialState = state
      isCredentialDue = isCredentialDue && state.isDue
    }
    if learned.ownCredential != nil { isOwnCredentialDue = false }
    var write = learned
    write.session = token
    // What a task of the older session comes to was decided when this one began.
    write.tasks = []
    write.at = door.environment.now()
    let door = door
    let name = name
    door.environment.store.commit(write) { result in
      if case .failure(let error) = result, error.code != .superseded {
        door.logger.error(
          "what an older session brought is lost",
          metadata: ["device": "\(name)", "error": "\(error)"])
      }
    }
  }

  /// Commits what a session that ends early has brought so far.
  func breakOff(reason: String) {
    guard let write = write(for: .interrupted(reason: reason)) else { return }
    run = nil
    purpose = nil
    let door = door
    let name = name
    door.environment.store.commit(write) { result in
      if case .failure(let error) = result, error.code != .superseded {
        door.logger.error(
          "what a broken session brought is lost",
          metadata: ["device": "\(name)", "error": "\(error)"])
      }
    }
  }
}

extension Fleet.Operation {
  /// Whether its messages depend on what is stored of the device's tree.
  var needsTree: Bool {
    func isAddressed(_ path: String) -> Bool {
      path.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "[") }
    }
    return switch self {
    case .get(let paths), .getAttributes(let paths): paths.contains(where: isAddressed)
    case .set(let values): values.contains { $0.type == nil || isAddressed($0.path) }
    case .add(let object, let values):
      isAddressed(object) || values.contains { $0.type == nil }
    case .delete(let object), .refresh(let object): isAddressed(object)
    case .setAttributes(let changes): changes.contains { isAddressed($0.path) }
    case .diagnose: true
    default: false
    }
  }
}
