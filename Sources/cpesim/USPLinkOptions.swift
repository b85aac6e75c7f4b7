import ArgumentParser
import DeviceSimulator
import Foundation
import USP

/// Which message transfer protocol agents use, as a person writes it.
enum USPTransportName: String, ExpressibleByArgument, CaseIterable {
  case websocket, mqtt, stomp, unix
}

extension AgentOptions.EndpointScheme: ExpressibleByArgument {}
extension RecordExchange.SessionMode: ExpressibleByArgument {}

/// Where the controller is, and how agents reach it and show who they are.
struct USPLinkOptions: ParsableArguments {
  @Option(name: .long, help: "websocket, mqtt, stomp or unix.")
  var transport = USPTransportName.websocket

  @Option(name: .long, help: "The controller's endpoint ID.")
  var controller = "self::fairlead"

  @Option(
    name: .long,
    help: """
      Where it is: ws://… or wss://… (default ws://127.0.0.1:7548/usp), the broker as mqtt://HOST:PORT, mqtts://…, \
      stomp://… or stomps://… (default: this machine), or the path of a socket.
      """)
  var url: String?

  @Option(
    name: .long,
    help: """
      The name all agents use. Without it, that of the server on this machine is taken from the file enrolment in its \
      data directory (FAIRLEAD_DATA_DIRECTORY, else .fairlead) for WebSockets; where there is none, each agent shows \
      OUI-ProductClass-SerialNumber.
      """)
  var username: String?

  @Option(name: .long, help: "The password; it can be seen by others on the machine.")
  var password: String?

  @Option(name: .long, help: "A file whose first line is the password.")
  var passwordFile: String?

  @Flag(name: .long, help: "Show no credentials.")
  var anonymous = false

  @Option(
    name: .long,
    help: "The topic (MQTT) or destination (STOMP) at which the controller listens.")
  var controllerTopic: String?

  @Option(
    name: .long,
    help: "What stands before the endpoint ID in an agent's own topic or destination.")
  var topicPrefix: String?

  @Option(name: .long, help: "The version of MQTT: 5 or 3.1.1.")
  var mqttVersion = "5"

  @Option(name: .long, help: "The quality of service of MQTT: 0 or 1.")
  var qos = 1

  @Option(name: .long, help: "The virtual host of STOMP.")
  var virtualHost = ""

  @OptionGroup var security: TLSFileOptions

  @Option(name: .long, help: "What endpoint IDs are made of: os or ops.")
  var endpoint = AgentOptions.EndpointScheme.os

  @Option(name: .long, help: "Session contexts of Records: allow, require or forbid.")
  var session = RecordExchange.SessionMode.allow

  @Option(
    name: .long,
    help: "Bytes of a Record at most, within a session context; longer ones go in segments; 0: no.")
  var segmentSize = 0

  @Option(name: .long, help: "What serial numbers begin with.")
  var serialPrefix = "SIM"

  @Option(name: .long, help: "The number of the first agent.")
  var serialOffset = 1

  @Option(name: .long, help: "Where chance begins; the same seed gives the same fleet.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Threads that the agents share.")
  var loops = 1

  @Option(name: .long, help: "A departure from TR-369; repeatable. `cpesim usp quirks` lists them.")
  var quirk: [String] = []

  @Flag(
    name: .long,
    help: "Agents come with subscriptions to Boot!, Periodic! and TransferComplete!.")
  var factorySubscriptions = false

  func options(count: Int) throws -> AgentOptions {
    guard let endpointID = EndpointID(controller) else {
      throw ValidationError("--controller is an endpoint ID such as self::fairlead")
    }
    var options = AgentOptions(
      count: count, way: try way(), controller: endpointID)
    let credential = try credential()
    options.username = credential?.username
    options.password = credential?.password ?? ""
    options.isAnonymous = anonymous
    options.scheme = endpoint
    options.serialPrefix = serialPrefix
    options.serialOffset = serialOffset
    options.sessionMode = session
    options.maximumRecordSize = segmentSize
    options.hasFactorySubscriptions = factorySubscriptions
    options.seed = seed
    options.loops = loops
    options.tls = TLSOptions(
      authorities: security.ca, certificate: security.certificate, key: security.key)
    for text in quirk { try options.quirks.insert(text) }
    return options
  }

  // MARK: Parts

  private func way() throws -> AgentOptions.Way {
    guard ["5", "3.1.1"].contains(mqttVersion), (0...1).contains(qos) else {
      throw ValidationError("--mqtt-version is 5 or 3.1.1, --qos is 0 or 1")
    }
    switch transport {
    case .websocket: return .webSocket(url: url ?? "ws://127.0.0.1:7548/usp")
    case .unix:
      guard let url else { throw ValidationError("--url is the path of a socket") }
      return .unix(path: url)
    case .mqtt:
      let (host, port, isSecure) = try broker("mqtt")
      var settings = AgentOptions.MQTT(
        host: host, port: port, controllerTopic: controllerTopic ?? "usp/controller",
        topicPrefix: topicPrefix ?? "usp/agent/")
      settings.isSecure = isSecure
      settings.isVersion311 = mqttVersion == "3.1.1"
      settings.isAtLeastOnce = qos == 1
      return .mqtt(settings)
    case .stomp:
      let (host, port, isSecure) = try broker("stomp")
      var settings = AgentOptions.STOMP(
        host: host, port: port, controllerDestination: controllerTopic ?? "/queue/usp-controller",
        destinationPrefix: topicPrefix ?? "/queue/usp-agent-")
      settings.isSecure = isSecure
      settings.virtualHost = virtualHost
      return .stomp(settings)
    }
  }

  /// The host and port of `mqtt://HOST:PORT`, 0 for the usual one, and whether it is `mqtts://`.
  private func broker(_ scheme: String) throws -> (String, UInt16, isSecure: Bool) {
    guard let url else { return ("127.0.0.1", 0, false) }
    guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
      parts.scheme == scheme || parts.scheme == scheme + "s", (0...65535).contains(parts.port ?? 0)
    else { throw ValidationError("--url is such as \(scheme)://127.0.0.1:1883") }
    let isSecure = parts.scheme == scheme + "s"
    if isSecure, security.ca == nil {
      throw ValidationError("\(scheme)s:// needs --ca, whom agents trust")
    }
    let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    return (name, UInt16(parts.port ?? 0), isSecure)
  }

  private func credential() throws -> ACSOptions.Credential? {
    if let given = try ACSOptions.credential(
      username: username, password: password, passwordFile: passwordFile)
    {
      return given
    }
    // A broker knows nothing of the server's own credential.
    guard transport == .websocket else { return nil }
    return ACSOptions.enrolment(environment: ProcessInfo.processInfo.environment)
  }
}
