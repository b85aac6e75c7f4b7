/// Everything that an operator can set, as typed values; the initial values are the defaults.
///
/// What each value means, its unit and its range is told by ``SettingTable``.
package struct Settings: Sendable, Equatable {
  package var dataDirectory = ".fairlead"
  /// A libpq connection string; empty: a private cluster in the data directory. May hold a password.
  package var database = ""
  package var log = Log()
  package var cwmp = CWMP()
  package var files = Files()
  package var api = API()
  package var traces = Traces()
  package var store = Store()
  package var tasks = Tasks()
  package var discovery = Discovery()
  package var connectionRequests = ConnectionRequests()
  package var stun = STUN()
  package var xmpp = XMPP()
  package var usp = USP()
  package var mqtt = MQTT()
  package var stomp = STOMP()
  /// The names of the parameters by which devices are searched, without the root; nil: the standard list.
  package var facts: [String]?
  package var events = Events()
  package var rollouts = Rollouts()
  package var housekeeping = Housekeeping()
  package var models = Models()

  package init() {}

  package struct Log: Sendable, Equatable {
    package var level = Level.info
    package var format = Format.text

    package enum Level: String, Sendable, CaseIterable {
      case trace, debug, info, notice, warning, error, critical
    }

    package enum Format: String, Sendable, CaseIterable {
      case text, json
    }
  }

  package struct CWMP: Sendable, Equatable {
    package var host = "0.0.0.0"
    package var port = 7547
    package var enrolment = Enrolment.shared
    package var realm = "fairlead"
    package var authentication = Authentication.digest
    package var basicWithoutTLS = false
    package var digestAlgorithms = ["md5", "sha-256"]
    package var nonceLifetime = Duration.seconds(120)
    package var deviceCredentials = DeviceCredentials.shared
    /// Whether devices may come without TLS.
    package var withoutTLS = true
    package var tlsPort = 7549
    /// A PEM file, like the two after it; empty: no TLS.
    package var tlsCertificate = ""
    package var tlsKey = ""
    package var tlsClientAuthorities = ""
    package var tlsClientCertificates = ClientCertificates.off
    package var handshakeTimeout = Duration.seconds(10)
    package var maxHandshakes = 2000
    package var tlsReload = Duration.seconds(10)
    package var maxBody = 16 << 20
    package var maxFirstBody = 1 << 20
    package var maxArriving = 256 << 20
    package var maxArrivingInSessions = 1 << 30
    package var maxHeaderBytes = 64 << 10
    package var maxHeaders = 100
    package var compression = Compression.requests
    package var maxCompressionRatio = 100
    package var refusalLinesPerPeer = 10
    package var refusalLines = 600
    package var frequentCalls = 60
    package var maxConnections = 20_000
    package var maxSessions = 20_000
    package var sessionTimeout = Duration.seconds(60)
    package var maxSessionTimeout = Duration.seconds(300)
    package var maxSessionLength = Duration.seconds(3600)
    package var requestTimeout = Duration.seconds(30)
    package var retryAfter = Duration.seconds(30)
    package var retrySpread = Duration.seconds(90)
    package var maxParameters = 100_000
    package var maxDepth = 32
    package var maxValue = 1 << 20
    package var maxRequests = 10_000
    /// 0: half as many as there are cores.
    package var threads = 0
    package var xmlDeclaration = false

    /// Who is let in at first contact.
    package enum Enrolment: String, Sendable, CaseIterable {
      /// Only devices that have a credential of their own.
      case known
      /// Also unknown devices that show the shared credential.
      case shared
      /// Every device, without a credential.
      case open
    }

    package enum Authentication: String, Sendable, CaseIterable {
      case digest, basic, either
    }

    /// Whether devices get credentials of their own.
    package enum DeviceCredentials: String, Sendable, CaseIterable {
      /// They keep the one with which they come.
      case shared
      /// One that comes with the shared credential is given one of its own.
      case generated
    }

    /// Whether devices show certificates of their own.
    package enum ClientCertificates: String, Sendable, CaseIterable {
      case off, optional, required
    }

    /// Which messages may be compressed.
    package enum Compression: String, Sendable, CaseIterable {
      case off
      /// Those of devices.
      case requests
      /// Also those to devices that compress theirs.
      case both
    }
  }

  package struct Files: Sendable, Equatable {
    package var host = "0.0.0.0"
    package var port = 7567
    /// Without a slash at the end; empty: the address at which the device reached the server, and ``port``.
    package var url = ""
    package var maxSize = 2 << 30
    package var maxUpload = 64 << 20
    package var maxConnections = 1000
    package var idleTimeout = Duration.seconds(60)
    package var stallTimeout = Duration.seconds(60)
    package var linkLifetime = Duration.seconds(86_400)
    package var sweepInterval = Duration.seconds(1800)
    package var sweepAge = Duration.seconds(3600)
    /// Empty until ``EffectiveConfiguration`` derives it from the data directory.
    package var directory = ""
  }

  package struct API: Sendable, Equatable {
    package var host = "127.0.0.1"
    package var port = 7557
    package var maxBody = 1 << 20
    package var pageLimit = 1000
    package var maxStreams = 64
  }

  package struct Store: Sendable, Equatable {
    package var connections = 8
    package var committers = 1
    package var commitDelay = Duration.milliseconds(5)
    package var commitBatch = 128
    package var statementTimeout = Duration.seconds(30)
    package var queueLimit = 10_000
    package var maxVolatile = 4096
  }

  package struct Tasks: Sendable, Equatable {
    package var maxAttempts = 5
    package var readLifetime = Duration.seconds(86_400)
    package var writeLifetime = Duration.seconds(7 * 86_400)
    package var restartLifetime = Duration.seconds(86_400)
    package var downloadLifetime = Duration.seconds(14 * 86_400)
    package var retryDelay = Duration.seconds(5)
    package var retryCap = Duration.seconds(3600)
    package var bootWithin = Duration.seconds(1800)
    package var transferWithin = Duration.seconds(3600)
    package var verifyWithin = Duration.seconds(600)
    package var fileWithin = Duration.seconds(60)
    package var contactWithin = Duration.seconds(1_800)
    package var softwareWithin = Duration.seconds(25 * 3_600)
    package var diagnosisWithin = Duration.seconds(1_800)
    package var retentionDays = 90
  }

  package struct Traces: Sendable, Equatable {
    package var devices = 100
    package var messages = 2_000
    package var size = 32 << 20
    package var maxBody = 256 << 10
    package var claims = 60
    package var retention = Duration.seconds(7 * 86_400)
  }

  package struct Models: Sendable, Equatable {
    package var maxSize = 16 << 20
    package var maxDocuments = 500
    package var maxImported = 20
    package var maxSupported = 2_000
    package var supportedDevices = 5
    package var supportedInterval = Duration.seconds(60)
  }

  package struct Discovery: Sendable, Equatable {
    package var batchSize = 256
    package var maxParameters = 50_000
    package var requestBytes = 30 << 10
    package var maxBytes = 64 << 20
    package var retryDelay = Duration.seconds(60)
  }

  package struct ConnectionRequests: Sendable, Equatable {
    package var enabled = true
    package var provision = true
    package var concurrency = 64
    package var connectTimeout = Duration.seconds(5)
    package var timeout = Duration.seconds(10)
    package var attempts = 4
    package var retryDelay = Duration.seconds(5)
    package var retryCap = Duration.seconds(60)
    package var interval = Duration.seconds(5)
    package var refusalHold = Duration.seconds(600)
    package var basic = false
    package var methods = ["http", "udp", "xmpp"]
    package var sessionWait = Duration.seconds(30)
    package var udpWait = Duration.seconds(10)
    package var udpCopies = 3
    package var maxWaiting = 1000
    package var maxDevices = 100_000
    /// A minute.
    package var failureLines = 120
    package var ownAddresses = false
    package var ownNetworks = false
    package var contactAddress = true
    /// Address ranges (CIDR) that may be asked whatever else is said.
    package var allow: [String] = []
    /// Address ranges (CIDR) that may not be asked.
    package var deny: [String] = []
  }

  package struct STUN: Sendable, Equatable {
    package var host = "0.0.0.0"
    /// 0: no STUN server, and no UDP connection requests.
    package var port = 0
    package var signed = true
    /// Datagrams a second from one source.
    package var maxRate = 200
    package var maxBindings = 100_000
  }

  package struct XMPP: Sendable, Equatable {
    /// Empty: no XMPP connection, and no connection requests through one.
    package var jid = ""
    package var passwordFile = ""
    /// Empty: the domain of ``jid``, by its SRV record.
    package var host = ""
    /// 0: 5222, or that of the SRV record.
    package var port = 0
    package var tls = TLS.required
    /// A PEM file; empty: the authorities that the system trusts.
    package var certificateAuthorities = ""
    /// Those of devices; empty: that of ``jid``.
    package var domains: [String] = []
    package var timeout = Duration.seconds(10)
    package var maxPending = 1000
    package var retryCap = Duration.seconds(60)

    package enum TLS: String, Sendable, CaseIterable {
      case required
      /// None at all, for a server on the same machine.
      case off
    }
  }

  package struct Events: Sendable, Equatable {
    package var retentionDays = 30
  }

  package struct Rollouts: Sendable, Equatable {
    package var interval = Duration.seconds(1)
    package var callWithin = Duration.seconds(600)
    package var placePause = Duration.seconds(300)
    package var placeWait = Duration.seconds(10)
    package var maxAbsent = 10_000
  }

  package struct Housekeeping: Sendable, Equatable {
    package var interval = Duration.seconds(60)
  }
}

extension Duration {
  /// The length in seconds, with fractions.
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }

  /// The length in whole milliseconds, rounded down.
  package var inMilliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
