import CWMP
import CWMPServer
import FileServer
import Fleet
import FleetStore
import HTTPAuthentication
import ManagementAPI
import NIOCore
import ServerConfiguration
import TLSIdentity

extension FleetStore.Settings {
  init(_ settings: Settings) {
    self.init()
    connections = settings.store.connections
    committers = settings.store.committers
    commitDelay = settings.store.commitDelay.inSeconds
    commitBatch = settings.store.commitBatch
    queueLimit = settings.store.queueLimit
    maxVolatileSize = settings.store.maxVolatile
    statementTimeout = settings.store.statementTimeout
    if let names = settings.facts { facts = names }
    initialBatchSize = settings.discovery.batchSize
    readRetryDelay = settings.discovery.retryDelay.inSeconds
    policy = TaskPolicy(settings.tasks)
    rolloutCallWithin = settings.rollouts.callWithin.inSeconds
    rolloutPlacePause = settings.rollouts.placePause.inSeconds
    rolloutPlaceWait = settings.rollouts.placeWait.inSeconds
    rolloutMaxAbsent = settings.rollouts.maxAbsent
  }
}

extension TaskPolicy {
  init(_ settings: ServerConfiguration.Settings.Tasks) {
    self.init()
    maxAttempts = settings.maxAttempts
    retry = Backoff(
      base: settings.retryDelay.inSeconds, cap: settings.retryCap.inSeconds)
    readLifetime = settings.readLifetime.inSeconds
    writeLifetime = settings.writeLifetime.inSeconds
    restartLifetime = settings.restartLifetime.inSeconds
    downloadLifetime = settings.downloadLifetime.inSeconds
    bootWithin = settings.bootWithin.inSeconds
    transferWithin = settings.transferWithin.inSeconds
    verifyWithin = settings.verifyWithin.inSeconds
    fileWithin = settings.fileWithin.inSeconds
    contactWithin = settings.contactWithin.inSeconds
    softwareWithin = settings.softwareWithin.inSeconds
    diagnosisWithin = settings.diagnosisWithin.inSeconds
  }
}

extension DoorSettings {
  init(_ settings: Settings) {
    self.init()
    host = settings.cwmp.host
    port = settings.cwmp.port
    enrolment =
      switch settings.cwmp.enrolment {
      case .known: .known
      case .shared: .shared
      case .open: .open
      }
    realm = settings.cwmp.realm
    scheme =
      switch settings.cwmp.authentication {
      case .digest: .digest
      case .basic: .basic
      case .either: .either
      }
    acceptsPlainConnections = settings.cwmp.withoutTLS
    tls = TLS(settings.cwmp)
    takesBasicWithoutTLS = settings.cwmp.basicWithoutTLS
    digestAlgorithms = settings.cwmp.digestAlgorithms.map { $0 == "md5" ? .md5 : .sha256 }
    nonceLifetime = Int64(settings.cwmp.nonceLifetime.inSeconds)
    deviceCredentials = settings.cwmp.deviceCredentials == .generated ? .generated : .shared
    maxFirstBody = settings.cwmp.maxFirstBody
    maxArriving = settings.cwmp.maxArriving
    maxArrivingInSessions = settings.cwmp.maxArrivingInSessions
    maxHeaderBytes = settings.cwmp.maxHeaderBytes
    maxHeaders = settings.cwmp.maxHeaders
    compression =
      switch settings.cwmp.compression {
      case .off: .off
      case .requests: .requests
      case .both: .both
      }
    maxCompressionRatio = settings.cwmp.maxCompressionRatio
    refusalLinesPerPeer = settings.cwmp.refusalLinesPerPeer
    refusalLines = settings.cwmp.refusalLines
    frequentCalls = settings.cwmp.frequentCalls
    maxBody = settings.cwmp.maxBody
    maxConnections = settings.cwmp.maxConnections
    maxSessions = settings.cwmp.maxSessions
    sessionTimeout = TimeAmount(settings.cwmp.sessionTimeout)
    maxSessionTimeout = TimeAmount(settings.cwmp.maxSessionTimeout)
    maxSessionLength = TimeAmount(settings.cwmp.maxSessionLength)
    requestTimeout = TimeAmount(settings.cwmp.requestTimeout)
    session.requests = settings.cwmp.maxRequests
    session.messages = settings.cwmp.maxRequests
    decoder.bytes = settings.cwmp.maxBody
    decoder.parameters = settings.cwmp.maxParameters
    decoder.depth = settings.cwmp.maxDepth
    decoder.valueLength = settings.cwmp.maxValue
    let soonest = settings.cwmp.retryAfter.inSeconds
    retrySpread = soonest...(soonest + settings.cwmp.retrySpread.inSeconds)
    style.xmlDeclaration = settings.cwmp.xmlDeclaration
    reading.parameters = settings.discovery.maxParameters
    reading.requestBytes = settings.discovery.requestBytes
    reading.valueBytes = settings.discovery.maxBytes
    provisionsCredential = settings.connectionRequests.provision
  }
}

