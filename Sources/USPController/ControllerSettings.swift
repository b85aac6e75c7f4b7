import USP
import USPTransports

/// How the USP Controller treats agents.
package struct ControllerSettings: Sendable {
  /// Which agents are taken.
  package enum Enrolment: Sendable {
    /// Those alone that come with a credential or a certificate of their own, and are known.
    case known
    /// Also those that show the shared credential, or come through a broker that is trusted.
    case shared
    /// Anybody.
    case open
  }

  /// The controller's own endpoint ID.
  package var endpoint: EndpointID
  package var enrolment = Enrolment.shared
  /// The realm of credentials, as at the other doors.
  package var realm = "fairlead"
  /// Whether passwords may come over links without TLS.
  package var takesBasicWithoutTLS = false
  package var sessionMode = RecordExchange.SessionMode.allow
  package var limits = USPLimits()
  /// Bytes of the Records that this side sends within a session context; 0: they are not cut.
  package var maxRecordSize = 0
  package var reading = AgentReadingLimits()
  /// Seconds that an agent has for an answer, and until it is known which device it is in.
  package var requestTimeout = 30.0
  /// Agents that are connected at a time.
  package var maxAgents = 20_000
  /// Notifications of one agent that wait to be stored.
  package var maxNotifications = 1_000
  /// Bytes of the notifications of one agent that wait to be stored.
  package var maxNotificationBytes = 8 << 20
  /// Notifications that one agent may send a second, over a longer time.
  package var notificationRate = 100
  /// Bytes of what all agents have told that wait to be stored.
  package var maxHeld = 256 << 20
  /// Objects, parameters, commands, events and arguments that are remembered of what all firmwares support.
  package var maxSupportedItems = 1_000_000
  /// Seconds between an agent's periodic notifications, which each agent is told; 0: agents keep their own.
  package var periodicInterval = 300
  /// Names of parameters, without the root, of whose changes agents tell.
  package var reportedFacts: [String] = []
  /// Seconds between two looks for work that another node was given.
  package var workInterval = 2.0
  /// Seconds that the report of a command's end has to come after the agent's table of requests has shown that end.
  package var reportPatience = 10.0
  /// The name of this node, for people.
  package var node = ""
  /// Seconds after a node's last sign of life for which its agents count as connected.
  package var nodeLease = 30.0
  /// Seconds between two times that it is written when agents were last heard.
  package var heardInterval = 300.0
  /// Seconds of silence after which an agent behind a broker is asked whether it is there; 0: never.
  package var probeInterval = 600.0
  /// Agents that are being got to know at a time; the others wait for their turn.
  package var maxOnboarding = 64

  package init(endpoint: EndpointID) {
    self.endpoint = endpoint
  }
}
