/// The doors for USP agents.
extension SettingTable {
  static let usp: [Setting] = [
    .text(
      "usp.endpoint", \.usp.endpoint, .endpointID,
      """
      The endpoint ID of this controller, the same on all nodes. \
      Agents know the controller by it: after a change they have to be told.
      """),
    .choice(
      "usp.enrolment", \.usp.enrolment,
      """
      Which agents are let in: those with a credential or a certificate of their own (known), also those that show the shared \
      credential or come through a broker (shared), or every one (open).
      """),
    .boolean(
      "usp.webSocket", \.usp.webSocket, "Whether agents are awaited on `usp.port` (WebSocket)."),
    .text("usp.host", \.usp.host, .host, "The address on which agents are awaited (WebSocket)."),
    .count(
      "usp.port", \.usp.port, 0...65_535,
      "The TCP port on which agents are awaited (WebSocket). 0: any free one, told when the server has started."
    ),
    .text(
      "usp.path", \.usp.path, .urlPath, "The path of the URL that agents call (WebSocket)."),
    .text(
      "usp.tlsCertificate", \.usp.tlsCertificate, .file,
      """
      The certificate for `usp.port` and those of the authorities between it and the root, in PEM; best with the endpoint ID in it \
      as a URI. \
      Empty: no TLS. It is read again when it changes, like the key and the authorities.
      """),
    .text(
      "usp.tlsKey", \.usp.tlsKey, .file,
      "The private key of `usp.tlsCertificate`, in PEM without a passphrase."),
    .text(
      "usp.tlsClientAuthorities", \.usp.tlsClientAuthorities, .file,
      "The authorities whose certificates are believed of agents, in PEM."),
    .choice(
      "usp.tlsClientCertificates", \.usp.tlsClientCertificates,
      """
      Whether agents show certificates of their own. \
      One with an endpoint ID in it lets in the agent of that ID alone.
      """),
    .boolean(
      "usp.basicWithoutTLS", \.usp.basicWithoutTLS,
      """
      Whether agents may send their passwords over connections on which this server speaks no TLS. \
      From this machine they always may.
      """),
    .text(
      "usp.unixSocket", \.usp.unixSocket, .file,
      "The path of a UNIX domain socket on which agents of this machine are awaited; empty: none."),
    .text(
      "usp.unixSocketMode", \.usp.unixSocketMode, .fileMode,
      "The mode of the file `usp.unixSocket`, in octal digits: who may connect. 0660 lets in the group of this server as well."
    ),
    .list(
      "usp.agents", \.usp.agents, .webSocketURL,
      "The URLs (`ws://` or `wss://`) of agents that this controller calls, since they do not call it."
    ),
    .text(
      "usp.agentAuthorities", \.usp.agentAuthorities, .file,
      """
      The authorities that are believed of `usp.agents`, in PEM; empty: those of the system. \
      They are shown `usp.tlsCertificate` where they ask for a certificate.
      """),
    .choice(
      "usp.sessions", \.usp.sessions,
      """
      Whether agents may (allow), must (require) or must not (forbid) number and acknowledge their Records (session context).
      """),
    .size(
      "usp.maxRecord", \.usp.maxRecord, (1 << 10)...(1 << 30), "The largest Record that is taken."),
    .size(
      "usp.maxMessage", \.usp.maxMessage, (1 << 10)...(1 << 30),
      "The largest message that is put together of Records."),
    .size(
      "usp.recordSize", \.usp.recordSize, 0...(1 << 30),
      "The largest Record that is sent within a session context; longer messages are cut. 0: none is."
    ),
    .count(
      "usp.maxItems", \.usp.maxItems, 1_000...10_000_000,
      "How many entries the lists and maps of one message may have in all."),
    .count(
      "usp.maxEarlyRecords", \.usp.maxEarlyRecords, 1...10_000,
      "How many Records that came too early wait for those before them (session context)."),
    .count(
      "usp.maxKeptRecords", \.usp.maxKeptRecords, 1...10_000,
      "How many Records that were sent are kept until they are acknowledged (session context)."),
    .count(
      "usp.maxRetransmissions", \.usp.maxRetransmissions, 1...1_000,
      "How often a Record is sent again or asked for before the session context begins anew."),
    .size(
      "usp.maxQueued", \.usp.maxQueued, (64 << 10)...(1 << 30),
      "How much may wait for one agent to take it; a link over which more is to be sent is closed."),
    .size(
      "usp.maxArriving", \.usp.maxArriving, (64 << 10)...(1 << 40),
      "How much of Records that are not there in full is held for all agents together (WebSocket)."),
    .duration(
      "usp.arrivalTimeout", \.usp.arrivalTimeout, 1_000...3_600_000,
      "How long a Record may take to arrive, from its first byte, and a message, from its first segment."
    ),
    .duration(
      "usp.closeTimeout", \.usp.closeTimeout, 100...600_000,
      "How long an agent may take to end a link that this server has closed."),
    .count(
      "usp.maxUnanswered", \.usp.maxUnanswered, 1...100,
      "So many questions whether an agent is there without an answer, and its link is closed."),
    .size(
      "usp.maxHeaderBytes", \.usp.maxHeaderBytes, (1 << 10)...(1 << 20),
      "The largest header of the request that opens a WebSocket."),
    .count(
      "usp.maxHeaders", \.usp.maxHeaders, 8...1_000,
      "How many fields the header of that request may have."),
    .duration(
      "usp.retryAfter", \.usp.retryAfter, 1_000...3_600_000,
      "After what time an agent for which there was no room is told to come again."),
    .duration(
      "usp.tlsReload", \.usp.tlsReload, 1_000...86_400_000,
      "The pause between two looks whether the TLS files have changed."),
    .count(
      "usp.maxAgents", \.usp.maxAgents, 1...1_000_000,
      "How many agents may be connected to this node at once."),
    .count(
      "usp.maxHandshakes", \.usp.maxHandshakes, 1...1_000_000,
      "How many agents may be on their way in at once (WebSocket)."),
    .duration(
      "usp.handshakeTimeout", \.usp.handshakeTimeout, 1_000...600_000,
      "How long TLS and the handshake of a WebSocket may take together."),
    .duration(
      "usp.pingInterval", \.usp.pingInterval, 0...3_600_000,
      "The silence after which an agent is asked whether it is there (WebSocket). 0: never."),
    .duration(
      "usp.requestTimeout", \.usp.requestTimeout, 1_000...600_000,
      "How long an agent may take to answer, and until it is known which device it is in."),
    .duration(
      "usp.periodicInterval", \.usp.periodicInterval, 0...86_400_000,
      """
      The pause between the notifications with which agents tell that they are there (PeriodicNotifInterval), \
      which is set on each. 0: agents keep their own.
      """),
    .count(
      "usp.valuesPerRequest", \.usp.valuesPerRequest, 1...100_000,
      "How many values are asked for in one message while a tree is read."),
    .count(
      "usp.maxNotifications", \.usp.maxNotifications, 1...100_000,
      "How many notifications of one agent may wait to be stored; it repeats further ones."),
    .size(
      "usp.maxNotificationBytes", \.usp.maxNotificationBytes, (64 << 10)...(1 << 30),
      "How large the notifications of one agent that wait to be stored may be together; it repeats further ones."
    ),
    .count(
      "usp.notificationRate", \.usp.notificationRate, 1...100_000,
      """
      How many notifications a second one agent may send over a longer time, after `usp.maxNotifications` at once; it repeats \
      further ones.
      """),
    .size(
      "usp.maxHeld", \.usp.maxHeld, (1 << 20)...(1 << 40),
      "How large the notifications of all agents of this node that wait to be stored may be together."
    ),
    .count(
      "usp.maxSupportedItems", \.usp.maxSupportedItems, 20_000...100_000_000,
      """
      How many objects, parameters, commands, events and arguments are remembered of what the firmwares of agents support; \
      agents of firmwares that are forgotten are asked again.
      """),
    .count(
      "usp.maxBeginnings", \.usp.maxBeginnings, 1...100_000,
      "How many agents are being got to know at once; others that have connected wait."),
    .duration(
      "usp.workInterval", \.usp.workInterval, 100...600_000,
      "The pause between two looks for work that another node was given for agents of this one."),
    .duration(
      "usp.reportPatience", \.usp.reportPatience, 100...600_000,
      """
      How long the report of a command's end is awaited once the agent's table of requests shows that end; then the task ends as \
      the table says, without what the command brought.
      """),
    .duration(
      "usp.nodeLease", \.usp.nodeLease, 3_000...600_000,
      """
      How long the agents of this node count as connected after its last sign of life in the database; it gives three in that time.
      """),
    .duration(
      "usp.heardInterval", \.usp.heardInterval, 1_000...86_400_000,
      "The pause between two times that it is stored when the agents of this node were last heard."),
    .duration(
      "usp.probeInterval", \.usp.probeInterval, 0...86_400_000,
      """
      The silence after which an agent that comes through a broker is asked whether it is there; one that does not answer within \
      `usp.requestTimeout` counts as gone. 0: never.
      """),
  ]

