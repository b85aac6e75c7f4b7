import NIOCore
import USP
import USPTransports

/// Runs one ``USPAgent``: gives it time, a link and files, on one event loop.
final class AgentHost {
  var agent: USPAgent
  let endpoint: EndpointID
  unowned let loop: AgentLoop
  private var exchange: RecordExchange?
  private var link: (any Link)?
  private var handle = AgentLinks.Handle.none
  /// A link that was left open and silent.
  private var abandoned: (any Link)?
  /// Counts links, so that what comes late of an old one is known.
  private var generation = 0
  private var timer: Scheduled<Void>?
  /// When the notifications of a load run were due, by message ID.
  var watched: [String: NIODeadline]?

  init(agent: USPAgent, endpoint: EndpointID, loop: AgentLoop) {
    self.agent = agent
    self.endpoint = endpoint
    self.loop = loop
  }

  var now: Duration { loop.clock.now() }
  var hasLink: Bool { link != nil }

  private var realSeconds: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

  // MARK: Time

  /// Lets the agent do what is due and sets the alarm for what comes next.
  func wake() {
    guard !loop.isStopping else { return }
    if let due = exchange?.nextTimer, due <= realSeconds {
      perform(exchange?.timerFired(now: realSeconds) ?? [])
    }
    perform(agent.advance(to: now))
    setTimer()
  }

  private func setTimer() {
    timer?.cancel()
    timer = nil
    guard !loop.isStopping else { return }
    var deadline = agent.deadline.map { loop.clock.deadline(of: $0) }
    if let due = exchange?.nextTimer {
      let moment = NIODeadline.uptimeNanoseconds(UInt64(max(0, due) * 1e9))
      deadline = min(deadline ?? moment, moment)
    }
    guard let deadline else { return }
    let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
    timer = loop.eventLoop.scheduleTask(deadline: deadline) { bound.value.wake() }
  }

  func perform(_ effects: [USPAgent.Effect]) {
    for effect in effects {
      switch effect {
      case .connect: connect()
      case .send(let message): send(message)
      case .hangUp(let manner): hangUp(manner)
      case .fetch(let transfer): fetch(transfer)
      case .store(let transfer, let contents): store(transfer, contents)
      case .note(let note): loop.tell(self, note)
      }
    }
  }

  func stop() {
    timer?.cancel()
    timer = nil
    if link != nil { hangUp(.polite) }
    release(isGraceful: true)
    abandoned?.close(.finished)
    abandoned = nil
  }

  // MARK: The link

  private func connect() {
    // A broker's transport comes back by itself.
    if case .none = handle {} else { return }
    generation += 1
    let generation = generation
    let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
    handle = loop.links.connect(
      endpoint, username: agent.deviceUsername,
      accept: { link in
        bound.value.adopt(link)
        return AgentReceiver(host: bound, generation: bound.value.generation)
      },
      failed: { reason in bound.value.connectFailed(reason, generation) })
  }

  /// A link has come about; what it brings is taken from now on.
  private func adopt(_ link: any Link) {
    generation += 1
    let generation = generation
    var configuration = RecordExchange.Configuration(own: endpoint, peer: loop.options.controller)
    configuration.sessionMode = loop.options.sessionMode
    configuration.maxRecordSize = loop.options.maximumRecordSize
    configuration.version = agent.quirks.version
    exchange = RecordExchange(configuration)
    self.link = link
    let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
    loop.eventLoop.execute { bound.value.opened(generation) }
  }

  private func opened(_ generation: Int) {
    guard generation == self.generation, let link, !loop.isStopping else { return }
    loop.counts.linksMade += 1
    // Connect and Disconnect records came with 1.2.
    if agent.quirks.isAtLeast(minor: 2) {
      perform(exchange?.connect(loop.links.connectRecord(endpoint, over: link)) ?? [])
    }
    perform(agent.linkOpened(at: now))
    setTimer()
  }

