import CWMP

/// What a device does of its own accord.
extension SimulatedCPE {
  mutating func advanceTriggers(_ now: Duration) -> [Effect] {
    let uptime = (now - bootedAt) / .seconds(1)
    let due = triggers.filter { $0.after <= uptime }
    guard !due.isEmpty else { return [] }
    triggers.removeAll { $0.after <= uptime }
    return due.flatMap { perform($0.trigger, now) }
  }

  /// Does it at once, or after the session that runs; a device that is switched off does nothing.
  package mutating func trigger(_ trigger: Trigger, at now: Duration) -> [Effect] {
    guard power == .on else { return [] }
    guard !isInSession else {
      triggers.append(TimedTrigger(trigger, after: (now - bootedAt) / .seconds(1)))
      return []
    }
    return perform(trigger, now) + takeOwedEffects()
  }

  private mutating func perform(_ trigger: Trigger, _ now: Duration) -> [Effect] {
    let note = Effect.note(.triggered(trigger))
    switch trigger {
    case .autonomousTransfer: reportAutonomousTransfer(now)
    case .autonomousSoftware: return [note] + installAutonomously(now)
    case .requestDownload(let fileType):
      report(
        .requestDownload(RequestDownload(fileType: fileType, arguments: arguments(fileType, now))),
        [Event(Event.requestDownload)], now)
    case .kicked:
      report(
        .kicked(
          Kicked(
            command: "subscribe", referer: stored("ManagementServer.KickURL", now),
            argument: "SERIAL=\(tree.context.serialNumber)", next: "http://192.168.1.1/done.html")),
        [Event(Event.kicked)], now)
    case .getRPCMethods:
      // There is no event for it; it goes with a session that has another reason.
      report(.getRPCMethods, [], now)
      add(Event(Event.periodic), now)
    case .change(let path, let value):
      let isRelative = !path.hasPrefix(tree.model.root)
      change(isRelative ? tree.model.path(path) : path, to: value, now)
    case .event(let code): add(Event(code), now)
    case .powerCycle: return [note] + shutDown(now)
    case .factoryReset: return factoryReset(now)
    }
    return [note]
  }

  /// The arguments that the standard wants for the file types it knows (TR-069 A.4.2.1).
  private func arguments(_ fileType: String, _ now: Duration) -> [RequestDownload.Argument] {
    switch fileType.prefix(1) {
    case "1", "3": [.init(name: "Instance", value: "1")]
    case "2": [.init(name: "Version", value: stored("DeviceInfo.SoftwareVersion", now))]
    default: []
    }
  }

  private mutating func reportAutonomousTransfer(_ now: Duration) {
    let clock = readingTime(now).clock
    report(
      .autonomousTransferComplete(
        AutonomousTransferComplete(
          announceURL: "", transferURL: "http://updates.example.net/tones.zip", isDownload: true,
          fileType: "4 Tone File", fileSize: 48_213, targetFileName: "tones.zip",
          startTime: DateTimeText.format(clock - 4), completeTime: DateTimeText.format(clock))),
      [Event(Event.autonomousTransferComplete)], now)
  }

  private mutating func installAutonomously(_ now: Duration) -> [Effect] {
    let install = ChangeDUState.Install(
      url: "http://apps.example.net/local-\(bootCount).0.\(reportCount).tar")
    let start = DateTimeText.format(readingTime(now).clock)
    guard tree.layout.entry(unitTable) != nil else { return [] }
    var result = results(of: .install(install), nil, now)
    for index in result.indices {
      result[index].operationPerformed = "Install"
      result[index].startTime = start
      result[index].completeTime = start
    }
    report(
      .autonomousDUStateChangeComplete(AutonomousDUStateChangeComplete(results: result)),
      [Event(Event.autonomousDUStateChangeComplete)], now)
    return []
  }
}
