import CMosquitto

/// Makes clients of libmosquitto, and lets them connect.
enum MQTTSetup {
  /// - Parameter context: what ``MQTTCallbacks`` are given.
  /// - Returns: a client that the caller destroys.
  static func client(
    _ configuration: MQTTConfiguration, context: UnsafeMutableRawPointer
  ) throws(MQTTError) -> OpaquePointer {
    let isClean = configuration.cleanStart || configuration.clientID.isEmpty
    let name = configuration.clientID.isEmpty ? nil : configuration.clientID
    guard let client = mosquitto_new(name, isClean, context) else {
      throw MQTTError(.unusable, "libmosquitto does not take the client identifier")
    }
    do {
      try set(client, configuration)
    } catch {
      mosquitto_destroy(client)
      throw error
    }
    MQTTCallbacks.install(on: client)
    return client
  }

  private static func set(
    _ client: OpaquePointer, _ configuration: MQTTConfiguration
  ) throws(MQTTError) {
    let version = configuration.version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
    try check(
      mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version), "the protocol version")
    try check(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1), "TCP_NODELAY")
    try check(
      mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, Int32(configuration.maximumInFlight)),
      "how many messages may be in flight")
    if !configuration.username.isEmpty {
      let password = configuration.password.isEmpty ? nil : configuration.password
      try check(
        mosquitto_username_pw_set(client, configuration.username, password), "the credential")
    }
    if let tls = configuration.tls { try secure(client, tls) }
  }

  private static func secure(
    _ client: OpaquePointer, _ tls: MQTTConfiguration.TLS
  ) throws(MQTTError) {
    let certificate = tls.certificate.isEmpty ? nil : tls.certificate
    let key = tls.key.isEmpty ? nil : tls.key
    if tls.authorities.isEmpty {
      try check(
        mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1), "the system's authorities")
    }
    // Without a file or a directory it refuses, even where the system's authorities are wanted.
    try check(
      mosquitto_tls_set(
        client, tls.authorities.isEmpty ? nil : tls.authorities,
        tls.authorities.isEmpty ? "/etc/ssl/certs" : nil, certificate, key,
        acs_mosquitto_no_passphrase),
      "the files for TLS")
    try check(mosquitto_tls_opts_set(client, SSL_VERIFY_PEER, nil, nil), "the verification")
    try check(mosquitto_tls_insecure_set(client, !tls.verifiesHostName), "the verification")
  }

  /// Begins to connect; the host's name is resolved before it returns.
  static func connect(
    _ client: OpaquePointer, _ configuration: MQTTConfiguration
  ) throws(MQTTError) {
    if configuration.version == .v5 {
      var properties = try connectProperties(configuration)
      defer { mosquitto_property_free_all(&properties) }
      // It takes the properties, then misses the host and goes no further: only the call that blocks while it connects has a
      // parameter for them.
      _ = mosquitto_connect_bind_v5(client, nil, 0, 0, nil, properties)
    }
    var status = MOSQ_ERR_ERRNO.rawValue
    for ownAddress in configuration.family.ownAddresses where status == MOSQ_ERR_ERRNO.rawValue {
      status = mosquitto_connect_bind_async(
        client, configuration.host, Int32(configuration.port), Int32(configuration.keepAlive),
        ownAddress)
    }
    guard status == MOSQ_ERR_SUCCESS.rawValue || status == MOSQ_ERR_CONN_PENDING.rawValue else {
      throw MQTTError(status: status, isConnected: false, complaint: "")
    }
  }

  /// The caller frees them.
  private static func connectProperties(
    _ configuration: MQTTConfiguration
  ) throws(MQTTError) -> OpaquePointer? {
    var list: OpaquePointer?
    var status: Int32 = 0
    func add(_ result: Int32) { if status == 0 { status = result } }
    if configuration.requestsResponseInformation {
      add(
        mosquitto_property_add_byte(
          &list, Int32(MQTT_PROP_REQUEST_RESPONSE_INFORMATION.rawValue), 1))
    }
    if configuration.sessionExpiry > 0 {
      add(
        mosquitto_property_add_int32(
          &list, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), configuration.sessionExpiry))
    }
    // What is around the payload: the topic, the properties, the header.
    let packet = UInt32(clamping: configuration.maximumPayload + 8192)
    add(
      mosquitto_property_add_int32(&list, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), packet))
    for property in configuration.userProperties {
      add(
        mosquitto_property_add_string_pair(
          &list, Int32(MQTT_PROP_USER_PROPERTY.rawValue), property.name, property.value))
    }
    guard status == MOSQ_ERR_SUCCESS.rawValue else {
      mosquitto_property_free_all(&list)
      throw MQTTError(status: status, isConnected: false, complaint: "")
    }
    return list
  }

  private static func check(_ status: Int32, _ what: String) throws(MQTTError) {
    guard status != MOSQ_ERR_SUCCESS.rawValue else { return }
    throw MQTTError(
      .unusable, "libmosquitto does not take \(what): \(MQTTError.text(status))")
  }
}
