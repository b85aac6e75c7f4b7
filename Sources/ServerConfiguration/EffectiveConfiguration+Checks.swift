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
    let speaksTLS = !settings.cwmp.tlsCertificate.isEmpty
    let ports = [
      ("cwmp.port", settings.cwmp.withoutTLS ? settings.cwmp.port : 0),
      ("cwmp.tlsPort", speaksTLS ? settings.cwmp.tlsPort : 0),
      ("usp.port", settings.usp.webSocket ? settings.usp.port : 0),
      ("files.port", settings.files.port),
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
      settings.cwmp.withoutTLS || speaksTLS, "cwmp.withoutTLS",
      "is false, and cwmp.tlsCertificate is empty: no device could come in",
      "name a certificate and its key")
    require(
      speaksTLS == !settings.cwmp.tlsKey.isEmpty,
      speaksTLS ? "cwmp.tlsCertificate" : "cwmp.tlsKey",
      "is set alone: \(speaksTLS ? "cwmp.tlsKey" : "cwmp.tlsCertificate") is empty",
      "name both, or neither")
    require(
      settings.cwmp.tlsClientCertificates == .off || speaksTLS, "cwmp.tlsClientCertificates",
      "is \(settings.cwmp.tlsClientCertificates.rawValue), and cwmp.tlsCertificate is empty",
      "name a certificate and its key")
    require(
      settings.cwmp.tlsClientCertificates == .off || !settings.cwmp.tlsClientAuthorities.isEmpty,
      "cwmp.tlsClientCertificates",
      "is \(settings.cwmp.tlsClientCertificates.rawValue), and cwmp.tlsClientAuthorities is empty",
      "name the authorities whose certificates shall be believed")
    requireUSP(require)
    require(
      !settings.cwmp.digestAlgorithms.isEmpty, "cwmp.digestAlgorithms", "is empty",
      "write md5, sha-256, or both")
    require(
      settings.cwmp.maxFirstBody <= settings.cwmp.maxArriving, "cwmp.maxFirstBody",
      "is larger than cwmp.maxArriving", "raise the one or lower the other")
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
      settings.xmpp.jid.isEmpty || !settings.xmpp.passwordFile.isEmpty, "xmpp.jid",
      "is set, but xmpp.passwordFile is not", "name the file that holds the account's password")
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
    let speaksTLS = !settings.cwmp.tlsCertificate.isEmpty
    doubtUSP(warn)
    if settings.cwmp.authentication != .digest, settings.cwmp.enrolment != .open,
      settings.cwmp.withoutTLS
    {
      if settings.cwmp.basicWithoutTLS {
        warn(
          "cwmp.basicWithoutTLS", "is true: devices may send their passwords as they are",
          "see that TLS is spoken in front of cwmp.port")
      } else if !speaksTLS {
        warn(
          "cwmp.authentication",
          "is \(settings.cwmp.authentication.rawValue), and no TLS is spoken here: devices are asked for Digest",
          "name a certificate (cwmp.tlsCertificate), or set cwmp.basicWithoutTLS behind a TLS proxy"
        )
      }
    }
    if settings.cwmp.deviceCredentials == .generated, settings.cwmp.withoutTLS {
      warn(
        "cwmp.deviceCredentials",
        "is generated: on connections without TLS whoever listens sees the password that a device is given",
        "let devices come with TLS only (cwmp.withoutTLS), or see that TLS is spoken in front of cwmp.port"
      )
    }
    if settings.cwmp.tlsClientCertificates == .required, settings.cwmp.withoutTLS {
      warn(
        "cwmp.tlsClientCertificates",
        "is required, and devices may come without TLS: on cwmp.port none is asked for a certificate",
        "turn cwmp.withoutTLS off")
    }
    if settings.connectionRequests.basic {
      warn(
        "connectionRequests.basic",
        "is true: a device's password is sent as it is to a device that asks for that")
    }
    if settings.xmpp.tls == .off, !settings.xmpp.jid.isEmpty {
      warn(
        "xmpp.tls", "is off: passwords of devices travel to the XMPP server as they are",
        "leave it at required unless the server is on this machine")
    }
    if settings.stun.port != 0, !settings.stun.signed {
      warn("stun.signed", "is false: anybody may redirect the requests to a device")
    }
    if !AddressSyntax.isLoopback(settings.api.host) {
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