  private func connectFailed(_ reason: String, _ generation: Int) {
    guard generation == self.generation, !loop.isStopping else { return }
    loop.counts.linksFailed += 1
    loop.counts.failed(reason)
    handle = .none
    perform(agent.linkFailed(at: now))
    setTimer()
  }

  func received(_ record: [UInt8], _ generation: Int) {
    guard generation == self.generation, link != nil else { return }
    perform(exchange?.received(record, now: realSeconds) ?? [])
    setTimer()
  }

  func closed(_ why: String, _ generation: Int) {
    guard generation == self.generation, link != nil else { return }
    link = nil
    exchange = nil
    watched?.removeAll()
    guard !loop.isStopping else { return }
    loop.counts.failed("closed: \(why)")
    perform(agent.linkFailed(at: now))
    setTimer()
  }

  /// What an exchange of Records wants done.
  private func perform(_ events: [RecordExchange.Event]) {
    for event in events {
      switch event {
      case .send(let record): link?.send(record)
      case .message(let message, _): received(message)
      case .connected, .disconnected, .peer: break
      case .refused(_, let isUndecodable, _):
        loop.counts.recordsRefused += 1
        // At a broker others may have sent it (TR-369, R-WS.16; 4.4 and 4.5 for brokers).
        if isUndecodable, let link, link.kind == .webSocket || link.kind == .unix {
          link.close(.undecodable)
        }
      case .deadPeer: link?.close(.timedOut)
      }
    }
  }

  private func received(_ message: USPMsg) {
    if watched != nil, case .response = message.body.msgBody,
      let due = watched?.removeValue(forKey: message.header.msgID)
    {
      loop.latencies.append((NIODeadline.now() - due).nanoseconds)
    }
    perform(agent.received(message, at: now))
  }

  private func send(_ message: USPMsg) {
    guard link != nil else { return }
    perform(exchange?.send(message, now: realSeconds) ?? [])
  }

  private func hangUp(_ manner: USPAgent.HangUp) {
    guard let link else { return release(isGraceful: false) }
    generation += 1
    self.link = nil
    switch manner {
    case .polite:
      if agent.quirks.isAtLeast(minor: 2) {
        for event in exchange?.disconnect("agent stops", code: nil) ?? [] {
          if case .send(let record) = event { link.send(record) }
        }
      }
      link.close(.finished)
    case .sudden: link.close(.goingAway)
    case .abandon:
      abandoned?.close(.finished)
      abandoned = link
    }
    exchange = nil
    release(isGraceful: manner == .polite)
  }

  /// A broker's transport ends with the link of an agent that restarts.
  private func release(isGraceful: Bool) {
    let handle = handle
    self.handle = .none
    switch handle {
    case .none: break
    case .mqtt(let transport): loop.release { await transport.stop(isGraceful: isGraceful) }
    case .stomp(let transport): loop.release { await transport.stop(isGraceful: isGraceful) }
    }
  }

  // MARK: Load

  /// Sends Periodic! now, for a load run.
  ///
  /// - Returns: whether there is a link and a subscription to it.
  func sendPeriodic(due: NIODeadline) -> Bool {
    guard link != nil else { return false }
    let effects = agent.sendPeriodic(at: now)
    var isSent = false
    for case .send(let message) in effects {
      // What is sent again by the way is not counted.
      guard case .notify(let notify)? = message.request, notify.sendResp,
        notify.event.eventName == "Periodic!", watched?[message.id] == nil
      else { continue }
      watched?[message.id] = due
      isSent = true
    }
    perform(effects)
    setTimer()
    return isSent
  }
}

/// Hands what comes over one link to its agent.
final class AgentReceiver: LinkReceiver, Sendable {
  private let host: NIOLoopBound<AgentHost>
  private let generation: Int

  init(host: NIOLoopBound<AgentHost>, generation: Int) {
    self.host = host
    self.generation = generation
  }

  func received(_ record: [UInt8]) { host.value.received(record, generation) }
  func closed(_ why: String) { host.value.closed(why, generation) }
}
