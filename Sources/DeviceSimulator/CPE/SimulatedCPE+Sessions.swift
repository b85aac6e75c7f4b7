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
  mutating func inform(_ now: Duration) -> Inform {
    noticeVolatileChanges(now)
    let time = readingTime(now)
    // A heartbeat is alone in its Inform, and nothing but what every Inform has goes with it (Annex O).
    let heartbeat = pending.first { $0.event.code == Event.heartbeat }?.event
    var names = tree.model.informParameters
    let events = heartbeat.map { [$0] } ?? pending.map(\.event)
    toldEvents = events
    isInformTaken = false
    if heartbeat == nil {
      for path in changedParameters + informParameters(for: events, time)
      where !names.contains(path) {
        names.append(path)
      }
    }
    var inform = Inform(
      deviceID: deviceID, events: events, currentTime: DateTimeText.format(time.clock),
      retryCount: retryCount, parameters: names.compactMap { tree.read($0, at: time) })
    for quirk in quirks.all { quirk.alter(&inform, of: self, now) }
    return inform
  }

  /// What the ACS has asked for in the table ManagementServer.InformParameter.
  private func informParameters(for events: [Event], _ time: ReadingTime) -> [String] {
    tree.instances(of: tree.model.path("ManagementServer.InformParameter.")).compactMap { row in
      func value(_ name: String) -> String { tree.storedValue(row + name, at: time) ?? "" }
      guard value("Enable") == "true" else { return nil }
      let wanted = value("EventList").split(separator: ",").map {
        $0.drop { $0 == "[" || $0 == " " }.prefix { $0 != "]" }
      }.filter { !$0.isEmpty }
      let isWanted =
        wanted.isEmpty || events.contains { event in wanted.contains { event.code.hasPrefix($0) } }
      let name = value("ParameterName")
      return isWanted && tree.read(name, at: time) != nil ? name : nil
    }
  }

  /// The ACS has taken the Inform; what came up since it was written is still to be told.
  mutating func informAcknowledged(_ now: Duration) {
    isInformTaken = true
    pending.removeAll { $0.delivery == .inform && toldEvents.contains($0.event) }
    if toldEvents.contains(where: { $0.code == Event.heartbeat }) {
      // What had to wait for the heartbeat has its own session now.
      hasNewEvents = hasNewEvents || pending.contains { $0.event.code != Event.valueChange }
      return
    }
    changedParameters = []
    toldVolatileValues = tree.volatileValues(at: readingTime(now))
  }

  /// What the device has to ask or tell besides its Inform.
  var nextReport: (number: Int, request: Request)? {
    reports.first.map { ($0.number, $0.request) }
  }

  mutating func reportAcknowledged(_ number: Int) {
    guard let report = reports.first(where: { $0.number == number }) else { return }
    if quirks.contains(.transferCompleteTwice), quirkMemory.repeatedReports.insert(number).inserted
    {
      return
    }
    reports.removeAll { $0.number == number }
    // One event may stand for several reports; it is then the next one's.
    let next = reports.first { $0.eventCode == report.eventCode }
    pending = pending.compactMap { event in
      guard event.delivery == .report(number) else { return event }
      guard event.event.code == report.eventCode, let next else { return nil }
      return PendingEvent(event: event.event, delivery: .report(next.number))
    }
  }

  /// The session has ended as it should.
  package mutating func sessionSucceeded(at now: Duration) -> [Effect] {
    isInSession = false
    isInformTaken = false
    defer { hasNewEvents = false }
    retryCount = 0
    retriesSinceBoot = 0
    let asked = afterSession
    afterSession = AfterSession()
    applyHeldValues(asked.heldValues, now)
    startDiagnostics(now)
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
      sessionAt = min(sessionAt ?? now, now)
    } else {
      // What the ACS would not take although the session was good is not pressed upon it.
      let isUrgent = pending.contains { $0.event.code != Event.valueChange }
      sessionAt = isUrgent ? now + Self.refusedReportWait : nil
    }
    quirksAfterSession(now)
    return takeOwedEffects()
  }

  /// The session broke off; the events that the ACS has not taken are told again after a while.
  package mutating func sessionFailed(at now: Duration) -> [Effect] {
    isInSession = false
    hasNewEvents = false
    applyHeldValues(afterSession.heldValues, now)
    startDiagnostics(now)
    afterSession = AfterSession()
    pending.removeAll { EventRetention(code: $0.event.code) == .notRetried }
    retryCount &+= 1
    retriesSinceBoot += 1
    // The ACS gets its chance again also where it knows all events already (TR-069 Amendment 6, 3.2.1.1).
    defer { isInformTaken = false }
    guard !pending.isEmpty || isInformTaken else { return takeOwedEffects() }
    let retry = SessionRetry(
      minimumWait: UInt16(stored("ManagementServer.CWMPRetryMinimumWaitInterval", now)) ?? 5,
      multiplier: UInt16(stored("ManagementServer.CWMPRetryIntervalMultiplier", now)) ?? 2_000)
    let wait = Double.random(in: retry.waitRange(attempt: retriesSinceBoot), using: &random)
    sessionAt = now + .seconds(wait)
    return takeOwedEffects()
  }

  /// The device's software has broken down in the session: a little later it begins anew and knows of nothing.
  package mutating func sessionCrashed(at now: Duration) -> [Effect] {
    isInSession = false
    hasNewEvents = false
    afterSession = AfterSession()
    pending = []
    changedParameters = []
    retryCount = 0
    sessionAt = nil
    add(Event(Event.periodic), after: .seconds(10), now)
    return []
  }

  /// The power has failed in the midst of a session; the device boots when it is back.
  package mutating func powerLost(at now: Duration) -> [Effect] {
    isInSession = false
    hasNewEvents = false
    afterSession = AfterSession()
    askedDiagnostics = []
    pending.removeAll { EventRetention(code: $0.event.code) == .notRetried }
    retryCount &+= 1
    return shutDown(now)
  }

  private mutating func applyHeldValues(_ values: [ParameterValue], _ now: Duration) {
    guard !values.isEmpty, let changed = try? tree.set(values, at: readingTime(now)) else { return }
    valuesWritten(changed, now)
  }

  mutating func shutDown(_ now: Duration) -> [Effect] {
    power = .off(until: now + .seconds(behaviour.bootTime))
    sessionAt = nil
    scheduledInforms = []
    diagnostics = []
    let forgotten = pending.filter { EventRetention(code: $0.event.code) == .untilReboot }
    for event in forgotten {
      if case .report(let number) = event.delivery { reports.removeAll { $0.number == number } }
    }
    pending.removeAll { EventRetention(code: $0.event.code) == .untilReboot }
    changedParameters = []
    return [.note(.rebooting)]
  }

  mutating func factoryReset(_ now: Duration) -> [Effect] {
    tree.reset()
    transfers = []
    reports = []
    software = SoftwareQueue()
    vouchers = VoucherBox()
    let effects = shutDown(now)
    pending = [PendingEvent(event: Event(Event.bootstrap), delivery: .inform)]
    return [.note(.factoryReset)] + effects
  }
}