  static let mqtt: [Setting] = [
    .text(
      "mqtt.host", \.mqtt.host, .optionalHost,
      "The MQTT broker through which agents come; empty: none."),
    .count(
      "mqtt.port", \.mqtt.port, 0...65_535,
      "The port of `mqtt.host`. 0: 1883, or 8883 with TLS."),
    .choice("mqtt.version", \.mqtt.version, "The version of MQTT to speak with the broker."),
    .boolean("mqtt.tls", \.mqtt.tls, "Whether TLS is spoken with the broker."),
    .text(
      "mqtt.authorities", \.mqtt.authorities, .file,
      "The authorities that are believed of the broker, in PEM; empty: those of the system."),
    .text(
      "mqtt.certificate", \.mqtt.certificate, .file,
      "A certificate that this server shows the broker, in PEM; empty: none."),
    .text("mqtt.key", \.mqtt.key, .file, "The private key of `mqtt.certificate`, in PEM."),
    .text("mqtt.username", \.mqtt.username, .any, "The account at the broker; empty: none."),
    .text(
      "mqtt.passwordFile", \.mqtt.passwordFile, .file,
      "The file whose first line is the account's password."),
    .text("mqtt.clientId", \.mqtt.clientID, .any, "The client ID; empty: the broker gives one."),
    .text(
      "mqtt.topic", \.mqtt.topic, .any,
      "The topic to which agents send: the controller's topic in their configuration."),
    .text(
      "mqtt.replyTopic", \.mqtt.replyTopic, .any,
      "The topic to which agents answer this node; empty: `mqtt.topic`."),
    .text(
      "mqtt.group", \.mqtt.group, .any,
      """
      The name of a group of nodes that share `mqtt.topic`, so that each message reaches one of them; \
      each then needs an `mqtt.replyTopic` of its own. \
      Empty: this node hears everything.
      """),
    .choice("mqtt.qos", \.mqtt.qos, "The quality of service of MQTT."),
    .count(
      "mqtt.maxInFlight", \.mqtt.maxInFlight, 1...65_535,
      "How many messages may be sent before it acknowledges the first (quality of service 1)."),
    .duration(
      "mqtt.sessionExpiry", \.mqtt.sessionExpiry, 0...604_800_000,
      "How long the broker keeps what comes while this server is away. 0: not at all."),
    .count(
      "mqtt.maxLinks", \.mqtt.maxLinks, 1...1_000_000,
      "How many agents may come through it; beyond that, the one that was silent for longest is forgotten."
    ),
    .count(
      "mqtt.maxEndpointsPerAddress", \.mqtt.maxEndpointsPerAddress, 1...1_000_000,
      """
      How many agents may answer at one topic; beyond that, the one of these that was silent for longest is forgotten. \
      A gateway that speaks for others may need more.
      """),
    .duration(
      "mqtt.idleTimeout", \.mqtt.idleTimeout, 0...604_800_000,
      "The silence after which an agent is forgotten until it tells something. 0: never."),
    .size(
      "mqtt.maxOutgoing", \.mqtt.maxOutgoing, (64 << 10)...(1 << 30),
      "How much may wait to be taken by it."),
    .size(
      "mqtt.maxIncoming", \.mqtt.maxIncoming, (64 << 10)...(1 << 30),
      """
      How much that came from it may wait to be worked on; then nothing more is read. \
      What was read already is dropped above twice as much.
      """),
    .duration(
      "mqtt.connectTimeout", \.mqtt.connectTimeout, 1_000...600_000,
      "How long connecting and subscribing may take together."),
    .duration(
      "mqtt.retryDelay", \.mqtt.retryDelay, 100...3_600_000,
      "The pause before it is tried again; it doubles with every further attempt."),
    .duration(
      "mqtt.retryCap", \.mqtt.retryCap, 1_000...86_400_000,
      "The longest pause between two attempts."),
    .duration(
      "mqtt.keepAlive", \.mqtt.keepAlive, 5_000...3_600_000,
      "The silence after which the broker is asked whether it is there."),
    .boolean(
      "mqtt.trusted", \.mqtt.trusted,
      """
      Whether the broker lets in only agents that it knows, each with its own topics alone; \
      else agents that come through it have proved nothing.
      """),
  ]

