import HTTPAuthentication
import Logging
import MQTT
import NIOCore
import TLSIdentity
import USP
import USPTransports

/// Makes the links of one event loop's agents, by whichever transport.
final class AgentLinks {
  /// What an agent has to give back when it hangs up.
  enum Handle {
    case none
    case mqtt(MQTTTransport)
    case stomp(STOMPTransport)
  }

  private let options: AgentOptions
  private let client: WebSocketClient
  private let engine: MQTTLoop
  private let tls: TLSClientCredentials?
  private let eventLoop: any EventLoop
  let gate: LoopGate
  private let logger: Logger

  init(
    options: AgentOptions, client: WebSocketClient, engine: MQTTLoop, tls: TLSClientCredentials?,
    eventLoop: any EventLoop, logger: Logger
  ) {
    self.options = options
    self.client = client
    self.engine = engine
    self.tls = tls
    self.eventLoop = eventLoop
    gate = LoopGate(eventLoop)
    self.logger = logger
  }

  /// Makes a link; a broker's transport goes on to do so when it is lost.
  ///
  /// - Parameters:
  ///   - accept: called on the event loop.
  ///   - failed: called on the event loop with the reason, where no link comes of it.
  func connect(
    _ endpoint: EndpointID, username: String, accept: @escaping LinkAcceptor,
    failed: @escaping @Sendable (String) -> Void
  ) -> Handle {
    switch options.way {
    case .webSocket(let url):
      connectWebSocket(url, endpoint, username, accept: accept, failed: failed)
    case .unix(let path):
      let (eventLoop, gate, logger) = (eventLoop, gate, logger)
      Task {
        do {
          _ = try await UnixClient.connect(
            path: path, own: endpoint, on: eventLoop, logger: logger, accept: accept)
        } catch {
          gate.execute { failed("\(error)") }
        }
      }
    case .mqtt(let broker):
      do {
        return .mqtt(
          try MQTTTransport.start(
            settings: settings(broker, endpoint), own: endpoint,
            role: .agent(controllerTopic: broker.controllerTopic), eventLoop: eventLoop,
            engine: engine, logger: logger, accept: accept))
      } catch {
        fail("\(error)", failed)
      }
    case .stomp(let broker):
      do {
        return .stomp(
          try STOMPTransport.start(
            settings: settings(broker, endpoint), own: endpoint,
            role: .agent(controllerTopic: broker.controllerDestination), eventLoop: eventLoop,
            logger: logger, accept: accept))
      } catch {
        fail("\(error)", failed)
      }
    }
    return .none
  }

  private func fail(_ reason: String, _ failed: @escaping @Sendable (String) -> Void) {
    eventLoop.execute { failed(reason) }
  }

  private func connectWebSocket(
    _ url: String, _ endpoint: EndpointID, _ username: String, accept: @escaping LinkAcceptor,
    failed: @escaping @Sendable (String) -> Void
  ) {
    var headers: [(name: String, value: String)] = []
    if !options.isAnonymous {
      headers.append(
        (
          "Authorization",
          Authorization.basicHeader(
            username: options.username ?? username, password: options.password)
        ))
    }
    let (client, controller, tls) = (client, options.controller, tls)
    let (eventLoop, gate) = (eventLoop, gate)
    Task { [headers] in
      do {
        _ = try await client.connect(
          to: url, own: endpoint, peer: controller, headers: headers, tls: tls, on: eventLoop,
          accept: accept)
      } catch {
        gate.execute { failed("\(error)") }
      }
    }
  }

  // MARK: Brokers

  func settings(_ broker: AgentOptions.MQTT, _ endpoint: EndpointID)
    -> MQTTTransportSettings
  {
    var settings = MQTTTransportSettings(
      host: broker.host, topic: broker.topicPrefix + endpoint.text)
    settings.port = broker.port
    settings.tls = broker.isSecure ? brokerTLS : nil
    settings.username = options.username ?? ""
    settings.password = options.password
    settings.version = broker.isVersion311 ? .v311 : .v5
    settings.qos = broker.isAtLeastOnce ? .atLeastOnce : .atMostOnce
    settings.retry = .mqttAgent
    return settings
  }

  func settings(_ broker: AgentOptions.STOMP, _ endpoint: EndpointID)
    -> STOMPTransportSettings
  {
    var settings = STOMPTransportSettings(
      host: broker.host, destination: broker.destinationPrefix + endpoint.text)
    settings.port = broker.port
    settings.tls = broker.isSecure ? brokerTLS : nil
    settings.username = options.username ?? ""
    settings.password = options.password
    settings.virtualHost = broker.virtualHost
    settings.retry = .stompAgent
    return settings
  }

  private var brokerTLS: TLSClientFiles {
    var tls = TLSClientFiles()
    tls.authorities = options.tls.authorities ?? ""
    tls.certificate = options.tls.certificate ?? ""
    tls.key = options.tls.key ?? ""
    return tls
  }

  /// What an agent says in its Connect record.
  func connectRecord(_ endpoint: EndpointID, over link: any Link) -> RecordExchange.Connect {
    switch options.way {
    case .webSocket: .webSocket
    case .unix: .unix
    case .mqtt(let broker):
      .mqtt(
        version: broker.isVersion311 ? .v311 : .v5,
        topic: link.localAddress.isEmpty ? broker.topicPrefix + endpoint.text : link.localAddress)
    case .stomp(let broker):
      .stomp(
        destination: link.localAddress.isEmpty
          ? broker.destinationPrefix + endpoint.text : link.localAddress)
    }
  }
}