extension DoorSettings.TLS {
  /// Nil where TLS is not spoken.
  init?(_ settings: Settings.CWMP) {
    guard !settings.tlsCertificate.isEmpty else { return nil }
    var files = TLSFiles(certificate: settings.tlsCertificate, key: settings.tlsKey)
    files.clientAuthorities = settings.tlsClientAuthorities
    files.clientCertificates =
      switch settings.tlsClientCertificates {
      case .off: .off
      case .optional: .optional
      case .required: .required
      }
    self.init(files)
    port = settings.tlsPort
    handshakeTimeout = TimeAmount(settings.handshakeTimeout)
    maxHandshakes = settings.maxHandshakes
    reloadInterval = TimeAmount(settings.tlsReload)
  }
}

extension FileServer.Configuration {
  init(_ settings: ServerConfiguration.Settings.Files) {
    self.init()
    host = settings.host
    port = settings.port
    maximumConnections = settings.maxConnections
    idleTimeout = Int(settings.idleTimeout.inSeconds)
    stallTimeout = Int(settings.stallTimeout.inSeconds)
    maximumUploadSize = Int64(settings.maxUpload)
  }
}

extension ManagementAPI.Configuration {
  init(_ settings: Settings, version: String) {
    self.init()
    host = settings.api.host
    port = settings.api.port
    self.version = version
    realm = settings.cwmp.realm
    maximumBodySize = settings.api.maxBody
    maximumPageSize = settings.api.pageLimit
    maximumStreams = settings.api.maxStreams
    traces = TraceLimits(settings)
    models = ModelLimits(settings.models)
    maximumFileSize = Int64(settings.files.maxSize)
  }
}

extension ModelLimits {
  init(_ settings: ServerConfiguration.Settings.Models) {
    self.init()
    bytes = settings.maxSize
    documents = settings.maxDocuments
    count = settings.maxImported
  }
}

extension TraceLimits {
  init(_ settings: Settings) {
    self.init()
    devices = settings.traces.devices
    messages = settings.traces.messages
    bytes = settings.traces.size
    retention = settings.traces.retention.inSeconds
    longest = settings.traces.retention.inSeconds
  }
}

extension TraceRecorder.Limits {
  init(_ settings: Settings) {
    self.init()
    bodyBytes = settings.traces.maxBody
    claims = settings.traces.claims
    store = TraceLimits(settings)
  }
}

extension Retention {
  init(_ settings: Settings) {
    self.init()
    eventDays = settings.events.retentionDays
    endedTasks = Double(settings.tasks.retentionDays) * 86_400
  }
}

extension SupportedModelLimits {
  init(_ settings: Settings) {
    self.init()
    models = settings.models.maxSupported
    devices = settings.models.supportedDevices
  }
}
