import CWMP

/// Notification and AccessList of each parameter (TR-069 A.3.2.4, A.3.2.5).
extension DeviceTree {
  /// 0 off, 1 passive, 2 active, 3–6 with lightweight notifications.
  func notification(_ path: String) -> Int {
    notifications[path] ?? layout.parameter(path)?.notification ?? 0
  }

  /// The answer to GetParameterAttributes (TR-069 A.3.2.5).
  package func attributes(of names: [String]) throws(FaultDetail) -> [ParameterAttributes] {
    var result: [ParameterAttributes] = []
    for name in names {
      for match in try matches(name, wildcards: true) {
        for index in match.position..<layout.entries[match.position].end {
          let entry = layout.entries[index]
          guard entry.parameter != nil else { continue }
          result.append(
            ParameterAttributes(
              name: spelling(of: index, below: match), notification: notification(entry.path),
              accessList: accessLists[entry.path] ?? []))
        }
      }
    }
    return result
  }

  /// Changes attributes, all or none; later entries win (TR-069 A.3.2.4).
  ///
  /// Active notification is refused (9009) for what changes all the time, and turning it off for what must have it;
  /// below a partial path, a parameter that must have it keeps it.
  package mutating func setAttributes(_ changes: [SetParameterAttributes]) throws(FaultDetail) {
    var targets: [(SetParameterAttributes, Range<Int>)] = []
    for change in changes {
      let position = try change.name.isEmpty ? 0 : match(change.name).position
      let range = position..<layout.entries[position].end
      if let notification = change.notification { try check(notification, for: range) }
      try check(change.accessList ?? [])
      targets.append((change, range))
    }
    for (change, range) in targets {
      for index in range {
        let entry = layout.entries[index]
        guard let definition = entry.parameter else { continue }
        if let notification = change.notification, !definition.isNotificationForced {
          notifications[entry.path] = notification
        }
        if let accessList = change.accessList { accessLists[entry.path] = accessList }
      }
    }
  }

  private func check(_ notification: Int, for range: Range<Int>) throws(FaultDetail) {
    guard (0...(takesLightweightNotification ? 6 : 2)).contains(notification) else {
      throw .cpeInvalidArguments
    }
    if let definition = layout.entries[range.lowerBound].parameter,
      definition.isNotificationForced, !Self.isActive(notification)
    {
      throw .cpeNotificationRejected
    }
    guard notification == 2 || notification >= 5 else { return }
    for index in range where layout.entries[index].parameter?.isVolatile ?? false {
      throw .cpeNotificationRejected
    }
  }

  /// Only the subscriber and vendors' own entities can be named (TR-069 A.3.2.4, table 30).
  private func check(_ accessList: [String]) throws(FaultDetail) {
    for entity in accessList where entity != "Subscriber" && !entity.hasPrefix("X_") {
      throw .cpeInvalidArguments
    }
  }

  private var takesLightweightNotification: Bool {
    let path = model.path("ManagementServer.LightweightNotificationProtocolsSupported")
    return !(storedValue(path, at: ReadingTime(uptime: 0, clock: 0)) ?? "").isEmpty
  }

  /// Whether a change makes a session.
  static func isActive(_ notification: Int) -> Bool { notification == 2 }

  /// Whether a change is told in the next Inform, whatever makes that.
  static func isPassive(_ notification: Int) -> Bool {
    [1, 4, 6].contains(notification)
  }

  /// The values of parameters that change all the time and are to be told of passively.
  func volatileValues(at time: ReadingTime) -> [String: String] {
    var result: [String: String] = [:]
    for (path, notification) in notifications where Self.isPassive(notification) {
      guard layout.parameter(path)?.isVolatile ?? false else { continue }
      result[path] = storedValue(path, at: time)
    }
    return result
  }
}
