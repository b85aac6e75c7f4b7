/// What only several settings together show.
extension EffectiveConfiguration {
  /// Reasons to refuse to start.
  func contradictions() -> [ConfigurationDiagnostic] {
    var found: [ConfigurationDiagnostic] = []
    func require(_ holds: Bool, _ path: String, _ message: String, _ suggestion: String) {
      guard !holds else { return }
      found.append(
        ConfigurationDiagnostic(
          severity: .error, origin: origin(of: path), message: "\(path) \(message)",
          suggestion: suggestion))
    }

    require(
      !settings.dataDirectory.isEmpty, "dataDirectory", "is empty", "name a directory")
    let ports = [
      ("cwmp.port", settings.cwmp.port), ("files.port", settings.files.port),
      ("api.port", settings.api.port),
    ]
    for (index, later) in ports.enumerated() {
      for earlier in ports[..<index] where earlier.1 == later.1 && later.1 != 0 {
        let isLaterSet = origin(of: later.0) != .builtIn
        let (path, other) = isLaterSet ? (later.0, earlier.0) : (earlier.0, later.0)
        require(false, path, "is the same as \(other)", "each door needs a port of its own")
      }
    }
    require(
      settings.cwmp.sessionTimeout <= settings.cwmp.maxSessionLength, "cwmp.sessionTimeout",
      "is longer than cwmp.maxSessionLength", "raise the one or lower the other")
    require(
      settings.tasks.retryDelay <= settings.tasks.retryCap, "tasks.retryDelay",
      "is longer than tasks.retryCap", "raise the one or lower the other")
    require(
      settings.connectionRequests.retryDelay <= settings.connectionRequests.retryCap,
      "connectionRequests.retryDelay", "is longer than connectionRequests.retryCap",
      "raise the one or lower the other")
    require(
      settings.store.commitBatch <= settings.store.queueLimit, "store.commitBatch",
      "is larger than store.queueLimit", "raise the one or lower the other")
    require(
      settings.discovery.requestBytes <= settings.cwmp.maxBody, "discovery.requestBytes",
      "is larger than cwmp.maxBody", "raise the one or lower the other")
    return found
  }

  /// Reasons to warn.
  func doubts() -> [ConfigurationDiagnostic] {
    var found: [ConfigurationDiagnostic] = []
    func warn(_ path: String, _ message: String, _ suggestion: String? = nil) {
      found.append(
        ConfigurationDiagnostic(
          severity: .warning, origin: origin(of: path), message: "\(path) \(message)",
          suggestion: suggestion))
    }

    if settings.cwmp.enrolment == .open {
      warn(
        "cwmp.enrolment", "is open: any device is let in without a credential",
        "use shared or known outside of a laboratory")
    }
    if settings.cwmp.authentication != .digest, settings.cwmp.enrolment != .open {
      warn(
        "cwmp.authentication",
        "is \(settings.cwmp.authentication.rawValue): devices may send their passwords as they are",
        "see that TLS is spoken in front of this port")
    }
    if settings.connectionRequests.basic {
      warn(
        "connectionRequests.basic",
        "is true: a device's password is sent as it is to a device that asks for that")
    }
    let isLoopback =
      settings.api.host.hasPrefix("127.") || ["::1", "localhost"].contains(settings.api.host)
    if !isLoopback {
      warn(
        "api.host", "is \(settings.api.host): operators' tokens travel over plain HTTP",
        "see that TLS is spoken in front of this port")
    }
    return found
  }

  /// What acsctl and the tests read, without the prefix.
  private static let variablesOfOthers: Set = [
    "SERVER", "TOKEN", "CONTEXT", "CONTEXTS", "CERTIFICATE_AUTHORITY", "TEST_DATA", "TEST_SEED",
    "SESSION_SEED", "DAMAGE_SEED", "WRITE_DOCUMENTS",
  ]

  /// Variables that look like ours and name no setting.
  ///
  /// They are no errors: the environment is not always the operator's own, and an orchestrator may name the
  /// variables of its services as we name ours.
  static func misspeltVariables(_ environment: [String: String]) -> [ConfigurationDiagnostic] {
    let known = (SettingTable.all.map(\.environmentVariable) + [fileVariable]).map {
      String($0.dropFirst(Setting.environmentPrefix.count))
    }
    return environment.keys.sorted().compactMap { name in
      guard name.hasPrefix(Setting.environmentPrefix) else { return nil }
      let rest = String(name.dropFirst(Setting.environmentPrefix.count))
      guard !known.contains(rest), !variablesOfOthers.contains(rest) else { return nil }
      return ConfigurationDiagnostic(
        severity: .warning, origin: .environment(name),
        message: "names no setting and has no effect",
        suggestion: nearest(to: rest, among: known).map {
          "did you mean \(Setting.environmentPrefix + $0)?"
        } ?? "acsd config show lists what can be set")
    }
  }
}
