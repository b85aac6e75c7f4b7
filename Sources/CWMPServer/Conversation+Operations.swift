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
      start(.refresh(path: ""), for: .reading, on: device)
    } else if isCredentialDue {
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

  /// Fetches what a task needs to know before its first message.
  func prepare(_ task: DeviceTask, _ policy: TaskPolicy, on device: AdmittedContact) {
    let localAddress = localAddress
    attempt("a task can't be prepared") { door -> (DownloadSource?, [String: ParameterType]) in
      switch task.operation {
      case .download(let order):
        return (try await door.environment.source(order, localAddress), [:])
      case .set(let assignments) where assignments.contains { $0.type == nil }:
        let tree = try await door.environment.store.tree(of: device.deviceID)
        return (nil, tree.types(of: assignments.map(\.path)))
      case .add(let object, let assignments) where assignments.contains { $0.type == nil }:
        let tree = try await door.environment.store.tree(of: device.deviceID)
        return (nil, tree.types(of: assignments.map(\.path), inInstancesOf: object))
      default:
        return (nil, [:])
      }
    } then: { conversation, prepared in
      conversation.start(
        task.operation, for: .task(task, policy), on: device, source: prepared.0, types: prepared.1)
    }
  }

  func start(
    _ operation: Operation, for purpose: Purpose, on device: AdmittedContact,
    source: DownloadSource? = nil, types: [String: ParameterType] = [:]
  ) {
    var commandKey = ""
    if case .task(let task, _) = purpose { commandKey = task.commandKey }
    self.purpose = purpose
    run = OperationRun(
      operation,
      context: OperationRun.Context(
        root: device.root, commandKey: commandKey, batchSize: device.batchSize,
        limits: door.settings.reading, types: types, source: source))
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

  /// What the present operation brings home.
  func write(for outcome: Outcome) -> SessionWrite? {
    guard let device, let run, let purpose else { return nil }
    let now = door.environment.now()
    let learned = run.learned(now: now)
    var write = SessionWrite(
      deviceID: device.deviceID, session: token, tree: learned.isEmpty ? nil : learned,
      batchSize: run.learnedBatchSize, at: now)
    if case .interrupted = outcome { write.batchSize = run.batchSizeAfterBreak }
    switch purpose {
    case .reading:
      switch outcome {
      case .done:
        write.isReadDone = true
      case .failed(let fault):
        write.events = [DeviceEvent("readFailed", ["code": fault.code, "text": fault.text])]
      case .accepted, .interrupted:
        break
      }
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
      case .interrupted:
        break
      }
    case .task(let task, let policy):
      if case .refresh(let path) = task.operation, path.isEmpty || path == device.root,
        case .done = outcome
      {
        write.isReadDone = true
      }
      write.tasks = [
        task.after(
          outcome, now: now, policy: policy,
          random: door.environment.random())
      ]
    }
    return write
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

extension [StoredParameter] {
  /// The types of parameters: as the device told them, else as the standard models say.
  fileprivate func types(of paths: [String]) -> [String: ParameterType] {
    let wanted = Set(paths)
    var types: [String: ParameterType] = [:]
    for path in wanted { types[path] = StandardModel.type(of: path) }
    for parameter in self where wanted.contains(parameter.path) && parameter.value != nil {
      types[parameter.path] = parameter.type
    }
    return types
  }

  /// The types of parameters of an instance that is still to be made, as other instances have them.
  /// - Parameter names: relative to the instance.
  fileprivate func types(of names: [String], inInstancesOf object: String) -> [String:
    ParameterType]
  {
    let wanted = Set(names)
    var types: [String: ParameterType] = [:]
    for name in wanted { types[name] = StandardModel.type(of: "\(object)1.\(name)") }
    for parameter in self where parameter.value != nil && parameter.path.hasPrefix(object) {
      let rest = parameter.path.dropFirst(object.count)
      guard let dot = rest.firstIndex(of: ".") else { continue }
      let name = String(rest[rest.index(after: dot)...])
      if wanted.contains(name) { types[name] = parameter.type }
    }
    return types
  }
}
