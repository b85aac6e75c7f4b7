/// How to connect to a broker.
package struct MQTTConfiguration: Sendable, Equatable {
  package struct TLS: Sendable, Equatable {
    /// A PEM file; empty: the authorities that the system trusts.
    package var authorities = ""
    /// PEM files; both empty: no certificate of this side's own.
    package var certificate = ""
    package var key = ""
    package var verifiesHostName = true

    package init() {}
  }

  /// Which of the host's addresses are tried. libmosquitto tries the first of them alone.
  package enum AddressFamily: String, Sendable, CaseIterable {
    case any, ipv4, ipv6

    /// Addresses of this side's to connect from, one after the other: from each, hosts can be reached at addresses of its family alone.
    var ownAddresses: [String?] {
      switch self {
      case .any: [nil]
      case .ipv4: ["0.0.0.0", "::"]
      case .ipv6: ["::", "0.0.0.0"]
      }
    }
  }

  package var host: String
  /// A host that has no address of that family is sought at those that it has.
  package var family = AddressFamily.any
  package var port: UInt16
  package var version = MQTTVersion.v5
  package var tls: TLS?
  /// Empty: neither username nor password.
  package var username = ""
  package var password = ""
  /// Empty: MQTT 5 lets the broker choose one.
  package var clientID = ""
  /// Whether the broker forgets what it kept from before.
  package var cleanStart = true
  /// Seconds for which the broker keeps subscriptions and messages after the connection; with 3.1.1 anything but 0 means for as
  /// long as the broker likes.
  package var sessionExpiry: UInt32 = 0
  /// Seconds; 0, or at least 5.
  package var keepAlive: UInt16 = 60
  /// MQTT 5 alone.
  package var userProperties: [MQTTUserProperty] = []
  /// MQTT 5 alone: asks for Response Information.
  package var requestsResponseInformation = true
  /// Bytes of a message's payload; larger ones that come are dropped. MQTT 5 tells the broker not to send them.
  package var maximumPayload = 1 << 20
  /// Messages of QoS 1 that the broker has not acknowledged, beyond which the next wait on this side.
  package var maximumInFlight: UInt16 = 20
  /// Bytes of messages that wait to be taken by the broker.
  package var outgoingBytes = 8 << 20
  /// Bytes of messages that were handed over and wait to be worked on, beyond which nothing is read.
  package var incomingBytes = 8 << 20
  /// Seconds until the broker's answer to CONNECT.
  package var connectSeconds: Double = 30

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }
}

/// A User Property of MQTT 5.
package struct MQTTUserProperty: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
