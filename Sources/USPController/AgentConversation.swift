import Fleet
import FleetStore
import Logging
import Metrics
import NIOCore
import Refusals
import Synchronization
import USP
import USPTransports

/// What this controller has to do with one agent over one link, from the first Record to the last.
///
/// It lives on the link's event loop, which is its executor: no state is touched elsewhere.
actor AgentConversation: LinkReceiver {
  /// An answer that somebody waits for.
  typealias Waiting = CheckedContinuation<AgentAnswer, Never>

  nonisolated let link: any Link
  nonisolated let controller: ControllerCore
  /// Whether this side has called.
  nonisolated let isDialled: Bool
  nonisolated private let executor: any SerialExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// When a Record came last, in seconds since 1970; read elsewhere too.
  nonisolated private let lastHeard: Atomic<Double>
  nonisolated var heardAt: Double { lastHeard.load(ordering: .relaxed) }
  /// When the agent was last asked whether it is there, since it was silent.
  private var probedAt = 0.0
  private var isProbing = false

  var exchange: RecordExchange
  /// The part of ``ControllerCore/held`` that the exchange has.
  private var exchangeBytes = 0
  private(set) var endpoint: EndpointID?
  /// The versions of USP that the agent speaks; nil until it has told.
  var versions: [String]?
  private var pending = PendingRequests<Waiting>()
  private var timer: Scheduled<Void>?
  private var timerAt: Double?
  private var lastMessage: UInt64 = 0
  private(set) var isClosed = false
  private var hasBegun = false
  /// Under which it waits for its turn of being got to know.
  nonisolated let ticket: OnboardingGate.Ticket
  /// Whether it is known which device the agent is in, since it connected last.
  var isRecognised = false
  /// Whether the agent has said that it leaves, and nothing since.
  private var hasLeft = false
  /// Getting to know the agent; nil: nobody is at it.
  private var recognition: Task<Void, Never>?
  private var beginnings = 0

  /// The token under which the store knows this link; a newer contact of the device makes it void.
  var token = Int64.random(in: 1...Int64.max)
  var device: AdmittedContact?
  var identity: DeviceIdentity?
  var controllerPath = ""
  var supported = SupportedObjects()
  /// By what the agent has proved which device it is in.
  var proof = ContactProof.nothing
  /// Notifications that wait to be stored, in the order in which they came, and how many bytes each has.
  var notices: [(message: USPMsg, bytes: Int)] = []
  /// Of all of them.
  var noticeBytes = 0
  var notificationRate: NotificationRate
  var isStoring = false
  var recent = RecentMessages()
  /// Whether there may be work for the device.
  var hasWork = false
  var isWorking = false
  /// When the device began to run, as it told when it connected, in seconds since 1970.
  var bootedAt: Double?
  /// Whether a Boot! has come over this link since the agent connected.
  var hasSeenBoot = false
  /// Whether the agent's table of requests is being looked through.
  var isLookingForEnds = false
  /// When the link went on after another session of the device, in seconds since 1970, and the pause before.
  var lastResumed: Double?
  var resumePause = 0.0
  var resumption: Task<Bool, Never>?
  /// Whether a task was taken whose end is not stored yet.
  var hasClaimed = false
  /// The task whose new firmware the agent was last told to start, and what it said.
  var activation: (task: DeviceTask.ID, fault: OperationFault?)?
  /// Whether the supported model is this agent's own: it has installed something.
  var hasOwnModel = false
  /// Whether the agent has told of a change of its software by the event for it.
  var tellsOfSoftware = false
  /// Objects of which the stored tree is out of date.
  var outdated: Set<String> = []
  /// Whether the whole tree is to be read.
  var isReadDue = false

  init(link: any Link, controller: ControllerCore, isDialled: Bool = false) {
    self.link = link
    self.isDialled = isDialled
    self.controller = controller
    ticket = controller.onboarding.ticket()
    lastHeard = Atomic(controller.environment.now())
    executor = link.eventLoop.executor
    let settings = controller.settings
    var configuration = RecordExchange.Configuration(
      own: settings.endpoint, peer: link.claimedEndpoint)
    configuration.sessionMode = settings.sessionMode
    configuration.limits = settings.limits
    configuration.maxRecordSize = settings.maxRecordSize
    configuration.mqttVersion = (link as? BrokerLink)?.mqttVersion
    exchange = RecordExchange(configuration)
    notificationRate = NotificationRate(
      perSecond: settings.notificationRate, burst: settings.maxNotifications)
    endpoint = link.claimedEndpoint
  }

  // MARK: - The link

  nonisolated func received(_ record: [UInt8]) {
    assumeIsolated { $0.take(record) }
  }

  nonisolated func closed(_ why: String) {
    assumeIsolated { $0.end(why) }
  }

  /// Ends the link from this side.
  func close(_ reason: LinkClosing) {
    guard !isClosed else { return }
    link.close(reason)
    end("this side has ended the link")
  }

  /// Whoever waits for an answer learns that none will come.
  private func end(_ why: String) {
    guard !isClosed else { return }
    isClosed = true
    timer?.cancel()
    timer = nil
    controller.onboarding.withdraw(ticket)
    controller.table.remove(self, endpoint: endpoint, device: device?.deviceID)
    noteLeave()
    for (_, waiting) in pending.takeAll() { waiting.resume(returning: .broken(reason: why)) }
    dropNotices()
    controller.held.giveBack(exchangeBytes)
    exchangeBytes = 0
    controller.counter.add(to: \.closedLinks)
  }

  private func take(_ record: [UInt8]) {
    guard !isClosed else { return }
    controller.counter.add(to: \.recordsIn)
    let now = controller.environment.now()
    lastHeard.store(now, ordering: .relaxed)
    perform(exchange.received(record, now: now))
    noteHeldBytes()
  }

  /// What came too early, and what is not there in full, has its place among all that agents make this side hold.
  private func noteHeldBytes() {
    guard !isClosed else { return }
    let bytes = exchange.heldBytes
    if bytes > exchangeBytes, !controller.held.take(bytes - exchangeBytes) {
      return close(.refused("there is no room for its unfinished messages (usp.maxHeld)"))
    }
    if bytes < exchangeBytes { controller.held.giveBack(exchangeBytes - bytes) }
    exchangeBytes = bytes
  }

  private func perform(_ events: [RecordExchange.Event]) {
    for event in events {
      guard !isClosed else { return }
      switch event {
      case .send(let record):
        controller.counter.add(to: \.recordsOut)
        link.send(record)
      case .peer(let peer): meet(peer)
      case .connected: begin(isAnew: true)
      case .message(let message, let bytes):
        begin()
        take(message, bytes: bytes)
      case .disconnected(let reason, let code):
        controller.logger.debug(
          "an agent has said that it leaves",
          metadata: ["agent": "\(agentName)", "reason": "\(reason)", "code": "\(code)"])
        for (_, waiting) in pending.takeAll() {
          waiting.resume(returning: .broken(reason: "the agent has left: \(reason)"))
        }
        leave()
      case .refused(let fault, let isUndecodable, let response):
        controller.counter.add(to: \.refusedRecords)
        controller.refusals.note(
          "a Record was refused", peer: link.peerAddress,
          ["agent": "\(agentName)", "reason": "\(fault)"])
        if let response, let waiting = pending.take(response) {
          let limits =
            fault.code == .resourcesExceeded
            ? "; usp.maxMessage and usp.maxItems bound what is taken" : ""
          waiting.resume(
            returning: .broken(reason: "the agent's answer can't be taken: \(fault.text)\(limits)"))
        }
        if isUndecodable, !link.kind.hasBroker { close(.undecodable) }
      case .deadPeer(let why):
        controller.refusals.note(
          "an agent's session context can't go on", peer: link.peerAddress,
          ["agent": "\(agentName)", "reason": "\(why)"])
        close(.refused(why))
      }
    }
    setTimer()
  }

  var agentName: String { identity?.name ?? endpoint?.text ?? link.peerAddress }

  // MARK: - Who it is

  /// The agent has said who it is, in its first Record or before.
  private func meet(_ peer: EndpointID) {
    if let endpoint, endpoint != peer {
      return refuse("the Records are of another endpoint than the link: \(peer)")
    }
    if case .certificate(let endpoints) = link.proof, !endpoints.isEmpty,
      !endpoints.contains(peer)
    {
      return refuse("the certificate is not that of \(peer)")
    }
    endpoint = peer
  }

  func refuse(_ why: String) {
    controller.counter.add(to: \.refusedAgents)
    controller.refusals.note(
      "an agent was refused", peer: link.peerAddress,
      ["agent": "\(agentName)", "reason": "\(why)"])
    close(.refused(why))
  }

  /// Begins from this side, with an agent that has said nothing yet.
  /// - Returns: whether it has told which device it is in.
  func approach() async -> Bool {
    begin()
    await recognition?.value
    return isRecognised && !isClosed
  }

  /// Nothing is asked of an agent that has left, through a broker without anybody's noticing, until it speaks again.
  private func leave() {
    guard isRecognised else { return }
    hasLeft = true
    hasBegun = false
    isRecognised = false
    controller.table.leave(self, device: device?.deviceID)
    noteLeave()
  }

  /// All nodes are to know that the agent is connected to this one.
  func noteStay() {
    guard let device, let endpoint, !isClosed else { return }
    controller.presence.begin(
      AgentStay(
        device: device.deviceID, session: token, endpoint: endpoint.text,
        transport: link.kind.rawValue, since: controller.environment.now()),
      over: ObjectIdentifier(self))
  }

  /// All nodes are to know that it is not any more.
  func noteLeave() {
    guard let device else { return }
    controller.presence.end(
      device.deviceID, over: ObjectIdentifier(self), at: controller.environment.now())
  }

  /// - Parameter isAnew: the agent has just connected. Through a broker it does so over the link that it had before, perhaps with
  ///   another firmware.
  private func begin(isAnew: Bool = false) {
    guard !isClosed, !hasBegun || isAnew && isRecognised else { return }
    // Whoever has named itself in the handshake is not met in a Record.
    if !hasBegun, let endpoint { meet(endpoint) }
    guard !isClosed else { return }
    hasBegun = true
    hasLeft = false
    isRecognised = false
    // What came before its connect record is of the life before.
    if isAnew { hasSeenBoot = false }
    for (_, waiting) in pending.takeAll() {
      waiting.resume(returning: .broken(reason: "the agent has connected anew"))
    }
    beginnings += 1
    let number = beginnings
    recognition = Task {
      await getToKnow()
      // A task that has ended keeps 4 KB for as long as somebody holds it.
      if number == beginnings { recognition = nil }
    }
  }

  // MARK: - Messages

  private func take(_ message: USPMsg, bytes: Int) {
    trace(message, isFromDevice: true)
    if let request = message.request {
      take(request, message, bytes: bytes)
      return
    }
    guard let waiting = pending.take(message.id) else { return }
    if let response = message.response {
      waiting.resume(returning: .response(response))
    } else if let failure = message.failure {
      waiting.resume(returning: .error(failure))
    } else {
      waiting.resume(returning: .broken(reason: "the agent's answer is empty"))
    }
  }

  private func take(_ request: USPRequest.OneOf_ReqType, _ message: USPMsg, bytes: Int) {
    switch request {
    case .notify(let notify): take(notify, message, bytes: bytes)
    case .getSupportedProtocol(let asked):
      versions = asked.controllerSupportedProtocolVersions.versionList
      var response = USPGetSupportedProtocolResp()
      response.agentSupportedProtocolVersions = ControllerCore.versions
      send(.response(to: message.id, .getSupportedProtocolResp(response)))
    default:
      // This controller has no data model of its own, and is no broker of services (TR-369 R-REG).
      send(.error(to: message.id, .messageNotSupported))
    }
  }

  func send(_ message: USPMsg) {
    guard !isClosed else { return }
    trace(message, isFromDevice: false)
    perform(exchange.send(message, now: controller.environment.now()))
  }

  private func trace(_ message: USPMsg, isFromDevice: Bool) {
    guard let traces = controller.environment.traces, let device,
      traces.isTraced(device.deviceID)
    else { return }
    traces.record(
      TracedMessage(
        device: device.deviceID, session: token, isFromDevice: isFromDevice,
        address: link.peerAddress,
        head: "\(message.typeOfBody.name) \(message.id) (\(link.kind.rawValue))",
        body: message.redactedJSON, at: controller.environment.now()))
  }

  /// Sends a request and waits for its answer, until the link closes or the time is over.
  /// - Parameter seconds: no longer than any request may take; nil: that long.
  func ask(
    _ request: USPRequest.OneOf_ReqType, within seconds: Double? = nil
  ) async -> AgentAnswer {
    guard !isClosed else { return .broken(reason: "the link has closed") }
    guard !hasLeft else { return .broken(reason: "the agent has left") }
    lastMessage += 1
    let id = "fairlead-\(UInt64(bitPattern: token))-\(lastMessage)"
    let start = NIODeadline.now()
    let answer: AgentAnswer = await withCheckedContinuation { continuation in
      let patience = controller.settings.requestTimeout
      let deadline = controller.environment.now() + min(patience, seconds ?? patience)
      guard pending.add(id, continuation, deadline: deadline) else {
        continuation.resume(returning: .broken(reason: "too many requests wait for the agent"))
        return
      }
      controller.counter.add(to: \.requests)
      send(.request(id: id, request))
      setTimer()
    }
    switch answer {
    case .response, .error:
      Self.answerTime.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
    case .broken: break
    }
    return answer
  }

  private static let answerTime = Metrics.Timer(label: "fairlead_usp_request_seconds")

  // MARK: - Time

  private func setTimer() {
    guard !isClosed else { return }
    let wanted = [pending.nextDeadline, exchange.nextTimer, nextProbe].compactMap(\.self).min()
    guard wanted != timerAt else { return }
    // A deadline that has moved away is met by the timer that is there, which looks again.
    if let timerAt, let wanted, timerAt <= wanted { return }
    timer?.cancel()
    timer = nil
    timerAt = wanted
    guard let wanted else { return }
    let delay = max(0.001, wanted - controller.environment.now())
    timer = link.eventLoop.scheduleTask(in: .milliseconds(Int64((delay * 1_000).rounded(.up)))) {
      self.assumeIsolated { $0.timerFired() }
    }
  }

  private func timerFired() {
    timer = nil
    timerAt = nil
    guard !isClosed else { return }
    let now = controller.environment.now()
    let unanswered = pending.expired(now: now)
    for (_, waiting) in unanswered {
      controller.counter.add(to: \.unanswered)
      waiting.resume(
        returning: .broken(
          reason: "the agent did not answer within \(controller.settings.requestTimeout) s"))
    }
    // Nobody tells when an agent behind a broker has gone.
    if !unanswered.isEmpty, link.kind.hasBroker { return close(.timedOut) }
    if let nextProbe, nextProbe <= now { probeSilence(now: now) }
    perform(exchange.timerFired(now: now))
    noteHeldBytes()
    setTimer()
  }

  /// When the agent has been silent for so long that it is asked whether it is there; nil where its transport tells.
  var nextProbe: Double? {
    let interval = controller.settings.probeInterval
    guard interval > 0, link.kind.hasBroker, isRecognised, !isProbing else { return nil }
    return max(heardAt, probedAt) + interval
  }

  /// The link of an agent that does not answer ends.
  private func probeSilence(now: Double) {
    isProbing = true
    probedAt = now
    Task {
      _ = await probe(within: controller.settings.requestTimeout)
      isProbing = false
      setTimer()
    }
  }
}

extension String {
  /// The items of a list of versions.
  var versionList: [String] {
    split(separator: ",").prefix(32).map { $0.filter { !$0.isWhitespace } }
  }
}
