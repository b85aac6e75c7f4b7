import Fleet
import Logging

/// How a round goes through the methods of a device.
extension ConnectionRequester {
  // MARK: What the state machines want

  func obey(_ action: ConnectionRequestBackoff.Action, for id: Device.ID) {
    switch action {
    case .none, .end, .reject: break
    case .send:
      guard var entry = entries[id] else { return }
      entry.timer?.cancel()
      entry.timer = nil
      entry.round += 1
      entry.plan = ConnectionRequestPlan(patience: configuration.patience)
      entry.target = nil
      put(entry, for: id)
      queue.append(.init(device: id, round: entry.round, method: nil))
      runNext()
    case .wait(let until):
      setTimer(for: id, at: until) { requester, id in await requester.backoffTimerFired(id) }
    }
  }

  private func obey(_ action: ConnectionRequestPlan.Action, for id: Device.ID) {
    guard let round = entries[id]?.round else { return }
    switch action {
    case .none: break
    case .send(let method):
      queue.append(.init(device: id, round: round, method: method))
      runNext()
    case .wait(let until):
      setTimer(for: id, at: until) { requester, id in
        // A session on another node ends the wait as well.
        await requester.checkOtherNodes(for: id)
        await requester.planTimerFired(id, round)
      }
    case .end(let ending):
      end(ending, for: id)
    }
  }

  private func setTimer(
    for id: Device.ID, at until: Double,
    _ action: @escaping @Sendable (ConnectionRequester, Device.ID) async -> Void
  ) {
    entries[id]?.timer?.cancel()
    entries[id]?.timer = Task { [weak self, clock, delay = max(0, until - now)] in
      try? await clock.sleep(for: .seconds(delay))
      guard !Task.isCancelled, let self else { return }
      await action(self, id)
    }
  }

  private func backoffTimerFired(_ id: Device.ID) {
    guard !isShutDown, var entry = entries[id] else { return }
    entry.timer = nil
    let action = entry.backoff.timerFired(now: now)
    entries[id] = entry
    obey(action, for: id)
  }

  private func planTimerFired(_ id: Device.ID, _ round: Int) {
    change(id, round) { plan, now in plan.timerFired(now: now) }
  }

  func noteCall(of id: Device.ID) {
    guard !isShutDown, var entry = entries[id] else { return }
    if entry.plan != nil {
      change(id, entry.round) { plan, _ in plan.deviceCalled() }
    } else if entry.backoff.deviceCalled() {
      entry.timer?.cancel()
      entry.timer = nil
      entry.isWanted = false
      entries[id] = entry
    }
    forgetIfPossible(id)
  }

  private func change(
    _ id: Device.ID, _ round: Int,
    _ event: (inout ConnectionRequestPlan, Double) -> ConnectionRequestPlan.Action
  ) {
    guard !isShutDown, entries[id]?.round == round, var plan = entries[id]?.plan else { return }
    let action = event(&plan, now)
    entries[id]?.plan = plan
    obey(action, for: id)
  }

  // MARK: Exchanges

  private func runNext() {
    while running.count < configuration.maximumConcurrent, let step = queue.popFirst() {
      guard entries[step.device]?.round == step.round, entries[step.device]?.plan != nil else {
        continue
      }
      lastNumber += 1
      let number = lastNumber
      running[number] = Task {
        await run(step)
        running[number] = nil
        if !isShutDown { runNext() }
      }
    }
  }

  private func run(_ step: ConnectionRequestQueue.Step) async {
    guard let method = step.method else {
      await prepare(step)
      return
    }
    guard let target = entries[step.device]?.target, let channel = channels[method] else { return }
    counters.attempts[method, default: 0] += 1
    let result = await channel.send(target)
    change(step.device, step.round) { plan, now in plan.finished(result, now: now) }
  }

  private func prepare(_ step: ConnectionRequestQueue.Step) async {
    let id = step.device
    let target: ConnectionRequestTarget?
    do { target = try await lookUp(id) } catch {
      change(id, step.round) { plan, _ in
        plan.fail(.noTarget, detail: "the device's record cannot be read")
      }
      return
    }
    guard entries[id]?.round == step.round else { return }
    guard let target else {
      change(id, step.round) { plan, now in plan.start([], now: now) }
      return
    }
    entries[id]?.target = target
    entries[id]?.name = target.deviceName
    entries[id]?.fingerprint = target.fingerprint
    if let methods = target.methods, methods.isEmpty {
      change(id, step.round) { plan, _ in
        plan.fail(.noTarget, detail: "the device's switches allow no way to ask it")
      }
      return
    }
    let possible = (target.methods ?? configuration.methods).filter {
      channels[$0]?.isPossible(target) ?? false
    }
    var habit = habits[id] ?? ConnectionRequestHabit()
    let methods = habit.order(
      possible, fingerprint: target.fingerprint,
      isInsisting: !(entries[id]?.waiters.isEmpty ?? true), now: now)
    habits[id] = habit
    change(id, step.round) { plan, now in
      methods.isEmpty && !possible.isEmpty
        ? plan.fail(.credentialRefused, detail: "the device refused the credential not long ago")
        : plan.start(methods, now: now)
    }
  }

  private func end(_ ending: ConnectionRequestPlan.Ending, for id: Device.ID) {
    guard var entry = entries[id] else { return }
    let attempts = entry.plan?.attempts ?? []
    let waiters = entry.waiters
    entry.timer?.cancel()
    entry.timer = nil
    entry.plan = nil
    entry.waiters = [:]
    var habit = habits[id] ?? ConnectionRequestHabit()
    habit.note(attempts, ending, refusalHold: configuration.policy.refusalHold, now: now)
    habits[id] = habit
    let action = entry.backoff.finished(ending, now: now, random: Double.random(in: 0...1))
    if entry.isWanted, case .wait = action {
      // Retries go on for those who do not wait.
      put(entry, for: id)
      obey(action, for: id)
    } else {
      // A person who asked gets one answer and decides; only standing wishes are retried.
      if case .wait = action { _ = entry.backoff.deviceCalled() }
      entry.isWanted = false
      put(entry, for: id)
      counters.count(ending)
      logFailure(ending, of: entry.name ?? String(id))
      forgetIfPossible(id)
    }
    for waiter in waiters.values {
      answer(
        waiter,
        ConnectionReport(
          ending: ending, attempts: attempts, duration: clock.now - waiter.since))
    }
  }

  /// A refused credential may have been changed since: only then is the device asked again.
  func recheckRefusal(of id: Device.ID) {
    Task {
      guard let target = try? await lookUp(id), var entry = entries[id],
        entry.fingerprint != target.fingerprint
      else {
        entries[id]?.isWanted = false
        return
      }
      entry.backoff.credentialChanged()
      let action = entry.backoff.request(now: now)
      put(entry, for: id)
      obey(action, for: id)
    }
  }

  private func logFailure(_ ending: ConnectionRequestPlan.Ending, of device: String) {
    guard case .failed(let failure, let detail) = ending else { return }
    // An agent of USP whose link is away, for example: it comes back by itself, and nothing was tried.
    let level: Logger.Level = failure == .noTarget ? .debug : .warning
    guard logger.logLevel <= level, let suppressed = allowance.take(now: now) else { return }
    var metadata: Logger.Metadata = [
      "device": "\(device)", "reason": "\(failure.rawValue)", "detail": "\(detail)",
    ]
    if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
    logger.log(level: level, "connection request failed", metadata: metadata)
  }
}
