import CWMP

/// How the ACS hears of values that have become others (TR-069 A.3.2.4).
extension SimulatedCPE {
  /// Changes a value from within and tells the ACS as the notification attribute says.
  package mutating func change(_ path: String, to value: String, _ now: Duration) {
    guard tree.change(path, to: value, at: readingTime(now)) else { return }
    let notification = tree.notification(path)
    if notification >= 5 { owedEffects += lightweightNotification(of: path, now) }
    guard DeviceTree.isActive(notification) || DeviceTree.isPassive(notification) else { return }
    if !changedParameters.contains(path) { changedParameters.append(path) }
    if DeviceTree.isActive(notification) {
      add(Event(Event.valueChange), after: throttleWait(now), now)
      latestNotificationAt = now + throttleWait(now)
    } else {
      addPassiveValueChange()
    }
  }

  /// It rides with the next session and does not make one.
  private mutating func addPassiveValueChange() {
    guard !pending.contains(where: { $0.event.code == Event.valueChange }) else { return }
    pending.append(PendingEvent(event: Event(Event.valueChange), delivery: .inform))
  }

  /// Active notifications come no closer together than DefaultActiveNotificationThrottle says (TR-069 A.3.2.4).
  private func throttleWait(_ now: Duration) -> Duration {
    guard let latestNotificationAt,
      let seconds = Double(stored("ManagementServer.DefaultActiveNotificationThrottle", now)),
      seconds > 0
    else { return .zero }
    return max(.zero, latestNotificationAt + .seconds(seconds) - now)
  }

  /// Counters and the like with passive notification: whatever differs from what the ACS was told last.
  mutating func noticeVolatileChanges(_ now: Duration) {
    for (path, value) in tree.volatileValues(at: readingTime(now))
    where toldVolatileValues[path] != nil && toldVolatileValues[path] != value {
      if !changedParameters.contains(path) { changedParameters.append(path) }
      addPassiveValueChange()
    }
  }
}
