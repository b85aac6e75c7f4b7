import CWMP
import Cryptography
import Fleet
import FleetStore
import Logging
import NIOCore
import NIOHTTP1

/// One CWMP session as the door conducts it: drives ``Session``, asks the store, and runs operations.
///
/// `@unchecked Sendable`: all of its state is touched on its event loop only. What other threads hold is the reference; every entry
/// point is either called on the loop or hops onto it first.
final class Conversation: @unchecked Sendable {
  /// What the present operation is for.
  private enum Purpose {
    case reading
    case credential
    case task(DeviceTask, TaskPolicy)
  }

  let loop: any EventLoop
  /// The text that the device returns in its cookie; it can't be guessed, and whoever has it goes on with the session.
  let cookie = SecureRandom.token(bytes: 16)
  private let token = Int64.random(in: 1...Int64.max)
  private let door: Door
  private let principal: String?
  private let isAuthenticated: Bool
  private let peer: String
  /// The server's own address as the device reached it.
  private let localAddress: String
  private let began: NIODeadline
  private(set) var lastActivity: NIODeadline

  private var session: Session
  private var device: AdmittedContact?
  private(set) var name = ""
  /// The session that the device began in the midst of this one.
  private(set) var successor: Conversation?
  private var reply: ((DoorReply) -> Void)?
  private var hasSentCookie = false
  private var run: OperationRun?
  private var purpose: Purpose?
  private var isReadDue = false
  private var isCredentialDue = false

  init(
    door: Door, loop: any EventLoop, principal: String?, isAuthenticated: Bool, peer: String,
    localAddress: String
  ) {
    self.door = door
    self.loop = loop
    self.principal = principal
    self.isAuthenticated = isAuthenticated
    self.peer = peer
    self.localAddress = localAddress
    session = Session(limits: door.settings.session)
    began = .now()
    lastActivity = began
  }

  var isOver: Bool { session.isOver }

  /// Takes what one POST carried.
  /// - Parameter reply: called once, on the loop, when the answer may leave.
  func received(_ input: Session.Input, reply: @escaping (DoorReply) -> Void) {
    loop.preconditionInEventLoop()
    lastActivity = .now()
    if case .envelope(let envelope) = input, session.isOtherInform(envelope) {
      startAgain(input, reply: reply)
      return
    }
    guard self.reply == nil else {
      // The device did not wait for the answer to its last message; that answer must not go to the wrong request.
      reply(.refused(.badRequest))
      return
    }
    self.reply = reply
    perform(session.received(input))
  }

  /// The device has given up on this session and begins another over the same connection or with the same cookie.
  private func startAgain(_ input: Session.Input, reply: @escaping (DoorReply) -> Void) {
    let next = Conversation(
      door: door, loop: loop, principal: principal, isAuthenticated: isAuthenticated, peer: peer,
      localAddress: localAddress)
    perform(session.superseded())
    guard door.table.add(next) else {
      reply(.busy(retryAfter: door.retryDelay()))
      return
    }
    successor = next
    next.received(input, reply: reply)
  }

  /// Work for the device has been ordered while its session is open.
  func noteWork() {
    loop.execute { [self] in device?.hasOpenWork = true }
  }

  /// Ends the session because the device has begun a newer one.
  func supersede() {
    loop.execute { [self] in perform(session.superseded()) }
  }

  /// Ends the session if the device has been silent for too long, or the session goes on for too long.
  func expire(now: NIODeadline) {
    loop.preconditionInEventLoop()
    guard !session.isOver, reply == nil else { return }
    if now - lastActivity > door.settings.sessionTimeout
      || now - began > door.settings.maxSessionLength
    {
      door.logger.info(
        "a session timed out", metadata: ["device": "\(name)", "peer": "\(peer)"])
      perform(session.timedOut())
    }
  }

  // MARK: - Actions

  private func perform(_ action: Session.Action) {
    switch action {
    case .commitContact(let inform, _): commit(inform)
    case .commitNotice(let request): commit(request)
    case .askNext: startNext()
    case .deliver(let answer): deliver(answer)
    case .reply(let envelope): send(envelope)
    case .finish:
      breakOff(reason: "the session has reached its limit of requests")
      end()
      answer(.empty)
    case .reject(let reason):
      door.logger.notice(
        "a message was refused",
        metadata: ["device": "\(name)", "peer": "\(peer)", "reason": "\(reason)"])
      breakOff(reason: "the device sent a message that could not be taken: \(reason)")
      end()
      answer(.refused(.badRequest))
    case .abandoned:
      breakOff(reason: "the session ended before the device answered")
      end()
      answer(.refused(.badRequest))
    case .none:
      break
    }
  }

