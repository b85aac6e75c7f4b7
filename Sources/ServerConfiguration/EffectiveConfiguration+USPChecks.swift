/// What several settings of USP together show.
extension EffectiveConfiguration {
  func requireUSP(
    _ require: (Bool, _ path: String, _ message: String, _ suggestion: String) -> Void
  ) {
    let usp = settings.usp
    let speaksTLS = !usp.tlsCertificate.isEmpty
    require(
      speaksTLS == !usp.tlsKey.isEmpty, speaksTLS ? "usp.tlsCertificate" : "usp.tlsKey",
      "is set alone: \(speaksTLS ? "usp.tlsKey" : "usp.tlsCertificate") is empty",
      "name both, or neither")
    require(
      usp.tlsClientCertificates == .off || speaksTLS, "usp.tlsClientCertificates",
      "is \(usp.tlsClientCertificates.rawValue), and usp.tlsCertificate is empty",
      "name a certificate and its key")
    require(
      usp.tlsClientCertificates == .off || !usp.tlsClientAuthorities.isEmpty,
      "usp.tlsClientCertificates",
      "is \(usp.tlsClientCertificates.rawValue), and usp.tlsClientAuthorities is empty",
      "name the authorities whose certificates shall be believed")
    for (path, value, other, limit) in [
      ("usp.maxRecord", usp.maxRecord, "usp.maxMessage", usp.maxMessage),
      ("usp.maxRecord", usp.maxRecord, "usp.maxArriving", usp.maxArriving),
      ("usp.maxRecord", usp.maxRecord, "usp.maxQueued", usp.maxQueued),
      ("usp.recordSize", usp.recordSize, "usp.maxQueued", usp.maxQueued),
    ] {
      require(
        value <= limit, path, "is larger than \(other)", "raise the one or lower the other")
    }
    requireBrokers(require)
  }

  private func requireBrokers(
    _ require: (Bool, _ path: String, _ message: String, _ suggestion: String) -> Void
  ) {
    for (section, username, file) in [
      ("mqtt", settings.mqtt.username, settings.mqtt.passwordFile),
      ("stomp", settings.stomp.username, settings.stomp.passwordFile),
    ] {
      require(
        file.isEmpty || !username.isEmpty, "\(section).passwordFile",
        "is set, but \(section).username is not", "name the account")
    }
    for (section, certificate, key) in [
      ("mqtt", settings.mqtt.certificate, settings.mqtt.key),
      ("stomp", settings.stomp.certificate, settings.stomp.key),
    ] {
      require(
        certificate.isEmpty == key.isEmpty,
        "\(section).\(certificate.isEmpty ? "key" : "certificate")",
        "is set alone", "name both, or neither")
    }
    require(
      settings.mqtt.host.isEmpty || !settings.mqtt.topic.isEmpty, "mqtt.topic", "is empty",
      "name the topic to which agents send")
    require(
      settings.mqtt.group.isEmpty || !settings.mqtt.replyTopic.isEmpty, "mqtt.group",
      "is set, but mqtt.replyTopic is empty", "name a topic of this node's own")
    require(
      settings.mqtt.group.isEmpty || settings.usp.sessions == .forbid, "mqtt.group",
      "is set, and usp.sessions is \(settings.usp.sessions.rawValue): each node would see a part of a session context",
      "set usp.sessions to forbid")
    require(
      settings.stomp.host.isEmpty || !settings.stomp.destination.isEmpty, "stomp.destination",
      "is empty", "name the destination to which agents send")
    for (section, delay, cap) in [
      ("mqtt", settings.mqtt.retryDelay, settings.mqtt.retryCap),
      ("stomp", settings.stomp.retryDelay, settings.stomp.retryCap),
    ] {
      require(
        delay <= cap, "\(section).retryDelay", "is longer than \(section).retryCap",
        "raise the one or lower the other")
    }
    for (section, isEncrypted, files) in [
      (
        "mqtt", settings.mqtt.tls,
        [("authorities", settings.mqtt.authorities), ("certificate", settings.mqtt.certificate)]
      ),
      (
        "stomp", settings.stomp.tls,
        [("authorities", settings.stomp.authorities), ("certificate", settings.stomp.certificate)]
      ),
    ] {
      for (name, file) in files {
        require(
          isEncrypted || file.isEmpty, "\(section).\(name)", "is set, but \(section).tls is false",
          "set \(section).tls to true")
      }
    }
    let mqtt = settings.mqtt
    require(
      mqtt.sessionExpiry == .zero || !mqtt.clientID.isEmpty || mqtt.version == .v3,
      "mqtt.sessionExpiry",
      "is set, but mqtt.clientId is empty: the broker could not tell whose the session is",
      "name a client ID of this node's own")
    require(
      mqtt.group.isEmpty || mqtt.version == .v5 || !mqtt.clientID.isEmpty, "mqtt.group",
      "is set, but mqtt.clientId is empty: with MQTT 3.1.1 all nodes would be the same client, and throw each other out",
      "name a client ID of each node's own")
    require(
      mqtt.group.isEmpty || mqtt.replyTopic.isEmpty
        || !(mqtt.replyTopic + "/").hasPrefix(mqtt.topic + "/"), "mqtt.replyTopic",
      "is at or below mqtt.topic, which the nodes of mqtt.group share: another node would take the answers",
      "name a topic beside it")
    let links =
      (mqtt.host.isEmpty ? 0 : mqtt.maxLinks)
      + (settings.stomp.host.isEmpty ? 0 : settings.stomp.maxLinks)
    require(
      links < settings.usp.maxAgents, mqtt.host.isEmpty ? "stomp.maxLinks" : "mqtt.maxLinks",
      "leaves no room for other agents: those through brokers may be as many as usp.maxAgents",
      "lower mqtt.maxLinks and stomp.maxLinks, or raise usp.maxAgents")
  }

  /// Reasons to warn.
  func doubtUSP(_ warn: (_ path: String, _ message: String, _ suggestion: String?) -> Void) {
    let usp = settings.usp
    if usp.enrolment == .open {
      warn(
        "usp.enrolment", "is open: any agent is let in without a credential",
        "use shared or known outside of a laboratory")
    }
    if usp.basicWithoutTLS, usp.webSocket {
      warn(
        "usp.basicWithoutTLS", "is true: agents may send their passwords as they are",
        "see that TLS is spoken in front of usp.port")
    }
    for (section, host, isEncrypted, username, isTrusted) in [
      (
        "mqtt", settings.mqtt.host, settings.mqtt.tls, settings.mqtt.username, settings.mqtt.trusted
      ),
      (
        "stomp", settings.stomp.host, settings.stomp.tls, settings.stomp.username,
        settings.stomp.trusted
      ),
    ] where !host.isEmpty && !isEncrypted && !AddressSyntax.isLoopback(host) {
      if !username.isEmpty {
        warn(
          "\(section).tls", "is false: the password of \(section).username travels as it is",
          "set it to true unless the network up to \(section).host is your own")
      } else if isTrusted {
        warn(
          "\(section).tls",
          "is false, and \(section).trusted is true: whoever is on the way to \(section).host can be any agent",
          "set it to true unless the network up to \(section).host is your own")
      }
    }
    if settings.files.url.isEmpty,
      !settings.mqtt.host.isEmpty || !settings.stomp.host.isEmpty || !usp.unixSocket.isEmpty
    {
      warn(
        "files.url",
        "is empty: agents that come through a broker or a UNIX domain socket can't be told where files are",
        "name the URL under which they reach this server's files.port")
    }
  }
}
