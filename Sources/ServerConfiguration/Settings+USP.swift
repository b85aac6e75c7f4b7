/// How USP agents reach the server.
extension Settings {
  /// Whether one of the doors lets in whoever shows the credential that devices share.
  package var takesSharedCredential: Bool {
    cwmp.enrolment == .shared || usp.webSocket && usp.enrolment == .shared
  }

  package struct USP: Sendable, Equatable {
    package var endpoint = "self::fairlead"
    package var enrolment = CWMP.Enrolment.shared
    package var webSocket = true
    package var host = "0.0.0.0"
    package var port = 7548
    package var path = "/usp"
    /// A PEM file, like the two after it; empty: no TLS.
    package var tlsCertificate = ""
    package var tlsKey = ""
    package var tlsClientAuthorities = ""
    package var tlsClientCertificates = CWMP.ClientCertificates.off
    package var basicWithoutTLS = false
    package var unixSocket = ""
    /// Octal digits.
    package var unixSocketMode = "0600"
    package var agents: [String] = []
    /// A PEM file; empty: the authorities of the system.
    package var agentAuthorities = ""
    package var sessions = Sessions.allow
    package var maxRecord = 5 << 20
    package var maxMessage = 8 << 20
    package var recordSize = 0
    package var maxItems = 200_000
    package var maxEarlyRecords = 64
    package var maxKeptRecords = 256
    package var maxRetransmissions = 3
    package var maxQueued = 16 << 20
    package var maxArriving = 64 << 20
    package var arrivalTimeout = Duration.seconds(60)
    package var closeTimeout = Duration.seconds(5)
    package var maxUnanswered = 2
    package var maxHeaderBytes = 16 << 10
    package var maxHeaders = 64
    package var retryAfter = Duration.seconds(30)
    package var tlsReload = Duration.seconds(60)
    package var maxAgents = 20_000
    package var maxHandshakes = 2_000
    package var handshakeTimeout = Duration.seconds(20)
    package var pingInterval = Duration.seconds(60)
    package var requestTimeout = Duration.seconds(30)
    package var periodicInterval = Duration.seconds(300)
    package var valuesPerRequest = 500
    package var maxNotifications = 1_000
    package var maxNotificationBytes = 8 << 20
    package var notificationRate = 100
    package var maxHeld = 256 << 20
    package var maxSupportedItems = 1_000_000
    package var maxBeginnings = 64
    package var workInterval = Duration.seconds(2)
    package var reportPatience = Duration.seconds(10)
    package var nodeLease = Duration.seconds(30)
    package var heardInterval = Duration.seconds(300)
    package var probeInterval = Duration.seconds(600)

    /// Whether Records are numbered and acknowledged.
    package enum Sessions: String, Sendable, CaseIterable {
      case forbid, allow, require
    }
  }

  package struct MQTT: Sendable, Equatable {
    package var host = ""
    package var port = 0
    package var version = Version.v5
    package var tls = false
    package var authorities = ""
    package var certificate = ""
    package var key = ""
    package var username = ""
    package var passwordFile = ""
    package var clientID = ""
    package var topic = "usp/controller"
    package var replyTopic = ""
    package var group = ""
    package var keepAlive = Duration.seconds(60)
    package var trusted = true
    package var qos = QualityOfService.atLeastOnce
    package var maxInFlight = 20
    package var sessionExpiry = Duration.zero
    package var maxLinks = 8_000
    package var maxEndpointsPerAddress = 8
    package var idleTimeout = Duration.seconds(86_400)
    package var maxOutgoing = 8 << 20
    package var maxIncoming = 8 << 20
    package var connectTimeout = Duration.seconds(30)
    package var retryDelay = Duration.seconds(1)
    package var retryCap = Duration.seconds(60)

    package enum QualityOfService: String, Sendable, CaseIterable {
      case atMostOnce = "0"
      case atLeastOnce = "1"
    }

    package enum Version: String, Sendable, CaseIterable {
      case v5 = "5"
      case v3 = "3.1.1"
    }
  }

  package struct STOMP: Sendable, Equatable {
    package var host = ""
    package var port = 0
    package var tls = false
    package var authorities = ""
    package var certificate = ""
    package var key = ""
    package var username = ""
    package var passwordFile = ""
    package var virtualHost = ""
    package var destination = "/queue/usp-controller"
    package var replyDestination = ""
    package var heartBeat = Duration.seconds(30)
    package var trusted = true
    package var maxLinks = 8_000
    package var maxEndpointsPerAddress = 8
    package var idleTimeout = Duration.seconds(86_400)
    package var maxOutgoing = 8 << 20
    package var maxIncoming = 8 << 20
    package var connectTimeout = Duration.seconds(30)
    package var retryDelay = Duration.seconds(1)
    package var retryCap = Duration.seconds(60)
  }
}