  private func answer(_ reply: DoorReply) {
    guard let waiting = self.reply else { return }
    self.reply = nil
    lastActivity = .now()
    var reply = reply
    if !hasSentCookie, !session.isOver {
      reply.cookie = cookie
      hasSentCookie = true
    }
    waiting(reply)
  }

  private func send(_ envelope: Envelope) {
    if session.isOver { end() }
    answer(DoorReply(status: .ok, body: door.encoded(envelope)))
  }

  private func end() {
    door.table.remove(self, device: device?.deviceID)
  }

  // MARK: - Contact

  private func commit(_ inform: Inform) {
    let contact = Contact(
      inform, session: token, address: peer, now: door.environment.now())
    name = contact.identity.name
    guard !inform.deviceID.serialNumber.isEmpty else {
      door.logger.notice(
        "a device without a serial number was refused", metadata: ["peer": "\(peer)"])
      perform(session.contactRefused(Fault(.acsInvalidArguments)))
      return
    }
    guard isAllowed(name) else {
      door.logger.warning(
        "a device claimed an identity that its credential does not cover",
        metadata: [
          "device": "\(name)", "credential of": "\(principal ?? "any device")", "peer": "\(peer)",
        ])
      perform(session.contactRefused(Fault(.acsRequestDenied)))
      return
    }
    let loop = loop
    door.environment.store.admit(contact, mayCreate: door.settings.enrolment != .known) { result in
      loop.execute { [self] in admitted(contact, result) }
    }
  }

  private func isAllowed(_ name: String) -> Bool {
    switch door.settings.enrolment {
    case .open: true
    case .shared: isAuthenticated && (principal == nil || principal == name)
    case .known: isAuthenticated && principal == name
    }
  }

  private func admitted(_ contact: Contact, _ result: Result<AdmittedContact, StoreError>) {
    guard !session.isOver else { return }
    switch result {
    case .success(let admitted):
      device = admitted
      isReadDue = admitted.isReadDue
      let isHeartbeat = contact.reasons.contains(.heartbeat)
      isCredentialDue =
        !isHeartbeat && admitted.credentialState == .due && door.settings.provisionsCredential
      door.table.claim(admitted.deviceID, for: self)?.supersede()
      if admitted.hasOpenWork || contact.reasons.contains(.connectionRequest) {
        door.environment.contacted(admitted.deviceID)
      }
      guard admitted.hasOpenWork else {
        perform(session.contactCommitted())
        return
      }
      attempt("what a contact shows about tasks can't be stored") { door in
        try await door.environment.store.observe(
          contact, of: admitted.deviceID, softwareVersion: admitted.softwareVersion)
      } then: { conversation, _ in
        conversation.perform(conversation.session.contactCommitted())
      }
    case .failure(let error) where error.code == .unknownDevice:
      door.logger.notice(
        "an unknown device was refused", metadata: ["device": "\(name)", "peer": "\(peer)"])
      perform(session.contactRefused(Fault(.acsRequestDenied)))
    case .failure(let error):
      giveUp(error)
    }
  }

  /// Commits what the device tells besides its Inform, then acknowledges it.
  private func commit(_ notice: Request) {
    guard let device, let response = Response(acknowledging: notice) else {
      perform(session.noticeRefused(Fault(.acsMethodNotSupported)))
      return
    }
    let token = token
    attempt("what a device told can't be stored") { door in
      let now = door.environment.now()
      if case .transferComplete(let complete) = notice {
        try await door.environment.store.observe(
          TransferReport(
            commandKey: complete.commandKey, fault: complete.fault.map { OperationFault($0) }),
          of: device.deviceID, session: token, softwareVersion: device.softwareVersion, now: now,
          random: door.environment.random())
      }
      try await door.environment.store.commit(
        SessionWrite(
          deviceID: device.deviceID, session: token, events: [DeviceEvent(notice)], at: now))
    } then: { conversation, _ in
      conversation.perform(conversation.session.noticeCommitted(response))
    }
  }

  // MARK: - Operations

