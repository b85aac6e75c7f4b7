import MQTT
import TLSIdentity

/// What this side is to a broker.
package enum BrokerRole: Sendable, Equatable {
  /// Every peer that sends something becomes a link of its own.
  case controller
  /// One link, to the controller.
  /// - Parameter controllerTopic: the topic (MQTT) or destination (STOMP) at which the controller listens.
  case agent(controllerTopic: String)
}

/// How long to wait before a broker is tried again (TR-369, Device.MQTT.Client.{i}.ConnectRetry…,
/// Device.STOMP.Connection.{i}.ServerRetry…).
package struct BrokerRetry: Sendable, Equatable {
  /// Seconds before the first try at the least.
  package var firstWait: Double
  /// In thousandths: by how much each wait is longer than the one before.
  package var multiplier: Int = 2000
  /// Seconds that no wait exceeds.
  package var maximumWait: Double

  package init(firstWait: Double, multiplier: Int = 2000, maximumWait: Double) {
    self.firstWait = firstWait
    self.multiplier = multiplier
    self.maximumWait = maximumWait
  }

  /// A controller serves many: it comes back soon.
  package static let controller = BrokerRetry(firstWait: 1, maximumWait: 60)
  /// The defaults of ConnectRetryTime and its fellows.
  package static let mqttAgent = BrokerRetry(firstWait: 5, maximumWait: 30_720)
  /// The defaults of ServerRetryInitialInterval and its fellows.
  package static let stompAgent = BrokerRetry(firstWait: 60, maximumWait: 30_720)
}

/// What bounds the memory and the time that a broker, and those behind it, can take.
package struct BrokerLimits: Sendable, Equatable {
  /// Bytes of one Record; longer ones are dropped.
  package var recordBytes = 1 << 20
  /// Links at a time; beyond it, the one that was silent for the longest goes.
  package var links = 8_000
  /// Links to one address at a time; beyond it, the one of these that was silent for the longest goes. A broker may let an
  /// account that answers at one topic name any sender it likes.
  package var endpointsPerAddress = 8
  /// Seconds without a Record in either direction after which a link of a controller is forgotten; 0: never.
  package var idleSeconds: Double = 86_400
  /// Bytes that wait to be taken by the broker; beyond it, links close on sending.
  package var outgoingBytes = 8 << 20
  /// Bytes that came and wait to be worked on; beyond it, nothing is read from the broker.
  package var incomingBytes = 8 << 20
  /// Seconds until the broker has to have agreed to everything: TCP, TLS, the protocol and the subscriptions.
  package var connectSeconds: Double = 30

  package init() {}
}

/// How a Record's way through an MQTT broker is set up (TR-369, 4.7).
package struct MQTTTransportSettings: Sendable, Equatable {
  package var host: String
  /// 0: 1883, or 8883 with TLS.
  package var port: UInt16 = 0
  /// nil: not encrypted.
  package var tls: TLSClientFiles?
  package var username = ""
  package var password = ""
  package var version = MQTTVersion.v5
  /// Empty: the broker gives one (5), or the own endpoint ID (3.1.1).
  package var clientID = ""
  /// The topic at which others reach this side. Of a controller: the one in the configuration of its agents. Of an agent:
  /// its ResponseTopicConfigured; may be empty where the broker tells one.
  package var topic: String
  /// Controllers alone: the topic to which agents answer; each node has one of its own. Empty: ``topic``.
  package var replyTopic = ""
  /// Controllers alone: the name of the group of nodes that share ``topic``, so that each message reaches one of them
  /// (`$share/group/topic`). Empty: this node hears everything. Needs a ``replyTopic`` of its own.
  package var group = ""
  /// Controllers alone: also hear agents of MQTT 3.1.1, which append `/reply-to=` to ``topic``.
  package var hearsAppendedReplyTopics = true
  /// Topic filters to subscribe to besides (Device.MQTT.Client.{i}.Subscription.{i}).
  package var filters: [String] = []
  package var qos = MQTTQualityOfService.atLeastOnce
  /// Messages of QoS 1 that the broker has not acknowledged, beyond which the next wait on this side; at least 1.
  package var maximumInFlight: UInt16 = 20
  /// Seconds.
  package var keepAlive: UInt16 = 60
  /// Seconds for which the broker keeps what comes while this side is away; 0: nothing is kept. Needs a ``clientID``.
  package var sessionExpiry: UInt32 = 0
  /// The broker lets in only whom it knows, and each only to its own topics: links are proved by ``LinkProof/broker``.
  package var trustsBroker = true
  package var retry = BrokerRetry.controller
  package var limits = BrokerLimits()

  package init(host: String, topic: String) {
    self.host = host
    self.topic = topic
  }
}

/// How a Record's way through a STOMP 1.2 server is set up (TR-369, 4.6).
package struct STOMPTransportSettings: Sendable, Equatable {
  package var host: String
  /// 0: 61613, or 61614 with TLS.
  package var port: UInt16 = 0
  /// nil: not encrypted.
  package var tls: TLSClientFiles?
  /// Both empty: no `login` and `passcode` are sent.
  package var username = ""
  package var password = ""
  /// The `host` header; empty: none where it can be left out, which is with no server of STOMP 1.2: then ``host``.
  package var virtualHost = ""
  /// The destination at which others reach this side; an agent's may be empty where the server tells one.
  package var destination: String
  /// Controllers alone: the destination to which agents answer; each node has one of its own. Empty: ``destination``.
  package var replyDestination = ""
  /// Milliseconds between heart-beats that this side sends at the most, and wants at the most; 0: none.
  package var heartBeatOutgoing = 0
  package var heartBeatIncoming = 0
  /// As with MQTT.
  package var trustsBroker = true
  package var retry = BrokerRetry.controller
  package var limits = BrokerLimits()

  package init(host: String, destination: String) {
    self.host = host
    self.destination = destination
  }
}

/// Where a transport stands with its broker.
package enum BrokerState: Sendable, Equatable {
  /// Connected and subscribed: Records go.
  case ready
  /// On its way to the broker.
  case connecting
  /// - Parameter reason: why the last connection ended or did not come about, for a person; without secrets.
  case waiting(reason: String)
  case stopped
}
