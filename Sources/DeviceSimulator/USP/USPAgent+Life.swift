import CWMP
import DeviceModel
import USP

/// Boot!, Periodic!, timers and restarts.
extension USPAgent {
  // MARK: Boot and restart

  mutating func boot(_ now: Duration) {
    let isFirst = tally.boots == 0
    markBooted(now)
    connectAttempts = 0
    if !isFirst { dropPassingSubscriptions() }
    _ = tree.takeChanges()
    knownSubscriptions = nil
    link = .down(retryAt: now)
    tellBoot(now)
    bootCause = ("LocalReboot", "", "")
    isFirmwareUpdated = false
    schedulePeriodic(now, isFirst: true)
  }

  private mutating func tellBoot(_ now: Duration) {
    var parameters = ["CommandKey": bootCause.commandKey, "ParameterMap": parameterMap]
    if !quirks.bootsWithoutCause {
      parameters["Cause"] = bootCause.cause
      parameters["Reason"] = bootCause.reason
      parameters["FirmwareUpdated"] = isFirmwareUpdated ? "true" : "false"
    }
    tellEvent("Boot!", of: "Device.", parameters, now)
  }

  /// The values of the BootParameter rows as one JSON object.
  private var parameterMap: String {
    var values: [(String, String, isText: Bool)] = []
    for row in tree.rows(at: Self.controllerPath + "BootParameter.") {
      guard tree.value(row.path + "Enable") == "true",
        let path = tree.value(row.path + "ParameterName"),
        let resolution = try? tree.resolve(path)
      else { continue }
      func add(_ parameter: AgentParameter, _ place: AgentTree.Place) {
        let isText: Bool
        switch parameter.definition.type {
        case .boolean, .int, .unsignedInt, .long, .unsignedLong, .decimal: isText = false
        default: isText = true
        }
        values.append((place.path + parameter.name, tree.reading(parameter, of: place), isText))
      }
      for place in resolution.places {
        switch resolution.leaf {
        case .parameter(let parameter): add(parameter, place)
        case .object:
          tree.forEach(below: place, levels: 0) { object in
            for parameter in object.object.parameters { add(parameter, object) }
          }
        case .command, .event: break
        }
      }
    }
    let members = values.map { path, value, isText in
      "\(JSONText.quoted(path)):\(isText || value.isEmpty ? JSONText.quoted(value) : value)"
    }
    return "{\(members.joined(separator: ","))}"
  }

  /// Restarts a moment later, so that what has been said before leaves.
  mutating func restart(
    _ cause: String, reason: String = "", commandKey: String = "", isFactoryReset: Bool = false,
    after wait: Duration = restartWait, _ now: Duration
  ) {
    let new = Restart(
      at: now + wait, cause: cause, reason: reason, commandKey: commandKey,
      isFactoryReset: isFactoryReset)
    guard let pending = restart else {
      restart = new
      return notes.append(isFactoryReset ? .factoryReset : .rebooting(cause: cause))
    }
    // There is one restart for both: the first one's, unless the other one resets as well.
    var merged = isFactoryReset && !pending.isFactoryReset ? new : pending
    merged.at = min(pending.at, new.at)
    merged.image = pending.image
    merged.activation = pending.activation
    restart = merged
    if merged.isFactoryReset, !pending.isFactoryReset { notes.append(.factoryReset) }
  }

  mutating func shutDown(_ restart: Restart, _ now: Duration) -> [Effect] {
    var effects: [Effect] = link == .up ? [.hangUp(quirks.vanishes ? .abandon : .sudden)] : []
    self.restart = nil
    bootCause = (restart.cause, restart.reason, restart.commandKey)
    if restart.isFactoryReset { tree.reset(keeping: Self.firmwareParameters(tree)) }
    // Requests and timers do not outlive a restart (TR-369, 6.4.6).
    for request in requests { tree.place(at: request.row).map { tree.removeRow($0) } }
    requests = []
    timers = []
    polled = [:]
    (periodicAt, pollAt, onBoardAt) = (nil, nil, nil)
    runChosenImage(restart, now)
    outbox.removeAll { !$0.survives || restart.isFactoryReset }
    for index in outbox.indices {
      outbox[index].attempts = 0
      outbox[index].dueAt = now
    }
    link = .down(retryAt: now)
    power = .off(until: now + .seconds(behaviour.bootTime))
    effects += notes.map { .note($0) }
    notes = []
    return effects
  }

  // MARK: Periodic!

  mutating func schedulePeriodic(_ now: Duration, isFirst: Bool) {
    let path = Self.controllerPath + "PeriodicNotif"
    guard power == .on, let seconds = tree.value(path + "Interval").flatMap(UInt32.init),
      seconds >= 1
    else {
      periodicAt = nil
      return
    }
    let interval = Double(seconds)
    if let time = tree.value(path + "Time").flatMap(TimestampText.seconds), time > 0 {
      // Such that the controller's reference time is one of the moments.
      let clock = Double(clockStart) + now.seconds
      let phase = (clock - time).truncatingRemainder(dividingBy: interval)
      periodicAt = now + .seconds(interval - (phase < 0 ? phase + interval : phase))
      return
    }
    // Agents that were switched on at the same time do not all come at the same time.
    let share = isFirst ? Double.random(in: 0.1...1, using: &random) : 1
    periodicAt = now + .seconds(interval * share)
  }

  mutating func advancePeriodic(_ now: Duration) {
    if let periodicAt, now >= periodicAt {
      tellEvent("Periodic!", of: "Device.LocalAgent.", [:], now)
      schedulePeriodic(now, isFirst: false)
    }
    if let onBoardAt, now >= onBoardAt {
      self.onBoardAt = nil
      if tree.value(Self.controllerPath + "OnBoardingComplete") == "false" {
        addOnBoardRequest(now)
      }
    }
  }

  /// Periodic! out of turn, for a load run.
  mutating func sendPeriodic(at now: Duration) -> [Effect] {
    guard power == .on, link == .up else { return [] }
    setTime(now)
    tellEvent("Periodic!", of: "Device.LocalAgent.", [:], now)
    return finish(now)
  }

  // MARK: Timers

  mutating func advanceTimers(_ now: Duration) {
    for timer in timers where now >= timer.at {
      tellEvent("Timer!", of: timer.controller, ["CommandKey": timer.commandKey], now)
    }
    timers.removeAll { now >= $0.at }
  }
}

/// A ScheduleTimer() of a controller's row.
struct AgentTimer: Sendable, Equatable {
  var at: Duration
  var controller: String
  var commandKey: String
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