  /// Chooses what to do next now that it is this side's turn.
  private func startNext() {
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
    } else if device.hasOpenWork {
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
  private func prepare(_ task: DeviceTask, _ policy: TaskPolicy, on device: AdmittedContact) {
    let localAddress = localAddress
    attempt("a task can't be prepared") { door -> (DownloadSource?, [String: ParameterType]) in
      switch task.operation {
      case .download(let order):
        return (try await door.environment.source(order, localAddress), [:])
      case .set(let assignments) where assignments.contains { $0.type == nil }:
        let tree = try await door.environment.store.tree(of: device.deviceID)
        let wanted = Set(assignments.map(\.path))
        var types: [String: ParameterType] = [:]
        for parameter in tree where wanted.contains(parameter.path) {
          types[parameter.path] = parameter.type
        }
        return (nil, types)
      default:
        return (nil, [:])
      }
    } then: { conversation, prepared in
      conversation.start(
        task.operation, for: .task(task, policy), on: device, source: prepared.0, types: prepared.1)
    }
  }

  private func start(
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

  private func deliver(_ answer: Session.Answer) {
    guard let step = run?.received(answer) else {
      startNext()
      return
    }
    take(step)
  }

  private func take(_ step: OperationRun.Step) {
    switch step {
    case .request(let request): perform(session.next(request))
    case .finished(let outcome): finish(outcome)
    }
  }

  /// Commits what an operation led to, then goes on.
  private func finish(_ outcome: Outcome) {
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
  private func write(for outcome: Outcome) -> SessionWrite? {
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
      write.tasks = [
        task.after(
          outcome, now: now, policy: policy,
          random: door.environment.random())
      ]
    }
    return write
  }

  /// Commits what a session that ends early has brought so far.
  private func breakOff(reason: String) {
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

  // MARK: - The store

  /// Runs work of the store off the loop and goes on, on the loop, with what it returns.
  private func attempt<Value: Sendable>(
    _ failure: String, _ work: @escaping @Sendable (Door) async throws -> Value,
    then next: @escaping @Sendable (Conversation, Value) -> Void
  ) {
    let loop = loop
    let door = door
    Task {
      let result: Result<Value, any Error>
      do {
        result = .success(try await work(door))
      } catch {
        result = .failure(error)
      }
      loop.execute { [self] in
        guard !session.isOver else { return }
        switch result {
        case .success(let value): next(self, value)
        case .failure(let error):
          giveUp(error as? StoreError ?? StoreError(.database, "\(failure): \(error)"))
        }
      }
    }
  }

  /// Ends the session because the store can't take or give what it needs; the device comes again later.
  private func giveUp(_ error: StoreError) {
    if error.code == .superseded {
      perform(session.superseded())
      return
    }
    door.logger.error(
      "a session can't go on",
      metadata: ["device": "\(name)", "peer": "\(peer)", "error": "\(error)"])
    _ = session.timedOut()
    run = nil
    purpose = nil
    end()
    answer(.busy(retryAfter: door.retryDelay()))
  }
}

extension Response {
  /// The response that says no more than that the request has arrived; nil for requests that no CPE may send.
  fileprivate init?(acknowledging request: Request) {
    switch request {
    case .transferComplete: self = .transferComplete
    case .autonomousTransferComplete: self = .autonomousTransferComplete
    case .duStateChangeComplete: self = .duStateChangeComplete
    case .autonomousDUStateChangeComplete: self = .autonomousDUStateChangeComplete
    case .requestDownload: self = .requestDownload
    case .kicked(let kicked): self = .kicked(nextURL: kicked.next)
    default: return nil
    }
  }
}

extension DeviceEvent {
  fileprivate init(_ notice: Request) {
    switch notice {
    case .transferComplete(let complete):
      var detail = ["commandKey": complete.commandKey, "completeTime": complete.completeTime]
      if let fault = complete.fault {
        detail["code"] = "cwmp.\(fault.code)"
        detail["text"] = fault.text
      }
      self.init("transferComplete", detail)
    case .autonomousTransferComplete: self.init("autonomousTransferComplete")
    case .duStateChangeComplete: self.init("duStateChangeComplete")
    case .autonomousDUStateChangeComplete: self.init("autonomousDUStateChangeComplete")
    case .requestDownload: self.init("requestDownload")
    case .kicked: self.init("kicked")
    default: self.init("notice")
    }
  }
}
