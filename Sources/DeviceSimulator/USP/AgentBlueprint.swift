import USP

/// What agents have in common besides their model: how they left the factory. Shared by all of them.
struct AgentBlueprint: Sendable {
  let model: AgentModel
  /// Values that differ from the model's, by path.
  var values: [String: String] = [:]
  /// The rows of tables that differ from the model's, by the table's path.
  var rows: [String: [UInt32]] = [:]

  init(model: AgentModel, options: AgentOptions) {
    self.model = model
    let controller = USPAgent.controllerPath
    let name = options.way.protocolName
    values = [
      controller + "EndpointID": options.controller.text,
      controller + "PeriodicNotifInterval": String(options.behaviour.periodicInterval),
      controller + "MTP.1.Protocol": name, "Device.LocalAgent.MTP.1.Protocol": name,
      "Device.LocalAgent.SupportedProtocols": "WebSocket,MQTT,STOMP,UDS",
      controller + "E2ESession.SessionMode": Self.word(options.sessionMode),
      controller + "E2ESession.MaxUSPRecordSize": String(options.maximumRecordSize),
    ]
    switch options.way {
    case .webSocket(let url):
      if let target = HTTPTarget(url.replacingScheme()) {
        values[controller + "MTP.1.WebSocket.Host"] = target.host
        values[controller + "MTP.1.WebSocket.Port"] = String(target.port)
        values[controller + "MTP.1.WebSocket.Path"] = target.path
        values[controller + "MTP.1.WebSocket.EnableEncryption"] = String(target.isSecure)
      }
    case .mqtt(let settings): values[controller + "MTP.1.MQTT.Topic"] = settings.controllerTopic
    case .stomp(let settings):
      values[controller + "MTP.1.STOMP.Destination"] = settings.controllerDestination
    case .unix: break
    }
    if options.hasFactorySubscriptions { addSubscriptions() }
  }

  private static func word(_ mode: RecordExchange.SessionMode) -> String {
    switch mode {
    case .allow: "Allow"
    case .forbid: "Forbid"
    case .require: "Require"
    }
  }

  private mutating func addSubscriptions() {
    let events = [
      ("boot", "Device.Boot!"), ("periodic", "Device.LocalAgent.Periodic!"),
      ("transfers", "Device.LocalAgent.TransferComplete!"),
    ]
    let table = USPAgent.subscriptionTable
    rows[table] = Array(1...UInt32(events.count))
    for (index, (id, path)) in events.enumerated() {
      let row = "\(table)\(index + 1)."
      values[row + "Enable"] = "true"
      values[row + "ID"] = id
      values[row + "NotifType"] = "Event"
      values[row + "ReferenceList"] = path
      values[row + "Persistent"] = "true"
      values[row + "NotifRetry"] = "true"
      values[row + "Recipient"] = String(USPAgent.controllerPath.dropLast())
    }
  }
}

extension String {
  /// The URL of a WebSocket as one of HTTP: `ws` is `http`, `wss` is `https`.
  fileprivate func replacingScheme() -> String {
    lowercased().hasPrefix("ws") ? "http" + dropFirst(2) : self
  }
}