  static let stomp: [Setting] = [
    .text(
      "stomp.host", \.stomp.host, .optionalHost,
      "The STOMP server through which agents come; empty: none."),
    .count(
      "stomp.port", \.stomp.port, 0...65_535,
      "The port of `stomp.host`. 0: 61613, or 61614 with TLS."),
    .boolean("stomp.tls", \.stomp.tls, "Whether TLS is spoken with the server."),
    .text(
      "stomp.authorities", \.stomp.authorities, .file,
      "The authorities that are believed of the server, in PEM; empty: those of the system."),
    .text(
      "stomp.certificate", \.stomp.certificate, .file,
      "A certificate that this server shows the other, in PEM; empty: none."),
    .text("stomp.key", \.stomp.key, .file, "The private key of `stomp.certificate`, in PEM."),
    .text("stomp.username", \.stomp.username, .any, "The account at the server; empty: none."),
    .text(
      "stomp.passwordFile", \.stomp.passwordFile, .file,
      "The file whose first line is the account's password."),
    .text(
      "stomp.virtualHost", \.stomp.virtualHost, .any,
      "The virtual host to connect to; empty: `stomp.host`."),
    .text(
      "stomp.destination", \.stomp.destination, .any,
      "The destination to which agents send: the controller's in their configuration."),
    .text(
      "stomp.replyDestination", \.stomp.replyDestination, .any,
      "The destination to which agents answer this node; empty: `stomp.destination`."),
    .count(
      "stomp.maxLinks", \.stomp.maxLinks, 1...1_000_000,
      "How many agents may come through it; beyond that, the one that was silent for longest is forgotten."
    ),
    .count(
      "stomp.maxEndpointsPerAddress", \.stomp.maxEndpointsPerAddress, 1...1_000_000,
      """
      How many agents may answer at one destination; beyond that, the one of these that was silent for longest is forgotten. \
      A gateway that speaks for others may need more.
      """),
    .duration(
      "stomp.idleTimeout", \.stomp.idleTimeout, 0...604_800_000,
      "The silence after which an agent is forgotten until it tells something. 0: never."),
    .size(
      "stomp.maxOutgoing", \.stomp.maxOutgoing, (64 << 10)...(1 << 30),
      "How much may wait to be taken by it."),
    .size(
      "stomp.maxIncoming", \.stomp.maxIncoming, (64 << 10)...(1 << 30),
      "How much that came from it before the subscriptions stand may wait for them; what comes beyond that can't be answered."
    ),
    .duration(
      "stomp.connectTimeout", \.stomp.connectTimeout, 1_000...600_000,
      "How long connecting and subscribing may take together."),
    .duration(
      "stomp.retryDelay", \.stomp.retryDelay, 100...3_600_000,
      "The pause before it is tried again; it doubles with every further attempt."),
    .duration(
      "stomp.retryCap", \.stomp.retryCap, 1_000...86_400_000,
      "The longest pause between two attempts."),
    .duration(
      "stomp.heartBeat", \.stomp.heartBeat, 0...3_600_000,
      "The pause between heart-beats in either direction. 0: none."),
    .boolean(
      "stomp.trusted", \.stomp.trusted,
      """
      Whether the server lets in only agents that it knows, each with its own destination alone; \
      else agents that come through it have proved nothing.
      """),
  ]
}
