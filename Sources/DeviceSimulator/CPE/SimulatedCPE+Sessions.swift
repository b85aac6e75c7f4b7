import CWMP

extension SimulatedCPE {
  // MARK: Connection requests

  /// A connection request with the right credentials has come.
  ///
  /// - Returns: Whether the device takes it; if not, the answer is 503 (TR-069 Amendment 6, 3.2.2).
  package mutating func connectionRequested(at now: Duration) -> Bool {
    guard power == .on, !isInSession else { return false }
    add(Event(Event.connectionRequest), now)
    return true
  }

  /// Whether there is anybody who could answer a connection request.
  package var isOn: Bool { power == .on }

  // MARK: Sessions

  /// The Inform that starts a session (TR-069 A.3.3.1).
  func inform(_ now: Duration) -> Inform {
    let time = readingTime(now)
    var names = tree.model.informParameters
    for path in changedParameters where !names.contains(path) { names.append(path) }
    return Inform(
      deviceID: deviceID, events: pending.map(\.event),
      currentTime: DateTimeText.format(time.clock), retryCount: retryCount,
      parameters: names.compactMap { tree.read($0, at: time) })
  }

  /// The ACS has taken the Inform with these events.
  mutating func informAcknowledged(_ events: [Event]) {
    pending.removeAll { $0.delivery == .inform && events.contains($0.event) }
    changedParameters = []
  }

  /// What the device has to tell besides its Inform.
  var nextReport: (number: Int, transfer: TransferComplete)? {
    reports.first.map { ($0.number, $0.transfer) }
  }

  mutating func reportAcknowledged(_ number: Int) {
    reports.removeAll { $0.number == number }
    pending.removeAll { $0.delivery == .report(number) && $0.event.code != Event.transferComplete }
    if reports.isEmpty {
      pending.removeAll { $0.event.code == Event.transferComplete }
    } else {
      // The one event stands for all reports; it is now the next one's.
      for index in pending.indices where pending[index].event.code == Event.transferComplete {
        pending[index].delivery = .report(reports[0].number)
      }
    }
  }

  /// The session has ended as it should.
  package mutating func sessionSucceeded(at now: Duration) -> [Effect] {
    isInSession = false
    defer { hasNewEvents = false }
    retryCount = 0
    retriesSinceBoot = 0
    let asked = afterSession
    afterSession = AfterSession()
    if asked.factoryReset { return factoryReset(now) }
    if asked.acsChanged {
      pending = []
      add(Event(Event.bootstrap), now)
    }
    if asked.periodicChanged { schedulePeriodic(now, isFirst: true) }
    if !asked.reboots.isEmpty {
      for key in asked.reboots {
        pending.append(
          PendingEvent(event: Event(Event.methodReboot, commandKey: key), delivery: .inform))
      }
      return shutDown(now)
    }
    if hasNewEvents {
      sessionAt = now
    } else {
      // What the ACS would not take although the session was good is not pressed upon it.
      let isUrgent = pending.contains { $0.event.code != Event.valueChange }
      sessionAt = isUrgent ? now + Self.refusedReportWait : nil
    }
    return []
  }

  /// The session broke off; the events that the ACS has not taken are told again after a while.
  package mutating func sessionFailed(at now: Duration) -> [Effect] {
    isInSession = false
    hasNewEvents = false
    afterSession = AfterSession()
    // A connection request must not be retried.
    pending.removeAll { $0.event.code == Event.connectionRequest }
    retryCount &+= 1
    retriesSinceBoot += 1
    guard !pending.isEmpty else { return [] }
    let backoff = RetryBackoff(
      minimumWait: Double(stored("ManagementServer.CWMPRetryMinimumWaitInterval", now)) ?? 5,
      multiplier: Double(stored("ManagementServer.CWMPRetryIntervalMultiplier", now)) ?? 2000)
    let wait = Double.random(in: backoff.range(retry: retriesSinceBoot), using: &random)
    sessionAt = now + .seconds(wait)
    return []
  }

  mutating func shutDown(_ now: Duration) -> [Effect] {
    power = .off(until: now + .seconds(behaviour.bootTime))
    sessionAt = nil
    scheduledInforms = []
    // What holds only until the next boot is forgotten (TR-069 Amendment 6, table 8).
    pending.removeAll { [Event.boot, Event.valueChange].contains($0.event.code) }
    changedParameters = []
    return [.note(.rebooting)]
  }

  private mutating func factoryReset(_ now: Duration) -> [Effect] {
    tree.reset()
    transfers = []
    reports = []
    let effects = shutDown(now)
    pending = [PendingEvent(event: Event(Event.bootstrap), delivery: .inform)]
    return [.note(.factoryReset)] + effects
  }
}
