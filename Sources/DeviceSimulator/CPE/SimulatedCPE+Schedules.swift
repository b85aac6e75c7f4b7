import CWMP

/// What comes by the clock: periodic and scheduled Informs, and a WAN address that changes.
extension SimulatedCPE {
  mutating func advanceSchedules(_ now: Duration) {
    if let periodicAt, now >= periodicAt {
      add(Event(Event.periodic), now)
      schedulePeriodic(now, isFirst: false)
    }
    for scheduled in scheduledInforms where now >= scheduled.at {
      add(Event(Event.scheduled), now)
      add(Event(Event.methodScheduleInform, commandKey: scheduled.commandKey), now)
    }
    scheduledInforms.removeAll { now >= $0.at }
  }

  /// PeriodicInformTime gives the phase; while it is unknown, each device has a random one (TR-181 ManagementServer).
  mutating func schedulePeriodic(_ now: Duration, isFirst: Bool) {
    guard stored("ManagementServer.PeriodicInformEnable", now) == "true",
      let interval = Double(stored("ManagementServer.PeriodicInformInterval", now)), interval >= 1
    else {
      periodicAt = nil
      return
    }
    var wait = isFirst ? Double.random(in: 0..<interval, using: &random) : interval
    if let reference = CWMPTime.parse(stored("ManagementServer.PeriodicInformTime", now)) {
      let clock = Double(clockStart) + now / .seconds(1)
      let passed = (clock - reference).truncatingRemainder(dividingBy: interval)
      wait = passed < 0 ? -passed : interval - passed
    }
    periodicAt = now + .seconds(max(wait, 0.001))
  }

  mutating func scheduleWANChange(_ now: Duration) {
    guard let mean = behaviour.wanAddressChange, tree.model.wanAddress != nil else { return }
    wanChangeAt = now + .seconds(mean * Double.random(in: 0.5...1.5, using: &random))
  }

  mutating func changeWANAddress(_ now: Duration) -> [Effect] {
    scheduleWANChange(now)
    guard let path = tree.model.wanAddress else { return [] }
    let address = ValueExpression.addressText(
      0x6440_0000 + UInt32.random(in: 1..<0x3F_FFFF, using: &random))
    change(path, to: address, now)
    return [.note(.wanAddressChanged)]
  }
}
